// Plan, credits and spending of an account, what stops it, and what comes next: the lines that `limits` and
// `watch` show below the windows.
#pragma once

#include "quotad/protocol/rate_limits.hpp"
#include "view/page.hpp"
#include "view/reset.hpp"

namespace quotad::view {

// A line or more for each that is known. `resets` keep it from advising to spend a credit.
Lines facts(const protocol::GetAccountRateLimitsResponse& limits, const Page& page,
            const Resets& resets = {});

}  // namespace quotad::view
