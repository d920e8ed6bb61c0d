// What has been used, for people: totals, a calendar of the days, the last 30 days as bars; or what one
// thread has cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "quotad/protocol/usage.hpp"
#include "view/page.hpp"

namespace quotad::view {

// Days since 1970-01-01 of "YYYY-MM-DD"; empty for what is no day.
std::optional<std::int64_t> parse_day(std::string_view text);

// `days` is how far the calendar goes back; what does not fit on the page is left out, and said. Days
// that the service has left out are shown as unknown, not as days without usage.
Lines usage(const protocol::GetAccountTokenUsageResponse& usage, std::int64_t days,
            const Page& page);

// Of a thread that was asked for.
Lines thread_usage(const protocol::GetAccountTokenUsageResponse& usage, const Page& page);

}  // namespace quotad::view
