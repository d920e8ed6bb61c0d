// The manual page, made from the program's own description of its commands and options.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace quotad::cli {

// The page for man(1), in roff: every command and option of `program`, hidden ones left out, and what
// a person needs beside them. `date` is "2026-11-01".
std::string man_page(const CLI::App& program, const std::string& version, const std::string& date);

}  // namespace quotad::cli
