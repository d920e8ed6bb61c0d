// What the ChatGPT usage endpoints answer, as plain structs.
//
// Every member that the service may leave out, or send in a shape that cannot be read, is a
// std::optional; a struct that lacks one of its other members is itself left out (an optional is
// empty, a row is dropped). Times are Unix seconds. Source of the shapes: reference behaviour,
// sections 2 to 4, and what the reference accepts on the wire.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace quotad::backend {

// A decimal number kept as text, so that nothing is lost: "5.39".
struct Decimal {
  std::string text;
};

// A point in time that the service writes in RFC 3339.
struct Timestamp {
  std::int64_t unix_seconds = 0;
};

// When something lapses; without a time where the service gave one that cannot be read, which is
// not the same as none.
struct Expiry {
  std::optional<std::int64_t> unix_seconds;
};

// A used part in whole percent. A fraction is rounded half up, but what is below 100 stays below it:
// full is another thing than nearly full.
struct UsedPercent {
  std::int64_t whole = 0;
  operator std::int64_t() const { return whole; }  // NOLINT(*-explicit-*): it is a number
};

// The part that is left. A fraction is rounded half up, but what is above 0 stays above it.
struct LeftPercent {
  std::int64_t whole = 0;
  operator std::int64_t() const { return whole; }  // NOLINT(*-explicit-*): it is a number
};

// The name of the limit that is reached; sent as {"type": NAME} or as NAME.
struct ReachedType {
  std::string name;
};

struct UsageWindow {
  UsedPercent used_percent;
  std::optional<std::int64_t> limit_window_seconds;
  std::optional<std::int64_t> reset_after_seconds;
  std::optional<std::int64_t> reset_at;
};

struct RateLimit {
  std::optional<bool> allowed;
  std::optional<bool> limit_reached;
  std::optional<UsageWindow> primary_window;
  std::optional<UsageWindow> secondary_window;
};

struct Credits {
  std::optional<bool> has_credits;
  std::optional<bool> unlimited;
  std::optional<Decimal> balance;
  std::optional<bool> overage_limit_reached;
};

struct IndividualLimit {
  Decimal limit;
  Decimal used;
  std::optional<UsedPercent> used_percent;
  std::optional<LeftPercent> remaining_percent;
  std::optional<std::int64_t> reset_after_seconds;
  std::optional<std::int64_t> reset_at;
};

struct SpendControl {
  std::optional<bool> reached;
  std::optional<IndividualLimit> individual_limit;
};

struct AdditionalRateLimit {
  std::string metered_feature;
  std::optional<std::string> limit_name;
  std::optional<std::string> normal_model_slug;
  std::optional<RateLimit> rate_limit;
};

struct ResetCreditCount {
  std::int64_t available_count = 0;
};

// GET …/usage
struct Usage {
  std::optional<std::string> account_id;
  std::optional<std::string> user_id;
  std::optional<std::string> plan_type;
  std::optional<RateLimit> rate_limit;
  std::optional<Credits> credits;
  std::optional<SpendControl> spend_control;
  std::optional<ReachedType> rate_limit_reached_type;
  std::optional<RateLimit> code_review_rate_limit;
  std::vector<AdditionalRateLimit> additional_rate_limits;
  std::optional<ResetCreditCount> rate_limit_reset_credits;
  std::optional<nlohmann::json> rate_limit_upsell;

  // Not of the payload: when it came, from which `reset_after_seconds` counts.
  std::int64_t answered_at = 0;
};

struct ResetCredit {
  std::string id;
  std::optional<std::string> reset_type;
  std::optional<std::string> status;
  Timestamp granted_at;
  std::optional<Expiry> expires_at;
  std::optional<std::string> title;
  std::optional<std::string> description;
};

// GET …/rate-limit-reset-credits
struct ResetCreditDetails {
  std::optional<std::int64_t> available_count;
  std::optional<std::vector<ResetCredit>> credits;
};

struct DailyUsageBucket {
  std::string start_date;
  std::int64_t tokens = 0;
};

// As of when the statistics are, and what went wrong with them, in whatever form. The reference looks for
// them in `metadata`; wherever they stand, they are read.
struct StatsNotes {
  std::optional<nlohmann::json> stats_as_of;
  std::optional<nlohmann::json> stats_error;
};

struct TokenUsageStats {
  std::optional<std::int64_t> lifetime_tokens;
  std::optional<std::int64_t> peak_daily_tokens;
  std::optional<std::int64_t> longest_running_turn_sec;
  std::optional<std::int64_t> current_streak_days;
  std::optional<std::int64_t> longest_streak_days;
  std::optional<std::vector<DailyUsageBucket>> daily_usage_buckets;
  std::optional<nlohmann::json> stats_as_of;
  std::optional<nlohmann::json> stats_error;
};

// GET …/profiles/me
struct TokenUsageProfile {
  std::optional<TokenUsageStats> stats;
  std::optional<StatsNotes> metadata;
  std::optional<nlohmann::json> stats_as_of;
  std::optional<nlohmann::json> stats_error;
};

struct ThreadUsageGroup {
  std::optional<std::string> model;
  std::optional<std::string> reasoning_effort;
  std::optional<std::string> speed;
  std::int64_t estimated_usage_credits_micros = 0;
  std::optional<std::int64_t> net_new_input_tokens;
  std::optional<std::int64_t> cached_input_tokens;
  std::optional<std::int64_t> input_tokens;
  std::optional<std::int64_t> output_tokens;
  std::optional<std::int64_t> total_tokens;
};

struct ThreadUsage {
  std::string thread_id;
  std::int64_t estimated_usage_credits_micros = 0;
  std::optional<std::int64_t> estimated_usage_usd_micros;
  std::optional<std::int64_t> native_usage_usd_micros;
  std::vector<ThreadUsageGroup> groups;
};

// POST …/usage/thread_usage/query
struct ThreadUsageReport {
  std::optional<std::vector<ThreadUsage>> threads;
};

enum class ConsumeCode { kReset, kNothingToReset, kNoCredit, kAlreadyRedeemed };

// POST …/rate-limit-reset-credits/consume
struct ConsumeAnswer {
  ConsumeCode code = ConsumeCode::kNothingToReset;
  std::optional<std::int64_t> windows_reset;
};

}  // namespace quotad::backend
