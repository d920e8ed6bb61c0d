// One key, one credit: whatever fails, whoever asks at the same time, and whenever the process dies.

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <set>

#include "harness/clients.hpp"
#include "harness/quotad.hpp"
#include "harness/scripted_server.hpp"
#include "harness/sign_in.hpp"

namespace quotad::testing {
namespace {

const char* const kConsume = "account/rateLimitResetCredit/consume";
const char* const kList = "account/rateLimitResetCredit/list";
const Arguments kNoRetry = {"--consume-retry-delay-ms", "60000"};
// Time for the record to be written and the service to be asked on a busy machine, and waited out.
const Arguments kEnoughToAsk = {"--consume-timeout-ms", "2000"};
const Json kNoUpdates = {"account/rateLimits/updated"};

Json key(const std::string& name) { return {{"idempotencyKey", name}}; }

std::string state_home(const Simulator& simulator) { return simulator.home() + "/state"; }

// The keys under which the service has spent a credit.
std::multiset<std::string> spent(const Simulator& simulator) {
  std::multiset<std::string> keys;
  const Json state = simulator.state();
  for (const Json& redemption : state["accounts"][0]["redemptions"]) {
    keys.insert(redemption.at("redeemRequestId").get<std::string>());
  }
  return keys;
}

// The newest entry of the record.
Json newest(AppServer& server) {
  const Json list = server.ask(kList)["result"]["redemptions"];
  return list.empty() ? Json() : list[0];
}

TEST(Redemption, AFinishedKeyIsAnsweredWithoutTheNetwork) {
  const Simulator simulator;
  for (const char* outcome : {"reset", "alreadyRedeemed", "alreadyRedeemed"}) {
    AppServer server(simulator);
    server.initialize();
    EXPECT_EQ(server.ask(kConsume, key("k"))["result"]["outcome"], outcome);
  }
  EXPECT_EQ(simulator.calls("consume").size(), 1U);
  simulator.fault({{"route", "consume"}, {"status", 500}, {"times", 0}});
  AppServer server(simulator);
  server.initialize();
  EXPECT_EQ(server.ask(kConsume, key("k"))["result"]["outcome"], "alreadyRedeemed");
}

TEST(Redemption, AKeyThatSpentNothingAsksAgain) {
  const Simulator simulator(Json{{"accounts",
                                  {{{"accessToken", "t"},
                                    {"accountId", "a"},
                                    {"userId", "u"},
                                    {"primary", {{"usedPercent", 50}}}}}}});
  AppServer server(simulator);
  server.initialize();
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(server.ask(kConsume, key("k"))["result"]["outcome"], "noCredit");
    EXPECT_EQ(simulator.calls("consume").size(), static_cast<std::size_t>(i));
  }
  EXPECT_EQ(newest(server)["attempts"], 3);
}

TEST(Redemption, AKeyIsBoundToItsCredit) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  const Json with_credit = {{"idempotencyKey", "k"}, {"creditId", "credit-0001"}};
  const Json with_other = {{"idempotencyKey", "k"}, {"creditId", "credit-0002"}};
  simulator.fault({{"route", "consume"}, {"status", 400}});
  EXPECT_TRUE(server.ask(kConsume, with_credit).contains("error"));
  for (const Json& params : {key("k"), with_other}) {
    const Json error = server.ask(kConsume, params)["error"];
    EXPECT_EQ(error["code"], -32600);
    EXPECT_EQ(error["data"], Json::parse(R"({"kind":"idempotencyMismatch","retryable":false,
                                             "path":"params.creditId"})"));
    EXPECT_NE(error["message"].get<std::string>().find("credit-0001"), std::string::npos);
  }
  EXPECT_EQ(simulator.calls("consume").size(), 1U) << "the service was not asked";
  EXPECT_EQ(server.ask(kConsume, with_credit)["result"]["outcome"], "reset");

  simulator.fault({{"route", "consume"}, {"status", 400}});
  EXPECT_TRUE(server.ask(kConsume, key("l")).contains("error"));
  const Json bound_to_none = {{"idempotencyKey", "l"}, {"creditId", "credit-0002"}};
  EXPECT_EQ(server.ask(kConsume, bound_to_none)["error"]["data"]["kind"], "idempotencyMismatch");
}

TEST(Redemption, ALostAnswerIsAskedForAgainWithTheSameKeyAndCredit) {
  const Simulator simulator;
  simulator.fault({{{"route", "consume"}, {"reset", true}, {"applied", true}},
                   {{"route", "consume"}, {"status", 503}},
                   {{"route", "consume"}, {"status", 502}},
                   {{"route", "consume"}, {"status", 504}}});
  AppServer server(simulator, {"--consume-retry-delay-ms", "1"});
  server.initialize();
  const Json params = {{"idempotencyKey", "k"}, {"creditId", "credit-0001"}};
  EXPECT_EQ(server.ask(kConsume, params)["result"]["outcome"], "alreadyRedeemed");
  const Json calls = simulator.calls("consume");
  ASSERT_EQ(calls.size(), 5U);
  for (const Json& call : calls) {
    EXPECT_EQ(Json::parse(call["body"].get<std::string>()),
              Json::parse(R"({"redeem_request_id":"k","credit_id":"credit-0001"})"));
  }
  EXPECT_EQ(newest(server)["attempts"], 5);
  EXPECT_EQ(spent(simulator), (std::multiset<std::string>{"k"}));
}

TEST(Redemption, WhatIsNoPassingFailureIsNotRetried) {
  for (const auto& [status, kind] : {std::pair{429, "rateLimited"},
                                     {400, "backendStatus"},
                                     {401, "authRequired"},
                                     {500, "backendStatus"}}) {
    const Simulator simulator;
    // A refused sign-in is renewed once, and the call made with that.
    const std::size_t times = status == 401 ? 2 : 1;
    simulator.fault({{"route", "consume"},
                     {"times", times},
                     {"status", status},
                     {"headers", {{"Retry-After", "9"}}}});
    AppServer server(simulator, {"--consume-retry-delay-ms", "1", "--max-retry-after-sec", "0"});
    server.initialize();
    const Json error = server.ask(kConsume, key("k"))["error"];
    EXPECT_EQ(error["data"]["kind"], kind);
    EXPECT_EQ(error["data"]["retryAfterSec"], 9);
    EXPECT_EQ(simulator.calls("consume").size(), times) << status;
    EXPECT_EQ(newest(server)["state"], status == 500 ? "unknown" : "settled") << status;
    EXPECT_EQ(newest(server)["outcome"], nullptr);
    EXPECT_EQ(server.ask(kConsume, key("k"))["result"]["outcome"], "reset");
  }
}

TEST(Redemption, OnceUnknownARefusalDoesNotMakeItKnown) {
  const Simulator simulator;
  AppServer server(simulator, kNoRetry);
  server.initialize();
  simulator.fault({{{"route", "consume"}, {"reset", true}, {"applied", true}},
                   {{"route", "consume"}, {"status", 429}}});
  EXPECT_EQ(server.ask(kConsume, key("k"))["error"]["data"]["outcomeUnknown"], true);
  const Json refused = server.ask(kConsume, key("k"))["error"];
  EXPECT_EQ(refused["data"]["kind"], "rateLimited");
  EXPECT_EQ(refused["data"]["outcomeUnknown"], true);
  EXPECT_EQ(newest(server)["state"], "unknown");
  EXPECT_EQ(server.ask(kConsume, key("k"))["result"]["outcome"], "alreadyRedeemed");
}

TEST(Redemption, AfterTheClientsTimeTheRecordStillLearnsTheOutcome) {
  const Simulator simulator;
  simulator.fault({{"route", "consume"}, {"hold", "gate"}});
  AppServer server(simulator, kEnoughToAsk);
  server.initialize(false, kNoUpdates);
  const Json error = server.ask(kConsume, key("k"))["error"];
  EXPECT_EQ(error["message"], "rate limit reset consume timed out");
  EXPECT_EQ(error["data"],
            Json::parse(R"({"kind":"timeout","retryable":true,"outcomeUnknown":true})"));
  EXPECT_EQ(newest(server)["state"], "pending");
  simulator.release("gate");
  Json entry;
  do entry = newest(server);
  while (entry["state"] == "pending");
  EXPECT_EQ(entry["state"], "settled");
  EXPECT_EQ(entry["outcome"], "reset");
  EXPECT_EQ(server.ask(kConsume, key("k"))["result"]["outcome"], "alreadyRedeemed");
  EXPECT_EQ(simulator.calls("consume").size(), 1U);
}

TEST(Redemption, TheEndOfInputDoesNotLoseTheOutcomeEither) {
  const Simulator simulator;
  simulator.fault({{"route", "consume"}, {"hold", "gate"}});
  AppServer server(simulator, kEnoughToAsk);
  server.initialize();
  EXPECT_EQ(server.ask(kConsume, key("k"))["error"]["data"]["kind"], "timeout");
  server.process().close_input();
  simulator.release("gate");
  EXPECT_EQ(server.process().wait(), 0);
  AppServer next(simulator);
  next.initialize();
  EXPECT_EQ(newest(next)["outcome"], "reset");
}

TEST(Redemption, ASignalEndsWhatGoesOnInTheBackground) {
  const Simulator simulator;
  simulator.fault({{"route", "consume"}, {"hang", true}});
  AppServer server(simulator, {"--consume-timeout-ms", "2000", "--shutdown-grace-ms", "100"});
  server.initialize();
  EXPECT_EQ(server.ask(kConsume, key("k"))["error"]["data"]["kind"], "timeout");
  server.process().close_input();
  server.process().send_signal(SIGTERM);
  EXPECT_EQ(server.process().wait(), 0) << "and not after the minute that the service has";
  AppServer next(simulator);
  next.initialize();
  EXPECT_EQ(newest(next)["state"], "unknown");
}

TEST(Redemption, WhoComesSecondWithTheSameKeyIsToldThatItMayBeSpent) {
  const Simulator simulator;
  simulator.fault({{"route", "consume"}, {"hold", "gate"}});
  AppServer server(simulator, kEnoughToAsk);
  server.initialize(false, kNoUpdates);
  server.send(request(1, kConsume, key("k")));
  server.send(request(2, kConsume, key("k")));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(server.receive()["error"]["data"],
              Json::parse(R"({"kind":"timeout","retryable":true,"outcomeUnknown":true})"));
  }
  simulator.release("gate");
}

TEST(Redemption, AnUnknownKeyBelongsToItsAccount) {
  const auto account = [](const std::string& name) {
    return Json{{"accessToken", "token-of-" + name},
                {"accountId", name},
                {"userId", "u"},
                {"primary", {{"usedPercent", 50}}},
                {"resetCredits", {{{"id", "c"}}}}};
  };
  const Simulator simulator(Json{{"accounts", {account("one"), account("two")}}});
  AppServer server(simulator, kNoRetry);
  server.initialize(false, kNoUpdates);
  simulator.fault({{"route", "consume"}, {"reset", true}, {"applied", true}});
  EXPECT_EQ(server.ask(kConsume, key("k"))["error"]["data"]["outcomeUnknown"], true);
  Json auth = Json::parse(read_file(simulator.home_file("auth.json")));
  auth["tokens"]["access_token"] = "token-of-two";
  auth["tokens"]["account_id"] = "two";
  write_file(simulator.home_file("auth.json"), auth.dump());
  EXPECT_EQ(server.ask(kConsume, key("k"))["error"]["data"]["kind"], "idempotencyMismatch");
  EXPECT_EQ(simulator.calls("consume").size(), 1U);

  Process command({program(), "redemptions"}, {{"CODEX_HOME", simulator.home()}});
  const std::string words = command.read_rest();
  EXPECT_NE(words.find("Sign in as account one"), std::string::npos) << words;
  EXPECT_EQ(words.find("quotad reset"), std::string::npos) << words;
}

TEST(Redemption, WhatWasUnknownStaysSoWhateverGoesWrongNext) {
  const Simulator simulator;
  AppServer server(simulator, kNoRetry);
  server.initialize(false, kNoUpdates);
  simulator.fault({{"route", "consume"}, {"reset", true}, {"applied", true}});
  EXPECT_EQ(server.ask(kConsume, key("k"))["error"]["data"]["outcomeUnknown"], true);
  // The lease cannot be taken: where its file should be there is a folder.
  for (const auto& entry : std::filesystem::directory_iterator(state_home(simulator))) {
    if (entry.path().filename().string().rfind("account-", 0) != 0) continue;
    const auto lock = entry.path();
    std::filesystem::remove(lock);
    std::filesystem::create_directory(lock);
    break;
  }
  const Json error = server.ask(kConsume, key("k"))["error"];
  EXPECT_EQ(error["data"]["kind"], "internal") << error;
  EXPECT_EQ(error["data"]["outcomeUnknown"], true) << error;
}

TEST(Redemption, WhoWaitsForAnotherRedemptionAsksNothingAfterItsTime) {
  const Simulator simulator;
  simulator.fault({{"route", "consume"}, {"hold", "gate"}});
  AppServer first(simulator);
  first.initialize();
  first.send(request(1, kConsume, key("first")));
  simulator.calls("consume", 1, "pending");
  AppServer second(simulator, {"--consume-timeout-ms", "1000"});
  second.initialize();
  second.ask(kList);  // opens the record, for which a slow disk may need longer
  const Json error = second.ask(kConsume, key("second"))["error"];
  EXPECT_EQ(error["data"], Json::parse(R"({"kind":"timeout","retryable":true})"))
      << "of this key nothing is unknown";
  EXPECT_EQ(second.ask(kConsume, key("first"))["error"]["data"]["outcomeUnknown"], true);
  simulator.release("gate");
  EXPECT_EQ(first.receive()["result"]["outcome"], "reset");
  EXPECT_EQ(second.finish(), 0);
  EXPECT_EQ(simulator.calls("consume").size(), 1U);
}

// The service may keep the keys of accounts apart, and then does not know that one was used.
TEST(Redemption, AKeyThatSpentForAnotherAccountSpendsNothingMore) {
  for (const bool is_lost : {false, true}) {
    std::atomic<int> asked{0};
    const ScriptedServer service([&](const std::string& request) -> std::string {
      if (request.rfind("POST ", 0) != 0) return http_ok("{}");  // the limits, after the reset
      ++asked;
      return http_ok(is_lost ? "garbage" : R"({"code":"reset"})");
    });
    const Home home(url_of(service));
    const auto ask_as = [&](const std::string& account) {
      write_file(
          home.path() + "/auth.json",
          Json{{"tokens", {{"access_token", "secret-token"}, {"account_id", account}}}}.dump());
      AppServer server(home.path());
      server.initialize(false, kNoUpdates);
      return server.ask(kConsume, key("k"));
    };
    EXPECT_EQ(ask_as("first").contains("error"), is_lost);
    const Json error = ask_as("second")["error"];
    EXPECT_EQ(error["data"], Json::parse(R"({"kind":"idempotencyMismatch","retryable":false,)"
                                         R"("path":"params.idempotencyKey"})"));
    EXPECT_EQ(asked, 1) << error;
    EXPECT_EQ(ask_as("first").contains("error"), is_lost) << "whose it is may find out";
  }
}

// Killed at every step of a redemption, for every outcome; then asked again with the same key.
struct Crash {
  const char* name;
  const char* outcome;  // that the service has for the key
  bool lost = false;    // the answer does not arrive
};

const Crash kCrashes[] = {{"Reset", "reset"},
                          {"NothingToReset", "nothingToReset"},
                          {"NoCredit", "noCredit"},
                          {"AlreadyRedeemed", "alreadyRedeemed"},
                          {"LostAnswer", "reset", true}};
void PrintTo(const Crash& crash, std::ostream* out) { *out << crash.name; }

const char* const kSteps[] = {"before-intent", "after-intent", "sent, not applied", "sent, applied",
                              "after-answer",  "after-settle", "before-reply"};

class CrashMatrix : public ::testing::TestWithParam<std::tuple<Crash, const char*>> {
 protected:
  static Json scenario(const std::string& outcome) {
    Json account = {{"accessToken", "t"},
                    {"accountId", "account-1"},
                    {"userId", "u"},
                    {"primary", {{"usedPercent", outcome == "nothingToReset" ? 0 : 60}}}};
    if (outcome != "noCredit") {
      account["resetCredits"] = Json::parse(R"([{"id": "one"}, {"id": "two"}])");
    }
    return {{"accounts", {account}}};
  }
};

TEST_P(CrashMatrix, OneCreditAndTheRightAnswer) {
  const auto& [crash, step] = GetParam();
  const std::string outcome = crash.outcome;
  const Simulator simulator(scenario(outcome));
  if (outcome == "alreadyRedeemed") {  // from another machine
    const HttpAnswer elsewhere =
        http("POST", simulator.port(), "/backend-api/wham/rate-limit-reset-credits/consume",
             R"({"redeem_request_id":"k"})", {{"Authorization", "Bearer t"}});
    ASSERT_EQ(elsewhere.status, 200) << elsewhere.body;
  }
  const std::string at = step;
  const bool sent = at.rfind("sent", 0) == 0;
  if (sent) {
    simulator.fault({{"route", "consume"},
                     {"hold", "gate"},
                     {"reset", true},
                     {"applied", at == "sent, applied"}});
  } else if (crash.lost) {
    simulator.fault({{"route", "consume"}, {"reset", true}, {"applied", true}});
  }
  {
    AppServer victim(simulator, kNoRetry,
                     sent ? Environment{} : Environment{{"QUOTAD_FAULT_POINT", at}});
    victim.initialize(false, kNoUpdates);
    victim.send(request(1, kConsume, key("k")));
    if (sent) {
      simulator.calls("consume", 1, "pending");
      victim.process().send_signal(SIGKILL);
    }
    EXPECT_EQ(victim.process().wait(), 128 + SIGKILL) << "the step was not reached";
  }

  if (sent) {
    simulator.calls("consume", 1, "aborted");
    const bool spends_now = outcome == "reset" && at == "sent, applied";
    EXPECT_EQ(spent(simulator).count("k"), spends_now || outcome == "alreadyRedeemed" ? 1U : 0U);
  }

  AppServer survivor(simulator);
  survivor.initialize(false, kNoUpdates);
  const bool asked = at != "before-intent" && at != "after-intent";
  if (at == "before-intent") {
    EXPECT_EQ(newest(survivor), Json());
  } else if (at == "after-settle" || at == "before-reply") {
    EXPECT_EQ(newest(survivor)["state"], crash.lost ? "unknown" : "settled");
  } else {
    EXPECT_EQ(newest(survivor)["state"], "unknown");
  }
  simulator.fault(Json::array());
  const bool applied = asked && at != "sent, not applied";
  const std::string expected = outcome == "reset" && applied ? "alreadyRedeemed" : outcome;
  for (int i = 0; i < 2; ++i) {
    const Json answer = survivor.ask(kConsume, key("k"));
    const bool finished = expected == "reset" || expected == "alreadyRedeemed";
    EXPECT_EQ(answer["result"]["outcome"], i > 0 && finished ? "alreadyRedeemed" : expected);
  }
  const bool spends = outcome == "reset" || outcome == "alreadyRedeemed";
  EXPECT_EQ(spent(simulator),
            spends ? std::multiset<std::string>{"k"} : std::multiset<std::string>{});
}

std::string crash_name(const ::testing::TestParamInfo<CrashMatrix::ParamType>& info) {
  std::string name = std::string(std::get<0>(info.param).name) + "_" + std::get<1>(info.param);
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Redemption, CrashMatrix,
                         ::testing::Combine(::testing::ValuesIn(kCrashes),
                                            ::testing::ValuesIn(kSteps)),
                         crash_name);

constexpr int kCrowd = 50;

// The outcomes that so many processes are told, each asking at once under the key that `name` gives.
template <class Name>
std::multiset<std::string> crowd(const std::string& home, Name name) {
  std::vector<std::unique_ptr<AppServer>> servers;
  for (int i = 0; i < kCrowd; ++i) {
    servers.push_back(std::make_unique<AppServer>(
        home, Arguments{"--consume-timeout-ms", "300000", "--consume-retry-delay-ms", "300000"}));
  }
  for (int i = 0; i < kCrowd; ++i) {
    servers[static_cast<std::size_t>(i)]->process().write_line(kInitialize);
    servers[static_cast<std::size_t>(i)]->send(request(2, kConsume, key(name(i))));
    servers[static_cast<std::size_t>(i)]->process().close_input();
  }
  std::multiset<std::string> outcomes;
  for (const auto& server : servers) {
    Json answer;
    do answer = server->receive();
    while (answer.value("id", Json()) != 2);
    outcomes.insert(answer.contains("result") ? answer["result"]["outcome"].get<std::string>()
                                              : answer.dump());
  }
  return outcomes;
}

TEST(Redemption, FiftyProcessesWithOneKeyAskOnce) {
  const Simulator simulator;
  const auto outcomes = crowd(simulator.home(), [](int) { return std::string("k"); });
  EXPECT_EQ(outcomes.count("reset"), 1U);
  EXPECT_EQ(outcomes.count("alreadyRedeemed"), kCrowd - 1U);
  EXPECT_EQ(simulator.calls("consume").size(), 1U);
}

TEST(Redemption, FiftyProcessesWithTheirOwnKeysAskOneAfterTheOther) {
  std::atomic<int> at_once{0};
  std::atomic<int> most_at_once{0};
  std::atomic<int> calls{0};
  const ScriptedServer service([&](const std::string& request) -> std::string {
    if (request.rfind("POST ", 0) != 0) return http_ok("{}");  // the limits, after the reset
    const int now = ++at_once;
    most_at_once = std::max(most_at_once.load(), now);
    usleep(2000);  // long enough for others to be seen, if there were any
    --at_once;
    return http_ok(++calls == 1 ? R"({"code":"reset"})" : R"({"code":"no_credit"})");
  });
  const TemporaryFolder home;
  write_file(home.file("auth.json"), chatgpt_sign_in().dump());
  write_file(home.file("config.toml"), "chatgpt_base_url = \"http://127.0.0.1:" +
                                           std::to_string(service.port()) + "/backend-api\"\n");
  const auto outcomes = crowd(home.path(), [](int i) { return "key " + std::to_string(i); });
  EXPECT_EQ(outcomes.count("reset"), 1U);
  EXPECT_EQ(outcomes.count("noCredit"), kCrowd - 1U);
  EXPECT_EQ(calls, kCrowd);
  EXPECT_EQ(most_at_once, 1);
}

TEST(Redemption, OneProcessAsksOneAfterTheOtherToo) {
  const Simulator simulator;
  AppServer server(simulator, {"--consume-timeout-ms", "300000"});
  server.initialize(false, kNoUpdates);
  simulator.fault({{"route", "consume"}, {"hold", "gate"}});
  for (int i = 0; i < 20; ++i) server.send(request(i, kConsume, key("k")));
  simulator.calls("consume", 1, "pending");
  EXPECT_TRUE(server.ask("account/usage/read").contains("result")) << "others go on";
  simulator.release("gate");
  std::multiset<std::string> outcomes;
  for (int i = 0; i < 20; ++i) {
    outcomes.insert(server.receive()["result"]["outcome"].get<std::string>());
  }
  EXPECT_EQ(outcomes.count("reset"), 1U);
  EXPECT_EQ(outcomes.count("alreadyRedeemed"), 19U);
  EXPECT_EQ(simulator.calls("consume").size(), 1U);
}

// Nothing is spent without a record, and reads go on.
void expect_refusal(const Simulator& simulator, AppServer& server, const std::string& place) {
  const Json error = server.ask(kConsume, key("k"))["error"];
  EXPECT_EQ(error["data"]["kind"], "internal") << error;
  EXPECT_FALSE(error["data"].contains("outcomeUnknown")) << error;
  EXPECT_NE(error["data"].value("detail", "").find(place), std::string::npos) << error;
  EXPECT_EQ(simulator.calls("consume").size(), 0U);
  EXPECT_TRUE(server.ask("account/rateLimits/read").contains("result"));
}

TEST(Redemption, WithoutARecordNothingIsSpent) {
  const Simulator simulator;
  write_file(state_home(simulator), "in the way");
  AppServer server(simulator);
  server.initialize();
  expect_refusal(simulator, server, state_home(simulator));
  std::filesystem::remove(state_home(simulator));
  EXPECT_EQ(server.ask(kConsume, key("k"))["result"]["outcome"], "reset");
}

TEST(Redemption, ADamagedRecordIsSetAsideAndNothingIsSpent) {
  const Simulator simulator;
  const std::string file = state_home(simulator) + "/redemptions.sqlite3";
  std::filesystem::create_directory(state_home(simulator));
  chmod(state_home(simulator).c_str(), 0700);
  write_file(file, std::string(5000, 'x'));
  AppServer server(simulator);
  server.initialize();
  expect_refusal(simulator, server, file + ".damaged-");
  EXPECT_EQ(server.ask(kConsume, key("k"))["result"]["outcome"], "reset");
}

// The program where files may not grow beyond so many blocks of 512 bytes, as on a full disk.
std::unique_ptr<Process> with_file_limit(const Simulator& simulator, int blocks) {
  return std::make_unique<Process>(
      Arguments{"/bin/sh", "-c", "ulimit -f " + std::to_string(blocks) + "; exec \"$0\" app-server",
                program()},
      Environment{{"CODEX_HOME", simulator.home()}});
}

// ThreadSanitizer's programs do not start where they may write to no file.
#ifndef PROGRAM_HAS_TSAN
TEST(Redemption, OnAFullDiskNothingIsSpent) {
  const Simulator simulator;
  const auto process = with_file_limit(simulator, 0);
  process->write_line(kInitialize);
  process->write_line(request(2, kConsume, key("k")).dump());
  process->write_line(request(3, "account/rateLimits/read").dump());
  std::map<int, Json> answers;
  for (int i = 0; i < 3; ++i) {
    const Json answer = Json::parse(process->read_line().value());
    answers[answer["id"].get<int>()] = answer;
  }
  EXPECT_EQ(answers[2]["error"]["data"]["kind"], "internal") << answers[2];
  EXPECT_FALSE(answers[2]["error"]["data"].contains("outcomeUnknown"));
  EXPECT_TRUE(answers[3].contains("result"));
  EXPECT_EQ(simulator.calls("consume").size(), 0U);
}
#endif

TEST(Redemption, ADiskThatFillsUpLosesNoCredit) {
  const Simulator simulator;
  AppServer(simulator).initialize();
  {  // The record is there, and may grow no more after some entries.
    AppServer first(simulator);
    first.initialize();
    EXPECT_EQ(first.ask(kConsume, key("k"))["result"]["outcome"], "reset");
    EXPECT_EQ(first.finish(), 0);
  }
  const auto process = with_file_limit(simulator, 64);  // 32 KiB
  process->write_line(kInitialize);
  process->read_line();
  bool refused = false;
  std::size_t answered = 0;
  for (int i = 0; i < 200 && !refused; ++i) {
    process->write_line(request(i, kConsume, key("key " + std::to_string(i))).dump());
    const Json answer = Json::parse(process->read_line().value());
    refused = answer.contains("error");
    if (!refused) ++answered;
    EXPECT_TRUE(!refused || answer["error"]["data"]["kind"] == "internal") << answer;
    // What the service was asked under the last key, the client has been told of.
    const bool told = !refused || answer["error"]["data"].value("outcomeUnknown", false);
    EXPECT_EQ(simulator.calls("consume").size(), 1 + answered + (refused && told ? 1 : 0));
  }
  EXPECT_TRUE(refused) << "the limit was not reached";
  AppServer after(simulator);
  after.initialize();
  EXPECT_EQ(after.ask(kConsume, key("k"))["result"]["outcome"], "alreadyRedeemed");
  EXPECT_EQ(spent(simulator), (std::multiset<std::string>{"k"}));
}

TEST(Redemption, AnOutcomeThatCannotBeRecordedIsNotTold) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize(false, kNoUpdates);
  simulator.fault({{"route", "consume"}, {"hold", "gate"}});
  server.send(request(1, kConsume, key("k")));
  simulator.calls("consume", 1, "pending");
  const std::string aside = simulator.home() + "/aside";
  std::filesystem::rename(state_home(simulator), aside);
  write_file(state_home(simulator), "in the way");
  simulator.release("gate");
  const Json error = server.receive()["error"];
  EXPECT_EQ(error["data"]["kind"], "internal") << error;
  EXPECT_EQ(error["data"]["outcomeUnknown"], true) << error;
  std::filesystem::remove(state_home(simulator));
  std::filesystem::rename(aside, state_home(simulator));
  EXPECT_EQ(newest(server)["state"], "unknown");
  EXPECT_EQ(server.ask(kConsume, key("k"))["result"]["outcome"], "alreadyRedeemed");
  EXPECT_EQ(spent(simulator), (std::multiset<std::string>{"k"}));
}

TEST(Redemption, AnIntentThatIsWrittenTooLateIsNotActedOn) {
  const Simulator simulator;
  AppServer server(simulator, {"--consume-timeout-ms", "1000"});
  server.initialize(false, kNoUpdates);
  EXPECT_EQ(server.ask(kList)["result"]["redemptions"], Json::array());
  EXPECT_FALSE(std::filesystem::exists(state_home(simulator))) << "to look makes no record";
  server.ask(kConsume, key("before"));
  {
    SQLite::Database other(state_home(simulator) + "/redemptions.sqlite3", SQLite::OPEN_READWRITE);
    const SQLite::Transaction writing(other, SQLite::TransactionBehavior::IMMEDIATE);
    EXPECT_EQ(server.ask(kConsume, key("k"))["error"]["data"],
              Json::parse(R"({"kind":"timeout","retryable":true})"));
  }
  Json entry;
  do entry = newest(server);
  while (entry["idempotencyKey"] != "k" || entry["state"] == "pending");
  EXPECT_EQ(entry["state"], "settled");
  EXPECT_EQ(entry["outcome"], nullptr);
  EXPECT_EQ(entry["attempts"], 0);
  EXPECT_EQ(simulator.calls("consume").size(), 1U) << "that of the key before";
}

TEST(Redemption, InAReadOnlyFolderNothingIsSpent) {
  const Simulator simulator;
  std::filesystem::create_directory(state_home(simulator));
  chmod(state_home(simulator).c_str(), 0500);
  // Root may write anywhere, unless it gives that up.
  Arguments command = {program(), "app-server"};
  if (geteuid() == 0) {
    command.insert(command.begin(), {"setpriv", "--bounding-set", "-all", "--inh-caps", "-all"});
  }
  Process process(command, {{"CODEX_HOME", simulator.home()}});
  process.write_line(kInitialize);
  process.write_line(request(2, kConsume, key("k")).dump());
  process.read_line();
  const Json error = Json::parse(process.read_line().value())["error"];
  EXPECT_EQ(error["data"]["kind"], "internal") << error;
  EXPECT_NE(error["data"].value("detail", "").find("Permission denied"), std::string::npos);
  EXPECT_EQ(simulator.calls("consume").size(), 0U);
  chmod(state_home(simulator).c_str(), 0700);
}

TEST(Redemption, NothingIsRedeemedThatNobodyAskedFor) {
  const Simulator simulator;
  {
    AppServer victim(simulator, {}, {{"QUOTAD_FAULT_POINT", "after-intent"}});
    victim.initialize();
    victim.send(request(1, kConsume, key("k")));
    EXPECT_EQ(victim.process().wait(), 128 + SIGKILL);
  }
  AppServer next(simulator);
  next.initialize();
  EXPECT_EQ(newest(next)["state"], "unknown");
  EXPECT_TRUE(next.ask("account/rateLimits/read").contains("result"));
  EXPECT_EQ(next.finish(), 0);
  EXPECT_EQ(simulator.calls("consume").size(), 0U);
}

TEST(Redemption, EveryClientThatWantsToHearsOfTheReset) {
  const Simulator simulator;
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  // One of the clients says nothing for as long as all the rest takes.
  AppServer server(simulator, {"--listen", "unix://" + path, "--listen", "stdio://",
                               "--handshake-timeout-ms", "600000"});
  server.listening_on();
  UnixClient hears(path);
  UnixClient opted_out(path);
  UnixClient silent(path);
  Json hello = Json::parse(kInitialize);
  hears.ask(hello);
  hello["params"]["capabilities"]["optOutNotificationMethods"] = kNoUpdates;
  opted_out.ask(hello);
  EXPECT_EQ(opted_out.ask(request(2, kConsume, key("k")))["result"]["outcome"], "reset");
  const Json update = Json::parse(hears.read_line());
  EXPECT_EQ(update["method"], "account/rateLimits/updated");
  EXPECT_EQ(update["params"]["rateLimits"]["primary"]["usedPercent"], 0);
  EXPECT_EQ(opted_out.ask(request(3, "account/read", Json::object()))["id"], 3);
  EXPECT_EQ(silent.ask(Json::parse(kInitialize))["id"], 1);
}

TEST(Redemption, AResetThatARetryFoundOutIsToldToo) {
  const Simulator simulator;
  AppServer server(simulator, {"--consume-retry-delay-ms", "1"});
  server.initialize();
  simulator.fault({{"route", "consume"}, {"reset", true}, {"applied", true}});
  server.send(request(1, kConsume, key("k")));
  std::set<std::string> heard;
  for (int i = 0; i < 2; ++i) {
    const Json message = server.receive();
    heard.insert(message.contains("method") ? message["method"].get<std::string>()
                                            : message["result"]["outcome"].get<std::string>());
  }
  EXPECT_EQ(heard, (std::set<std::string>{"account/rateLimits/updated", "alreadyRedeemed"}));
}

TEST(Redemption, TheListIsOfTheAccountAndInPages) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize(false, kNoUpdates);
  for (int i = 0; i < 5; ++i) server.ask(kConsume, key("key " + std::to_string(i)));
  std::vector<std::string> keys;
  Json cursor;
  do {
    Json params = {{"limit", 2}};
    if (!cursor.is_null()) params["cursor"] = cursor;
    const Json page = server.ask(kList, params)["result"];
    EXPECT_LE(page["redemptions"].size(), 2U);
    for (const Json& row : page["redemptions"]) keys.push_back(row["idempotencyKey"]);
    cursor = page["nextCursor"];
  } while (!cursor.is_null());
  EXPECT_EQ(keys, (std::vector<std::string>{"key 4", "key 3", "key 2", "key 1", "key 0"}));
  for (const auto& [params, path] : {std::pair<Json, std::string>{{{"limit", 0}}, "params.limit"},
                                     {{{"limit", 201}}, "params.limit"},
                                     {{{"cursor", "x"}}, "params.cursor"},
                                     {{{"cursor", "-1"}}, "params.cursor"}}) {
    EXPECT_EQ(server.ask(kList, params)["error"]["data"]["path"], path);
  }
  Json other = Json::parse(read_file(simulator.home_file("auth.json")));
  other["tokens"]["account_id"] = "somebody-else";
  write_file(simulator.home_file("auth.json"), other.dump());
  EXPECT_EQ(server.ask(kList)["result"]["redemptions"], Json::array());
}

TEST(Redemptions, AreShownToPeopleWithTheWayToFindOut) {
  const Simulator simulator;
  const auto shown = [&](const Arguments& more) {
    Arguments command = {program(), "redemptions"};
    command.insert(command.end(), more.begin(), more.end());
    Process process(command, {{"CODEX_HOME", simulator.home()}});
    std::string text = process.read_rest();
    EXPECT_EQ(process.wait(), 0) << process.read_error_rest();
    return text;
  };
  EXPECT_EQ(shown({}), "No redemptions yet.\n");
  EXPECT_FALSE(std::filesystem::exists(state_home(simulator))) << "looking makes no record";
  {
    AppServer server(simulator, kNoRetry);
    server.initialize(false, kNoUpdates);
    simulator.fault({{"route", "consume"}, {"reset", true}, {"applied", true}});
    server.ask(kConsume, {{"idempotencyKey", "it's \u001b[2J lost"}, {"creditId", "credit-0001"}});
    EXPECT_EQ(server.ask(kConsume, key("good"))["result"]["outcome"], "nothingToReset");
  }
  const std::string words = shown({});
  const std::size_t unknown = words.find("outcome unknown");
  ASSERT_NE(unknown, std::string::npos) << words;
  EXPECT_LT(unknown, words.find("nothingToReset")) << "what needs doing comes first";
  EXPECT_EQ(words.find('\x1b'), std::string::npos);
  EXPECT_EQ(words.find(simulator.state()["accounts"][0]["accountId"].get<std::string>()),
            std::string::npos);

  // Under the configuration that was looked at.
  const std::string overridden = shown({"--json", "-c", "model=1"});
  const std::string again = Json::parse(overridden)["redemptions"][0]["retryCommand"];
  EXPECT_NE(again.find(" -c 'model=1' reset "), std::string::npos) << again;

  // However many come after it.
  const Json few = Json::parse(shown({"--json", "--limit", "1"}))["redemptions"];
  ASSERT_EQ(few.size(), 2U);
  EXPECT_EQ(few[0]["state"], "unknown");

  // The command that is shown works as it is.
  const Json rows = Json::parse(shown({"--json"}))["redemptions"];
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["state"], "unknown");
  const std::string retry = rows[0]["retryCommand"];
  EXPECT_NE(words.find(retry), std::string::npos);
  const std::filesystem::path folder = std::filesystem::path(program()).parent_path();
  Process shell({"/bin/sh", "-c", "PATH=" + folder.string() + ":$PATH; " + retry},
                {{"CODEX_HOME", simulator.home()}});
  EXPECT_NE(shell.read_rest().find("Done before"), std::string::npos) << retry;
  EXPECT_EQ(shell.wait(), 0);
  EXPECT_EQ(Json::parse(shown({"--json"}))["redemptions"][0]["state"], "settled");
}

}  // namespace
}  // namespace quotad::testing
