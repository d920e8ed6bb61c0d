// How much is left, for people: every bucket with its windows, credits, spending limit, what stops the
// account, and the reset credits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quotad/protocol/rate_limits.hpp"
#include "view/page.hpp"
#include "view/reset.hpp"

namespace quotad::view {

// How soon before its end a reset credit is warned about, in seconds: 72 hours.
inline constexpr std::int64_t kExpiryWarning = 259'200;

// Every bucket once, the ordinary one first.
std::vector<const protocol::RateLimitSnapshot*> buckets(
    const protocol::GetAccountRateLimitsResponse& limits);

// "Codex", or what the service calls the bucket.
std::string bucket_name(const protocol::RateLimitSnapshot& bucket);

// "5 hours", "7 days".
std::string window_name(const protocol::RateLimitWindow& window);

// When the window will be full if it is used on as it was so far, Unix time in seconds; empty if that is
// not before its reset, or cannot be known yet.
std::optional<std::int64_t> empty_at(const protocol::RateLimitWindow& window, std::int64_t now);

// When it lapses: "expires 18:42, in 3 h 12 min", "does not expire", "expiry not known".
std::string expiry(const protocol::RateLimitResetCredit& credit, const Page& page);

// The credits that can be spent, those that lapse soonest first.
std::vector<const protocol::RateLimitResetCredit*> spendable(
    const protocol::RateLimitResetCreditsSummary& credits);

// `resets` are named, and keep the page from advising to spend a credit.
Lines limits(const protocol::GetAccountRateLimitsResponse& limits, const Page& page,
             const Resets& resets = {});

// "38 % left" of a whole: never below nothing.
std::string left_percent(std::int64_t number);

// "resets 18:42, in 3 h 12 min", "reset was due 1 h ago"; "" where the time is not known.
std::string reset_words(std::optional<std::int64_t> resets_at, const Page& page);

// Of the reset times that the page shows the first that is still to come.
std::optional<std::int64_t> next_reset(const protocol::GetAccountRateLimitsResponse& limits,
                                       std::int64_t now);

// Names and windows of these buckets, the ordinary one first. `notes` has a text for the line of each
// window, in order; it may be shorter.
Lines windows(const std::vector<const protocol::RateLimitSnapshot*>& shown, const Page& page,
              const Lines& notes = {});

// The list of reset credits, under its headline; nothing if nothing is known of them.
Lines reset_credits(const protocol::GetAccountRateLimitsResponse& limits, const Page& page);

}  // namespace quotad::view
