// Places where a test may end the process, as a power cut would.
#pragma once

#ifdef QUOTAD_FAULT_POINTS
#include <csignal>
#include <cstdlib>
#include <cstring>
#endif

namespace quotad::account {

// Kills the process if QUOTAD_FAULT_POINT names this place. Only in programs built with the tests.
inline void fault_point([[maybe_unused]] const char* name) {
#ifdef QUOTAD_FAULT_POINTS
  const char* wanted = std::getenv("QUOTAD_FAULT_POINT");
  if (wanted != nullptr && std::strcmp(wanted, name) == 0) std::raise(SIGKILL);
#endif
}

}  // namespace quotad::account
