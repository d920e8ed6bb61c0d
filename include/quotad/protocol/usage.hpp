// `account/usage/read`: tokens used, in all and by day, or what one thread has cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

struct GetAccountTokenUsageParams {
  std::optional<std::string> thread_id;
};

struct AccountTokenUsageSummary {
  std::optional<std::int64_t> lifetime_tokens;
  std::optional<std::int64_t> peak_daily_tokens;
  std::optional<std::int64_t> longest_running_turn_sec;
  std::optional<std::int64_t> current_streak_days;
  std::optional<std::int64_t> longest_streak_days;
};

struct AccountTokenUsageDailyBucket {
  std::string start_date;
  std::int64_t tokens = 0;
};

struct ThreadUsageBreakdownGroup {
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
  std::vector<ThreadUsageBreakdownGroup> groups;
};

struct GetAccountTokenUsageResponse {
  AccountTokenUsageSummary summary;
  std::optional<std::vector<AccountTokenUsageDailyBucket>> daily_usage_buckets;
  std::optional<ThreadUsage> thread_usage;
  std::optional<std::string> stats_as_of;
  std::optional<std::string> stats_error;
};

template <>
struct Description<GetAccountTokenUsageParams> {
  static constexpr std::string_view kName = "GetAccountTokenUsageParams";
  static constexpr std::string_view kDoc = "Whose usage to read.";
  static constexpr auto kMembers = std::tuple{
      optional("threadId", &GetAccountTokenUsageParams::thread_id,
               "A thread's UUID, to read that thread; absent or `null` for the whole account."),
  };
};

template <>
struct Description<AccountTokenUsageSummary> {
  static constexpr std::string_view kName = "AccountTokenUsageSummary";
  static constexpr std::string_view kDoc =
      "Totals of the account; each is `null` where the service does not say.";
  static constexpr auto kMembers = std::tuple{
      nullable("lifetimeTokens", &AccountTokenUsageSummary::lifetime_tokens,
               "Tokens used since the account began, or `null`."),
      nullable("peakDailyTokens", &AccountTokenUsageSummary::peak_daily_tokens,
               "Tokens used on the busiest day, or `null`."),
      nullable("longestRunningTurnSec", &AccountTokenUsageSummary::longest_running_turn_sec,
               "Length of the longest turn in seconds, or `null`."),
      nullable("currentStreakDays", &AccountTokenUsageSummary::current_streak_days,
               "Days in a row with usage, up to now, or `null`."),
      nullable("longestStreakDays", &AccountTokenUsageSummary::longest_streak_days,
               "The most days in a row with usage, or `null`."),
  };
};

template <>
struct Description<AccountTokenUsageDailyBucket> {
  static constexpr std::string_view kName = "AccountTokenUsageDailyBucket";
  static constexpr std::string_view kDoc = "One day's usage.";
  static constexpr auto kMembers = std::tuple{
      required("startDate", &AccountTokenUsageDailyBucket::start_date,
               "The day, `YYYY-MM-DD`, as the service gives it."),
      required("tokens", &AccountTokenUsageDailyBucket::tokens, "Tokens used on that day."),
  };
};

template <>
struct Description<ThreadUsageBreakdownGroup> {
  static constexpr std::string_view kName = "ThreadUsageBreakdownGroup";
  static constexpr std::string_view kDoc =
      "The part of a thread's usage with one model, reasoning effort and speed.";
  static constexpr auto kMembers = std::tuple{
      nullable("model", &ThreadUsageBreakdownGroup::model, "The model, or `null`."),
      nullable("reasoningEffort", &ThreadUsageBreakdownGroup::reasoning_effort,
               "The reasoning effort, or `null`."),
      nullable("speed", &ThreadUsageBreakdownGroup::speed, "The speed tier, or `null`."),
      required("estimatedUsageCreditsMicros",
               &ThreadUsageBreakdownGroup::estimated_usage_credits_micros,
               "Estimated cost in millionths of a credit."),
      nullable("netNewInputTokens", &ThreadUsageBreakdownGroup::net_new_input_tokens,
               "Input tokens that were not in the cache, or `null`."),
      nullable("cachedInputTokens", &ThreadUsageBreakdownGroup::cached_input_tokens,
               "Input tokens that were in the cache, or `null`."),
      nullable("inputTokens", &ThreadUsageBreakdownGroup::input_tokens,
               "All input tokens, or `null`."),
      nullable("outputTokens", &ThreadUsageBreakdownGroup::output_tokens,
               "Output tokens, or `null`."),
      nullable("totalTokens", &ThreadUsageBreakdownGroup::total_tokens, "All tokens, or `null`."),
  };
};

template <>
struct Description<ThreadUsage> {
  static constexpr std::string_view kName = "ThreadUsage";
  static constexpr std::string_view kDoc = "What one thread has cost.";
  static constexpr auto kMembers = std::tuple{
      required("threadId", &ThreadUsage::thread_id, "The thread's UUID."),
      required("estimatedUsageCreditsMicros", &ThreadUsage::estimated_usage_credits_micros,
               "Estimated cost in millionths of a credit."),
      nullable("estimatedUsageUsdMicros", &ThreadUsage::estimated_usage_usd_micros,
               "The same in millionths of a US dollar, or `null`."),
      nullable("nativeUsageUsdMicros", &ThreadUsage::native_usage_usd_micros,
               "Usage billed in dollars rather than credits, in millionths of a US dollar; "
               "`null` means unknown, not zero."),
      required("groups", &ThreadUsage::groups, "The same by model, reasoning effort and speed."),
  };
};

template <>
struct Description<GetAccountTokenUsageResponse> {
  static constexpr std::string_view kName = "GetAccountTokenUsageResponse";
  static constexpr std::string_view kDoc = "Tokens used by the account, or the cost of a thread.";
  static constexpr auto kMembers = std::tuple{
      required("summary", &GetAccountTokenUsageResponse::summary,
               "Totals of the account; all `null` when a thread was asked for."),
      nullable("dailyUsageBuckets", &GetAccountTokenUsageResponse::daily_usage_buckets,
               "Usage by day, or `null` if unknown or when a thread was asked for."),
      nullable("threadUsage", &GetAccountTokenUsageResponse::thread_usage,
               "Cost of the thread that was asked for; `null` if none was, or if the service "
               "does not bill it to this account."),
      sparse("statsAsOf", &GetAccountTokenUsageResponse::stats_as_of,
             "The day or time that the totals and days are as of, as the service gives it; UTC "
             "where it names no zone. Left out where it does not say. An extension."),
      sparse("statsError", &GetAccountTokenUsageResponse::stats_error,
             "Why the service could not make the totals and days, in its words; left out where "
             "it could. An extension."),
  };
};

}  // namespace quotad::protocol
