// The live view: the windows as they are, how they got there, and what comes next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quotad/protocol/rate_limits.hpp"
#include "view/page.hpp"
#include "view/reset.hpp"

namespace quotad::view {

// What `quotad watch` knows.
struct Watched {
  std::optional<protocol::GetAccountRateLimitsResponse> limits;  // the newest reading
  Resets resets;                                                 // as of then
  std::int64_t read_at = 0;                                      // of it, Unix time in seconds
  std::int64_t next_at = 0;                                      // when it is read again
  bool is_reading = false;
  std::optional<std::string> problem;  // of the last attempt
  bool was_asked_to_wait = false;      // by the service
  // Each window's percentages, oldest first, in the order of buckets and their windows.
  struct History {
    std::string window;  // which one: its bucket, place and length
    std::vector<std::int64_t> used_percent;
  };
  std::vector<History> history;
};

// Adds a reading to what is known, with the percentages of `kLongestHistory` readings at most.
inline constexpr std::size_t kLongestHistory = 240;
void remember(Watched& watched, protocol::GetAccountRateLimitsResponse limits, std::int64_t now);

// At most `height` lines.
Lines watch(const Watched& watched, std::size_t height, const Page& page);

}  // namespace quotad::view
