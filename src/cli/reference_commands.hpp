// Commands of the reference program that quotad does not have.
#pragma once

#include <string>

namespace quotad::cli {

// Says on stderr what to use in place of `command`, and gives the exit code for it.
int refuse_missing(const std::string& command);

}  // namespace quotad::cli
