// Reading the limits: two calls at once, details that may fail, joined reads, and redemptions.

#include <gtest/gtest.h>

#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

const char* const kRead = "account/rateLimits/read";
const char* const kConsume = "account/rateLimitResetCredit/consume";

TEST(RateLimitsRead, BothCallsAreOnTheirWayAtOnce) {
  const Simulator simulator;
  simulator.fault({{"route", "any"}, {"times", 0}, {"hold", "gate"}});
  AppServer server(simulator);
  server.initialize();
  server.send(request(1, kRead));
  EXPECT_EQ(simulator.calls("", 2, "pending").size(), 2U);
  simulator.release("gate");
  const Json answer = server.receive();
  EXPECT_EQ(answer["result"]["rateLimits"]["primary"]["usedPercent"], 62);
  EXPECT_EQ(answer["result"]["rateLimitResetCredits"]["credits"].size(), 2U);
  EXPECT_EQ(answer["result"]["ordinaryUsageAllowed"], true);
}

TEST(RateLimitsRead, DetailsAreNeverAnError) {
  const Simulator simulator;
  AppServer server(simulator, {"--details-timeout-ms", "100"});
  server.initialize();
  for (const Json& fault :
       {Json{{"status", 429}}, Json{{"hang", true}}, Json{{"body", "[]"}}, Json{{"reset", true}},
        Json{{"truncateAtBytes", 2}}, Json{{"trickleMs", 20'000}}}) {
    Json with_route = fault;
    with_route["route"] = "details";
    with_route["times"] = 0;
    simulator.fault(with_route);
    const Json answer = server.ask(kRead);
    EXPECT_EQ(answer["result"]["rateLimitResetCredits"],
              Json::parse(R"({"availableCount":2,"credits":null})"))
        << fault << answer;
  }
}

TEST(RateLimitsRead, DetailsCanBeLeftOut) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  const Json answer = server.ask(kRead, {{"excludeResetCreditDetails", true}});
  EXPECT_EQ(answer["result"]["rateLimitResetCredits"]["credits"], nullptr);
  EXPECT_EQ(simulator.calls("details").size(), 0U);
}

TEST(RateLimitsRead, TheHeadersAreThoseOfTheReference) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  server.ask(kRead);
  Json headers = simulator.calls("usage")[0]["headers"];
  EXPECT_EQ(headers["authorization"], "Bearer simulated-access-token");
  EXPECT_EQ(headers["chatgpt-account-id"], "account-0001");
  EXPECT_EQ(headers["user-agent"].get<std::string>().rfind("quotad/", 0), 0U);
  EXPECT_NE(headers["accept-encoding"].get<std::string>().find("gzip"), std::string::npos);
  EXPECT_FALSE(headers.contains("x-openai-codex-luna-reserve"));
  EXPECT_FALSE(headers.contains("x-openai-fedramp"));
  server.ask(kRead, {{"supportsLunaReserve", true}});
  headers = simulator.calls("usage")[1]["headers"];
  EXPECT_EQ(headers["x-openai-codex-luna-reserve"], "1");
  EXPECT_FALSE(simulator.calls("details")[1]["headers"].contains("x-openai-codex-luna-reserve"));
}

TEST(RateLimitsRead, FedrampAccountsSaySo) {
  const Simulator simulator;
  Json auth = Json::parse(read_file(simulator.home_file("auth.json")));
  // {"https://api.openai.com/auth":{"chatgpt_account_is_fedramp":true}}
  auth["tokens"]["id_token"] =
      "e30.eyJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOnsiY2hhdGdwdF9hY2NvdW50X2lzX2ZlZHJhbXAiOnRydWV9"
      "fQ.c2ln";
  write_file(simulator.home_file("auth.json"), auth.dump());
  AppServer server(simulator);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(simulator.calls("usage")[0]["headers"]["x-openai-fedramp"], "true");
}

TEST(RateLimitsRead, ManyBucketsDoNotCostSquareTime) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  Json rows = Json::array();
  for (int i = 0; i < 30'000; ++i) rows.push_back({{"metered_feature", "f" + std::to_string(i)}});
  simulator.fault({{"route", "usage"}, {"body", {{"additional_rate_limits", rows}}}});
  EXPECT_EQ(server.ask(kRead)["result"]["rateLimitsByLimitId"].size(), 30'001U);
}

TEST(RateLimitsRead, IdenticalReadsInFlightAreOneCall) {
  const Simulator simulator;
  simulator.fault({{"route", "any"}, {"times", 0}, {"hold", "gate"}});
  AppServer server(simulator);
  server.initialize();
  constexpr int kReads = 50;
  for (int id = 0; id < kReads; ++id) server.send(request(id, kRead));
  server.send(request(kReads, kRead, {{"supportsLunaReserve", true}}));  // not identical
  simulator.calls("usage", 2);
  simulator.release("gate");
  for (int id = 0; id <= kReads; ++id) EXPECT_TRUE(server.receive().contains("result"));
  EXPECT_EQ(simulator.calls("usage").size(), 2U);
  EXPECT_EQ(simulator.calls("details").size(), 1U);
  server.ask(kRead);  // a later one is a call of its own
  EXPECT_EQ(simulator.calls("usage").size(), 3U);
}

TEST(RateLimitsRead, AReadAfterAConsumeDoesNotJoinAnOlderOne) {
  const Simulator simulator;
  simulator.fault({{"route", "usage"}, {"hold", "old"}});
  AppServer server(simulator);
  server.initialize(false, {"account/rateLimits/updated"});  // which would ask the service, too
  server.send(request("old", kRead));
  simulator.calls("usage", 1);
  EXPECT_EQ(server.ask(kConsume, {{"idempotencyKey", "k"}})["result"]["outcome"], "reset");
  const Json fresh = server.ask(kRead);
  EXPECT_EQ(fresh["result"]["rateLimits"]["primary"]["usedPercent"], 0);
  simulator.release("old");
  EXPECT_EQ(server.receive()["id"], "old");
  EXPECT_EQ(simulator.calls("usage").size(), 2U);
}

TEST(RateLimitsRead, AFailedReadIsNotRemembered) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  simulator.fault({{"route", "usage"}, {"status", 500}});
  EXPECT_TRUE(server.ask(kRead).contains("error"));
  EXPECT_TRUE(server.ask(kRead).contains("result"));
}

TEST(RateLimitsRead, BothPathStyles) {
  const Simulator simulator;
  for (const auto& [base, prefix] :
       {std::pair{"/backend-api/", "/backend-api/wham"}, std::pair{"", "/api/codex"}}) {
    AppServer server(simulator, {"-c", "chatgpt_base_url=" + simulator.url() + base});
    server.initialize();
    EXPECT_TRUE(server.ask(kRead).contains("result"));
    EXPECT_TRUE(server.ask("account/usage/read").contains("result"));
    EXPECT_TRUE(server.ask(kConsume, {{"idempotencyKey", prefix}}).contains("result"));
    EXPECT_TRUE(
        server.ask("account/usage/read", {{"threadId", "019a0000-0000-7000-8000-000000000001"}})
            .contains("result"));
    EXPECT_EQ(simulator.calls("usage").back()["path"], prefix + std::string("/usage"));
    EXPECT_EQ(simulator.calls("profile").back()["path"], prefix + std::string("/profiles/me"));
    EXPECT_EQ(simulator.calls("consume").back()["path"],
              prefix + std::string("/rate-limit-reset-credits/consume"));
  }
}

TEST(Consume, SendsWhatTheReferenceSends) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  EXPECT_EQ(server.ask(kConsume, {{"idempotencyKey", "k"}, {"creditId", "credit-0002"}})["result"],
            Json::parse(R"({"outcome":"reset"})"));
  EXPECT_EQ(server.ask(kConsume, {{"idempotencyKey", "l"}})["result"]["outcome"], "nothingToReset");
  EXPECT_EQ(
      server.ask(kConsume, {{"idempotencyKey", "m"}, {"creditId", "none"}})["result"]["outcome"],
      "noCredit");
  const Json calls = simulator.calls("consume");
  EXPECT_EQ(Json::parse(calls[0]["body"].get<std::string>()),
            Json::parse(R"({"redeem_request_id":"k","credit_id":"credit-0002"})"));
  EXPECT_EQ(Json::parse(calls[1]["body"].get<std::string>()),
            Json::parse(R"({"redeem_request_id":"l"})"));
  EXPECT_EQ(calls[0]["headers"]["content-type"], "application/json");
  EXPECT_EQ(simulator.state()["accounts"][0]["redemptions"].size(), 1U);
}

// libcurl sends a request again by itself when a connection that it has used before turns out to be
// dead. A redemption is sent again by the redeemer alone, which counts; here no retry fits in.
TEST(Consume, IsNotSentAgainBehindOurBack) {
  const Simulator simulator;
  AppServer server(simulator, {"--consume-retry-delay-ms", "60000"});
  server.initialize();
  EXPECT_TRUE(server.ask("account/usage/read").contains("result"));
  simulator.fault({{"route", "consume"}, {"reset", true}, {"applied", true}});
  const Json lost = server.ask(kConsume, {{"idempotencyKey", "k"}});
  EXPECT_EQ(lost["error"]["data"]["kind"], "backendUnreachable") << lost;
  EXPECT_EQ(lost["error"]["data"]["outcomeUnknown"], true);
  EXPECT_EQ(simulator.calls("consume").size(), 1U);
  EXPECT_EQ(server.ask(kConsume, {{"idempotencyKey", "k"}})["result"]["outcome"],
            "alreadyRedeemed");
}

TEST(Consume, AnUnknownCodeLeavesTheOutcomeUnknown) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  for (const Json& body : {Json{{"code", "new"}}, Json{{"code", nullptr}}, Json::object()}) {
    simulator.fault({{"route", "consume"}, {"body", body}});
    const Json error = server.ask(kConsume, {{"idempotencyKey", "k"}})["error"];
    EXPECT_EQ(error["data"]["kind"], "backendPayload") << body;
    EXPECT_EQ(error["data"]["outcomeUnknown"], true);
  }
}

TEST(ThreadUsageRead, ReadsOneThread) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  const Json usage = server.ask("account/usage/read",
                                {{"threadId", "019A0000-0000-7000-8000-000000000001"}})["result"];
  EXPECT_EQ(usage["threadUsage"]["estimatedUsageUsdMicros"], 1'840'000);
  EXPECT_EQ(usage["threadUsage"]["groups"][0]["model"], "gpt-5.4");
  EXPECT_EQ(usage["dailyUsageBuckets"], nullptr);
  EXPECT_EQ(Json::parse(simulator.calls("threadUsage")[0]["body"].get<std::string>()),
            Json::parse(R"({"thread_ids":["019a0000-0000-7000-8000-000000000001"]})"));
}

// Every row of what the reference fails over (reference behaviour, section 4), through the whole
// program; the unit tests of the decoder go into detail.
TEST(OddPayloads, AreAnswered) {
  const Simulator simulator;
  AppServer server(simulator, {"--log-level", "warn"});
  server.initialize();
  const Json usage = Json::parse(R"({
    "account_id": "account-0001", "user_id": "user-0001",
    "rate_limit": {"primary_window": {"used_percent": 12.5, "reset_at": 4102444800},
                   "secondary_window": {"used_percent": "many"}},
    "credits": {"balance": 5.39},
    "rate_limit_reached_type": "rate_limit_reached",
    "spend_control": {"individual_limit": {"limit": 10, "used": "2.5", "remaining_percent": 75,
                                           "reset_at": 4102444800}},
    "additional_rate_limits": [{"metered_feature": "x", "rate_limit": {}}, {"limit_name": "y"}],
    "rate_limit_reset_credits": {"available_count": "3"}})");
  const Json details = Json::parse(
      R"({"credits": [{"id": "a"}, {"id": "b", "granted_at": "2026-11-01T00:00:00Z", "status": "available"}]})");
  for (int i = 0; i < 2; ++i) {
    simulator.fault(
        {{{"route", "usage"}, {"body", usage}}, {{"route", "details"}, {"body", details}}});
    const Json result = server.ask(kRead)["result"];
    const Json bucket = result["rateLimits"];
    EXPECT_EQ(bucket["primary"]["usedPercent"], 13);
    EXPECT_EQ(bucket["primary"]["resetsAt"], 4102444800);
    EXPECT_EQ(bucket["primary"]["windowDurationMins"], nullptr);
    EXPECT_EQ(bucket["secondary"], nullptr);
    EXPECT_EQ(bucket["credits"],
              Json::parse(R"({"hasCredits":true,"unlimited":false,"balance":"5.39"})"));
    EXPECT_EQ(bucket["planType"], nullptr);
    EXPECT_EQ(bucket["rateLimitReachedType"], "rate_limit_reached");
    EXPECT_EQ(bucket["individualLimit"]["limit"], "10");
    EXPECT_EQ(result["ordinaryUsageAllowed"], nullptr);
    EXPECT_EQ(result["rateLimitsByLimitId"].size(), 2U);
    EXPECT_EQ(result["rateLimitResetCredits"]["availableCount"], 3);
    EXPECT_EQ(result["rateLimitResetCredits"]["credits"].size(), 1U);
  }
  EXPECT_EQ(server.finish(), 0);
  // Once per kind, and without values.
  const std::string log = server.process().read_error_rest();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 9) << log;
  for (const char* where :
       {"usage.rate_limit.primary_window.used_percent",
        "usage.rate_limit.secondary_window.used_percent", "usage.rate_limit.secondary_window",
        "usage.credits.balance", "usage.rate_limit_reached_type",
        "usage.spend_control.individual_limit.limit", "usage.additional_rate_limits[]",
        "usage.rate_limit_reset_credits.available_count", "resetCreditDetails.credits[]"}) {
    EXPECT_NE(log.find("`" + std::string(where) + "`"), std::string::npos) << where << "\n" << log;
  }
  EXPECT_EQ(log.find("many"), std::string::npos);
}

}  // namespace
}  // namespace quotad::testing
