// Commands of the reference program: `login`, with its `status`, and those that quotad does not have,
// which say what to use instead.
#pragma once

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

namespace quotad::cli {

struct ReferenceCommands {
  CLI::App* login_status = nullptr;
  std::vector<CLI::App*> missing;  // `login` itself among them
};

ReferenceCommands add_reference_commands(CLI::App& app);

// If one of the missing ones was called: says on stderr what to use instead, and gives 2; else 0.
int refuse_missing(const ReferenceCommands& commands);

// Whether the program was called by the reference's name.
bool is_called_codex(std::string_view called);

}  // namespace quotad::cli
