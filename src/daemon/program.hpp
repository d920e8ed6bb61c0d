// What the program says of itself and of the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace quotad::daemon {

// The version of the app-server protocol's reference that quotad stands in for.
inline constexpr const char* kReferenceVersion = "0.171.0";

// The time by the system's clock.
std::int64_t unix_milliseconds();

// "Debian 12; x86_64"
std::string system_description();

// "0.1.0"
std::string program_version();

// "quotad/0.1.0"
std::string program_description();

// From now on the kernel writes no core file of this process, and no other process of this user can
// look into it or be attached to it.
void keep_memory_private();

// Lets this process have as many descriptors as `wanted`, or as many as the system allows.
void allow_descriptors(std::size_t wanted);

}  // namespace quotad::daemon
