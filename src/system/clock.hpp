// What time it is, for everybody in the program who is not given the time by a caller.
//
// Programs built with the tests let QUOTAD_NOW say it: "+SECONDS" or "-SECONDS" moves the clock, which then ticks on;
// a number without a sign is the Unix time at which it stands still. Processes that share the variable agree.
#pragma once

#include <cstdint>

namespace quotad::system {

// Unix time in seconds.
std::int64_t unix_now();

}  // namespace quotad::system
