// The tables that cases are made from.

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "conformance/case.hpp"
#include "harness/sign_in.hpp"

namespace quotad::conformance {
namespace {

const char* const kInitialize =
    R"({"id":0,"method":"initialize","params":{"clientInfo":{"name":"t","version":"1"}}})";
const char* const kUsualBase = "/backend-api";
const char* const kThread = "019a0000-0000-7000-8000-000000000000";

Json sane_usage() {
  return Json::parse(R"({
    "user_id": "user-1", "account_id": "acc-1", "email": "someone@example.com", "plan_type": "plus",
    "rate_limit": {"allowed": true, "limit_reached": false,
      "primary_window": {"used_percent": 12, "limit_window_seconds": 18000,
        "reset_after_seconds": 100, "reset_at": 1800000000},
      "secondary_window": {"used_percent": 50, "limit_window_seconds": 604800,
        "reset_after_seconds": 500100, "reset_at": 1800500000}},
    "credits": {"has_credits": true, "unlimited": false, "balance": "5.39"},
    "spend_control": {"reached": false, "individual_limit": {"limit": "100.00", "used": "25.50",
      "remaining": "74.50", "used_percent": 26, "remaining_percent": 74,
      "reset_after_seconds": 100, "reset_at": 1800000000}},
    "rate_limit_reached_type": {"type": "rate_limit_reached"},
    "additional_rate_limits": [{"limit_name": "Foo", "metered_feature": "foo",
      "normal_model_slug": "gpt-foo",
      "rate_limit": {"allowed": true, "limit_reached": false,
        "primary_window": {"used_percent": 7, "limit_window_seconds": 3600,
          "reset_after_seconds": 60, "reset_at": 1800000600}, "secondary_window": null}}],
    "rate_limit_reset_credits": {"available_count": 2},
    "rate_limit_upsell": {"kind": "upgrade", "list": [1, null, "x"]}})");
}

Json sane_details() {
  return Json::parse(R"({"available_count": 2, "credits": [
    {"id": "credit-1", "reset_type": "codex_rate_limits", "status": "available",
     "granted_at": "2026-11-01T00:00:00Z", "expires_at": "2026-12-01T00:00:00Z",
     "title": "A reset", "description": "From a friend"},
    {"id": "credit-2", "reset_type": "codex_rate_limits", "status": "available",
     "granted_at": "2026-11-02T12:30:00Z", "expires_at": "2026-12-02T12:30:00Z",
     "title": "Another", "description": "From another"}]})");
}

Json sane_profile() {
  return Json::parse(R"({"stats": {"lifetime_tokens": 123456789012, "peak_daily_tokens": 4567,
    "longest_running_turn_sec": 321, "current_streak_days": 3, "longest_streak_days": 14,
    "daily_usage_buckets": [{"start_date": "2026-11-01", "tokens": 5},
                            {"start_date": "2026-11-02", "tokens": 7}]}})");
}

Json sane_thread_usage() {
  return {{"threads",
           {{{"thread_id", kThread},
             {"estimated_usage_credits_micros", 1500000},
             {"estimated_usage_usd_micros", 60000},
             {"native_usage_usd_micros", 70000},
             {"groups",
              {{{"model", "gpt-foo"},
                {"reasoning_effort", "high"},
                {"speed", "fast"},
                {"estimated_usage_credits_micros", 1000000},
                {"net_new_input_tokens", 10},
                {"cached_input_tokens", 20},
                {"input_tokens", 30},
                {"output_tokens", 40},
                {"total_tokens", 70}},
               {{"model", "gpt-bar"},
                {"reasoning_effort", "low"},
                {"speed", "slow"},
                {"estimated_usage_credits_micros", 500000},
                {"net_new_input_tokens", 1},
                {"cached_input_tokens", 2},
                {"input_tokens", 3},
                {"output_tokens", 4},
                {"total_tokens", 7}}}}}}}};
}

Json sane_whoami() {
  return {{"email", "someone@example.com"},
          {"chatgpt_user_id", "user-1"},
          {"chatgpt_account_id", "acc-1"},
          {"chatgpt_plan_type", "plus"},
          {"chatgpt_account_is_fedramp", false}};
}

Json sane_consume() { return {{"code", "reset"}, {"windows_reset", 2}}; }

Json sane_body(Route route) {
  switch (route) {
    case Route::kUsage:
      return sane_usage();
    case Route::kDetails:
      return sane_details();
    case Route::kConsume:
      return sane_consume();
    case Route::kProfile:
      return sane_profile();
    case Route::kWhoami:
      return sane_whoami();
    default:
      return sane_thread_usage();
  }
}

std::string request(const char* method, const std::string& params = "", int id = 1) {
  std::string line = R"({"id":)" + std::to_string(id) + R"(,"method":")" + method + '"';
  if (!params.empty()) line += R"(,"params":)" + params;
  return line + "}";
}

// A method as the tables ask it: its line, where it goes, and its route.
struct Call {
  const char* group;
  const char* method;
  std::string params;
  Route route;

  std::string line() const { return request(method, params); }
};

const char* const kRead = "account/rateLimits/read";
const char* const kUsageRead = "account/usage/read";
const char* const kConsumeMethod = "account/rateLimitResetCredit/consume";

// Every use of a key is its own: quotad may remember it.
std::string key_params(const std::string& name, const Json& credit = nullptr) {
  Json params = {{"idempotencyKey", "key of " + name}};
  if (!credit.is_null()) params["creditId"] = credit;
  return params.dump();
}

Call limits_call() { return {"rate_limits", kRead, "", Route::kUsage}; }
Call brief_limits_call() {
  return {"rate_limits", kRead, R"({"excludeResetCreditDetails":true})", Route::kUsage};
}
Call details_call() { return {"reset_credits", kRead, "", Route::kDetails}; }
Call usage_call() { return {"usage", kUsageRead, "", Route::kProfile}; }
Call thread_call() {
  return {"thread_usage", kUsageRead, std::string(R"({"threadId":")") + kThread + "\"}",
          Route::kThreadUsage};
}
Call consume_call(const std::string& name) {
  return {"consume", kConsumeMethod, key_params(name), Route::kConsume};
}

class Cases {
 public:
  Case& add(const std::string& group, const std::string& name, std::vector<std::string> lines) {
    Case test;
    test.group = group;
    test.name = name;
    test.answers = static_cast<int>(lines.size());
    test.lines = std::move(lines);
    cases_.push_back(std::move(test));
    return cases_.back();
  }

  // The call while its route answers `body`.
  Case& add(const Call& call, const std::string& name, const Json& body) {
    Case& test = add(call.group, name, {call.line()});
    test.replies[call.route] = {.body = body.dump()};
    test.reaches = {call.route};
    return test;
  }

  std::vector<Case> take() { return std::move(cases_); }

 private:
  std::vector<Case> cases_;
};

// A member of a payload: where it is, values that it should not have, and what is made from it.
struct Member {
  const char* at;
  std::vector<Json> wrong;
  std::vector<std::string> lost;
  std::vector<std::string> own = {};  // what quotad tells of it besides
  std::int64_t ahead = 0;             // what the service says of it besides: seconds from now
};

// Places in a result that show the ordinary bucket.
std::vector<std::string> in_codex(const std::vector<std::string>& places) {
  std::vector<std::string> both;
  for (const std::string& place : places) {
    both.push_back("/rateLimits/" + place);
    both.push_back("/rateLimitsByLimitId/codex/" + place);
  }
  return both;
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const std::vector<Json> kNotANumber{"a lot", "12", 12.5, true, Json::array()};
const std::vector<Json> kNotATime{"tomorrow", "1800000000", 4294967296, 0, -1, Json::object()};
const std::vector<Json> kNotABool{"true", 1, Json::object()};
const std::vector<Json> kNotAString{5, 5.39, true, Json::object()};
const std::vector<Json> kNotAnObject{"text", 5, Json::array()};
const std::vector<Json> kNotAList{Json::object(), "text", Json::array({5})};

std::vector<Member> usage_members() {
  const std::string foo = "/rateLimitsByLimitId/foo";
  return {
      {"/user_id", kNotAString, {"/ordinaryUsageAllowed", "/rateLimitUpsell"}},
      {"/account_id", kNotAString, {"/ordinaryUsageAllowed", "/rateLimitUpsell", "/accountId"}},
      {"/email", kNotAString, {}},
      {"/plan_type", kNotAString, in_codex({"planType"}) + std::vector{foo + "/planType"}},
      {"/rate_limit", kNotAnObject,
       in_codex({"primary", "secondary"}) + std::vector<std::string>{"/ordinaryUsageAllowed"}},
      {"/rate_limit/allowed", kNotABool, {"/ordinaryUsageAllowed"}},
      {"/rate_limit/limit_reached", kNotABool, {}},
      {"/rate_limit/primary_window", kNotAnObject, in_codex({"primary"})},
      {"/rate_limit/primary_window/used_percent", kNotANumber, in_codex({"primary"})},
      {"/rate_limit/primary_window/limit_window_seconds", kNotANumber,
       in_codex({"primary/windowDurationMins"})},
      {"/rate_limit/primary_window/reset_after_seconds", kNotANumber, {}},
      {"/rate_limit/primary_window/reset_at", kNotATime, in_codex({"primary/resetsAt"}), {}, 100},
      {"/rate_limit/secondary_window", kNotAnObject, in_codex({"secondary"})},
      {"/rate_limit/secondary_window/used_percent", kNotANumber, in_codex({"secondary"})},
      {"/rate_limit/secondary_window/limit_window_seconds", kNotANumber,
       in_codex({"secondary/windowDurationMins"})},
      {"/rate_limit/secondary_window/reset_at",
       kNotATime,
       in_codex({"secondary/resetsAt"}),
       {},
       500'100},
      {"/credits", kNotAnObject, in_codex({"credits"})},
      {"/credits/has_credits", kNotABool, in_codex({"credits"})},
      {"/credits/unlimited", kNotABool, in_codex({"credits"})},
      {"/credits/balance", {5, true, Json::object()}, in_codex({"credits/balance"})},
      {"/spend_control", kNotAnObject, in_codex({"individualLimit", "spendControlReached"})},
      {"/spend_control/reached", kNotABool, in_codex({"spendControlReached"})},
      {"/spend_control/individual_limit", kNotAnObject, in_codex({"individualLimit"})},
      {"/spend_control/individual_limit/limit", kNotAString, in_codex({"individualLimit"})},
      {"/spend_control/individual_limit/used", kNotAString, in_codex({"individualLimit"})},
      {"/spend_control/individual_limit/remaining", kNotAString, {}},
      {"/spend_control/individual_limit/used_percent", kNotANumber, {}},
      {"/spend_control/individual_limit/remaining_percent", kNotANumber,
       in_codex({"individualLimit/remainingPercent"})},
      {"/spend_control/individual_limit/reset_after_seconds", kNotANumber, {}},
      {"/spend_control/individual_limit/reset_at",
       kNotATime,
       in_codex({"individualLimit"}),
       {},
       100},
      {"/rate_limit_reached_type", {5, Json::array()}, in_codex({"rateLimitReachedType"})},
      {"/rate_limit_reached_type/type", kNotAString, in_codex({"rateLimitReachedType"})},
      {"/additional_rate_limits", kNotAList, {foo}},
      {"/additional_rate_limits/0/limit_name", kNotAString, {foo + "/limitName"}},
      {"/additional_rate_limits/0/metered_feature", kNotAString, {foo}},
      {"/additional_rate_limits/0/normal_model_slug", kNotAString, {foo + "/normalModelSlug"}},
      {"/additional_rate_limits/0/rate_limit", kNotAnObject, {foo + "/primary"}},
      {"/additional_rate_limits/0/rate_limit/allowed", kNotABool, {}},
      {"/additional_rate_limits/0/rate_limit/primary_window", kNotAnObject, {foo + "/primary"}},
      {"/additional_rate_limits/0/rate_limit/primary_window/used_percent",
       kNotANumber,
       {foo + "/primary"}},
      {"/additional_rate_limits/0/rate_limit/primary_window/limit_window_seconds",
       kNotANumber,
       {foo + "/primary/windowDurationMins"}},
      {"/additional_rate_limits/0/rate_limit/primary_window/reset_at",
       kNotATime,
       {foo + "/primary/resetsAt"},
       {},
       60},
      {"/additional_rate_limits/0/rate_limit/secondary_window", kNotAnObject, {}},
      {"/rate_limit_reset_credits", kNotAnObject, {}},
      {"/rate_limit_reset_credits/available_count", kNotANumber, {}},
      {"/rate_limit_upsell", {"text", 5, Json::array()}, {"/rateLimitUpsell"}},
  };
}

// Where the details were not asked for.
std::vector<Member> brief_members() {
  return {{"/rate_limit_reset_credits", kNotAnObject, {"/rateLimitResetCredits"}},
          {"/rate_limit_reset_credits/available_count", kNotANumber, {"/rateLimitResetCredits"}}};
}

std::vector<Member> details_members() {
  const std::string credits = "/rateLimitResetCredits";
  const std::string last = credits + "/credits/1";
  return {
      {"/available_count", kNotANumber, {credits + "/availableCount"}},
      {"/credits", kNotAList, {credits + "/credits"}},
      {"/credits/1/id", kNotAString, {last}},
      {"/credits/1/reset_type", kNotAString, {last + "/resetType"}},
      {"/credits/1/status", kNotAString, {last + "/status"}},
      {"/credits/1/granted_at", {5, "yesterday", true}, {last}},
      {"/credits/1/expires_at",
       {5, "never", true},
       {last + "/expiresAt"},
       {last + "/expiryUnknown"}},
      {"/credits/1/title", kNotAString, {last + "/title"}},
      {"/credits/1/description", kNotAString, {last + "/description"}},
  };
}

std::vector<Member> profile_members() {
  return {
      {"/stats", kNotAnObject, {"/summary", "/dailyUsageBuckets"}},
      {"/stats/lifetime_tokens", kNotANumber, {"/summary/lifetimeTokens"}},
      {"/stats/peak_daily_tokens", kNotANumber, {"/summary/peakDailyTokens"}},
      {"/stats/longest_running_turn_sec", kNotANumber, {"/summary/longestRunningTurnSec"}},
      {"/stats/current_streak_days", kNotANumber, {"/summary/currentStreakDays"}},
      {"/stats/longest_streak_days", kNotANumber, {"/summary/longestStreakDays"}},
      {"/stats/daily_usage_buckets", kNotAList, {"/dailyUsageBuckets"}},
      {"/stats/daily_usage_buckets/1/start_date", kNotAString, {"/dailyUsageBuckets/1"}},
      {"/stats/daily_usage_buckets/1/tokens", kNotANumber, {"/dailyUsageBuckets/1"}},
  };
}

std::vector<Member> thread_members() {
  const std::string usage = "/threadUsage";
  const std::string last = usage + "/groups/1";
  return {
      {"/threads", kNotAList, {usage}},
      {"/threads/0/thread_id", kNotAString, {usage}},
      {"/threads/0/estimated_usage_credits_micros", kNotANumber, {usage}},
      {"/threads/0/estimated_usage_usd_micros", kNotANumber, {usage + "/estimatedUsageUsdMicros"}},
      {"/threads/0/native_usage_usd_micros", kNotANumber, {usage + "/nativeUsageUsdMicros"}},
      {"/threads/0/groups", kNotAList, {usage + "/groups"}},
      {"/threads/0/groups/1/model", kNotAString, {last + "/model"}},
      {"/threads/0/groups/1/reasoning_effort", kNotAString, {last + "/reasoningEffort"}},
      {"/threads/0/groups/1/speed", kNotAString, {last + "/speed"}},
      {"/threads/0/groups/1/estimated_usage_credits_micros", kNotANumber, {last}},
      {"/threads/0/groups/1/net_new_input_tokens", kNotANumber, {last + "/netNewInputTokens"}},
      {"/threads/0/groups/1/cached_input_tokens", kNotANumber, {last + "/cachedInputTokens"}},
      {"/threads/0/groups/1/input_tokens", kNotANumber, {last + "/inputTokens"}},
      {"/threads/0/groups/1/output_tokens", kNotANumber, {last + "/outputTokens"}},
      {"/threads/0/groups/1/total_tokens", kNotANumber, {last + "/totalTokens"}},
  };
}

Json without(Json payload, const std::string& at) {
  const std::size_t slash = at.rfind('/');
  payload[Json::json_pointer(at.substr(0, slash))].erase(at.substr(slash + 1));
  return payload;
}

Json with(Json payload, const std::string& at, const Json& value) {
  payload[Json::json_pointer(at)] = value;
  return payload;
}

// What an odd value may be taken for: the number that it is, rounded half up, or as whole minutes of
// so many seconds; the decimal text that it is.
std::vector<Json> meanings_of(const Json& value) {
  if (value.is_boolean() || value.is_structured()) return {};
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  const Json number = Json::parse(text, nullptr, false);
  if (!number.is_number()) return {};
  const double x = number.get<double>();
  return {static_cast<std::int64_t>(std::floor(x + 0.5)),
          static_cast<std::int64_t>(std::ceil(x / 60)), text};
}

const char* const kThreadEstimate = "/threads/0/estimated_usage_credits_micros";

// Each member present, absent, null, and in each wrong shape.
void add_members(Cases& cases, const Call& call, const std::vector<Member>& members) {
  const std::string sane = "sane";
  const Json payload = sane_body(call.route);
  cases.add(call, sane, payload);
  for (const Member& member : members) {
    const auto odd = [&](const std::string& how, const Json& body) -> Case& {
      Case& test = cases.add(call, std::string(member.at) + " " + how, body);
      test.rules = {Rule::kOddMember};
      const bool is_estimate =
          call.route == Route::kThreadUsage && member.at == std::string(kThreadEstimate);
      if (is_estimate) test.rules.push_back(Rule::kDetail);
      test.sane_case = std::string(call.group) + "/" + sane;
      test.lost = member.lost;
      test.own = member.own;
      if (member.ahead > 0) {
        test.ahead = {member.ahead};
        test.may_be = {ahead(member.ahead)};
      }
      return test;
    };
    odd("absent", without(payload, member.at));
    odd("null", with(payload, member.at, nullptr));
    for (const Json& value : member.wrong) {
      Case& test = odd("= " + value.dump(), with(payload, member.at, value));
      // Of a time, 0 and less mean nothing.
      const bool is_no_time = member.ahead > 0 && value.is_number() && value <= 0;
      const std::vector<Json> meanings = is_no_time ? std::vector<Json>() : meanings_of(value);
      test.may_be.insert(test.may_be.end(), meanings.begin(), meanings.end());
    }
  }
}

// Odd spellings that mean the same as the sane one: nothing may be lost.
void add_spellings(Cases& cases) {
  const auto spelt = [&](const Call& call, const char* at, const Json& value, const Json& meant) {
    const std::string name = std::string(at) + " meant as " + meant.dump();
    const std::string sane = name + ", sane";
    const Json payload = sane_body(call.route);
    cases.add(call, sane, with(payload, at, meant));
    Case& test = cases.add(call, name + ", sent as " + value.dump(), with(payload, at, value));
    test.rules = {Rule::kOddMember};
    test.sane_case = std::string(call.group) + "/" + sane;
  };
  const Call limits = limits_call();
  spelt(limits, "/rate_limit/primary_window/used_percent", 12.4, 12);
  spelt(limits, "/rate_limit/primary_window/used_percent", 12.5, 13);
  spelt(limits, "/rate_limit/primary_window/used_percent", "42", 42);
  spelt(limits, "/credits/balance", 5.39, "5.39");
  spelt(limits, "/credits/balance", 0, "0");
  spelt(limits, "/rate_limit_reached_type", "rate_limit_reached", {{"type", "rate_limit_reached"}});
  spelt(limits, "/spend_control/individual_limit/limit", 100.5, "100.5");
  Call brief = brief_limits_call();
  brief.group = "reset_credits";
  spelt(brief, "/rate_limit_reset_credits/available_count", "2", 2);
  spelt(details_call(), "/available_count", "2", 2);
}

void add_values(Cases& cases) {
  const Call limits = limits_call();
  for (const char* plan : {"free",
                           "go",
                           "plus",
                           "pro",
                           "prolite",
                           "promax",
                           "team",
                           "self_serve_business_prolite",
                           "self_serve_business_usage_based",
                           "business",
                           "ent26",
                           "enterprise_cbp_automation",
                           "enterprise_cbp_usage_based",
                           "enterprise",
                           "edu",
                           "edu_plus",
                           "edu_pro",
                           "sci",
                           "sci_plus",
                           "education",
                           "quorum",
                           "",
                           "PLUS",
                           "unknown",
                           "guest",
                           "free_workspace",
                           "k12"}) {
    cases.add(limits, std::string("plan \"") + plan + '"', with(sane_usage(), "/plan_type", plan));
  }
  for (const char* type :
       {"rate_limit_reached", "workspace_owner_credits_depleted",
        "workspace_member_credits_depleted", "workspace_owner_usage_limit_reached",
        "workspace_member_usage_limit_reached", "something_new", ""}) {
    cases.add(limits, std::string("reached \"") + type + '"',
              with(sane_usage(), "/rate_limit_reached_type/type", type));
  }
  for (const int seconds : {-5, 0, 1, 59, 60, 61, 18000, 18001, 2147483647}) {
    cases.add(limits, "window of " + std::to_string(seconds) + " s",
              with(sane_usage(), "/rate_limit/primary_window/limit_window_seconds", seconds));
  }
  for (const int percent : {-1, 0, 100, 101, 2147483647}) {
    cases.add(limits, "used " + std::to_string(percent) + " %",
              with(sane_usage(), "/rate_limit/primary_window/used_percent", percent));
  }
  cases.add(limits, "another account's payload", with(sane_usage(), "/account_id", "acc-2"));
  cases.add(limits, "another user's payload", with(sane_usage(), "/user_id", "user-2"));
  const auto told_besides = [](Case& test, std::vector<std::string> own) {
    test.rules = {Rule::kOwnMembers};
    test.own = std::move(own);
  };
  told_besides(cases.add(limits, "not allowed", with(sane_usage(), "/rate_limit/allowed", false)),
               in_codex({"limitReached"}));
  told_besides(
      cases.add(limits, "limit reached", with(sane_usage(), "/rate_limit/limit_reached", true)),
      in_codex({"limitReached"}));
  told_besides(
      cases.add(limits, "another bucket's limit reached",
                with(sane_usage(), "/additional_rate_limits/0/rate_limit/limit_reached", true)),
      {"/rateLimitsByLimitId/foo/limitReached"});
  told_besides(cases.add(limits, "overage limit reached",
                         with(sane_usage(), "/credits/overage_limit_reached", true)),
               in_codex({"credits/overageLimitReached"}));
  told_besides(cases.add(limits, "code review",
                         with(sane_usage(), "/code_review_rate_limit",
                              sane_usage()["additional_rate_limits"][0]["rate_limit"])),
               {"/rateLimitsByLimitId/code_review"});
  cases.add(limits, "unlimited credits",
            with(sane_usage(), "/credits",
                 {{"has_credits", true}, {"unlimited", true}, {"balance", nullptr}}));
  cases.add(limits, "members nobody knows", with(sane_usage(), "/something_new", {{"a", 1}}));

  const Json foo = sane_usage()["additional_rate_limits"][0];
  cases.add(limits, "two buckets of one id",
            with(sane_usage(), "/additional_rate_limits",
                 Json::array({foo, with(foo, "/limit_name", "Second")})));
  cases.add(limits, "a bucket called codex",
            with(sane_usage(), "/additional_rate_limits",
                 Json::array({with(foo, "/metered_feature", "codex")})));
  Case& one_bad = cases.add(limits, "one bucket of two is odd",
                            with(sane_usage(), "/additional_rate_limits",
                                 Json::array({foo, with(foo, "/metered_feature", 5)})));
  one_bad.rules = {Rule::kOddMember};
  one_bad.sane_case = "rate_limits/sane";

  const Call details = details_call();
  for (const char* status : {"available", "redeeming", "redeemed", "expired", ""}) {
    cases.add(details, std::string("status \"") + status + '"',
              with(sane_details(), "/credits/1/status", status));
  }
  for (const char* type : {"codex_rate_limits", "something_new", ""}) {
    cases.add(details, std::string("reset type \"") + type + '"',
              with(sane_details(), "/credits/1/reset_type", type));
  }
  for (const char* time :
       {"2026-11-02T12:30:00.999Z", "2026-11-02T12:30:00+02:00", "2026-11-02t12:30:00z",
        "2026-11-02T12:30:00-23:59", "1969-12-31T23:59:59Z", "2024-02-29T00:00:00Z"}) {
    cases.add(details, std::string("granted at ") + time,
              with(sane_details(), "/credits/1/granted_at", time));
  }
  for (const char* time : {"2026-11-02 12:30:00Z", "2026-11-02T12:30:00", "2023-02-29T00:00:00Z",
                           "2026-11-02T23:59:60Z", "2026-11-02"}) {
    Case& test = cases.add(details, std::string("granted at ") + time,
                           with(sane_details(), "/credits/1/granted_at", time));
    test.rules = {Rule::kOddMember};
    test.sane_case = "reset_credits/sane";
    test.lost = {"/rateLimitResetCredits/credits/1"};
  }
  cases.add(details, "no credits", {{"available_count", 0}, {"credits", Json::array()}});

  // What the details call does not give, the usage call's count stands in for.
  const auto failing = [&](const std::string& name, Reply reply) -> Case& {
    Case& test = cases.add("reset_credits", name, {details.line()});
    test.replies[Route::kDetails] = std::move(reply);
    test.reaches = {Route::kUsage, Route::kDetails};
    return test;
  };
  failing("details: 404", {.status = 404, .body = R"({"detail":"Not Found"})"});
  failing("details: 429", {.status = 429, .headers = "Retry-After: 60\r\n"});
  failing("details: 500", {.status = 500, .body = "oops"});
  failing("details: not JSON", {.body = "nonsense"});
  failing("details: empty", {.body = ""});
  failing("details: a list", {.body = "[]"});
  // A connection that was kept for too long is no reason to give up: quotad asks once more.
  failing("details: dropped", {.hang_up = true}).compare_requests = false;
  failing("details: too late", {.hold = true}).world = "hasty";
  Call brief = brief_limits_call();
  brief.group = "reset_credits";
  cases.add(brief, "without details", sane_usage());
  Case& neither = cases.add("reset_credits", "neither details nor count", {details.line()});
  neither.replies[Route::kUsage] = {.body =
                                        without(sane_usage(), "/rate_limit_reset_credits").dump()};
  neither.replies[Route::kDetails] = {.status = 500};
  neither.reaches = {Route::kUsage, Route::kDetails};

  const Call usage = usage_call();
  cases.add(usage, "no stats yet", {{"stats", Json::object()}});
  told_besides(cases.add(usage, "stats of yesterday",
                         with(sane_profile(), "/metadata",
                              {{"stats_as_of", "2026-11-01"}, {"stats_error", nullptr}})),
               {"/statsAsOf"});
  told_besides(cases.add(usage, "stats that failed",
                         with(sane_profile(), "/metadata",
                              {{"stats_as_of", nullptr}, {"stats_error", "late"}})),
               {"/statsError"});
  cases.add(usage, "no buckets yet",
            with(sane_profile(), "/stats/daily_usage_buckets", Json::array()));
  const Call thread = thread_call();
  cases.add(thread, "no such thread", {{"threads", Json::array()}});
  cases.add(thread, "no groups", with(sane_thread_usage(), "/threads/0/groups", Json::array()));
  const Json row = sane_thread_usage()["threads"][0];
  cases.add(
      thread, "another thread's row",
      with(sane_thread_usage(), "/threads/0/thread_id", "019a0000-0000-7000-8000-000000000001"));
  Case& two_rows = cases.add(
      thread, "two rows",
      with(sane_thread_usage(), "/threads",
           Json::array({with(row, "/thread_id", "019a0000-0000-7000-8000-000000000001"), row})));
  two_rows.rules = {Rule::kOddMember};
  two_rows.sane_case = "thread_usage/sane";
  for (const int status : {403, 404}) {
    Case& test = cases.add(thread, "status " + std::to_string(status), nullptr);
    test.replies[Route::kThreadUsage] = {.status = status, .body = "no"};
  }

  for (const char* code : {"reset", "nothing_to_reset", "no_credit", "already_redeemed"}) {
    const std::string name = std::string("code ") + code;
    cases.add(consume_call(name), name, {{"code", code}, {"windows_reset", 1}});
  }
  for (const Json& odd : {Json("something_new"), Json(), Json(5)}) {
    const std::string name = "code " + (odd.is_string() ? odd.get<std::string>() : odd.dump());
    cases.add(consume_call(name), name, {{"code", odd}, {"windows_reset", 0}});
  }
  cases.add(consume_call("no code"), "no code", {{"windows_reset", 0}});
  for (const Json& odd : {Json(), Json("two"), Json(-1), Json(1.5)}) {
    const std::string name = "windows_reset " + odd.dump();
    Case& test = cases.add(consume_call(name), name, {{"code", "reset"}, {"windows_reset", odd}});
    test.rules = {Rule::kOddMember};
    test.sane_case = "consume/code reset";
  }
  Case& bare = cases.add(consume_call("bare code"), "bare code", {{"code", "reset"}});
  bare.rules = {Rule::kOddMember};
  bare.sane_case = "consume/code reset";
}

// The service fails, for each method.
void add_failures(Cases& cases) {
  struct Failure {
    const char* name;
    Reply reply;
    const char* kind;
  };
  const std::vector<Failure> failures{
      {"400 with an object",
       {.status = 400, .body = R"({"error":{"message":"bad"}})"},
       "backendStatus"},
      {"401", {.status = 401, .body = R"({"error":{"message":"expired"}})"}, "authRequired"},
      {"403 as text", {.status = 403, .content_type = "text/plain", .body = "no"}, "backendStatus"},
      {"404 without a body", {.status = 404, .content_type = ""}, "backendStatus"},
      {"404 as HTML",
       {.status = 404,
        .content_type = "text/html; charset=utf-8",
        .body = "<html>\n<b>not \"here\"</b></html>"},
       "backendStatus"},
      {"429", {.status = 429, .body = "{}", .headers = "Retry-After: 7\r\n"}, "rateLimited"},
      {"500", {.status = 500, .body = "oops"}, "backendStatus"},
      {"502",
       {.status = 502, .content_type = "text/html", .body = "<h1>Bad</h1>"},
       "backendStatus"},
      {"503", {.status = 503, .body = "{}"}, "backendStatus"},
      {"418", {.status = 418, .body = "teapot"}, "backendStatus"},
      {"a status without a name", {.status = 599, .body = "?"}, "backendStatus"},
      {"not JSON", {.body = "nonsense"}, "backendPayload"},
      {"empty", {.body = ""}, "backendPayload"},
      {"cut off", {.body = R"({"stats":{)"}, "backendPayload"},
      {"a list", {.body = "[5]"}, "backendPayload"},
      {"a string", {.body = "\"text\""}, "backendPayload"},
      {"null", {.body = "null"}, "backendPayload"},
      {"not UTF-8", {.body = "\"\xff\xfe\""}, "backendPayload"},
      {"hangs up", {.hang_up = true}, "backendUnreachable"},
  };
  for (const Failure& failure : failures) {
    for (Call call : {limits_call(), usage_call(), thread_call(), consume_call("")}) {
      // A thread that may not be seen, or is not there, is not a failure.
      const int status = failure.reply.status;
      if (call.route == Route::kThreadUsage && (status == 403 || status == 404)) continue;
      const std::string name = std::string(call.group) + ": " + failure.name;
      if (call.route == Route::kConsume) call.params = key_params(name);
      Case& test = cases.add("failures", name, {call.line()});
      if (call.route == Route::kConsume) test.world = "no retries";
      test.replies[call.route] = failure.reply;
      if (call.route == Route::kUsage) test.replies[call.route].wait_for_details = true;
      test.reaches = {call.route};
      test.rules = {Rule::kErrorData};
      test.kind = failure.kind;
      // A connection that was kept for too long is no reason to give up: quotad asks once more.
      test.compare_requests = !failure.reply.hang_up;
    }
  }
  Case& late =
      cases.add("failures", "time-outs",
                {request(kUsageRead, "", 1), request(kConsumeMethod, key_params("late"), 2)});
  late.world = "hasty";
  late.replies[Route::kProfile] = {.hold = true};
  late.replies[Route::kConsume] = {.hold = true};
  late.reaches = {Route::kProfile, Route::kConsume};
  late.rules = {Rule::kErrorData};
  late.kind = "timeout";
}

// The reference asks for more than it tells, and fails where it gets no answer to that; in this
// case it does not ask.
const char* const kAccountTold = "credentials/no account id: account/read {}";

void be_own_calls_only(Case& test) {
  test.rules = {Rule::kOwnCallsOnly};
  test.sane_case = kAccountTold;
}

void add_params(Cases& cases) {
  const std::array shapes{"null", "{}",  "[]",  R"("x")", "5",
                          "true", "1.5", "[1]", "[{}]",   R"({"new":1})"};
  const std::array methods{kRead, kUsageRead, kConsumeMethod, "account/read", "getAuthStatus"};
  for (const char* method : methods) {
    const std::string brief = method;
    const auto add = [&](const std::string& name, const std::string& params) {
      Case& test = cases.add("params", brief + " " + name, {request(method, params)});
      if (brief == "account/read") be_own_calls_only(test);
    };
    add("without params", "");
    for (const std::string shape : shapes) {
      if (shape != "[]" || method == kRead || method == kConsumeMethod)
        add("params " + shape, shape);
    }
  }
  // Where the reference wants as many elements as there are members.
  for (const auto& [method, sane_case] : std::vector<std::pair<const char*, const char*>>{
           {kUsageRead, "usage/sane"},
           {"account/read", kAccountTold},
           {"getAuthStatus", "credentials/chatgpt: getAuthStatus {}"}}) {
    Case& test = cases.add("params", std::string(method) + " params []", {request(method, "[]")});
    test.compare_requests = false;
    test.rules = {Rule::kEmptyParams};
    test.sane_case = sane_case;
  }
  int keys = 0;
  const auto members = [&](const char* method, const char* name, const std::string& more) {
    for (const char* value : {"null", "true", "5", "-1", "1.5", R"("")", R"("x")", "[]", "{}"}) {
      std::string params = std::string("{") + '"' + name + R"(":)" + value + more + "}";
      // Every use of a key is its own.
      const std::size_t key = params.find("KEY");
      if (key != std::string::npos) params.replace(key, 3, std::to_string(++keys));
      Case& test = cases.add("params", std::string(method) + " " + name + " = " + value,
                             {request(method, params)});
      if (method == std::string("account/read")) be_own_calls_only(test);
    }
  };
  members(kRead, "supportsLunaReserve", "");
  members(kRead, "excludeResetCreditDetails", "");
  members(kUsageRead, "threadId", "");
  members(kConsumeMethod, "idempotencyKey", "");
  members(kConsumeMethod, "creditId", R"(,"idempotencyKey":"key of creditId KEY")");
  members("account/read", "refreshToken", "");
  members("getAuthStatus", "includeToken", "");
  members("getAuthStatus", "refreshToken", "");
  cases.add("params", "consume with a credit",
            {request(kConsumeMethod, key_params("a credit", "credit-1"))});
  cases.add(
      "params", "a key that is a UUID",
      {request(kConsumeMethod, R"({"idempotencyKey":"7c0f3c1e-3f55-4c52-9d0b-0d7f2f0e6f11"})")});
  cases.add("params", "a key of blanks", {request(kConsumeMethod, R"({"idempotencyKey":"  "})")});
  cases.add("params", "a key beyond ASCII",
            {request(kConsumeMethod, R"({"idempotencyKey":"schl\u00fcssel \ud83d\udd11"})")});
  cases.add("params", "a key given twice",
            {request(kConsumeMethod, R"({"idempotencyKey":"first","idempotencyKey":"second"})")});
  cases.add("params", "a name in snake_case",
            {request(kConsumeMethod, R"({"idempotency_key":"key of snake"})")});
  for (const char* id :
       {"019A0000-0000-7000-8000-000000000000", "019a000000007000800000000000000",
        "019a0000000070008000000000000000", "{019a0000-0000-7000-8000-000000000000}",
        "urn:uuid:019a0000-0000-7000-8000-000000000000", "019a0000-0000-7000-8000-00000000000g",
        "019a-00000000-7000-8000-000000000000", "00000000-0000-0000-0000-000000000000",
        " 019a0000-0000-7000-8000-000000000000"}) {
    cases.add("params", std::string("thread id ") + id,
              {request(kUsageRead, std::string(R"({"threadId":")") + id + "\"}")});
  }
}

void add_handshake(Cases& cases) {
  const auto add = [&](const std::string& name, std::vector<std::string> lines) -> Case& {
    Case& test = cases.add("handshake", name, std::move(lines));
    test.own_process = true;
    return test;
  };
  const std::string read = request(kRead);
  const std::string initialized = R"({"method":"initialized"})";
  for (const char* method : {kRead, kUsageRead, "account/read", "getAuthStatus"}) {
    add(std::string(method) + " before initialize", {request(method, "{}")});
  }
  add("consume before initialize", {request(kConsumeMethod, key_params("before"))});
  add("bad params before initialize", {request(kConsumeMethod, "{}")});
  add("initialize", {kInitialize});
  add("initialize twice",
      {kInitialize, request("initialize", R"({"clientInfo":{"name":"t","version":"1"}})", 2)});
  add("initialize, initialized, read", {kInitialize, initialized, read}).answers = 2;
  add("a read without initialized", {kInitialize, read}).reaches = {Route::kUsage};
  add("initialized with params", {kInitialize, R"({"method":"initialized","params":{}})", read})
      .answers = 2;
  add("initialized with null params",
      {kInitialize, R"({"method":"initialized","params":null})", read})
      .answers = 2;
  add("initialized twice", {kInitialize, initialized, initialized, read}).answers = 2;
  add("initialized first", {initialized, kInitialize, read}).answers = 2;
  add("a failed initialize, then a good one", {request("initialize", "{}", 5), kInitialize, read});
  for (
      const auto& [name, params] : std::vector<std::pair<std::string, std::string>>{
          {"null params", "null"},
          {"no client", "{}"},
          {"a client without a name", R"({"clientInfo":{"version":"1"}})"},
          {"a client without a version", R"({"clientInfo":{"name":"t"}})"},
          {"a client with a title", R"({"clientInfo":{"name":"t","title":"T","version":"1"}})"},
          {"a null title", R"({"clientInfo":{"name":"t","title":null,"version":"1"}})"},
          {"a title that is a number", R"({"clientInfo":{"name":"t","title":5,"version":"1"}})"},
          {"a name that is a number", R"({"clientInfo":{"name":5,"version":"1"}})"},
          {"an empty name", R"({"clientInfo":{"name":"","version":""}})"},
          {"a client that is a string", R"({"clientInfo":"t"})"},
          {"a null client", R"({"clientInfo":null})"},
          {"null capabilities", R"({"clientInfo":{"name":"t","version":"1"},"capabilities":null})"},
          {"no capabilities", R"({"clientInfo":{"name":"t","version":"1"},"capabilities":{}})"},
          {"capabilities",
           R"({"clientInfo":{"name":"t","version":"1"},"capabilities":{"experimentalApi":true,"optOutNotificationMethods":["account/updated","x"]}})"},
          {"null opt-outs",
           R"({"clientInfo":{"name":"t","version":"1"},"capabilities":{"optOutNotificationMethods":null}})"},
          {"opt-outs that are no list",
           R"({"clientInfo":{"name":"t","version":"1"},"capabilities":{"optOutNotificationMethods":"x"}})"},
          {"an opt-out that is a number",
           R"({"clientInfo":{"name":"t","version":"1"},"capabilities":{"optOutNotificationMethods":[5]}})"},
          {"experimental as a string",
           R"({"clientInfo":{"name":"t","version":"1"},"capabilities":{"experimentalApi":"yes"}})"},
          {"capabilities nobody knows",
           R"({"clientInfo":{"name":"t","version":"1"},"capabilities":{"flying":true}})"},
          {"members nobody knows", R"({"clientInfo":{"name":"t","version":"1","x":1},"y":2})"}}) {
    add("initialize with " + name, {request("initialize", params)});
  }
  add("initialize without params", {request("initialize")});
}

// What can be compared without signing the process in or out.
void add_login(Cases& cases) {
  for (const auto& [name, params] : std::vector<std::pair<std::string, std::string>>{
           {"null", "null"},
           {"nothing", "{}"},
           {"a null type", R"({"type":null})"},
           {"a type nobody knows", R"({"type":"magic"})"},
           {"tokens without tokens", R"({"type":"chatgptAuthTokens"})"},
           {"tokens without an account", R"({"type":"chatgptAuthTokens","accessToken":"t"})"},
           {"a null token",
            R"({"type":"chatgptAuthTokens","accessToken":null,"chatgptAccountId":"a"})"},
           {"a token that is a number",
            R"({"type":"chatgptAuthTokens","accessToken":5,"chatgptAccountId":"a"})"},
           {"an account that is a list",
            R"({"type":"chatgptAuthTokens","accessToken":"t","chatgptAccountId":[]})"},
           {"a plan that is a boolean",
            R"({"type":"chatgptAuthTokens","accessToken":"t","chatgptAccountId":"a",)"
            R"("chatgptPlanType":true})"},
           {"an API key without the key", R"({"type":"apiKey"})"},
           {"Bedrock without a region", R"({"type":"amazonBedrock","apiKey":"k"})"},
           {"a brand nobody knows", R"({"type":"chatgpt","appBrand":"x"})"}}) {
    cases.add("login", name, {request("account/login/start", params)}).kind = "invalidParams";
  }
  cases.add("login", "no params", {request("account/login/start")}).kind = "invalidParams";
}

// What clients ask on the way, and quotad has little to say to.
void add_small_methods(Cases& cases) {
  const char* const kCancel = "account/login/cancel";
  for (const auto& [name, params] : std::vector<std::pair<std::string, std::string>>{
           {"no UUID", R"({"loginId":"x"})"},
           {"an empty id", R"({"loginId":""})"},
           {"an unknown UUID", R"({"loginId":"019a0000-0000-7000-8000-000000000000"})"},
           {"a UUID in capitals", R"({"loginId":"019A0000-0000-7000-8000-000000000000"})"},
           {"a UUID in braces", R"({"loginId":"{019a0000-0000-7000-8000-000000000000}"})"},
           {"a UUID without hyphens", R"({"loginId":"019a0000000070008000000000000000"})"},
           {"no id", "{}"},
           {"a null id", R"({"loginId":null})"},
           {"a number", R"({"loginId":5})"},
           {"a member more", R"({"loginId":"x","more":1})"}}) {
    cases.add("small_methods", "cancel: " + name, {request(kCancel, params)});
  }
  cases.add("small_methods", "cancel without params", {request(kCancel)});
  const char* const kMessages = "account/workspaceMessages/read";
  for (const char* params : {"", "null", "{}", R"("x")", "5", "[1]"}) {
    cases.add("small_methods", std::string("messages ") + params, {request(kMessages, params)});
  }
  for (const char* params : {R"({"more":1})", "[]"}) {
    Case& test =
        cases.add("small_methods", std::string("messages ") + params, {request(kMessages, params)});
    test.rules = {Rule::kEmptyParams};
    test.sane_case = "small_methods/messages {}";
  }
  for (const char* world : {"signed out", "an API key"}) {
    cases.add("small_methods", std::string("messages, ") + world, {request(kMessages)}).world =
        world;
  }
  // What they list is the reference's own; what they refuse is not.
  for (const char* params : {"", R"("x")", R"({"cwds":5})", R"({"forceReload":"x"})"}) {
    cases.add("small_methods", std::string("skills ") + params, {request("skills/list", params)});
  }
  for (const char* params :
       {"", R"("x")", R"({"cursor":5})", R"({"includeHidden":"x"})", R"({"modelProvider":5})"}) {
    cases.add("small_methods", std::string("models ") + params, {request("model/list", params)});
  }
}

// What is told without a question, and to whom.
void add_notifications(Cases& cases) {
  const auto hello = [](const char* capabilities) {
    return std::string(R"({"id":0,"method":"initialize","params":{"clientInfo":{"name":"t",)") +
           R"("version":"1"},"capabilities":)" + capabilities + "}}";
  };
  const std::string plain = hello(R"({"experimentalApi":true})");
  const auto bring = [](const char* plan) {
    Json params = {{"type", "chatgptAuthTokens"},
                   {"accessToken",
                    testing::jwt({{"exp", 4'000'000'000},
                                  {"https://api.openai.com/profile", {{"email", "b@example.com"}}},
                                  {"https://api.openai.com/auth",
                                   {{"chatgpt_plan_type", "pro"},
                                    {"chatgpt_user_id", "user-2"},
                                    {"chatgpt_account_id", "acc-2"}}}})},
                   {"chatgptAccountId", "acc-2"}};
    if (plan != nullptr) params["chatgptPlanType"] = plan;
    return request("account/login/start", params.dump(), 1);
  };
  const std::string log_out = request("account/logout", "", 2);
  const auto add = [&](const std::string& name, std::vector<std::string> lines,
                       int notifications) -> Case& {
    Case& test = cases.add("notifications", name, std::move(lines));
    test.own_process = true;
    test.notifications = notifications;
    test.compare_requests = false;  // the reference looks where the workspace is served
    return test;
  };
  add("logout", {plain, log_out}, 1);
  add("logout of nobody", {plain, log_out}, 1).world = "signed out";
  add("logout of an API key", {plain, log_out}, 1).world = "an API key";
  const auto log_in = [&](const std::string& name, std::vector<std::string> lines,
                          int notifications) {
    Case& test = add(name, std::move(lines), notifications);
    test.world = "signed out";
    const Json row = {{"id", "acc-2"},
                      {"name", nullptr},
                      {"workspace_backend_origin", "https://chatgpt.com"},
                      {"account_routing_override", "NO_CONSTRAINT"}};
    const Json accounts = {{"accounts", Json::array({row})},
                           {"account_ordering", Json::array({"acc-2"})},
                           {"default_account_id", "acc-2"}};
    test.replies[Route::kAccounts] = {.body = accounts.dump()};
  };
  log_in("login", {plain, bring(nullptr)}, 2);
  log_in("login with a plan", {plain, bring("plus")}, 2);
  add("logout, not wanted",
      {hello(R"({"optOutNotificationMethods":["account/updated"]})"), log_out}, 0);
  log_in(
      "login, of which one is not wanted",
      {hello(R"({"experimentalApi":true,"optOutNotificationMethods":["account/login/completed"]})"),
       bring(nullptr)},
      1);
}

// What is printed on the command line, under the reference's name.
void add_command_line(Cases& cases) {
  const auto add = [&](const std::string& name, std::vector<std::string> words) -> Case& {
    Case& test = cases.add("command_line", name, {});
    test.command = std::move(words);
    test.answers = 1;
    test.world = "signed out";
    return test;
  };
  add("--version", {"--version"});
  add("-V", {"-V"});
  add("--version after options", {"-c", "model=\"x\"", "-s", "read-only", "--version"});
  const std::vector<std::string> status{"login", "status"};
  for (const World& world : all_worlds()) {
    if (world.base != kUsualBase || !world.flags.empty()) continue;
    Case& test = add("login status: " + world.name, status);
    test.world = world.name;
    const bool is_agent = world.name.rfind("an agent", 0) == 0;
    test.rules = {Rule::kOwnWords, is_agent ? Rule::kOwnCallsOnly : Rule::kTokenSuffices,
                  Rule::kNoTokenNoCall};
  }
  for (const int code : {401, 503}) {
    Case& test = add("login status: a personal access token, " + std::to_string(code), status);
    test.world = "a personal access token";
    test.replies[Route::kWhoami] = {.status = code, .body = "{}"};
    test.rules = {Rule::kOwnWords};
  }
  add("login status after options", {"-c", "model=\"x\"", "-s", "read-only", "login", "status"})
      .world = "chatgpt";
  add("login status between options", {"login", "-c", "model=\"x\"", "status"}).world = "chatgpt";
  add("login status before options", {"login", "status", "-c", "model=\"x\""}).world = "chatgpt";
  const std::vector<std::string> listen{"app-server", "--listen", "ws://127.0.0.1:0"};
  add("a WebSocket", listen).world = "no token check";
  Case& with_token = add("a WebSocket with its token", listen);
  with_token.rules = {Rule::kOwnToken};
}

void add_envelope(Cases& cases) {
  const auto with_id = [](const std::string& id, const char* method) {
    return R"({"id":)" + id + R"(,"method":")" + method + "\"}";
  };
  for (const char* id : {"0", "-1", "9223372036854775807", "-9223372036854775808", R"("")",
                         R"("a b")", R"("\u00fc")", R"("1")"}) {
    cases.add("envelope", std::string("id ") + id, {with_id(id, kUsageRead)});
  }
  const auto dropped = [&](const std::string& name, const std::string& line) -> Case& {
    Case& test = cases.add("envelope", name, {line});
    test.dropped_by_reference = 1;
    test.rules = {Rule::kEveryMessage};
    return test;
  };
  for (const char* id : {"null", "1.5", "true", "[]", "{}", "9223372036854775808", "1e3", "1.0"}) {
    dropped(std::string("id ") + id, with_id(id, kUsageRead));
  }
  dropped("not JSON", "nonsense");
  dropped("half an object", R"({"id":1,"method":)");
  dropped("a number", "5");
  dropped("a string", R"("account/read")");
  dropped("null", "null");
  dropped("an empty object", "{}");
  dropped("an empty batch", "[]");
  dropped("a batch of one", "[" + request(kUsageRead) + "]").compare_requests = false;
  dropped("a batch of two",
          "[" + request(kUsageRead) + "," + request("getAuthStatus", "{}", 2) + "]")
      .compare_requests = false;
  dropped("an id without a method", R"({"id":1})");
  dropped("a method that is a number", R"({"id":1,"method":5})");
  dropped("a null method", R"({"id":1,"method":null})");
  dropped("two objects on a line", request(kUsageRead) + request(kUsageRead));
  // After this the reference reads no more.
  Case& bytes = cases.add("envelope", "not UTF-8",
                          {"{\"id\":1,\"method\":\"\xff\"}", request("getAuthStatus", "{}")});
  bytes.ends_input = true;
  bytes.dropped_by_reference = 2;
  bytes.rules = {Rule::kEveryMessage};

  const auto unknown = [&](const std::string& method) {
    Case& test =
        cases.add("envelope", "unknown method \"" + method + '"', {with_id("1", method.c_str())});
    test.rules = {Rule::kUnknownMethod};
    test.kind = "methodNotFound";
  };
  for (const char* method : {"no/such/method", "", "account", "ACCOUNT/READ", "account/read "})
    unknown(method);

  const auto two = [&](const std::string& name, const std::string& line) {
    Case& test = cases.add("envelope", name, {line});
    test.rules = {Rule::kTwoDialects};
  };
  const auto spoken = [](const char* version, const char* method, const std::string& params) {
    return std::string(R"({"jsonrpc":)") + version + R"(,"id":1,"method":")" + method +
           R"(","params":)" + params + "}";
  };
  two("2.0: a result", spoken(R"("2.0")", kUsageRead, "{}"));
  two("2.0: bad params", spoken(R"("2.0")", kConsumeMethod, "{}"));
  two("2.0: params of another type", spoken(R"("2.0")", kConsumeMethod, R"({"idempotencyKey":5})"));
  cases.add("envelope", "2.0: unknown method", {spoken(R"("2.0")", "no/such/method", "{}")})
      .rules = {Rule::kUnknownMethod};
  for (const char* version : {R"("1.0")", "2", "null", R"("2.1")"}) {
    two(std::string("jsonrpc ") + version, spoken(version, kUsageRead, "{}"));
  }
  cases.add("envelope", "members nobody knows",
            {R"({"id":1,"method":"account/usage/read","trace":{"a":1},"x":null})"});
  cases.add("envelope", "blanks around",
            {std::string("  \t") + R"({ "id" : 1 , "method" : "account/usage/read" } )"});
  // Two lines, one of them a notification or an answer: no answer but to the request.
  for (const auto& [name, line] : std::vector<std::pair<std::string, std::string>>{
           {"a notification nobody knows", R"({"method":"no/such/notification"})"},
           {"a request without an id", R"({"method":"account/usage/read"})"},
           {"an answer to nothing", R"({"id":77,"result":{}})"},
           {"an error to nothing", R"({"id":77,"error":{"code":1,"message":"x"}})"},
           {"an empty line", ""},
           {"a line of blanks", "   "}}) {
    cases.add("envelope", name + ", then a request", {line, request("getAuthStatus", "{}")})
        .answers = 1;
  }
  Case& many = cases.add("envelope", "many at once", {});
  for (int id = 1; id <= 20; ++id)
    many.lines.push_back(request(id % 2 == 0 ? kUsageRead : "getAuthStatus", "{}", id));
  many.answers = 20;
  many.compare_requests = false;  // quotad asks once for what is asked at the same time

  for (const char* method : {kRead, kUsageRead}) {
    Case& test =
        cases.add("envelope", std::string("end of input after ") + method, {request(method)});
    test.ends_input = true;
    test.sane_case = method == kRead ? "rate_limits/sane" : "usage/sane";
    test.replies[Route::kUsage] = {.body = sane_usage().dump(), .hold = true};
    test.replies[Route::kProfile] = {.body = sane_profile().dump(), .hold = true};
    test.dropped_by_reference = 1;
    test.compare_requests = false;
    test.rules = {Rule::kEndOfInput};
  }
}

// Every kind of sign-in, and every form of base URL.
void add_worlds(Cases& cases) {
  const auto add = [&](const char* group, const World& world, const char* method,
                       const std::string& params) -> Case& {
    Case& test =
        cases.add(group, world.name + ": " + method + " " + params, {request(method, params)});
    test.world = world.name;
    return test;
  };
  const std::string thread = std::string(R"({"threadId":")") + kThread + "\"}";
  for (const World& world : all_worlds()) {
    if (world.base != kUsualBase) {
      add("paths", world, kRead, "{}").reaches = {Route::kUsage, Route::kDetails};
      add("paths", world, kUsageRead, "{}").reaches = {Route::kProfile};
      add("paths", world, kUsageRead, thread).reaches = {Route::kThreadUsage};
      add("paths", world, kConsumeMethod, key_params(world.name)).reaches = {Route::kConsume};
      continue;
    }
    if (!world.flags.empty() || world.only_commands) continue;  // for cases of their own
    for (const auto& [method, params] : std::vector<std::pair<const char*, std::string>>{
             {kRead, "{}"},
             {kUsageRead, "{}"},
             {kUsageRead, thread},
             {kConsumeMethod, key_params("a world")},
             {"account/read", "{}"},
             {"getAuthStatus", "{}"},
             {"getAuthStatus", R"({"includeToken":true})"}}) {
      Case& test = add("credentials", world, method, params);
      const bool reads_account = method == std::string("account/read");
      if (reads_account) be_own_calls_only(test);
      if (!world.rule) continue;
      test.rules = {*world.rule};
      test.lost = world.lost;
      test.may_be = {"enterprise"};  // where the plan is another
      if (!reads_account) {
        test.sane_case = std::string("credentials/chatgpt: ") + method + " " + params;
      }
    }
  }
}

}  // namespace

Reply sane_reply(Route route) { return {.body = sane_body(route).dump()}; }

std::vector<World> all_worlds() {
  const Json chatgpt = testing::chatgpt_sign_in();
  const auto changed = [&](const std::string& at, const Json& value) {
    return with(chatgpt, at, value).dump();
  };
  const auto id_token = [](const char* plan, bool fedramp) {
    return testing::jwt({{"email", "someone@example.com"},
                         {"https://api.openai.com/auth",
                          {{"chatgpt_plan_type", plan},
                           {"chatgpt_user_id", "user-1"},
                           {"chatgpt_account_id", "acc-1"},
                           {"chatgpt_account_is_fedramp", fedramp}}}});
  };
  const std::vector<std::string> plan{"/account/planType"};
  const std::vector<std::string> claims{"/account/email", "/account/planType", "/userId",
                                        "/ordinaryUsageAllowed", "/rateLimitUpsell"};
  const std::string sane = chatgpt.dump();
  std::vector<World> worlds{
      {"chatgpt", sane},
      // quotad gives up at once where it would ask again after the client's time is over.
      {"no retries", sane, "/backend-api", {"--consume-retry-delay-ms", "60000"}},
      {"hasty",
       sane,
       "/backend-api",
       {"--profile-timeout-ms", "3000", "--consume-timeout-ms", "3000", "--details-timeout-ms",
        "3000"}},
      {"signed out", ""},
      {"an API key", R"({"OPENAI_API_KEY":"sk-1"})"},
      {"an API key with its mode", R"({"auth_mode":"apikey","OPENAI_API_KEY":"sk-1"})"},
      {"a key beside tokens",
       with(with(chatgpt, "/OPENAI_API_KEY", "sk-1"), "/auth_mode", nullptr).dump()},
      {"a key beside tokens, mode chatgpt", changed("/OPENAI_API_KEY", "sk-1")},
      {"no mode", without(chatgpt, "/auth_mode").dump()},
      {"not JSON", "{nope"},
      {"an empty file", " "},
      {.name = "an empty object", .auth = "{}", .rule = Rule::kNoTokenNoCall},
      {"a list", "[]"},
      {.name = "no tokens", .auth = changed("/tokens", nullptr), .rule = Rule::kNoTokenNoCall},
      {"no account id", without(chatgpt, "/tokens/account_id").dump()},
      {"a null account id", changed("/tokens/account_id", nullptr)},
      {.name = "no id token",
       .auth = without(chatgpt, "/tokens/id_token").dump(),
       .rule = Rule::kTokenSuffices,
       .lost = claims},
      {.name = "an id token that is none",
       .auth = changed("/tokens/id_token", "zzz"),
       .rule = Rule::kTokenSuffices,
       .lost = claims},
      {"no access token", without(chatgpt, "/tokens/access_token").dump()},
      {"an opaque access token", changed("/tokens/access_token", "opaque")},
      {"members nobody knows", changed("/something_new", {{"a", 1}})},
      {.name = "a FedRAMP account",
       .auth = changed("/tokens/id_token", id_token("enterprise", true)),
       .rule = Rule::kOwnCallsOnly,
       .lost = plan},
      {.name = "an unknown plan",
       .auth = changed("/tokens/id_token", id_token("quorum", false)),
       .rule = Rule::kOwnCallsOnly,
       .lost = plan},
  };
  const auto only_for_commands = [&](const char* name, const std::string& auth,
                                     std::map<std::string, std::string> environment = {}) {
    World world{.name = name, .auth = auth, .environment = std::move(environment)};
    world.only_commands = true;
    worlds.push_back(std::move(world));
  };
  const std::string agent = testing::jwt(
      {{"agent_runtime_id", "runtime-1"},
       {"agent_private_key", "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"},
       {"account_id", "acc-1"},
       {"chatgpt_user_id", "user-1"},
       {"email", "someone@example.com"},
       {"plan_type", "plus"},
       {"chatgpt_account_is_fedramp", false}});
  for (const char* key : {"sk-test-1234567890abcdef", "1234567890123", "12345678901234", "",
                          "sk-\u00fcn\u00efc\u00f6d\u00e9-1234567890"}) {
    only_for_commands((std::string("the API key \"") + key + '"').c_str(),
                      Json({{"auth_mode", "apikey"}, {"OPENAI_API_KEY", key}}).dump());
  }
  only_for_commands("a personal access token", R"({"personal_access_token":"at-1"})");
  only_for_commands("a personal access token with its mode",
                    R"({"auth_mode":"personalAccessToken","personal_access_token":"at-1"})");
  only_for_commands("a personal access token in the environment", sane,
                    {{"CODEX_ACCESS_TOKEN", "at-2"}});
  only_for_commands("an empty token in the environment", sane, {{"CODEX_ACCESS_TOKEN", ""}});
  only_for_commands("a token with blanks in the environment", "",
                    {{"CODEX_ACCESS_TOKEN", " at-2 "}});
  only_for_commands("an agent",
                    Json({{"auth_mode", "agentIdentity"}, {"agent_identity", agent}}).dump());
  only_for_commands("an agent in the environment", "", {{"CODEX_ACCESS_TOKEN", agent}});
  only_for_commands("no token in the environment", "", {{"CODEX_ACCESS_TOKEN", "junk"}});
  only_for_commands("tokens that a host brought", changed("/auth_mode", "chatgptAuthTokens"));
  only_for_commands("tokens that have run out",
                    changed("/tokens/access_token", testing::jwt({{"exp", 1}})));
  only_for_commands("no token check", "", {{"QUOTAD_WS_TOKEN_CHECK", "off"}});
  for (const char* base : {"", "/", "/api", "/backend-api/", "/backend-api///", "/x/backend-api/y",
                           "/backend-apis", "/api/codex"}) {
    worlds.push_back({std::string("base ") + '"' + base + '"', sane, base});
  }
  return worlds;
}

std::vector<Case> all_cases() {
  Cases cases;
  add_members(cases, limits_call(), usage_members());
  Call brief = brief_limits_call();
  brief.group = "brief_limits";
  add_members(cases, brief, brief_members());
  add_members(cases, details_call(), details_members());
  add_members(cases, usage_call(), profile_members());
  add_members(cases, thread_call(), thread_members());
  add_spellings(cases);
  add_values(cases);
  add_failures(cases);
  add_params(cases);
  add_handshake(cases);
  add_login(cases);
  add_small_methods(cases);
  add_notifications(cases);
  add_command_line(cases);
  add_envelope(cases);
  add_worlds(cases);
  return cases.take();
}

}  // namespace quotad::conformance
