#include "account/mapping.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace quotad::account {
namespace {

using namespace quotad::protocol;  // NOLINT: the messages are what this file is about

constexpr std::string_view kOrdinaryLimitId = "codex";
constexpr const char* kCodeReviewLimitId = "code_review";
constexpr const char* kCodeReviewLimitName = "Code review";

std::int32_t to_int32(std::int64_t value) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(
      value, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

// When something starts afresh: `reset_at`, or else `reset_after_seconds` after the answer. 0 is no time.
template <class Limit>
std::optional<std::int64_t> reset_of(const Limit& limit, std::int64_t answered_at) {
  if (limit.reset_at && *limit.reset_at > 0) return limit.reset_at;
  const auto after = limit.reset_after_seconds;
  if (!after || *after <= 0) return std::nullopt;
  constexpr std::int64_t kLongest = std::int64_t{366} * 86'400;
  return answered_at + std::min(*after, kLongest);
}

std::optional<RateLimitWindow> to_window(const std::optional<backend::UsageWindow>& window,
                                         std::int64_t answered_at) {
  if (!window) return std::nullopt;
  RateLimitWindow result{.used_percent = to_int32(window->used_percent.whole)};
  if (const auto seconds = window->limit_window_seconds; seconds && *seconds > 0) {
    result.window_duration_mins = *seconds / 60 + (*seconds % 60 != 0 ? 1 : 0);
  }
  result.resets_at = reset_of(*window, answered_at);
  return result;
}

// Whether a decimal number, as text, is more than nothing.
bool is_positive(const std::string& decimal) {
  return decimal.find_first_of("123456789") != std::string::npos && decimal.front() != '-';
}

std::optional<CreditsSnapshot> to_credits(const std::optional<backend::Credits>& credits) {
  if (!credits) return std::nullopt;
  CreditsSnapshot result;
  result.unlimited = credits->unlimited.value_or(false);
  if (credits->balance) result.balance = credits->balance->text;
  result.has_credits = credits->has_credits.value_or(
      result.unlimited || (result.balance && is_positive(*result.balance)));
  if (credits->overage_limit_reached.value_or(false)) result.overage_limit_reached = true;
  return result;
}

std::optional<SpendControlLimitSnapshot> to_individual_limit(
    const std::optional<backend::SpendControl>& control, std::int64_t answered_at) {
  if (!control || !control->individual_limit) return std::nullopt;
  const backend::IndividualLimit& limit = *control->individual_limit;
  std::optional<std::int64_t> remaining;
  if (limit.remaining_percent) {
    remaining = limit.remaining_percent->whole;
  } else if (limit.used_percent) {
    remaining = 100 - std::clamp<std::int64_t>(limit.used_percent->whole, 0, 100);
  }
  // Where the service gives no time but a 0, clients of the reference get that.
  auto resets_at = reset_of(limit, answered_at);
  if (!resets_at) resets_at = limit.reset_at;
  if (!remaining || !resets_at) return std::nullopt;
  return SpendControlLimitSnapshot{.limit = limit.limit.text,
                                   .used = limit.used.text,
                                   .remaining_percent = to_int32(*remaining),
                                   .resets_at = *resets_at};
}

void set_windows(RateLimitSnapshot& bucket, const std::optional<backend::RateLimit>& limit,
                 std::int64_t answered_at) {
  if (!limit) return;
  bucket.primary = to_window(limit->primary_window, answered_at);
  bucket.secondary = to_window(limit->secondary_window, answered_at);
  if (limit->limit_reached.value_or(false) || !limit->allowed.value_or(true)) {
    bucket.limit_reached = true;
  }
}

RateLimitSnapshot to_ordinary_bucket(const backend::Usage& usage) {
  RateLimitSnapshot bucket;
  bucket.limit_id = kOrdinaryLimitId;
  set_windows(bucket, usage.rate_limit, usage.answered_at);
  bucket.credits = to_credits(usage.credits);
  bucket.individual_limit = to_individual_limit(usage.spend_control, usage.answered_at);
  if (usage.spend_control) bucket.spend_control_reached = usage.spend_control->reached;
  if (usage.plan_type) bucket.plan_type = to_plan_type(*usage.plan_type);
  if (usage.rate_limit_reached_type) {
    bucket.rate_limit_reached_type =
        from_wire_name<RateLimitReachedType>(usage.rate_limit_reached_type->name);
  }
  return bucket;
}

// Buckets by id: in the order in which each id came first, the last of each.
class Buckets {
 public:
  void put(RateLimitSnapshot bucket) {
    const std::string id = *bucket.limit_id;
    const auto [at, is_new] = places_.emplace(id, buckets_.size());
    if (is_new) {
      buckets_.emplace_back(id, std::move(bucket));
    } else {
      buckets_[at->second].second = std::move(bucket);
    }
  }
  bool has(const std::string& id) const { return places_.contains(id); }
  OrderedMap<RateLimitSnapshot> take() { return std::move(buckets_); }

 private:
  OrderedMap<RateLimitSnapshot> buckets_;
  std::unordered_map<std::string, std::size_t> places_;
};

RateLimitResetCredit to_reset_credit(const backend::ResetCredit& credit) {
  RateLimitResetCredit result;
  result.id = credit.id;
  if (credit.reset_type == "codex_rate_limits") {
    result.reset_type = RateLimitResetType::kCodexRateLimits;
  }
  if (credit.status) {
    result.status = from_wire_name<RateLimitResetCreditStatus>(*credit.status)
                        .value_or(RateLimitResetCreditStatus::kUnknown);
  }
  result.granted_at = credit.granted_at.unix_seconds;
  if (credit.expires_at) {
    result.expires_at = credit.expires_at->unix_seconds;
    if (!result.expires_at) result.expiry_unknown = true;
  }
  result.title = credit.title;
  result.description = credit.description;
  return result;
}

std::optional<RateLimitResetCreditsSummary> to_reset_credits(
    const backend::Usage& usage, const backend::ResetCreditDetails* details) {
  std::optional<std::int64_t> counted;
  if (usage.rate_limit_reset_credits) counted = usage.rate_limit_reset_credits->available_count;
  // Details without a list are no details: the usage answer counts (as the reference has it).
  const bool listed = details != nullptr && details->credits;
  if (details != nullptr && details->available_count && (listed || !counted)) {
    counted = details->available_count;
  }

  RateLimitResetCreditsSummary summary;
  if (listed) {
    auto& credits = summary.credits.emplace();
    for (const auto& credit : *details->credits) credits.push_back(to_reset_credit(credit));
    if (!counted) {
      counted = std::count_if(credits.begin(), credits.end(), [](const auto& credit) {
        return credit.status == RateLimitResetCreditStatus::kAvailable;
      });
    }
  }
  if (!counted) return std::nullopt;
  summary.available_count = *counted;
  return summary;
}

// What the service limits beside its list of buckets; empty if it says nothing of it.
std::optional<RateLimitSnapshot> to_code_review_bucket(const backend::Usage& usage) {
  RateLimitSnapshot bucket;
  bucket.limit_id = kCodeReviewLimitId;
  bucket.limit_name = kCodeReviewLimitName;
  set_windows(bucket, usage.code_review_rate_limit, usage.answered_at);
  if (!bucket.primary && !bucket.secondary && !bucket.limit_reached) return std::nullopt;
  if (usage.plan_type) bucket.plan_type = to_plan_type(*usage.plan_type);
  return bucket;
}

// What was sent in whatever form, as text: a text, the message of an error, Unix seconds.
std::optional<std::string> to_words(const std::optional<nlohmann::json>& value) {
  if (!value || value->is_null()) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  if (value->is_object() && value->contains("message") && value->at("message").is_string()) {
    return value->at("message").get<std::string>();
  }
  return value->dump();
}

template <class... Places>
std::optional<std::string> first_words(const Places&... places) {
  std::optional<std::string> found;
  (void)((found = to_words(places)) || ...);
  return found;
}

std::optional<AuthMode> to_auth_mode(const auth::SignIn& sign_in) {
  switch (sign_in.kind) {
    case auth::SignIn::Kind::kApiKey:
      return AuthMode::kApiKey;
    case auth::SignIn::Kind::kChatgpt:
      return AuthMode::kChatgpt;
    case auth::SignIn::Kind::kChatgptAuthTokens:
      return AuthMode::kChatgptAuthTokens;
    case auth::SignIn::Kind::kPersonalAccessToken:
      return AuthMode::kPersonalAccessToken;
    case auth::SignIn::Kind::kAgentIdentity:
      return AuthMode::kAgentIdentity;
    case auth::SignIn::Kind::kNone:
      break;
  }
  return std::nullopt;
}

}  // namespace

PlanType to_plan_type(std::string_view name) {
  if (name == "education") return PlanType::kEdu;
  return from_wire_name<PlanType>(name).value_or(PlanType::kUnknown);
}

GetAccountRateLimitsResponse to_rate_limits(const backend::Usage& usage,
                                            const backend::ResetCreditDetails* details,
                                            const auth::SignIn& sign_in) {
  GetAccountRateLimitsResponse response;
  // Told of the account and user that was asked for, and of no other.
  const bool is_ours = usage.account_id && usage.account_id == sign_in.credentials.account_id &&
                       usage.user_id && usage.user_id == sign_in.user_id;
  if (is_ours && usage.rate_limit) response.ordinary_usage_allowed = usage.rate_limit->allowed;

  response.rate_limits = to_ordinary_bucket(usage);
  Buckets buckets;
  buckets.put(response.rate_limits);
  for (const backend::AdditionalRateLimit& additional : usage.additional_rate_limits) {
    RateLimitSnapshot bucket;
    bucket.limit_id = additional.metered_feature;
    bucket.limit_name = additional.limit_name;
    bucket.normal_model_slug = additional.normal_model_slug;
    set_windows(bucket, additional.rate_limit, usage.answered_at);
    bucket.plan_type = response.rate_limits.plan_type;
    buckets.put(std::move(bucket));
  }
  if (auto review = to_code_review_bucket(usage); review && !buckets.has(*review->limit_id)) {
    buckets.put(std::move(*review));
  }
  response.rate_limits_by_limit_id = buckets.take();
  response.rate_limit_reset_credits = to_reset_credits(usage, details);
  response.account_id = usage.account_id;
  if (is_ours) response.rate_limit_upsell = usage.rate_limit_upsell;
  return response;
}

GetAccountTokenUsageResponse to_token_usage(const backend::TokenUsageProfile& profile) {
  GetAccountTokenUsageResponse response;
  const backend::TokenUsageStats stats = profile.stats.value_or(backend::TokenUsageStats{});
  const backend::StatsNotes notes = profile.metadata.value_or(backend::StatsNotes{});
  response.stats_as_of = first_words(notes.stats_as_of, profile.stats_as_of, stats.stats_as_of);
  response.stats_error = first_words(notes.stats_error, profile.stats_error, stats.stats_error);
  response.summary = {.lifetime_tokens = stats.lifetime_tokens,
                      .peak_daily_tokens = stats.peak_daily_tokens,
                      .longest_running_turn_sec = stats.longest_running_turn_sec,
                      .current_streak_days = stats.current_streak_days,
                      .longest_streak_days = stats.longest_streak_days};
  if (stats.daily_usage_buckets) {
    auto& buckets = response.daily_usage_buckets.emplace();
    for (const backend::DailyUsageBucket& day : *stats.daily_usage_buckets) {
      buckets.push_back({.start_date = day.start_date, .tokens = day.tokens});
    }
  }
  return response;
}

GetAccountTokenUsageResponse to_thread_usage(const std::optional<backend::ThreadUsage>& usage) {
  GetAccountTokenUsageResponse response;
  if (!usage) return response;
  ThreadUsage& thread = response.thread_usage.emplace();
  thread.thread_id = usage->thread_id;
  thread.estimated_usage_credits_micros = usage->estimated_usage_credits_micros;
  thread.estimated_usage_usd_micros = usage->estimated_usage_usd_micros;
  thread.native_usage_usd_micros = usage->native_usage_usd_micros;
  for (const backend::ThreadUsageGroup& group : usage->groups) {
    thread.groups.push_back({.model = group.model,
                             .reasoning_effort = group.reasoning_effort,
                             .speed = group.speed,
                             .estimated_usage_credits_micros = group.estimated_usage_credits_micros,
                             .net_new_input_tokens = group.net_new_input_tokens,
                             .cached_input_tokens = group.cached_input_tokens,
                             .input_tokens = group.input_tokens,
                             .output_tokens = group.output_tokens,
                             .total_tokens = group.total_tokens});
  }
  return response;
}

ConsumeAccountRateLimitResetCreditResponse to_consume_response(
    const backend::ConsumeAnswer& answer) {
  using Outcome = ConsumeAccountRateLimitResetCreditOutcome;
  switch (answer.code) {
    case backend::ConsumeCode::kReset:
      return {Outcome::kReset};
    case backend::ConsumeCode::kNothingToReset:
      return {Outcome::kNothingToReset};
    case backend::ConsumeCode::kNoCredit:
      return {Outcome::kNoCredit};
    case backend::ConsumeCode::kAlreadyRedeemed:
      return {Outcome::kAlreadyRedeemed};
  }
  throw Error(ErrorKind::kInternal, "a consume code without an outcome");
}

Redemption to_redemption(const ledger::Entry& entry) {
  Redemption redemption{.idempotency_key = entry.request.key,
                        .credit_id = entry.request.credit_id,
                        .state = RedemptionState::kSettled,
                        .outcome = entry.outcome,
                        .attempts = entry.attempts,
                        .created_at = entry.created_at,
                        .updated_at = entry.updated_at};
  if (entry.state == ledger::State::kPending) redemption.state = RedemptionState::kPending;
  if (entry.state == ledger::State::kUnknown) redemption.state = RedemptionState::kUnknown;
  return redemption;
}

GetAccountResponse to_account(const auth::SignIn& sign_in) {
  GetAccountResponse response;
  if (sign_in.kind == auth::SignIn::Kind::kApiKey) response.account = ApiKeyAccount{};
  if (!sign_in.serves_calls()) return response;
  response.account = ChatgptAccount{
      .email = sign_in.email,
      .plan_type = sign_in.plan_type ? to_plan_type(*sign_in.plan_type) : PlanType::kUnknown,
      .workspace_name = std::nullopt};
  response.user_id = sign_in.user_id;
  return response;
}

AccountUpdatedNotification to_account_updated(const auth::SignIn& sign_in) {
  AccountUpdatedNotification update;
  update.auth_mode = to_auth_mode(sign_in);
  if (sign_in.plan_type) update.plan_type = to_plan_type(*sign_in.plan_type);
  return update;
}

GetAuthStatusResponse to_auth_status(const auth::SignIn& sign_in, bool include_token) {
  GetAuthStatusResponse response;
  response.auth_method = to_auth_mode(sign_in);
  // What stands for a person or an agent for good is not handed out, as in the reference.
  const bool may_be_told = sign_in.kind == auth::SignIn::Kind::kApiKey ||
                           sign_in.kind == auth::SignIn::Kind::kChatgpt ||
                           sign_in.kind == auth::SignIn::Kind::kChatgptAuthTokens;
  if (may_be_told && include_token) response.auth_token = sign_in.token;
  return response;
}

}  // namespace quotad::account
