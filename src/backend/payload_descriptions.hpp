// The tables of the service's payloads, read by the lenient decoder (lenient.hpp).
//
// `required` means: without this member the struct is of no use and is left out. `optional` means:
// empty if it is absent or cannot be read. No sentences: these shapes are the service's.
#pragma once

#include "quotad/backend/payloads.hpp"
#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

template <>
struct Description<backend::UsageWindow> {
  using T = backend::UsageWindow;
  static constexpr auto kMembers = std::tuple{
      required("used_percent", &T::used_percent, ""),
      optional("limit_window_seconds", &T::limit_window_seconds, ""),
      optional("reset_after_seconds", &T::reset_after_seconds, ""),
      optional("reset_at", &T::reset_at, ""),
  };
};

template <>
struct Description<backend::RateLimit> {
  using T = backend::RateLimit;
  static constexpr auto kMembers = std::tuple{
      optional("allowed", &T::allowed, ""),
      optional("limit_reached", &T::limit_reached, ""),
      optional("primary_window", &T::primary_window, ""),
      optional("secondary_window", &T::secondary_window, ""),
  };
};

template <>
struct Description<backend::Credits> {
  using T = backend::Credits;
  static constexpr auto kMembers = std::tuple{
      optional("has_credits", &T::has_credits, ""),
      optional("unlimited", &T::unlimited, ""),
      optional("balance", &T::balance, ""),
      optional("overage_limit_reached", &T::overage_limit_reached, ""),
  };
};

template <>
struct Description<backend::IndividualLimit> {
  using T = backend::IndividualLimit;
  static constexpr auto kMembers = std::tuple{
      required("limit", &T::limit, ""),
      required("used", &T::used, ""),
      optional("used_percent", &T::used_percent, ""),
      optional("remaining_percent", &T::remaining_percent, ""),
      optional("reset_after_seconds", &T::reset_after_seconds, ""),
      optional("reset_at", &T::reset_at, ""),
  };
};

template <>
struct Description<backend::SpendControl> {
  using T = backend::SpendControl;
  static constexpr auto kMembers = std::tuple{
      optional("reached", &T::reached, ""),
      optional("individual_limit", &T::individual_limit, ""),
  };
};

template <>
struct Description<backend::AdditionalRateLimit> {
  using T = backend::AdditionalRateLimit;
  static constexpr auto kMembers = std::tuple{
      required("metered_feature", &T::metered_feature, ""),
      optional("limit_name", &T::limit_name, ""),
      optional("normal_model_slug", &T::normal_model_slug, ""),
      optional("rate_limit", &T::rate_limit, ""),
  };
};

template <>
struct Description<backend::ResetCreditCount> {
  using T = backend::ResetCreditCount;
  static constexpr auto kMembers = std::tuple{
      required("available_count", &T::available_count, ""),
  };
};

template <>
struct Description<backend::Usage> {
  using T = backend::Usage;
  static constexpr auto kMembers = std::tuple{
      optional("account_id", &T::account_id, ""),
      optional("user_id", &T::user_id, ""),
      optional("plan_type", &T::plan_type, ""),
      optional("rate_limit", &T::rate_limit, ""),
      optional("credits", &T::credits, ""),
      optional("spend_control", &T::spend_control, ""),
      optional("rate_limit_reached_type", &T::rate_limit_reached_type, ""),
      optional("code_review_rate_limit", &T::code_review_rate_limit, ""),
      optional("additional_rate_limits", &T::additional_rate_limits, ""),
      optional("rate_limit_reset_credits", &T::rate_limit_reset_credits, ""),
      optional("rate_limit_upsell", &T::rate_limit_upsell, ""),
  };
};

template <>
struct Description<backend::ResetCredit> {
  using T = backend::ResetCredit;
  static constexpr auto kMembers = std::tuple{
      required("id", &T::id, ""),
      optional("reset_type", &T::reset_type, ""),
      optional("status", &T::status, ""),
      required("granted_at", &T::granted_at, ""),
      optional("expires_at", &T::expires_at, ""),
      optional("title", &T::title, ""),
      optional("description", &T::description, ""),
  };
};

template <>
struct Description<backend::ResetCreditDetails> {
  using T = backend::ResetCreditDetails;
  static constexpr auto kMembers = std::tuple{
      optional("available_count", &T::available_count, ""),
      optional("credits", &T::credits, ""),
  };
};

template <>
struct Description<backend::DailyUsageBucket> {
  using T = backend::DailyUsageBucket;
  static constexpr auto kMembers = std::tuple{
      required("start_date", &T::start_date, ""),
      required("tokens", &T::tokens, ""),
  };
};

template <>
struct Description<backend::TokenUsageStats> {
  using T = backend::TokenUsageStats;
  static constexpr auto kMembers = std::tuple{
      optional("lifetime_tokens", &T::lifetime_tokens, ""),
      optional("peak_daily_tokens", &T::peak_daily_tokens, ""),
      optional("longest_running_turn_sec", &T::longest_running_turn_sec, ""),
      optional("current_streak_days", &T::current_streak_days, ""),
      optional("longest_streak_days", &T::longest_streak_days, ""),
      optional("daily_usage_buckets", &T::daily_usage_buckets, ""),
      optional("stats_as_of", &T::stats_as_of, ""),
      optional("stats_error", &T::stats_error, ""),
  };
};

template <>
struct Description<backend::StatsNotes> {
  using T = backend::StatsNotes;
  static constexpr auto kMembers = std::tuple{
      optional("stats_as_of", &T::stats_as_of, ""),
      optional("stats_error", &T::stats_error, ""),
  };
};

template <>
struct Description<backend::TokenUsageProfile> {
  using T = backend::TokenUsageProfile;
  static constexpr auto kMembers = std::tuple{
      optional("stats", &T::stats, ""),
      optional("metadata", &T::metadata, ""),
      optional("stats_as_of", &T::stats_as_of, ""),
      optional("stats_error", &T::stats_error, ""),
  };
};

template <>
struct Description<backend::ThreadUsageGroup> {
  using T = backend::ThreadUsageGroup;
  static constexpr auto kMembers = std::tuple{
      optional("model", &T::model, ""),
      optional("reasoning_effort", &T::reasoning_effort, ""),
      optional("speed", &T::speed, ""),
      required("estimated_usage_credits_micros", &T::estimated_usage_credits_micros, ""),
      optional("net_new_input_tokens", &T::net_new_input_tokens, ""),
      optional("cached_input_tokens", &T::cached_input_tokens, ""),
      optional("input_tokens", &T::input_tokens, ""),
      optional("output_tokens", &T::output_tokens, ""),
      optional("total_tokens", &T::total_tokens, ""),
  };
};

template <>
struct Description<backend::ThreadUsage> {
  using T = backend::ThreadUsage;
  static constexpr auto kMembers = std::tuple{
      required("thread_id", &T::thread_id, ""),
      required("estimated_usage_credits_micros", &T::estimated_usage_credits_micros, ""),
      optional("estimated_usage_usd_micros", &T::estimated_usage_usd_micros, ""),
      optional("native_usage_usd_micros", &T::native_usage_usd_micros, ""),
      optional("groups", &T::groups, ""),
  };
};

template <>
struct Description<backend::ThreadUsageReport> {
  using T = backend::ThreadUsageReport;
  static constexpr auto kMembers = std::tuple{
      optional("threads", &T::threads, ""),
  };
};

template <>
struct Description<backend::ConsumeCode> {
  static constexpr auto kValues = std::to_array<EnumValue<backend::ConsumeCode>>({
      {backend::ConsumeCode::kReset, "reset", ""},
      {backend::ConsumeCode::kNothingToReset, "nothing_to_reset", ""},
      {backend::ConsumeCode::kNoCredit, "no_credit", ""},
      {backend::ConsumeCode::kAlreadyRedeemed, "already_redeemed", ""},
  });
};

template <>
struct Description<backend::ConsumeAnswer> {
  using T = backend::ConsumeAnswer;
  static constexpr std::string_view kName = "ConsumeAnswer";
  static constexpr auto kMembers = std::tuple{
      required("code", &T::code, ""),
      optional("windows_reset", &T::windows_reset, ""),
  };
};

}  // namespace quotad::protocol
