// What a reading of the limits means: which windows are full, when they start afresh, and whether bought
// credits carry on meanwhile.
//
// Pure functions over the messages of rate_limits.hpp, for every place that judges an account: exit codes,
// what people read, and whatever chooses among accounts. They ask nobody and know no time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "quotad/protocol/rate_limits.hpp"

namespace quotad::protocol {

enum class LimitStatus {
  kActive,     // included usage is left
  kOnCredits,  // it is used up, or there is none; bought credits carry on
  kLimited,    // nothing goes on
};

// Whether all of the window is used: 100 % or more.
bool is_full(const RateLimitWindow& window);

// The windows that the bucket has, the shorter one first; they live as long as it does.
std::vector<const RateLimitWindow*> windows_of(const RateLimitSnapshot& bucket);

std::vector<const RateLimitWindow*> full_windows(const RateLimitSnapshot& bucket);

// Whether the bucket's included usage is used up: a window is full, or the service says so.
bool is_full(const RateLimitSnapshot& bucket);

// When a full bucket goes on, Unix time in seconds: the latest reset of its full windows, which may have
// passed. Empty where one of these is not known, or no window is full.
std::optional<std::int64_t> goes_on_at(const RateLimitSnapshot& bucket);

// A time that the service gave, or empty where it gave none: 0 is no time.
std::optional<std::int64_t> known_time(std::optional<std::int64_t> unix_time);

// Whether `decimal` is the text of a number above zero.
bool is_above_zero(std::string_view decimal);

// Whether a spending limit keeps credits from being spent.
bool is_spending_stopped(const RateLimitSnapshot& bucket);

// Whether bought credits can be spent: they are not limited, or the balance is a number above zero, and
// no spending limit is reached. What is not known is no.
bool has_usable_credits(const RateLimitSnapshot& bucket);

// Whether a reset has something to start afresh: a part of a window is used, or the service says that the
// bucket is. It brings no credits back.
bool is_worth_a_reset(const GetAccountRateLimitsResponse& limits);

// Of the ordinary bucket; `ordinaryUsageAllowed: false` counts as full.
bool is_full(const GetAccountRateLimitsResponse& limits);
LimitStatus status_of(const GetAccountRateLimitsResponse& limits);

}  // namespace quotad::protocol
