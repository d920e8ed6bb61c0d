// Shell completions, made from the program's own description of its commands and options.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace quotad::cli {

enum class Shell { kBash, kZsh, kFish };

// A script for `shell` that completes the commands and options of `program`; hidden ones left out.
std::string completion_script(const CLI::App& program, Shell shell);

}  // namespace quotad::cli
