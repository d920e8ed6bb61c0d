// The reference program's options that mean nothing here, taken in so that who starts
// `codex app-server` with them can start quotad in its place.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace quotad::cli {

// Adds them to the program and to its app-server command, out of sight of --help. Values are not
// looked at.
void accept_reference_options(CLI::App& program, CLI::App& app_server);

// Those that were given, by name, for the log.
std::vector<std::string> ignored_options(const CLI::App& program, const CLI::App& app_server);

}  // namespace quotad::cli
