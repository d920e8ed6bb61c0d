// Records what the generated documents show: an exchange for each method in each dialect, and the
// errors that each method can give. The recording is schema/examples.json.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>

#include "harness/process.hpp"
#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

using OrderedJson = nlohmann::ordered_json;

// The recording must not depend on the day: Saturday, 21 November 2026, 12:00:00 UTC.
const Arguments kNow = {"--now", "1795262400"};

const char* const kThread = "019a0000-0000-7000-8000-000000000001";
const char* const kKey = "6b3a1f0e-4f0c-4d6e-9a57-0c7b8f2f1d11";

Json scenario() {
  return Json::parse(R"json({"accounts": [{
    "accessToken": "token-of-ada",
    "accountId": "account-of-ada",
    "userId": "user-ada",
    "email": "ada@example.com",
    "planType": "plus",
    "primary": {"usedPercent": 62, "windowSeconds": 18000, "resetsInSeconds": 5400},
    "secondary": {"usedPercent": 31, "windowSeconds": 604800, "resetsInSeconds": 345600},
    "additionalLimits": [{"meteredFeature": "codex_spark", "limitName": "Spark",
      "primary": {"usedPercent": 5}}],
    "credits": {"hasCredits": true, "unlimited": false, "balance": "12.5"},
    "resetCredits": [{"id": "credit-1", "grantedSecondsAgo": 86400, "expiresInSeconds": 1209600,
      "title": "Usage reset", "description": "Resets both windows, once."}],
    "stats": {"lifetime_tokens": 48213377, "peak_daily_tokens": 2411733,
      "longest_running_turn_sec": 1860, "current_streak_days": 2, "longest_streak_days": 19,
      "daily_usage_buckets": [{"start_date": "2026-11-20", "tokens": 1204113},
                              {"start_date": "2026-11-21", "tokens": 337210}]},
    "threads": [{"thread_id": "019a0000-0000-7000-8000-000000000001",
      "estimated_usage_credits_micros": 1840000, "estimated_usage_usd_micros": 73600,
      "groups": [{"model": "gpt-5.1-codex", "reasoning_effort": "medium", "speed": "standard",
        "estimated_usage_credits_micros": 1840000, "net_new_input_tokens": 41200,
        "cached_input_tokens": 96000, "input_tokens": 137200, "output_tokens": 5300,
        "total_tokens": 142500}]}]
  }]})json");
}

// A request as a client writes it, member by member.
OrderedJson message(bool standard, int id, const std::string& method, const Json& params) {
  OrderedJson request;
  if (standard) request["jsonrpc"] = "2.0";
  request["id"] = id;
  request["method"] = method;
  if (!params.is_null()) request["params"] = params;
  return request;
}

struct Call {
  std::string method;
  Json params;
};

Call login() {
  return {"account/login/start",
          {{"type", "chatgptAuthTokens"},
           {"accessToken", "token-of-ada"},
           {"chatgptAccountId", "account-of-ada"},
           {"chatgptPlanType", "plus"}}};
}

Call cancel_login() {
  return {"account/login/cancel", {{"loginId", "019a0000-0000-7000-8000-000000000002"}}};
}

// What goes well, in the order in which it is asked.
std::vector<Call> calls() {
  return {
      {"initialize",
       {{"clientInfo",
         {{"name", "my-statusbar"}, {"title", "My Status Bar"}, {"version", "1.0.0"}}}}},
      {"account/read", Json::object()},
      {"getAuthStatus", Json::object()},
      {"account/rateLimits/read", nullptr},
      {"account/usage/read", nullptr},
      {"account/usage/read", {{"threadId", kThread}}},
      {"account/rateLimitResetCredit/consume", {{"idempotencyKey", kKey}}},
      {"account/rateLimitResetCredit/list", nullptr},
      {"account/workspaceMessages/read", nullptr},
      {"skills/list", Json::object()},
      {"model/list", Json::object()},
      login(),
      cancel_login(),
      {"account/logout", nullptr},
  };
}

// Where the program runs is not part of what it says.
std::string without_machine(std::string text, const std::string& home) {
  const std::size_t at = text.find(home);
  if (at != std::string::npos) text.replace(at, home.size(), "/home/ada/.codex");
  static const std::regex system(R"(\([^()]*\) quotad/)");
  text = std::regex_replace(text, system, "(Debian 12; x86_64) quotad/");
  static const std::regex time(R"re("(created|updated)At":\d+)re");
  return std::regex_replace(text, time, "\"$1At\":1795219200");
}

void record_exchanges(bool standard, OrderedJson& exchanges) {
  const Simulator simulator(scenario(), kNow);
  AppServer server(simulator);
  int id = 0;
  for (const Call& call : calls()) {
    const std::string request = message(standard, ++id, call.method, call.params).dump();
    server.process().write_line(request);
    auto answer = server.process().read_line();
    while (answer && Json::parse(*answer).contains("method")) answer = server.process().read_line();
    ASSERT_TRUE(answer && Json::parse(*answer).contains("result")) << request;
    exchanges.push_back({{"method", call.method},
                         {"standard", standard},
                         {"request", request},
                         {"answer", without_machine(*answer, simulator.home())}});
  }
}

// Writes down how `server` refuses a call, in both dialects.
class FailureRecorder {
 public:
  explicit FailureRecorder(OrderedJson& failures) : failures_(failures) {}

  void record(AppServer& server, const Call& call, const std::string& when) {
    const OrderedJson lite = ask(server, false, call);
    const OrderedJson standard = ask(server, true, call);
    EXPECT_EQ(lite["data"], standard["data"]);
    failures_.push_back({{"method", call.method},
                         {"when", when},
                         {"liteCode", lite["code"]},
                         {"standardCode", standard["code"]},
                         {"data", lite["data"]}});
  }

 private:
  OrderedJson ask(AppServer& server, bool standard, const Call& call) {
    const int id = ++last_id_;
    server.process().write_line(message(standard, id, call.method, call.params).dump());
    const auto line = server.process().read_line();
    if (!line) throw std::runtime_error("no answer to " + call.method);
    const OrderedJson answer = OrderedJson::parse(*line);
    EXPECT_EQ(answer["id"], id);
    EXPECT_TRUE(answer.contains("error")) << call.method << ": " << *line;
    OrderedJson error = answer["error"];
    if (error["data"].contains("detail")) error["data"]["detail"] = "…";  // it names places
    return error;
  }

  OrderedJson& failures_;
  int last_id_ = 0;
};

// A call that asks the service, the route that it asks first, and the flag of its time limit.
struct Asking {
  Call call;
  std::string route;
  std::string time_limit;
};

std::vector<Asking> asking_calls() {
  return {{{"account/rateLimits/read", nullptr}, "usage", "--usage-timeout-ms"},
          {{"account/usage/read", nullptr}, "profile", "--profile-timeout-ms"},
          {{"account/rateLimitResetCredit/consume", {{"idempotencyKey", kKey}}},
           "consume",
           "--consume-timeout-ms"}};
}

std::vector<Call> good_calls() {
  return {{"account/read", Json::object()},
          {"getAuthStatus", Json::object()},
          {"account/rateLimits/read", nullptr},
          {"account/usage/read", nullptr},
          {"account/rateLimitResetCredit/consume", {{"idempotencyKey", kKey}}},
          {"account/rateLimitResetCredit/list", nullptr},
          {"account/workspaceMessages/read", nullptr},
          login(),
          cancel_login(),
          {"account/logout", nullptr},
          {"skills/list", Json::object()},
          {"model/list", Json::object()}};
}

// Those of them that look at the credentials.
std::vector<Call> calls_with_credentials() {
  std::vector<Call> calls = good_calls();
  calls.resize(7);
  return calls;
}

void record_misuse(FailureRecorder& recorder, const Simulator& simulator) {
  AppServer server(simulator);
  recorder.record(server, {"initialize", Json::object()},
                  "A member of `params` is missing or has the wrong type.");
  for (const Call& call : good_calls()) {
    recorder.record(server, call, "`initialize` was not sent before.");
  }
  server.initialize();
  recorder.record(server, calls().front(), "`initialize` was sent before.");
  const std::vector<Call> wrong = {
      {"account/read", {{"refreshToken", "yes"}}},
      {"getAuthStatus", {{"includeToken", 1}}},
      {"account/rateLimits/read", {{"excludeResetCreditDetails", "no"}}},
      {"account/usage/read", {{"threadId", 5}}},
      {"account/rateLimitResetCredit/consume", Json::object()},
      {"account/rateLimitResetCredit/list", {{"limit", "all"}}},
      {"account/login/start", {{"type", "chatgptAuthTokens"}}},
      {"account/login/cancel", Json::object()},
      {"account/logout", "now"},
      {"account/workspaceMessages/read", "now"},
      {"skills/list", {{"cwds", "/"}}},
      {"model/list", {{"limit", "all"}}},
  };
  for (const Call& call : wrong) {
    recorder.record(server, call, "A member of `params` is missing or has the wrong type.");
  }
  recorder.record(server, {"account/usage/read", {{"threadId", "7"}}}, "`threadId` is not a UUID.");
  recorder.record(
      server,
      {"account/rateLimitResetCredit/consume", {{"idempotencyKey", kKey}, {"creditId", ""}}},
      "`idempotencyKey` or `creditId` is empty.");
  recorder.record(server, {"account/rateLimitResetCredit/list", {{"limit", 0}}},
                  "`limit` is not from 1 to 200.");
  recorder.record(server, {"account/login/cancel", {{"loginId", "7"}}}, "`loginId` is not a UUID.");
  recorder.record(server, {"account/login/start", {{"type", "chatgpt"}}},
                  "The way to sign in would change what other programs share.");
}

void record_overload(FailureRecorder& recorder, const Simulator& simulator) {
  AppServer server(simulator, {"--max-in-flight", "1"});
  server.initialize();
  simulator.fault({{"route", "usage"}, {"hold", "gate"}});
  server.send(request("held", "account/rateLimits/read"));
  simulator.calls("usage", 1, "pending");
  for (const Call& call : good_calls()) {
    recorder.record(server, call, "Too many requests are in flight.");
  }
  simulator.release("gate");
  EXPECT_TRUE(server.receive().contains("result"));
}

void record_ledger(FailureRecorder& recorder) {
  const Simulator simulator(scenario(), kNow);
  AppServer server(simulator);
  server.initialize(false, {"account/rateLimits/updated"});
  const std::string state = simulator.home() + "/state";
  write_file(state, "in the way");
  const Call consume = good_calls()[4];
  const Call list = good_calls()[5];
  recorder.record(server, consume, "The record of redemptions cannot be written.");
  recorder.record(server, list, "The record of redemptions cannot be read.");
  std::filesystem::remove(state);
  EXPECT_TRUE(server.ask(consume.method, consume.params).contains("result"));
  Call other = consume;
  other.params["creditId"] = "credit-2";
  recorder.record(server, other,
                  "The key was used before with another `creditId`, or without one.");
}

void record_sign_in(FailureRecorder& recorder, const Simulator& simulator) {
  TemporaryFolder nobody;
  AppServer signed_out(nobody.path());
  signed_out.initialize();
  for (const Asking& asking : asking_calls()) {
    recorder.record(signed_out, asking.call,
                    "Nobody is signed in with a ChatGPT account, or `auth.json` cannot be used.");
  }
  for (const Call& call : {good_calls()[5], good_calls()[6]}) {
    recorder.record(signed_out, call,
                    "Nobody is signed in with a ChatGPT account, or `auth.json` cannot be used.");
  }
  write_file(simulator.home_file("config.toml"), "chatgpt_base_url = [");
  AppServer unconfigured(simulator);
  unconfigured.initialize();
  std::vector<Call> calls = calls_with_credentials();
  calls.push_back(login());
  for (const Call& call : calls) {
    recorder.record(unconfigured, call, "`config.toml` cannot be read.");
  }
}

void record_personal_access_token(FailureRecorder& recorder) {
  const Simulator simulator(scenario(), kNow);
  const Environment environment = {{"CODEX_ACCESS_TOKEN", "at-of-somebody"}};
  const Arguments patient = {"--circuit-failures", "0", "--max-retry-after-sec", "0"};
  AppServer server(simulator, patient, environment);
  server.initialize();
  Arguments in_haste = patient;
  in_haste.insert(in_haste.end(), {"--auth-timeout-ms", "20"});
  AppServer hasty(simulator, in_haste, environment);
  hasty.initialize();
  const std::string when = "It cannot be told whose personal access token it is: ";
  const std::vector<std::pair<Json, std::string>> faults = {
      {{{"status", 429}, {"headers", {{"Retry-After", "30"}}}}, "the service asks to wait."},
      {{{"status", 503}}, "the service fails."},
      {{{"reset", true}}, "the service cannot be reached, or hangs up."},
      {{{"body", "[]"}}, "the service's answer cannot be read."},
      {{{"hang", true}}, "the service does not answer in time."},
  };
  for (const Call& call : calls_with_credentials()) {
    for (const auto& [fault, why] : faults) {
      Json always = fault;
      always["route"] = "whoami";
      always["times"] = 0;
      simulator.fault(always);
      recorder.record(fault.contains("hang") ? hasty : server, call, when + why);
    }
  }
}

void record_service_failures(FailureRecorder& recorder, const Simulator& simulator) {
  const std::vector<std::pair<Json, std::string>> faults = {
      {{{"status", 401}}, "The service refuses the sign-in."},
      {{{"status", 429}, {"headers", {{"Retry-After", "30"}}}}, "The service asks to wait."},
      {{{"status", 400}}, "The service refuses the call."},
      {{{"status", 503}}, "The service fails."},
      {{{"reset", true}}, "The service cannot be reached, or hangs up."},
      {{{"body", "[]"}}, "The service's answer cannot be read."},
  };
  // No retry of a redemption fits into its time, and no failure keeps the next from being seen.
  AppServer server(simulator, {"--consume-retry-delay-ms", "60000", "--circuit-failures", "0",
                               "--max-retry-after-sec", "0"});
  server.initialize();
  for (const Asking& asking : asking_calls()) {
    for (const auto& [fault, when] : faults) {
      Json always = fault;
      always["route"] = asking.route;
      always["times"] = 0;
      simulator.fault(always);
      recorder.record(server, asking.call, when);
    }
    // Enough for the service to be asked.
    AppServer hasty(simulator, {asking.time_limit, "1000"});
    hasty.initialize();
    simulator.fault({{"route", asking.route}, {"times", 0}, {"hang", true}});
    recorder.record(hasty, asking.call, "The service does not answer in time.");
  }
  simulator.fault(Json::array());
}

TEST(Examples, AreWhatTheProgramSays) {
  OrderedJson recording = {{"exchanges", OrderedJson::array()}, {"failures", OrderedJson::array()}};
  record_exchanges(false, recording["exchanges"]);
  record_exchanges(true, recording["exchanges"]);
  {
    const Simulator simulator(scenario(), kNow);
    FailureRecorder recorder(recording["failures"]);
    record_misuse(recorder, simulator);
    record_service_failures(recorder, simulator);
    record_overload(recorder, simulator);
    record_ledger(recorder);
    record_sign_in(recorder, simulator);
    record_personal_access_token(recorder);
  }
  const std::string path = source("schema/examples.json");
  const std::string text = recording.dump(2) + "\n";
  if (std::getenv("QUOTAD_RECORD") != nullptr) write_file(path, text);
  EXPECT_EQ(read_file(path), text) << "the recording is out of date; refresh it with ./dev schema";
}

}  // namespace
}  // namespace quotad::testing
