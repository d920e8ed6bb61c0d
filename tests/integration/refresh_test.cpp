// Staying signed in: tokens in `auth.json` that run out, are refused, or are renewed by somebody else.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <filesystem>
#include <memory>

#include "harness/clients.hpp"
#include "harness/quotad.hpp"
#include "harness/sign_in.hpp"
#include "system/clock.hpp"

namespace quotad::testing {
namespace {

using OrderedJson = nlohmann::ordered_json;

const char* const kRead = "account/rateLimits/read";
const char* const kUsage = "account/usage/read";
const char* const kConsume = "account/rateLimitResetCredit/consume";
constexpr std::int64_t kDay = 86'400;

// An access token that runs out in so many seconds; the service does not know it.
std::string token_for(std::int64_t seconds) { return jwt({{"exp", system::unix_now() + seconds}}); }

std::string days_ago(std::int64_t days) {
  const std::time_t then = system::unix_now() - days * kDay;
  std::tm utc{};
  gmtime_r(&then, &utc);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.123456789Z", &utc)};
}

class Refresh : public ::testing::Test {
 protected:
  std::string auth_file() const { return simulator_.home_file("auth.json"); }
  OrderedJson auth() const { return OrderedJson::parse(read_file(auth_file())); }
  void write_auth(const OrderedJson& auth) const { write_file(auth_file(), auth.dump(2)); }

  // Puts another access token into the file.
  void give_access_token(const std::string& token) const {
    OrderedJson changed = auth();
    changed["tokens"]["access_token"] = token;
    write_auth(changed);
  }
  std::size_t refreshes() const { return simulator_.calls("refresh").size(); }
  std::string access_token() const { return auth()["tokens"]["access_token"]; }

  Simulator simulator_;
};

TEST_F(Refresh, BeforeACallWhenTheTokenHasRunOutOrIsAboutTo) {
  for (const std::int64_t seconds : {-1'000, 0, 55}) {
    const std::size_t before = refreshes();
    give_access_token(token_for(seconds));
    AppServer server(simulator_);
    server.initialize();
    EXPECT_TRUE(server.ask(kRead).contains("result"));
    EXPECT_EQ(refreshes(), before + 1) << seconds;
    EXPECT_TRUE(server.ask(kRead).contains("result"));
    EXPECT_EQ(refreshes(), before + 1) << "again";
  }
  const Json asked = Json::parse(simulator_.calls("refresh")[0]["body"].get<std::string>());
  EXPECT_EQ(asked, Json::parse(R"({"client_id":"app_EMoamEEZ73f0CkXaXp7hrann",
      "grant_type":"refresh_token","refresh_reason":"proactive_expiry",
      "refresh_token":"simulated-refresh-token"})"));
  // The old token was never sent.
  for (const Json& call : simulator_.calls("usage")) {
    EXPECT_EQ(call["headers"]["authorization"].get<std::string>().find("Bearer ey"), 0U);
  }
  EXPECT_TRUE(simulator_.calls("usage", 6, "answered").size() == 6);
}

TEST_F(Refresh, NotBeforeItIsDue) {
  give_access_token("simulated-access-token");  // which does not say when it runs out
  OrderedJson changed = auth();
  changed["last_refresh"] = days_ago(7);
  write_auth(changed);
  AppServer server(simulator_);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(refreshes(), 0U);
  changed["last_refresh"] = days_ago(9);
  write_auth(changed);
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(refreshes(), 1U);
}

TEST_F(Refresh, AfterARefusalOnceForEachCallThenTheCallIsRepeated) {
  const std::string thread = "019a0000-0000-7000-8000-000000000001";
  const std::vector<std::pair<std::string, Json>> calls = {
      {kRead, nullptr},
      {kUsage, nullptr},
      {kUsage, {{"threadId", thread}}},
      {kConsume, {{"idempotencyKey", "a-key-of-somebody"}}}};
  for (const auto& [method, params] : calls) {
    const std::size_t before = refreshes();
    give_access_token(token_for(5'000));
    AppServer server(simulator_);
    server.initialize(false, {"account/rateLimits/updated"});
    const Json answer = server.ask(method, params);
    EXPECT_TRUE(answer.contains("result")) << answer;
    EXPECT_EQ(refreshes(), before + 1) << method;
  }
  // A reading makes two calls, which were both refused and both repeated.
  EXPECT_EQ(simulator_.calls("usage").size(), 2U);
  EXPECT_EQ(simulator_.calls("details").size(), 2U);
  EXPECT_EQ(simulator_.calls("consume").size(), 2U);
  EXPECT_EQ(simulator_.state()["accounts"][0]["redemptions"].size(), 1U);
}

TEST_F(Refresh, IsNotTriedAgainAndAgainWhenTheRenewedTokenIsRefusedToo) {
  simulator_.fault({{"route", "usage"}, {"times", 0}, {"status", 401}});
  AppServer server(simulator_, {"--refresh-retry-delay-ms", "3600000"});
  server.initialize();
  for (int i = 0; i < 3; ++i) {
    const Json error = server.ask(kRead, {{"excludeResetCreditDetails", true}})["error"];
    EXPECT_EQ(error["data"]["kind"], "authRequired");
    EXPECT_EQ(error["data"]["httpStatus"], 401);
  }
  EXPECT_EQ(refreshes(), 1U);  // the back-off keeps the others from it
}

TEST_F(Refresh, OneForManyProcesses) {
  give_access_token(token_for(-10));
  std::vector<std::unique_ptr<AppServer>> servers;
  for (int i = 0; i < 20; ++i) servers.push_back(std::make_unique<AppServer>(simulator_));
  for (auto& server : servers) server->initialize();
  simulator_.fault({{"route", "refresh"}, {"hold", "gate"}});
  for (auto& server : servers) server->send(request(7, kRead));
  simulator_.calls("refresh", 1);
  simulator_.release("gate");
  for (auto& server : servers) {
    const Json answer = server->receive();
    EXPECT_TRUE(answer.contains("result")) << answer;
  }
  EXPECT_EQ(refreshes(), 1U);
  EXPECT_EQ(simulator_.state()["accounts"][0]["refreshes"], 1);
}

TEST_F(Refresh, OneForManyCallsAndClients) {
  give_access_token(token_for(-10));
  const TemporaryFolder folder;
  AppServer server(simulator_, {"--listen", "unix://" + folder.file("socket")});
  server.listening_on();
  simulator_.fault({{"route", "refresh"}, {"hold", "gate"}});
  std::vector<std::unique_ptr<UnixClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<UnixClient>(folder.file("socket")));
    clients.back()->ask(Json::parse(kInitialize));
    for (const char* method : {kRead, kUsage}) {
      clients.back()->send(request(method, method).dump() + "\n");
    }
  }
  simulator_.calls("refresh", 1);
  simulator_.release("gate");
  for (auto& client : clients) {
    EXPECT_TRUE(Json::parse(client->read_line()).contains("result"));
    EXPECT_TRUE(Json::parse(client->read_line()).contains("result"));
  }
  EXPECT_EQ(refreshes(), 1U);
}

TEST_F(Refresh, ATokenThatSomebodyElseHasRenewedIsTakenOver) {
  give_access_token(token_for(5'000));
  AppServer server(simulator_);
  server.initialize();
  simulator_.fault({{"route", "usage"}, {"hold", "gate"}, {"status", 401}});
  server.send(request(7, kRead, {{"excludeResetCreditDetails", true}}));
  simulator_.calls("usage", 1);
  give_access_token("simulated-access-token");  // now the CLI has written this one
  simulator_.release("gate");
  EXPECT_TRUE(server.receive().contains("result"));
  EXPECT_EQ(refreshes(), 0U);
}

TEST_F(Refresh, TheLockIsTheReferencesOwn) {
  give_access_token(token_for(-10));
  const int lock = open(simulator_.home_file("auth.lock").c_str(), O_RDWR | O_CREAT, 0644);
  ASSERT_EQ(flock(lock, LOCK_EX | LOCK_NB), 0);
  AppServer server(simulator_);
  server.initialize();
  server.send(request(7, kRead));
  // Whoever holds it renews the tokens and writes them; only then lets go.
  server.ask("getAuthStatus", Json::object());
  give_access_token("simulated-access-token");
  close(lock);
  EXPECT_TRUE(server.receive().contains("result"));
  EXPECT_EQ(refreshes(), 0U);
}

TEST_F(Refresh, ASignInThatComesMeanwhileIsNotOverwritten) {
  give_access_token(token_for(-10));
  simulator_.fault({{"route", "refresh"}, {"hold", "gate"}});
  AppServer server(simulator_);
  server.initialize();
  server.send(request(7, kRead));
  simulator_.calls("refresh", 1);
  OrderedJson another = auth();
  another["tokens"]["access_token"] = "simulated-access-token";
  another["tokens"]["refresh_token"] = "of-a-new-sign-in";
  write_auth(another);
  simulator_.release("gate");
  EXPECT_TRUE(server.receive().contains("result"));
  EXPECT_EQ(auth(), another);
}

TEST_F(Refresh, ASignOutThatComesMeanwhileStays) {
  give_access_token(token_for(-10));
  simulator_.fault({{"route", "refresh"}, {"hold", "gate"}});
  AppServer server(simulator_);
  server.initialize(false, {"account/updated"});
  server.send(request(7, kRead));
  simulator_.calls("refresh", 1);
  std::remove(auth_file().c_str());
  simulator_.release("gate");
  EXPECT_EQ(server.receive()["error"]["data"]["kind"], "authRequired");
  EXPECT_FALSE(std::filesystem::exists(auth_file()));
}

TEST_F(Refresh, AFinalRefusalIsRememberedAndSaysWhatToDo) {
  for (const char* code :
       {"refresh_token_expired", "refresh_token_reused", "refresh_token_invalidated"}) {
    const std::size_t before = refreshes();
    give_access_token(token_for(-10));
    simulator_.fault({{"route", "refresh"},
                      {"status", 401},
                      {"body", {{"error", {{"code", code}, {"message", "no"}}}}}});
    AppServer server(simulator_);
    server.initialize(false, {"account/updated"});
    const std::string untouched = read_file(auth_file());
    for (const char* method : {kRead, kUsage, kRead}) {
      const Json error = server.ask(method)["error"];
      EXPECT_EQ(error["data"]["kind"], "authRequired");
      EXPECT_EQ(error["data"]["retryable"], false);
      const auto detail = error["data"].value("detail", "");
      EXPECT_NE(detail.find(code), std::string::npos) << error;
      EXPECT_NE(detail.find("`codex login`"), std::string::npos) << error;
    }
    EXPECT_EQ(server.ask(kConsume, {{"idempotencyKey", "some-key"}})["error"]["data"]["kind"],
              "authRequired");
    EXPECT_EQ(server.ask("account/read", {{"refreshToken", true}})["result"]["account"], nullptr);
    EXPECT_EQ(refreshes(), before + 1) << "asked again";
    EXPECT_EQ(read_file(auth_file()), untouched);
    // A new sign-in ends it.
    OrderedJson again = auth();
    again["tokens"]["access_token"] = "simulated-access-token";
    again["tokens"]["refresh_token"] = std::string("after-") + code;
    write_auth(again);
    EXPECT_TRUE(server.ask(kRead).contains("result"));
  }
}

TEST_F(Refresh, AFinalRefusalLeavesTheAccessTokenInUseUntilItRunsOut) {
  // Good for another hour by itself; old enough to be renewed.
  OrderedJson changed = auth();
  changed["last_refresh"] = days_ago(9);
  changed["tokens"]["refresh_token"] = "spent-by-somebody";
  write_auth(changed);
  AppServer server(simulator_);
  server.initialize(false, {"account/updated"});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(server.ask("account/read", {{"refreshToken", true}})["result"]["account"]["type"],
            "chatgpt");
  EXPECT_EQ(refreshes(), 1U) << "sent again";

  // Nor do other processes send it, and they use the access token, too.
  AppServer other(simulator_);
  other.initialize(false, {"account/updated"});
  EXPECT_TRUE(other.ask(kRead).contains("result"));
  EXPECT_TRUE(other.ask(kUsage).contains("result"));
  EXPECT_EQ(refreshes(), 1U);
  const std::string kept = read_file(simulator_.home_file("state/refused-tokens"));
  EXPECT_EQ(kept.find("spent-by-somebody"), std::string::npos);

  // When it runs out nobody is signed in, and is told why.
  give_access_token(token_for(-10));
  for (AppServer* each : {&server, &other}) {
    const Json error = each->ask(kRead)["error"];
    EXPECT_EQ(error["data"]["kind"], "authRequired");
    EXPECT_NE(error["data"].value("detail", "").find("refresh_token_invalidated"),
              std::string::npos)
        << error;
    EXPECT_EQ(each->ask("account/read", Json::object())["result"]["account"], nullptr);
  }
  EXPECT_EQ(refreshes(), 1U);
}

TEST_F(Refresh, AnAccessTokenThatIsRefusedAndCannotBeRenewedEndsTheSignIn) {
  OrderedJson changed = auth();
  changed["tokens"]["access_token"] = token_for(5'000);
  changed["tokens"]["refresh_token"] = "spent-by-somebody";
  write_auth(changed);
  AppServer server(simulator_);
  server.initialize();
  EXPECT_EQ(server.ask(kUsage)["error"]["data"]["httpStatus"], 401);
  EXPECT_EQ(server.ask(kUsage)["error"]["data"]["kind"], "authRequired");
  // Another process learns the same from the service, without sending the refresh token.
  AppServer other(simulator_);
  other.initialize();
  EXPECT_EQ(other.ask(kUsage)["error"]["data"]["httpStatus"], 401);
  EXPECT_EQ(other.ask(kUsage)["error"]["data"]["kind"], "authRequired");
  EXPECT_EQ(refreshes(), 1U);
}

TEST_F(Refresh, WithoutAPlaceForRefusalsEachProcessRemembersForItself) {
  OrderedJson changed = auth();
  changed["last_refresh"] = days_ago(9);
  changed["tokens"]["refresh_token"] = "spent-by-somebody";
  write_auth(changed);
  AppServer server(simulator_, {}, {{"QUOTAD_STATE_HOME", "/proc/nowhere"}});
  server.initialize();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(refreshes(), 1U);
}

TEST_F(Refresh, ARefusedTokenIsNotRenewedEither) {
  OrderedJson changed = auth();
  changed["tokens"]["access_token"] = token_for(5'000);
  changed["tokens"]["refresh_token"] = "nobody-knows-it";
  write_auth(changed);
  AppServer server(simulator_);
  server.initialize();
  const Json error = server.ask(kUsage)["error"];
  EXPECT_EQ(error["data"]["httpStatus"], 401);
  EXPECT_NE(error["data"].value("detail", "").find("refresh_token_invalidated"), std::string::npos)
      << error;
}

TEST_F(Refresh, TheServiceIsLeftAloneWhereItAsksForIt) {
  simulator_.fault({{"route", "refresh"}, {"status", 429}, {"headers", {{"Retry-After", "600"}}}});
  OrderedJson old = auth();
  old["tokens"]["access_token"] = "simulated-access-token";
  old["last_refresh"] = days_ago(20);
  write_auth(old);
  AppServer server(simulator_, {"--refresh-retry-delay-ms", "1"});
  server.initialize();
  const std::size_t before = refreshes();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(refreshes(), before + 1);
}

TEST_F(Refresh, APassingFailureKeepsTheTokenAndBacksOff) {
  const std::vector<Json> faults = {{{"reset", true}},
                                    {{"status", 500}},
                                    {{"status", 429}},
                                    {{"status", 401}, {"body", {{"error", {{"code", "x"}}}}}},
                                    {{"body", "<html>"}},
                                    {{"body", Json::object()}},
                                    {{"body", {{"access_token", "two words"}}}},
                                    {{"body", {{"access_token", 5}, {"refresh_token", ""}}}},
                                    {{"truncateAtBytes", 10}}};
  for (Json fault : faults) {
    fault["route"] = "refresh";
    fault["times"] = 0;
    const std::size_t before = refreshes();
    OrderedJson old = auth();
    old["tokens"]["access_token"] = "simulated-access-token";
    old["last_refresh"] = days_ago(20);
    write_auth(old);
    simulator_.fault(fault);
    AppServer server(simulator_, {"--refresh-retry-delay-ms", "3600000"});
    server.initialize();
    const std::string untouched = read_file(auth_file());
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(server.ask(kRead).contains("result")) << fault;
    }
    EXPECT_EQ(refreshes(), before + 1) << fault;
    EXPECT_EQ(read_file(auth_file()), untouched) << fault;
  }
}

TEST_F(Refresh, WithoutTheNetworkTheReasonIsTold) {
  give_access_token(token_for(-10));
  AppServer server(simulator_.home(), {}, {});  // its sign-in service is a closed port
  server.initialize();
  const std::string untouched = read_file(auth_file());
  const Json error = server.ask(kUsage)["error"];
  EXPECT_EQ(error["data"]["kind"], "authRequired");
  EXPECT_NE(error["data"].value("detail", "").find("renewing the tokens failed"), std::string::npos)
      << error;
  EXPECT_EQ(read_file(auth_file()), untouched);
}

TEST_F(Refresh, OnlyANewRefreshTokenIsNotLost) {
  give_access_token("simulated-access-token");
  OrderedJson old = auth();
  old["last_refresh"] = days_ago(20);
  write_auth(old);
  simulator_.fault({{"route", "refresh"}, {"body", {{"refresh_token", "the-next-one"}}}});
  AppServer server(simulator_);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(auth()["tokens"]["refresh_token"], "the-next-one");
  EXPECT_EQ(access_token(), "simulated-access-token");
}

// --- The file ------------------------------------------------------------------------------------

TEST_F(Refresh, AHundredTimesKeepEveryMemberItsPlaceAndTheMode) {
  Json scenario = {{"accounts",
                    {{{"accessToken", "of-the-start"},
                      {"accountId", "account-of-somebody"},
                      {"userId", "user-of-somebody"},
                      {"refreshToken", "the-first-refresh-token"},
                      {"accessTokenSeconds", 30}}}}};  // so each call finds it about to run out
  const Simulator simulator(scenario);
  const std::string file = simulator.home_file("auth.json");
  OrderedJson auth =
      OrderedJson::parse(R"({"zeta":{"b":[1,2,{"c":null}],"a":"ü€"},"auth_mode":"chatgpt",
      "OPENAI_API_KEY":null,"tokens":{"unknown":true,"id_token":"x.e30.x","access_token":"",
      "refresh_token":"the-first-refresh-token","account_id":"account-of-somebody","last":0},
      "last_refresh":"2026-01-01T00:00:00Z","alpha":1234567890123})");
  auth["tokens"]["access_token"] = token_for(10);
  write_file(file, auth.dump());
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  AppServer server(simulator);
  server.initialize();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(server.ask(kRead).contains("result")) << i;
  EXPECT_EQ(simulator.state()["accounts"][0]["refreshes"], 100);

  OrderedJson after = OrderedJson::parse(read_file(file));
  for (const char* token : {"id_token", "access_token", "refresh_token"}) {
    EXPECT_NE(after["tokens"][token], auth["tokens"][token]);
    after["tokens"][token] = auth["tokens"][token];
  }
  EXPECT_NE(after["last_refresh"], auth["last_refresh"]);
  after["last_refresh"] = auth["last_refresh"];
  EXPECT_EQ(after.dump(), auth.dump());  // ordered: the places are compared, too
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(status.st_uid, geteuid());
  // Nothing is left beside it but the two locks.
  for (const auto& entry : std::filesystem::directory_iterator(simulator.home())) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(name == "auth.json" || name == "config.toml" || name == "auth.lock" ||
                name == "auth.json.lock")
        << name;
  }
}

TEST_F(Refresh, ThroughALinkWritesWhatItPointsTo) {
  const TemporaryFolder elsewhere;
  give_access_token(token_for(-10));
  std::filesystem::rename(auth_file(), elsewhere.file("real.json"));
  std::filesystem::create_symlink(elsewhere.file("real.json"), auth_file());
  AppServer server(simulator_);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_TRUE(std::filesystem::is_symlink(auth_file()));
  EXPECT_EQ(Json::parse(read_file(elsewhere.file("real.json")))["tokens"]["refresh_token"],
            "refresh-token-1-of-account-0001");
}

TEST_F(Refresh, AFileThatMayNotBeWrittenSpendsNoRefreshToken) {
  give_access_token("simulated-access-token");
  OrderedJson old = auth();
  old["last_refresh"] = days_ago(20);
  write_auth(old);
  ASSERT_EQ(chmod(auth_file().c_str(), 0400), 0);
  const std::string untouched = read_file(auth_file());
  AppServer server(simulator_);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(refreshes(), 0U);
  EXPECT_EQ(read_file(auth_file()), untouched);
  server.finish();
  EXPECT_NE(server.process().read_error_rest().find("it is read-only"), std::string::npos);
}

// ThreadSanitizer's programs do not start where they may write to no file.
#ifndef PROGRAM_HAS_TSAN
TEST_F(Refresh, AFullDiskSpendsNoRefreshToken) {
  give_access_token(token_for(5'000));  // which the service refuses
  const std::string untouched = read_file(auth_file());
  Process process({"sh", "-c", "ulimit -f 0; exec \"$0\" app-server", program()},
                  at_simulator(simulator_, {{"CODEX_HOME", simulator_.home()}}));
  process.write_line(kInitialize);
  process.write_line(request(7, kUsage).dump());
  process.read_line();
  const Json error = Json::parse(process.read_line().value())["error"];
  EXPECT_EQ(error["data"]["httpStatus"], 401);
  EXPECT_NE(error["data"].value("detail", "").find("cannot write " + auth_file()),
            std::string::npos)
      << error;
  EXPECT_EQ(refreshes(), 0U);
  EXPECT_EQ(read_file(auth_file()), untouched);
  process.close_input();
  EXPECT_EQ(process.wait(), 0);
}
#endif

TEST_F(Refresh, TokensThatCannotBeWrittenAreKeptAndWrittenLater) {
  for (const bool at_the_end : {false, true}) {
    give_access_token(token_for(-10));
    const std::string whole = read_file(auth_file());
    const std::size_t before = refreshes();
    const std::string spent = auth()["tokens"]["refresh_token"];
    simulator_.fault({{"route", "refresh"}, {"hold", at_the_end ? "second" : "first"}});
    AppServer server(simulator_);
    server.initialize(false, {"account/updated"});
    server.send(request(7, kRead));
    simulator_.calls("refresh", before + 1);
    // Once the refresh token is spent, somebody is in the middle of writing, and takes his time.
    write_file(auth_file(), "{");
    simulator_.release(at_the_end ? "second" : "first");
    EXPECT_EQ(server.receive()["error"]["data"]["kind"], "authRequired");
    write_file(auth_file(), whole);
    if (at_the_end) {
      EXPECT_EQ(server.finish(), 0);
    } else {
      while (auth()["tokens"]["refresh_token"] == spent) {
        ASSERT_TRUE(server.ask(kUsage).contains("result"));  // from memory meanwhile
      }
      EXPECT_TRUE(server.ask(kUsage).contains("result"));
    }
    EXPECT_NE(auth()["tokens"]["refresh_token"], spent);
    EXPECT_EQ(refreshes(), before + 1);
  }
}

TEST_F(Refresh, ALockThatCannotBeTakenSpendsNoRefreshToken) {
  give_access_token("simulated-access-token");
  OrderedJson old = auth();
  old["last_refresh"] = days_ago(20);
  write_auth(old);
  for (const char* name : {"auth.json.lock", "auth.lock"}) {
    const std::string lock = simulator_.home_file(name);
    std::filesystem::remove(lock);
    std::filesystem::create_directory(lock);
    AppServer server(simulator_);
    server.initialize();
    EXPECT_TRUE(server.ask(kRead).contains("result"));
    EXPECT_EQ(refreshes(), 0U) << name;
    std::filesystem::remove(lock);
  }
  std::filesystem::create_symlink(simulator_.home_file("elsewhere"),
                                  simulator_.home_file("auth.json.lock"));
  AppServer server(simulator_);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(refreshes(), 1U);
}

TEST_F(Refresh, OneForSeveralHomesThatLinkToOneFile) {
  give_access_token(token_for(-10));
  const TemporaryFolder elsewhere;
  std::filesystem::rename(auth_file(), elsewhere.file("real.json"));
  std::vector<std::unique_ptr<TemporaryFolder>> homes;
  std::vector<std::unique_ptr<AppServer>> servers;
  for (int i = 0; i < 4; ++i) {
    homes.push_back(std::make_unique<TemporaryFolder>());
    std::filesystem::create_symlink(elsewhere.file("real.json"), homes.back()->file("auth.json"));
    std::filesystem::copy(simulator_.home_file("config.toml"), homes.back()->file("config.toml"));
    servers.push_back(
        std::make_unique<AppServer>(homes.back()->path(), Arguments{}, at_simulator(simulator_)));
    servers.back()->initialize();
  }
  simulator_.fault({{"route", "refresh"}, {"hold", "gate"}});
  for (auto& server : servers) server->send(request(7, kRead));
  simulator_.calls("refresh", 1);
  simulator_.release("gate");
  for (auto& server : servers) EXPECT_TRUE(server->receive().contains("result"));
  EXPECT_EQ(refreshes(), 1U);
}

TEST_F(Refresh, OddFilesSpendNoRefreshToken) {
  const auto deep = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  for (const auto& [value, words] : std::vector<std::pair<std::string, std::string>>{
           {deep(10'000), "nests too deeply"},
           {"\"" + std::string(1'000'000, 'x') + "\"", "it would be too large"}}) {
    give_access_token(token_for(-10));
    const std::string before = read_file(auth_file());
    const std::string odd = "{\"odd\":" + value + "," + before.substr(before.find('{') + 1);
    write_file(auth_file(), odd);
    AppServer server(simulator_);
    server.initialize();
    EXPECT_TRUE(server.ask(kRead).contains("error"));
    EXPECT_EQ(refreshes(), 0U);
    EXPECT_EQ(read_file(auth_file()), odd);
    server.finish();
    EXPECT_NE(server.process().read_error_rest().find(words), std::string::npos);
    write_file(auth_file(), before);
  }
}

TEST_F(Refresh, WhatAKilledProcessLeftIsRemoved) {
  give_access_token(token_for(-10));
  write_file(simulator_.home_file(".auth-quotad-abc123"), "left");
  AppServer server(simulator_);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_FALSE(std::filesystem::exists(simulator_.home_file(".auth-quotad-abc123")));
}

// --- Whoever goes away meanwhile -----------------------------------------------------------------

TEST_F(Refresh, GoesOnToTheEndWhenTheClientIsGone) {
  give_access_token(token_for(-10));
  simulator_.fault({{"route", "refresh"}, {"hold", "gate"}});
  AppServer server(simulator_);
  server.initialize();
  server.send(request(7, kRead));
  simulator_.calls("refresh", 1);
  server.process().close_output();
  server.process().close_input();
  simulator_.release("gate");
  EXPECT_EQ(server.process().wait(), 0);
  EXPECT_EQ(auth()["tokens"]["refresh_token"], "refresh-token-1-of-account-0001");
}

TEST_F(Refresh, GoesOnToTheEndAfterSigterm) {
  give_access_token(token_for(-10));
  simulator_.fault({{"route", "refresh"}, {"hold", "gate"}});
  AppServer server(simulator_, {"--shutdown-grace-ms", "1"});
  server.initialize();
  server.send(request(7, kRead));
  simulator_.calls("refresh", 1);
  server.process().send_signal(SIGTERM);
  EXPECT_EQ(server.receive()["error"]["data"]["kind"], "overloaded");  // the grace is over
  simulator_.release("gate");
  EXPECT_EQ(server.process().wait(), 0);
  EXPECT_EQ(auth()["tokens"]["refresh_token"], "refresh-token-1-of-account-0001");
}

TEST_F(Refresh, GoesOnToTheEndAfterASecondSignal) {
  int round = 0;
  for (const auto& [signals, exit_code] : std::vector<std::pair<std::vector<int>, int>>{
           {{SIGINT, SIGINT}, 128 + SIGINT}, {{SIGTERM, SIGINT}, 128 + SIGINT}}) {
    const std::string gate = "gate-" + std::to_string(++round);
    give_access_token(token_for(-10));
    const std::string spent = auth()["tokens"]["refresh_token"];
    simulator_.fault({{"route", "refresh"}, {"hold", gate}});
    AppServer server(simulator_);
    server.initialize();
    server.send(request(7, kRead));
    simulator_.calls("refresh", static_cast<std::size_t>(round), "");
    for (const int number : signals) {
      server.process().send_signal(number);
      // Taken before the next one comes: two of a kind at once are one.
      while (const auto line = server.process().read_error_line()) {
        if (line->find("stopping") != std::string::npos) break;
      }
    }
    simulator_.release(gate);
    EXPECT_EQ(server.process().wait(), exit_code);
    EXPECT_NE(auth()["tokens"]["refresh_token"], spent);
  }
}

TEST_F(Refresh, GoesOnToTheEndWhenTheDoctorIsInterrupted) {
  give_access_token(token_for(-10));
  simulator_.fault({{"route", "refresh"}, {"hold", "gate"}});
  Process doctor({program(), "doctor", "--log-level", "info"},
                 at_simulator(simulator_, {{"CODEX_HOME", simulator_.home()}}));
  simulator_.calls("refresh", 1);
  doctor.send_signal(SIGINT);
  while (const auto line = doctor.read_error_line()) {
    if (line->find("stopping") != std::string::npos) break;
  }
  simulator_.release("gate");
  EXPECT_EQ(doctor.wait(), 130);
  EXPECT_EQ(auth()["tokens"]["refresh_token"], "refresh-token-1-of-account-0001");
}

TEST_F(Refresh, ARedemptionDoesNotWaitForItBeyondItsTime) {
  give_access_token(token_for(-10));
  simulator_.fault({{"route", "refresh"}, {"hold", "gate"}});
  AppServer server(simulator_, {"--consume-timeout-ms", "100", "--auth-timeout-ms", "3600000"});
  server.initialize();
  const Json error = server.ask(kConsume, {{"idempotencyKey", "key-of-somebody"}})["error"];
  EXPECT_EQ(error["message"], "rate limit reset consume timed out");
  EXPECT_EQ(error["data"]["kind"], "timeout");
  simulator_.release("gate");
  EXPECT_EQ(server.finish(), 0);
  EXPECT_EQ(simulator_.calls("consume").size(), 0U);
  EXPECT_EQ(auth()["tokens"]["refresh_token"], "refresh-token-1-of-account-0001");
}

// --- What clients see of it ----------------------------------------------------------------------

TEST_F(Refresh, WhenAClientAsksForIt) {
  AppServer server(simulator_);
  server.initialize();
  EXPECT_EQ(server.ask("account/read", Json::object())["result"]["account"]["type"], "chatgpt");
  EXPECT_EQ(refreshes(), 0U);
  EXPECT_EQ(server.ask("account/read", {{"refreshToken", true}})["result"]["account"]["type"],
            "chatgpt");
  EXPECT_EQ(refreshes(), 1U);
  const Json status =
      server.ask("getAuthStatus", {{"refreshToken", true}, {"includeToken", true}})["result"];
  EXPECT_EQ(refreshes(), 2U);
  EXPECT_EQ(status["authToken"], access_token());
  EXPECT_NE(access_token(), "simulated-access-token");
}

TEST_F(Refresh, ClientsAreToldWhenTheFileChangesWithoutAskingForAnything) {
  AppServer server(simulator_);
  server.initialize();
  const Json signed_out = Json::parse(
      R"({"method":"account/updated","params":{"authMode":null,"planType":null,"reason":null}})");
  const Json signed_in = Json::parse(
      R"({"method":"account/updated","params":{"authMode":"chatgpt","planType":"plus","reason":null}})");
  const std::string good = read_file(auth_file());
  std::remove(auth_file().c_str());
  EXPECT_EQ(server.told(), signed_out);
  write_file(simulator_.home_file("new"), good);  // as the reference writes it
  std::filesystem::rename(simulator_.home_file("new"), auth_file());
  EXPECT_EQ(server.told(), signed_in);

  // Somebody who writes into the file, slowly: that is no sign-out.
  const int file = open(auth_file().c_str(), O_WRONLY | O_TRUNC);
  Json other = Json::parse(good);
  other["OPENAI_API_KEY"] = "sk-of-somebody";
  other["auth_mode"] = "apikey";
  const std::string text = other.dump();
  ASSERT_EQ(write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(file);
  EXPECT_EQ(server.told(), Json::parse(R"({"method":"account/updated",
            "params":{"authMode":"apikey","planType":null,"reason":null}})"));
}

TEST_F(Refresh, AFileThatIsBeingWrittenIsWaitedFor) {
  AppServer server(simulator_, {"--auth-file-wait-ms", "3600000"});
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  const std::string good = read_file(auth_file());
  const int file = open(auth_file().c_str(), O_WRONLY | O_TRUNC);
  server.send(request(7, kRead));
  server.send(request(8, "rpc.discover"));
  EXPECT_EQ(server.receive()["id"], 8);  // so the first one has been begun
  ASSERT_EQ(write(file, good.data(), good.size()), static_cast<ssize_t>(good.size()));
  close(file);
  const Json answer = server.receive();
  EXPECT_TRUE(answer.contains("result")) << answer;
}

TEST_F(Refresh, AHomeThatIsMadeAnewIsFollowed) {
  const Json signed_out = Json::parse(
      R"({"method":"account/updated","params":{"authMode":null,"planType":null,"reason":null}})");
  AppServer server(simulator_);
  server.initialize();
  const std::string good = read_file(auth_file());
  std::filesystem::remove_all(simulator_.home());
  EXPECT_EQ(server.told(), signed_out);
  std::filesystem::create_directory(simulator_.home());
  write_file(auth_file(), good);
  EXPECT_EQ(server.receive()["params"]["authMode"], "chatgpt");
}

TEST_F(Refresh, ACallIsNotFinishedForAnotherPerson) {
  // The same account, another of its users; and credentials that do not say whose they are.
  const auto id_token = [](const std::string& user) {
    return jwt({{"https://api.openai.com/auth", {{"chatgpt_user_id", user}}}});
  };
  for (const bool has_names : {true, false}) {
    OrderedJson first = auth();
    first["tokens"]["access_token"] = token_for(5'000);
    first["tokens"]["id_token"] = has_names ? id_token("user-one") : "none";
    if (!has_names) first["tokens"].erase("account_id");
    OrderedJson second = first;
    second["tokens"]["access_token"] = "simulated-access-token";
    second["tokens"]["refresh_token"] = "of-somebody-else";
    if (has_names) second["tokens"]["id_token"] = id_token("user-two");
    write_auth(first);
    const std::size_t before = simulator_.calls("consume").size();
    simulator_.fault({{"route", "consume"}, {"hold", has_names ? "a" : "b"}, {"status", 401}});
    AppServer server(simulator_);
    server.initialize(false, {"account/updated"});
    server.send(request(7, kConsume, {{"idempotencyKey", "key-of-the-first"}}));
    simulator_.calls("consume", before + 1);
    write_auth(second);
    simulator_.release(has_names ? "a" : "b");
    const Json error = server.receive()["error"];
    EXPECT_EQ(error["data"]["httpStatus"], 401) << error;
    EXPECT_EQ(simulator_.calls("consume").size(), before + 1);
  }
  EXPECT_EQ(simulator_.state()["accounts"][0]["redemptions"].size(), 0U);
}

TEST_F(Refresh, AnAccountThatOnlyTheIdTokenTellsIsNotRepeatedEither) {
  OrderedJson changed = auth();
  changed["tokens"].erase("account_id");
  write_auth(changed);
  simulator_.fault({{"route", "usage"},
                    {"times", 0},
                    {"status", 500},
                    {"body", "account-0001 of user-0001 is broken"}});
  AppServer server(simulator_);
  server.initialize();
  const std::string words = server.ask(kRead)["error"]["message"];
  EXPECT_NE(words.find("[redacted] of [redacted] is broken"), std::string::npos) << words;
}

TEST_F(Refresh, ClientsThatHangUpWhileAThreadWorksForThem) {
  AppServer server(simulator_, {"--listen", "ws://127.0.0.1:0"});
  const std::string url = server.listening_on();
  for (int i = 0; i < 30; ++i) {
    WebSocketClient client(url);
    client.initialize();
    for (int call = 0; call < 40; ++call) {
      client.send(request(call, "account/rateLimitResetCredit/list").dump());
    }
    client.drop();
  }
  WebSocketClient last(url);
  last.initialize();
  EXPECT_TRUE(last.ask(request(7, "account/rateLimitResetCredit/list")).contains("result"));
}

// --- Other kinds of credentials ------------------------------------------------------------------

// An Ed25519 key of RFC 8032, section 7.1, TEST 1: PKCS#8, and the public part.
constexpr const char* kAgentKey =
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
constexpr const char* kAgentPublicKey = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

Json one_account(const Json& more = Json::object()) {
  Json account = {{"accessToken", "an-access-token"},      {"accountId", "account-of-somebody"},
                  {"userId", "user-of-somebody"},          {"planType", "business"},
                  {"email", "somebody@example.com"},       {"primary", {{"usedPercent", 5}}},
                  {"resetCredits", {{{"id", "credit-1"}}}}};
  account.update(more);
  return {{"accounts", {account}}};
}

std::string agent_token() {
  return jwt({{"agent_runtime_id", "runtime-1"},
              {"agent_private_key", kAgentKey},
              {"account_id", "account-of-somebody"},
              {"chatgpt_user_id", "user-of-somebody"},
              {"email", "agent@example.com"},
              {"plan_type", "business"},
              {"chatgpt_account_is_fedramp", false}});
}

void expect_served(AppServer& server, const std::string& auth_mode) {
  EXPECT_EQ(server.ask(kRead)["result"]["rateLimits"]["planType"], "business");
  EXPECT_EQ(server.ask(kConsume, {{"idempotencyKey", "key-of-somebody"}})["result"]["outcome"],
            "reset");
  const Json account = server.ask("account/read", Json::object())["result"];
  EXPECT_EQ(account["account"]["type"], "chatgpt");
  EXPECT_EQ(account["account"]["planType"], "business");
  EXPECT_EQ(account["userId"], "user-of-somebody");
  EXPECT_EQ(
      server.ask("getAuthStatus", {{"includeToken", true}})["result"],
      (Json{{"authMethod", auth_mode}, {"authToken", nullptr}, {"requiresOpenaiAuth", true}}));
}

TEST(PersonalAccessToken, FromTheFileAndFromTheEnvironment) {
  for (const bool from_file : {true, false}) {
    const Simulator simulator(one_account({{"personalAccessToken", "at-0123456789"}}));
    Environment environment;
    if (from_file) {
      write_file(simulator.home_file("auth.json"),
                 R"({"auth_mode":"personalAccessToken","personal_access_token":"at-0123456789"})");
    } else {
      environment["CODEX_ACCESS_TOKEN"] = "at-0123456789";  // before the tokens in the file
    }
    AppServer server(simulator, {}, environment);
    server.initialize();
    expect_served(server, "personalAccessToken");
    EXPECT_EQ(simulator.calls("whoami").size(), 1U) << "asked more than once";
    const Json headers = simulator.calls("usage")[0]["headers"];
    EXPECT_EQ(headers["authorization"], "Bearer at-0123456789");
    EXPECT_EQ(headers["chatgpt-account-id"], "account-of-somebody");
  }
}

TEST(PersonalAccessToken, OneThatIsRefusedSaysSo) {
  const Simulator simulator(one_account());
  AppServer server(simulator, {}, {{"CODEX_ACCESS_TOKEN", "at-of-nobody"}});
  server.initialize();
  const Json error = server.ask(kRead)["error"];
  EXPECT_EQ(error["message"], "codex account authentication required to read rate limits");
  EXPECT_EQ(error["data"]["kind"], "authRequired");
  EXPECT_NE(error["data"]["detail"].get<std::string>().find("make a new one"), std::string::npos);
  EXPECT_EQ(server.ask("account/read", Json::object())["result"]["account"], nullptr);
}

TEST(PersonalAccessToken, AServiceThatCannotTellWhoseItIsIsNoSignOut) {
  const Simulator simulator(one_account({{"personalAccessToken", "at-0123456789"}}));
  simulator.fault({{"route", "whoami"}, {"times", 2}, {"status", 503}});
  AppServer server(simulator, {}, {{"CODEX_ACCESS_TOKEN", "at-0123456789"}});
  server.initialize();
  const Json error = server.ask(kRead)["error"];
  EXPECT_EQ(error["data"]["kind"], "backendStatus");
  EXPECT_EQ(error["data"]["retryable"], true);
  EXPECT_TRUE(server.ask("account/read", Json::object()).contains("error"));
  EXPECT_TRUE(server.ask(kRead).contains("result"));
}

TEST(PersonalAccessToken, TheServiceIsLeftAloneWhereItAsksForIt) {
  const Simulator simulator(one_account({{"personalAccessToken", "at-0123456789"}}));
  simulator.fault({{"route", "whoami"}, {"status", 429}, {"headers", {{"Retry-After", "600"}}}});
  AppServer server(simulator, {}, {{"CODEX_ACCESS_TOKEN", "at-0123456789"}});
  server.initialize();
  for (int i = 0; i < 3; ++i) {
    const Json error = server.ask(kRead)["error"];
    EXPECT_EQ(error["data"]["kind"], "rateLimited");
    EXPECT_GT(error["data"]["retryAfterSec"], 500);
  }
  EXPECT_EQ(simulator.calls("whoami").size(), 1U);
}

TEST(PersonalAccessToken, AServiceThatFailsAgainAndAgainIsLeftAlone) {
  const Simulator simulator(one_account({{"personalAccessToken", "at-0123456789"}}));
  simulator.fault({{"route", "whoami"}, {"times", 0}, {"status", 503}});
  AppServer server(simulator, {"--circuit-failures", "2", "--circuit-delay-ms", "60000"},
                   {{"CODEX_ACCESS_TOKEN", "at-0123456789"}});
  server.initialize();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(server.ask(kRead)["error"]["data"]["kind"], "backendStatus");
  }
  EXPECT_EQ(simulator.calls("whoami").size(), 2U);
}

TEST(PersonalAccessToken, AFileThatBreaksSignsOut) {
  const Simulator simulator(one_account({{"personalAccessToken", "at-0123456789"}}));
  const std::string file = simulator.home_file("auth.json");
  write_file(file, R"({"personal_access_token":"at-0123456789"})");
  AppServer server(simulator);
  server.initialize(false, {"account/updated"});
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  write_file(file, "{");
  EXPECT_EQ(server.ask("account/read", Json::object())["result"]["account"], nullptr);
  EXPECT_EQ(server.ask(kRead)["error"]["data"]["kind"], "authRequired");
}

TEST(PersonalAccessToken, ALateAnswerDoesNotOverrideANewerFile) {
  const Simulator simulator(one_account({{"personalAccessToken", "at-0123456789"}}));
  const std::string file = simulator.home_file("auth.json");
  const std::string tokens = read_file(file);
  AppServer server(simulator);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  simulator.fault({{"route", "whoami"}, {"hold", "gate"}});
  write_file(file, R"({"personal_access_token":"at-0123456789"})");
  simulator.calls("whoami", 1);
  server.send(request(7, "getAuthStatus", Json::object()));
  write_file(file, tokens);
  simulator.release("gate");
  Json answer = server.receive();
  while (answer.contains("method")) answer = server.receive();
  EXPECT_EQ(answer["result"]["authMethod"], "chatgpt");
  EXPECT_EQ(server.ask("getAuthStatus", Json::object())["result"]["authMethod"], "chatgpt");
}

TEST(PersonalAccessToken, TheEndDoesNotWaitForAServiceThatHangs) {
  const Simulator simulator(one_account({{"personalAccessToken", "at-0123456789"}}));
  simulator.fault({{"route", "whoami"}, {"hang", true}});
  AppServer server(simulator, {"--auth-timeout-ms", "3600000"});
  server.initialize();
  write_file(simulator.home_file("auth.json"), R"({"personal_access_token":"at-0123456789"})");
  simulator.calls("whoami", 1);  // asked because of the change alone
  EXPECT_EQ(server.finish(), 0);
}

TEST(PersonalAccessToken, OfTheEnvironmentMustBeOne) {
  const Simulator simulator(one_account({{"personalAccessToken", "at-0123456789"}}));
  for (const char* padded : {"  at-0123456789\n", "at-0123456789 "}) {
    AppServer server(simulator, {}, {{"CODEX_ACCESS_TOKEN", padded}});
    server.initialize();
    EXPECT_TRUE(server.ask(kRead).contains("result"));
  }
  AppServer blank(simulator, {}, {{"CODEX_ACCESS_TOKEN", " \n"}});
  blank.initialize();
  EXPECT_EQ(blank.ask("getAuthStatus", Json::object())["result"]["authMethod"], "chatgpt");
  AppServer smuggler(simulator, {}, {{"CODEX_ACCESS_TOKEN", "at-1\r\nX-Injected: yes"}});
  smuggler.initialize();
  const Json error = smuggler.ask(kRead)["error"];
  EXPECT_NE(error["data"]["detail"].get<std::string>().find("characters that no token has"),
            std::string::npos);
}

TEST(AgentIdentity, RegistersOneTaskAndSignsEveryCall) {
  for (const bool seals : {false, true}) {
    for (const bool from_file : {true, false}) {
      const Simulator simulator(one_account({{"agent",
                                              {{"runtimeId", "runtime-1"},
                                               {"publicKey", kAgentPublicKey},
                                               {"sealsTaskIds", seals}}}}));
      Environment environment;
      if (from_file) {
        const Json auth = {{"auth_mode", "agentIdentity"}, {"agent_identity", agent_token()}};
        write_file(simulator.home_file("auth.json"), auth.dump());
      } else {
        environment["CODEX_ACCESS_TOKEN"] = agent_token();
      }
      AppServer server(simulator, {}, environment);
      server.initialize();
      EXPECT_EQ(server.ask("account/read", Json::object())["result"]["account"]["email"],
                "agent@example.com");
      EXPECT_EQ(simulator.calls("").size(), 0U) << "needs no network";
      expect_served(server, "agentIdentity");
      EXPECT_EQ(simulator.calls("registerTask").size(), 1U);
      EXPECT_EQ(simulator.calls("registerTask")[0]["path"],
                "/backend-api/v1/agent/runtime-1/task/register");
      EXPECT_EQ(simulator.calls("usage")[0]["headers"]["chatgpt-account-id"],
                "account-of-somebody");
    }
  }
}

TEST(AgentIdentity, ATaskThatIsOverIsReplaced) {
  const Json scenario =
      one_account({{"agent", {{"runtimeId", "runtime-1"}, {"publicKey", kAgentPublicKey}}}});
  const Simulator simulator(scenario);
  AppServer server(simulator, {}, {{"CODEX_ACCESS_TOKEN", agent_token()}});
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  simulator.load(scenario);  // which has forgotten the task
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(simulator.calls("registerTask").size(), 1U);
}

TEST(AgentIdentity, WhatIsWrongWithItIsTold) {
  const Simulator simulator(one_account());
  for (const auto& [token, words] : std::vector<std::pair<std::string, std::string>>{
           {"neither-one-nor-the-other", "CODEX_ACCESS_TOKEN is no personal access token"},
           {jwt({{"exp", 4'000'000'000}}), "`agent_runtime_id` is missing"},
           {jwt({{"agent_runtime_id", "r"}, {"agent_private_key", "AAAA"}}), "no Ed25519 key"},
           {agent_token(), "404"}}) {
    AppServer server(simulator, {}, {{"CODEX_ACCESS_TOKEN", token}});
    server.initialize();
    const Json error = server.ask(kRead)["error"];
    const std::string told =
        error["message"].get<std::string>() + error["data"].value("detail", "");
    EXPECT_NE(told.find(words), std::string::npos) << error;
  }
}

}  // namespace
}  // namespace quotad::testing
