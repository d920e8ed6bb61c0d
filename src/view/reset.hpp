// A redemption, for people: what would be spent and what it would reset, and what became of it.
#pragma once

#include <optional>
#include <string>

#include "quotad/protocol/rate_limits.hpp"
#include "quotad/protocol/redemptions.hpp"
#include "quotad/protocol/reset_credit.hpp"
#include "view/page.hpp"

namespace quotad::view {

// What is known of resets that were asked for before.
struct Resets {
  std::optional<protocol::Redemption> open;    // it may have spent a credit
  std::optional<protocol::Redemption> recent;  // it has, not long ago
};

// `credit_id` is the credit that was asked for; without it the service chooses.
Lines reset_plan(const protocol::GetAccountRateLimitsResponse& limits,
                 const std::optional<std::string>& credit_id, const Page& page);

// "12 min ago".
std::string ago(std::int64_t time, const Page& page);

// "The outcome of the reset begun 14:30, 12 min ago, is unknown: a credit may have been spent."
std::string open_reset(const protocol::Redemption& redemption, const Page& page);

// "A reset spent a credit 12 min ago (key …1f2e)."
std::string recent_reset(const protocol::Redemption& redemption, const Page& page);

// Whether a window that a reset starts afresh is used up all the same.
bool is_still_full(const protocol::GetAccountRateLimitsResponse& limits);

// What the limits say after a credit was spent.
Lines after_reset(const protocol::GetAccountRateLimitsResponse& limits, const Page& page);

std::string outcome(protocol::ConsumeAccountRateLimitResetCreditOutcome outcome);

}  // namespace quotad::view
