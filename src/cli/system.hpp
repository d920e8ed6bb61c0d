// What the program says of itself and of the machine.
#pragma once

#include <string>

namespace quotad::cli {

// The version of the app-server protocol's reference that quotad stands in for.
inline constexpr const char* kReferenceVersion = "0.169.0";

// "Debian 12; x86_64"
std::string system_description();

// "0.1.0"
std::string program_version();

// "quotad/0.1.0"
std::string program_description();

}  // namespace quotad::cli
