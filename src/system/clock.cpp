#include "system/clock.hpp"

#include <ctime>

#ifdef QUOTAD_TEST_CLOCK
#include <cstdlib>
#endif

namespace quotad::system {

std::int64_t unix_now() {
  const std::int64_t machine = std::time(nullptr);
#ifdef QUOTAD_TEST_CLOCK
  static const char* const wanted = std::getenv("QUOTAD_NOW");
  if (wanted != nullptr && *wanted != '\0') {
    const std::int64_t seconds = std::strtoll(wanted, nullptr, 10);
    return *wanted == '+' || *wanted == '-' ? machine + seconds : seconds;
  }
#endif
  return machine;
}

}  // namespace quotad::system
