// Where the program under test and its sources are.
#pragma once

#include <string>

namespace quotad::testing {

// The program under test.
const std::string& program();

// `path` in the folder of the sources: source("docs/simulator.md").
std::string source(const std::string& path);

}  // namespace quotad::testing
