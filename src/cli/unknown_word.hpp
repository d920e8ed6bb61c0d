// What is said where a word of the call is not known.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace quotad::cli {

// Names the word that nobody knows, and what there is in its place; false if there is none.
bool explain_unknown_word(const CLI::App& app);

// "a, b": the commands of `app`.
std::string commands_of(const CLI::App& app);

}  // namespace quotad::cli
