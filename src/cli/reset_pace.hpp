// When `watch` reads again because of a reset that it shows: soon after it, but not in the same moment as all
// others who watch, and never so often that a service that moves its resets on is asked all the time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace quotad::cli {

// Behind the reset, in seconds: so long that the service knows of it.
inline constexpr std::int64_t kSoonestAfterReset = 1;
inline constexpr std::int64_t kLatestAfterReset = 5;
// Between readings for the sake of a reset.
inline constexpr std::chrono::seconds kBetweenResets{30};

class ResetPace {
 public:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::seconds;

  // The pause before the next reading: `interval`, or less where something is reset before. `now` is the
  // time of `start`, `next_reset` the first reset to come, both in Unix seconds; `after` is how long after it,
  // from kSoonestAfterReset to kLatestAfterReset.
  Seconds pause(Clock::time_point start, std::int64_t now, std::optional<std::int64_t> next_reset,
                Seconds interval, std::int64_t after) {
    if (!next_reset || *next_reset - now >= interval.count()) return interval;
    const auto at = std::max(start + Seconds(*next_reset - now + after), earliest_);
    const auto pause = std::chrono::ceil<Seconds>(at - start);
    if (pause >= interval) return interval;
    earliest_ = at + kBetweenResets;
    return pause;
  }

 private:
  Clock::time_point earliest_{};  // for a reading for the sake of a reset
};

}  // namespace quotad::cli
