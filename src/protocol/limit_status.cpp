#include "quotad/protocol/limit_status.hpp"

#include <algorithm>

namespace quotad::protocol {
namespace {

// Whether the reached type is about credits or spending, which do not come back with a window.
bool is_out_of_credits(RateLimitReachedType type) {
  return type != RateLimitReachedType::kRateLimitReached;
}

}  // namespace

bool is_full(const RateLimitWindow& window) { return window.used_percent >= 100; }

std::vector<const RateLimitWindow*> windows_of(const RateLimitSnapshot& bucket) {
  std::vector<const RateLimitWindow*> found;
  for (const auto* window : {&bucket.primary, &bucket.secondary}) {
    if (*window) found.push_back(&**window);
  }
  return found;
}

std::vector<const RateLimitWindow*> full_windows(const RateLimitSnapshot& bucket) {
  std::vector<const RateLimitWindow*> found = windows_of(bucket);
  std::erase_if(found, [](const RateLimitWindow* window) { return !is_full(*window); });
  return found;
}

bool is_full(const RateLimitSnapshot& bucket) {
  return bucket.limit_reached.value_or(false) || bucket.rate_limit_reached_type.has_value() ||
         !full_windows(bucket).empty();
}

std::optional<std::int64_t> known_time(std::optional<std::int64_t> unix_time) {
  return unix_time && *unix_time > 0 ? unix_time : std::nullopt;
}

std::optional<std::int64_t> goes_on_at(const RateLimitSnapshot& bucket) {
  std::optional<std::int64_t> latest;
  for (const RateLimitWindow* window : full_windows(bucket)) {
    const auto resets_at = known_time(window->resets_at);
    if (!resets_at) return std::nullopt;
    latest = std::max(latest.value_or(0), *resets_at);
  }
  return latest;
}

bool is_above_zero(std::string_view decimal) {
  const std::size_t point = std::min(decimal.find('.'), decimal.size());
  const auto is_digits = [](std::string_view text) {
    return text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return point > 0 && is_digits(decimal.substr(0, point)) &&
         is_digits(decimal.substr(std::min(point + 1, decimal.size()))) &&
         decimal.find_first_of("123456789") != std::string_view::npos;
}

bool is_spending_stopped(const RateLimitSnapshot& bucket) {
  if (bucket.spend_control_reached.value_or(false)) return true;
  if (bucket.individual_limit && bucket.individual_limit->remaining_percent <= 0) return true;
  return bucket.credits && bucket.credits->overage_limit_reached.value_or(false);
}

bool has_usable_credits(const RateLimitSnapshot& bucket) {
  if (!bucket.credits || !bucket.credits->has_credits || is_spending_stopped(bucket)) return false;
  const auto type = bucket.rate_limit_reached_type;
  if (type && is_out_of_credits(*type)) return false;
  return bucket.credits->unlimited ||
         (bucket.credits->balance && is_above_zero(*bucket.credits->balance));
}

bool is_full(const GetAccountRateLimitsResponse& limits) {
  return !limits.ordinary_usage_allowed.value_or(true) || is_full(limits.rate_limits);
}

bool is_worth_a_reset(const GetAccountRateLimitsResponse& limits) {
  const auto windows = windows_of(limits.rate_limits);
  if (std::any_of(windows.begin(), windows.end(),
                  [](const auto* window) { return window->used_percent > 0; })) {
    return true;
  }
  const auto type = limits.rate_limits.rate_limit_reached_type;
  return is_full(limits) && !(type && is_out_of_credits(*type));
}

LimitStatus status_of(const GetAccountRateLimitsResponse& limits) {
  const RateLimitSnapshot& bucket = limits.rate_limits;
  const bool has_windows = bucket.primary || bucket.secondary;
  if (has_windows && !is_full(limits)) return LimitStatus::kActive;
  if (has_usable_credits(bucket)) return LimitStatus::kOnCredits;
  if (is_full(limits) || is_spending_stopped(bucket)) return LimitStatus::kLimited;
  return LimitStatus::kActive;
}

}  // namespace quotad::protocol
