// Notices that the wall clock has jumped: somebody has set it, or the machine has slept, through which the
// steady clock stands still.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace quotad::system {

class ClockWatch {
 public:
  // By how many seconds it has jumped since the last look, if it has; nullopt at the first.
  std::optional<std::int64_t> look(std::int64_t unix_now,
                                   std::chrono::steady_clock::time_point now) {
    // Both are seconds as a whole, and one is read a moment after the other.
    constexpr std::int64_t kLeast = 5;
    const std::int64_t between =
        unix_now - std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    const std::optional<std::int64_t> before = between_;
    if (before && std::abs(between - *before) < kLeast) return std::nullopt;
    between_ = between;
    if (!before) return std::nullopt;
    return between - *before;
  }

 private:
  std::optional<std::int64_t> between_;  // the two clocks, as they were last found
};

}  // namespace quotad::system
