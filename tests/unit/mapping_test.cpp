// One test for each row of the mapping table (reference behaviour, section 3): from what the
// service sends, as JSON, to what the protocol says, as JSON.

#include "account/mapping.hpp"

#include <gtest/gtest.h>

#include "backend/lenient.hpp"
#include "quotad/protocol/codec.hpp"

namespace quotad::account {
namespace {

using nlohmann::json;

auth::SignIn signed_in() {
  auth::SignIn sign_in;
  sign_in.kind = auth::SignIn::Kind::kChatgpt;
  sign_in.account_id = sign_in.credentials.account_id = "acc";
  sign_in.user_id = "user";
  return sign_in;
}

template <class T>
T payload(const json& body) {
  backend::Warnings warnings(nullptr);
  return backend::lenient::read<T>(body, "payload", warnings).value();
}

json limits(const json& usage, const json& details = nullptr) {
  std::optional<backend::ResetCreditDetails> read;
  if (!details.is_null()) read = payload<backend::ResetCreditDetails>(details);
  return json::parse(protocol::to_text(protocol::encode(
      to_rate_limits(payload<backend::Usage>(usage), read ? &*read : nullptr, signed_in()))));
}

json ordinary(const json& usage) { return limits(usage)["rateLimits"]; }

TEST(RateLimits, EveryMemberIsPresentWhateverIsMissing) {
  EXPECT_EQ(limits(json::object()), json::parse(R"({
    "ordinaryUsageAllowed": null,
    "rateLimits": {"limitId": "codex", "limitName": null, "normalModelSlug": null,
      "primary": null, "secondary": null, "credits": null, "individualLimit": null,
      "spendControlReached": null, "planType": null, "rateLimitReachedType": null},
    "rateLimitsByLimitId": {"codex": {"limitId": "codex", "limitName": null,
      "normalModelSlug": null, "primary": null, "secondary": null, "credits": null,
      "individualLimit": null, "spendControlReached": null, "planType": null,
      "rateLimitReachedType": null}},
    "rateLimitResetCredits": null, "accountId": null, "rateLimitUpsell": null})"));
}

TEST(RateLimits, Windows) {
  const json bucket = ordinary(json::parse(R"({"rate_limit": {
    "primary_window": {"used_percent": 12, "limit_window_seconds": 18000, "reset_at": 1800000000},
    "secondary_window": {"used_percent": 101, "limit_window_seconds": 0, "reset_at": null}}})"));
  EXPECT_EQ(bucket["primary"],
            json::parse(R"({"usedPercent":12,"windowDurationMins":300,"resetsAt":1800000000})"));
  EXPECT_EQ(bucket["secondary"],
            json::parse(R"({"usedPercent":101,"windowDurationMins":null,"resetsAt":null})"));
}

TEST(RateLimits, SecondsToTheResetServeWhereItsTimeIsMissing) {
  const auto resets_at = [](json window) {
    window["used_percent"] = 1;
    auto usage = payload<backend::Usage>({{"rate_limit", {{"primary_window", window}}}});
    usage.answered_at = 1'800'000'000;
    return to_rate_limits(usage, nullptr, signed_in()).rate_limits.primary->resets_at;
  };
  EXPECT_EQ(resets_at({{"reset_after_seconds", 9'000}}), 1'800'009'000);
  EXPECT_EQ(resets_at({{"reset_after_seconds", 9'000}, {"reset_at", nullptr}}), 1'800'009'000);
  EXPECT_EQ(resets_at({{"reset_after_seconds", "9000"}, {"reset_at", "soon"}}), 1'800'009'000);
  EXPECT_EQ(resets_at({{"reset_after_seconds", 9'000}, {"reset_at", 0}}), 1'800'009'000);
  EXPECT_EQ(resets_at({{"reset_after_seconds", 9'000}, {"reset_at", 1'800'000'005}}),
            1'800'000'005);
  EXPECT_EQ(resets_at({{"reset_at", 0}}), std::nullopt) << "0 is no time";
  EXPECT_EQ(resets_at({{"reset_after_seconds", 0}}), std::nullopt);
  EXPECT_EQ(resets_at({{"reset_after_seconds", -5}}), std::nullopt);
  EXPECT_EQ(resets_at({{"reset_after_seconds", std::numeric_limits<std::int64_t>::max()}}),
            1'800'000'000 + std::int64_t{366} * 86'400);
  auto usage = payload<backend::Usage>(json::parse(R"({"spend_control": {"individual_limit":
      {"limit": "10", "used": "1", "remaining_percent": 90, "reset_after_seconds": 60}}})"));
  usage.answered_at = 1'800'000'000;
  EXPECT_EQ(to_rate_limits(usage, nullptr, signed_in()).rate_limits.individual_limit->resets_at,
            1'800'000'060);
}

TEST(RateLimits, AWindowThatIsNotFullIsNotShownAsFull) {
  EXPECT_EQ(ordinary({{"rate_limit",
                       {{"primary_window", {{"used_percent", 99.6}}}}}})["primary"]["usedPercent"],
            99);
}

TEST(RateLimits, ThatALimitIsReachedIsToldOnlyWhereTheServiceSaysSo) {
  const auto bucket = [](const json& limit) { return ordinary({{"rate_limit", limit}}); };
  EXPECT_FALSE(bucket({{"allowed", true}, {"limit_reached", false}}).contains("limitReached"));
  EXPECT_FALSE(bucket({{"primary_window", {{"used_percent", 100}}}}).contains("limitReached"));
  EXPECT_EQ(bucket({{"limit_reached", true}})["limitReached"], true);
  EXPECT_EQ(bucket({{"allowed", false}})["limitReached"], true);
  const json credits = ordinary(
      {{"credits", {{"has_credits", true}, {"balance", "5"}, {"overage_limit_reached", true}}}});
  EXPECT_EQ(credits["credits"]["overageLimitReached"], true);
}

TEST(RateLimits, TheCodeReviewWindowsAreABucketOfTheirOwn) {
  const json usage = json::parse(R"({"plan_type": "plus", "code_review_rate_limit": {
    "allowed": true, "limit_reached": false, "secondary_window": null,
    "primary_window": {"used_percent": 44, "limit_window_seconds": 604800, "reset_at": 9}}})");
  EXPECT_EQ(limits(usage)["rateLimitsByLimitId"]["code_review"], json::parse(R"({
    "limitId": "code_review", "limitName": "Code review", "normalModelSlug": null,
    "primary": {"usedPercent": 44, "windowDurationMins": 10080, "resetsAt": 9},
    "secondary": null, "credits": null, "individualLimit": null, "spendControlReached": null,
    "planType": "plus", "rateLimitReachedType": null})"));
  for (const char* nothing : {"null", "{}", R"({"allowed": true, "limit_reached": false})"}) {
    const json answer = limits({{"code_review_rate_limit", json::parse(nothing)}});
    EXPECT_EQ(answer["rateLimitsByLimitId"].size(), 1U) << nothing;
  }
  json listed = usage;
  listed["additional_rate_limits"] = json::parse(
      R"([{"metered_feature": "code_review", "rate_limit": {"primary_window": {"used_percent": 7}}}])");
  EXPECT_EQ(limits(listed)["rateLimitsByLimitId"]["code_review"]["primary"]["usedPercent"], 7)
      << "what the service lists itself counts";
}

TEST(ResetCredits, AnExpiryThatCannotBeReadIsNotNone) {
  const auto credit = [](const json& expires_at) {
    const json row = {{"id", "c"}, {"granted_at", 1}, {"expires_at", expires_at}};
    return limits(json::object(),
                  {{"credits", json::array({row})}})["rateLimitResetCredits"]["credits"][0];
  };
  EXPECT_EQ(credit(nullptr)["expiresAt"], nullptr);
  EXPECT_FALSE(credit(nullptr).contains("expiryUnknown"));
  EXPECT_EQ(credit("soon")["expiresAt"], nullptr);
  EXPECT_EQ(credit("soon")["expiryUnknown"], true);
  EXPECT_EQ(credit("2026-12-07T00:57:00.5")["expiresAt"], 1'796'605'020);
}

TEST(TokenUsage, ItsAgeAndWhatWentWrongAreHandedOn) {
  const auto usage = [](const char* profile) {
    return json::parse(protocol::to_text(protocol::encode(
        to_token_usage(payload<backend::TokenUsageProfile>(json::parse(profile))))));
  };
  const json none = usage(R"({"stats": {}, "metadata": {"stats_as_of": null}})");
  EXPECT_FALSE(none.contains("statsAsOf") || none.contains("statsError")) << none;
  for (const char* profile :
       {R"({"metadata": {"stats_as_of": "2026-11-21", "stats_error": "late"}})",
        R"({"stats_as_of": "2026-11-21", "stats_error": {"message": "late"}})",
        R"({"stats": {"stats_as_of": "2026-11-21", "stats_error": "late"}})"}) {
    EXPECT_EQ(usage(profile)["statsAsOf"], "2026-11-21") << profile;
    EXPECT_EQ(usage(profile)["statsError"], "late") << profile;
  }
}

TEST(RateLimits, WindowMinutesAreRoundedUp) {
  const auto minutes = [](std::int64_t seconds) {
    return ordinary({{"rate_limit",
                      {{"primary_window",
                        {{"used_percent", 1},
                         {"limit_window_seconds", seconds}}}}}})["primary"]["windowDurationMins"];
  };
  EXPECT_EQ(minutes(60), 1);
  EXPECT_EQ(minutes(61), 2);
  EXPECT_EQ(minutes(1), 1);
  EXPECT_EQ(minutes(0), nullptr);
  EXPECT_EQ(minutes(-5), nullptr);
}

TEST(RateLimits, Credits) {
  EXPECT_EQ(
      ordinary(json::parse(
          R"({"credits":{"has_credits":true,"unlimited":false,"balance":"5.39"}})"))["credits"],
      json::parse(R"({"hasCredits":true,"unlimited":false,"balance":"5.39"})"));
  EXPECT_EQ(ordinary({{"credits", {{"balance", "0.00"}}}})["credits"]["hasCredits"], false);
  EXPECT_EQ(ordinary({{"credits", {{"balance", 5.39}}}})["credits"]["hasCredits"], true);
  EXPECT_EQ(ordinary({{"credits", {{"unlimited", true}}}})["credits"]["hasCredits"], true);
  EXPECT_EQ(ordinary({{"credits", {{"has_credits", true}}}})["credits"]["balance"], nullptr);
}

TEST(RateLimits, SpendControl) {
  const json bucket = ordinary(json::parse(R"({"spend_control": {"reached": false,
    "individual_limit": {"limit": "100", "used": "25.5", "remaining": "74.5",
      "used_percent": 25, "remaining_percent": 74, "reset_at": 1800000000}}})"));
  EXPECT_EQ(bucket["spendControlReached"], false);
  EXPECT_EQ(bucket["individualLimit"], json::parse(R"({"limit": "100", "used": "25.5",
    "remainingPercent": 74, "resetsAt": 1800000000})"));
  EXPECT_EQ(ordinary(json::parse(R"({"spend_control": {"individual_limit": {"limit": 100,
    "used": 25.5, "used_percent": 25, "reset_at": 5}}})"))["individualLimit"],
            json::parse(R"({"limit": "100", "used": "25.5", "remainingPercent": 75,
                            "resetsAt": 5})"));
}

TEST(RateLimits, ReachedTypes) {
  for (const char* type :
       {"rate_limit_reached", "workspace_owner_credits_depleted",
        "workspace_member_credits_depleted", "workspace_owner_usage_limit_reached",
        "workspace_member_usage_limit_reached"}) {
    EXPECT_EQ(ordinary({{"rate_limit_reached_type", {{"type", type}}}})["rateLimitReachedType"],
              type);
  }
  EXPECT_EQ(ordinary({{"rate_limit_reached_type", {{"type", "new"}}}})["rateLimitReachedType"],
            nullptr);
}

TEST(RateLimits, Plans) {
  for (const char* plan :
       {"free", "go", "plus", "pro", "prolite", "promax", "team", "self_serve_business_prolite",
        "self_serve_business_usage_based", "business", "ent26", "enterprise_cbp_automation",
        "enterprise_cbp_usage_based", "enterprise", "edu", "edu_plus", "edu_pro", "sci",
        "sci_plus"}) {
    EXPECT_EQ(ordinary({{"plan_type", plan}})["planType"], plan);
  }
  EXPECT_EQ(ordinary({{"plan_type", "education"}})["planType"], "edu");
  EXPECT_EQ(ordinary({{"plan_type", "ultra"}})["planType"], "unknown");
}

TEST(RateLimits, AdditionalBuckets) {
  const json answer = limits(json::parse(R"({"plan_type": "pro",
    "credits": {"has_credits": true, "unlimited": false, "balance": "1"},
    "rate_limit_reached_type": {"type": "rate_limit_reached"},
    "additional_rate_limits": [
      {"limit_name": "Old", "metered_feature": "x", "rate_limit": null},
      {"limit_name": "New", "metered_feature": "x", "normal_model_slug": "gpt",
       "rate_limit": {"primary_window": {"used_percent": 3}}}]})"));
  ASSERT_EQ(answer["rateLimitsByLimitId"].size(), 2U);
  EXPECT_EQ(answer["rateLimitsByLimitId"]["x"], json::parse(R"({"limitId": "x",
    "limitName": "New", "normalModelSlug": "gpt",
    "primary": {"usedPercent": 3, "windowDurationMins": null, "resetsAt": null},
    "secondary": null, "credits": null, "individualLimit": null, "spendControlReached": null,
    "planType": "pro", "rateLimitReachedType": null})"));
}

TEST(RateLimits, ALaterBucketOfTheSameIdReplacesInTheMapOnly) {
  const json answer = limits(json::parse(R"({
    "rate_limit": {"primary_window": {"used_percent": 1}},
    "additional_rate_limits": [{"metered_feature": "codex",
      "rate_limit": {"primary_window": {"used_percent": 2}}}]})"));
  EXPECT_EQ(answer["rateLimits"]["primary"]["usedPercent"], 1);
  EXPECT_EQ(answer["rateLimitsByLimitId"]["codex"]["primary"]["usedPercent"], 2);
}

TEST(RateLimits, OrdinaryUsageIsToldOnlyOfTheSignedInUser) {
  const auto allowed = [](const json& account, const json& user) {
    return limits({{"account_id", account},
                   {"user_id", user},
                   {"rate_limit", {{"allowed", true}}}})["ordinaryUsageAllowed"];
  };
  EXPECT_EQ(allowed("acc", "user"), true);
  EXPECT_EQ(allowed("acc", "other"), nullptr);
  EXPECT_EQ(allowed("other", "user"), nullptr);
  EXPECT_EQ(allowed(nullptr, "user"), nullptr);
  EXPECT_EQ(allowed("acc", nullptr), nullptr);
}

TEST(RateLimits, NobodysUsageIsNotOurs) {
  backend::Usage usage;
  usage.rate_limit = backend::RateLimit{.allowed = true};
  EXPECT_EQ(to_rate_limits(usage, nullptr, auth::SignIn{}).ordinary_usage_allowed, std::nullopt);
}

TEST(RateLimits, AccountAndUpsellAreHandedOn) {
  json usage = json::parse(R"({"account_id": "acc", "user_id": "user",
                               "rate_limit_upsell": {"snake_case": [1, {"b": null}]}})");
  EXPECT_EQ(limits(usage)["accountId"], "acc");
  EXPECT_EQ(limits(usage)["rateLimitUpsell"], json::parse(R"({"snake_case": [1, {"b": null}]})"));
  usage["account_id"] = "other";
  EXPECT_EQ(limits(usage)["accountId"], "other");
  EXPECT_EQ(limits(usage)["rateLimitUpsell"], nullptr) << "what is offered to somebody else";
}

TEST(ResetCredits, TheCountOfTheUsageAnswerIsTheFallback) {
  const json usage = {{"rate_limit_reset_credits", {{"available_count", 2}}}};
  EXPECT_EQ(limits(usage)["rateLimitResetCredits"],
            json::parse(R"({"availableCount": 2, "credits": null})"));
  EXPECT_EQ(
      limits(usage, {{"available_count", 1}, {"credits", json::array()}})["rateLimitResetCredits"],
      json::parse(R"({"availableCount": 1, "credits": []})"));
  EXPECT_EQ(limits(usage, {{"available_count", 7}})["rateLimitResetCredits"],
            json::parse(R"({"availableCount": 2, "credits": null})"));
  EXPECT_EQ(limits(json::object(), {{"available_count", 7}})["rateLimitResetCredits"],
            json::parse(R"({"availableCount": 7, "credits": null})"));
  EXPECT_EQ(limits(usage, json::object())["rateLimitResetCredits"],
            json::parse(R"({"availableCount": 2, "credits": null})"));
}

TEST(ResetCredits, Rows) {
  const json details = json::parse(R"({"available_count": 1, "credits": [
    {"id": "a", "reset_type": "codex_rate_limits", "status": "available",
     "granted_at": "2026-11-01T00:00:00Z", "expires_at": "2026-12-01T00:00:00Z",
     "title": "T", "description": "D"},
    {"id": "b", "reset_type": "other", "status": "other", "granted_at": "2026-11-01T00:00:00Z"},
    {"id": "c", "reset_type": "codex_rate_limits", "status": "redeeming",
     "granted_at": "2026-11-01T00:00:00Z"},
    {"id": "d", "reset_type": "codex_rate_limits", "status": "redeemed",
     "granted_at": "2026-11-01T00:00:00Z"}]})");
  const json credits = limits(json::object(), details)["rateLimitResetCredits"]["credits"];
  ASSERT_EQ(credits.size(), 4U);
  EXPECT_EQ(credits[0], json::parse(R"({"id": "a", "resetType": "codexRateLimits",
    "status": "available", "grantedAt": 1793491200, "expiresAt": 1796083200, "title": "T",
    "description": "D"})"));
  EXPECT_EQ(credits[1], json::parse(R"({"id": "b", "resetType": "unknown", "status": "unknown",
    "grantedAt": 1793491200, "expiresAt": null, "title": null, "description": null})"));
  EXPECT_EQ(credits[2]["status"], "redeeming");
  EXPECT_EQ(credits[3]["status"], "redeemed");
}

TEST(ResetCredits, RowsAreCountedWhereNobodyCounts) {
  const json details = json::parse(R"({"credits": [
    {"id": "a", "status": "available", "granted_at": 1},
    {"id": "b", "status": "redeemed", "granted_at": 1}]})");
  EXPECT_EQ(limits(json::object(), details)["rateLimitResetCredits"]["availableCount"], 1);
}

TEST(TokenUsage, Profile) {
  const auto answer = [](const json& body) {
    return json::parse(protocol::to_text(
        protocol::encode(to_token_usage(payload<backend::TokenUsageProfile>(body)))));
  };
  EXPECT_EQ(answer(json::parse(R"({"stats": {"lifetime_tokens": 5, "peak_daily_tokens": 4,
      "longest_running_turn_sec": 3, "current_streak_days": 2, "longest_streak_days": 1,
      "daily_usage_buckets": [{"start_date": "2026-11-01", "tokens": 5}, {"tokens": 1}]}})")),
            json::parse(R"({"summary": {"lifetimeTokens": 5, "peakDailyTokens": 4,
      "longestRunningTurnSec": 3, "currentStreakDays": 2, "longestStreakDays": 1},
      "dailyUsageBuckets": [{"startDate": "2026-11-01", "tokens": 5}], "threadUsage": null})"));
  const json empty = json::parse(R"({"summary": {"lifetimeTokens": null, "peakDailyTokens": null,
      "longestRunningTurnSec": null, "currentStreakDays": null, "longestStreakDays": null},
      "dailyUsageBuckets": null, "threadUsage": null})");
  EXPECT_EQ(answer({{"stats", nullptr}}), empty);
  EXPECT_EQ(answer(json::object()), empty);
}

TEST(TokenUsage, Thread) {
  const auto report = payload<backend::ThreadUsageReport>(json::parse(R"({"threads": [
    {"thread_id": "t", "estimated_usage_credits_micros": 1, "estimated_usage_usd_micros": 2,
     "native_usage_usd_micros": 3, "groups": [{"model": "m", "reasoning_effort": "high",
     "speed": "fast", "estimated_usage_credits_micros": 4, "net_new_input_tokens": 5,
     "cached_input_tokens": 6, "input_tokens": 7, "output_tokens": 8, "total_tokens": 9}]}]})"));
  const json answer =
      json::parse(protocol::to_text(protocol::encode(to_thread_usage(report.threads->at(0)))));
  EXPECT_EQ(answer["threadUsage"], json::parse(R"({"threadId": "t",
    "estimatedUsageCreditsMicros": 1, "estimatedUsageUsdMicros": 2, "nativeUsageUsdMicros": 3,
    "groups": [{"model": "m", "reasoningEffort": "high", "speed": "fast",
    "estimatedUsageCreditsMicros": 4, "netNewInputTokens": 5, "cachedInputTokens": 6,
    "inputTokens": 7, "outputTokens": 8, "totalTokens": 9}]})"));
  EXPECT_EQ(answer["summary"]["lifetimeTokens"], nullptr);
  EXPECT_EQ(to_thread_usage(std::nullopt).thread_usage.has_value(), false);
}

TEST(Consume, Outcomes) {
  const auto outcome = [](const char* code) {
    return protocol::to_text(
        protocol::encode(to_consume_response(payload<backend::ConsumeAnswer>({{"code", code}}))));
  };
  EXPECT_EQ(outcome("reset"), R"({"outcome":"reset"})");
  EXPECT_EQ(outcome("nothing_to_reset"), R"({"outcome":"nothingToReset"})");
  EXPECT_EQ(outcome("no_credit"), R"({"outcome":"noCredit"})");
  EXPECT_EQ(outcome("already_redeemed"), R"({"outcome":"alreadyRedeemed"})");
}

TEST(AccountRead, ByKindOfSignIn) {
  const auto text = [](const auth::SignIn& sign_in) {
    return protocol::to_text(protocol::encode(to_account(sign_in)));
  };
  EXPECT_EQ(text({}), R"({"account":null,"userId":null,"requiresOpenaiAuth":true,)"
                      R"("workspaceRouting":null})");
  auth::SignIn key;
  key.kind = auth::SignIn::Kind::kApiKey;
  EXPECT_EQ(text(key), R"({"account":{"type":"apiKey"},"userId":null,)"
                       R"("requiresOpenaiAuth":true,"workspaceRouting":null})");
  auth::SignIn chatgpt = signed_in();
  chatgpt.email = "a@b";
  chatgpt.plan_type = "education";
  EXPECT_EQ(text(chatgpt),
            R"({"account":{"type":"chatgpt","email":"a@b","planType":"edu","workspaceName":null},)"
            R"("userId":"user","requiresOpenaiAuth":true,"workspaceRouting":null})");
}

TEST(AuthStatus, TellsTheTokenOnlyWhenAsked) {
  auth::SignIn chatgpt = signed_in();
  chatgpt.token = "secret";
  EXPECT_EQ(protocol::to_text(protocol::encode(to_auth_status(chatgpt, false))),
            R"({"authMethod":"chatgpt","authToken":null,"requiresOpenaiAuth":true})");
  EXPECT_EQ(to_auth_status(chatgpt, true).auth_token, "secret");
  EXPECT_EQ(protocol::to_text(protocol::encode(to_auth_status({}, true))),
            R"({"authMethod":null,"authToken":null,"requiresOpenaiAuth":true})");
}

}  // namespace
}  // namespace quotad::account
