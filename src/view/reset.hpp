// A redemption, for people: what would be spent and what it would reset, and what became of it.
#pragma once

#include <optional>
#include <string>

#include "quotad/protocol/rate_limits.hpp"
#include "quotad/protocol/reset_credit.hpp"
#include "view/page.hpp"

namespace quotad::view {

// `credit_id` is the credit that was asked for; without it the service chooses.
Lines reset_plan(const protocol::GetAccountRateLimitsResponse& limits,
                 const std::optional<std::string>& credit_id, const Page& page);

std::string outcome(protocol::ConsumeAccountRateLimitResetCreditOutcome outcome);

}  // namespace quotad::view
