// Where credentials come from while the server runs, and what it says when they cannot be used.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>

#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

const char* const kRead = "account/rateLimits/read";

TEST(Credentials, SignInAndSignOutTakeEffectOnTheNextCall) {
  const Simulator simulator;
  const std::string auth = read_file(simulator.home_file("auth.json"));
  AppServer server(simulator);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  std::remove(simulator.home_file("auth.json").c_str());
  EXPECT_EQ(server.ask(kRead)["error"]["data"]["kind"], "authRequired");
  EXPECT_EQ(server.ask("account/read", Json::object())["result"]["account"], nullptr);
  write_file(simulator.home_file("auth.json"), auth);
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(server.ask("account/read", Json::object())["result"]["account"]["email"],
            "dev@example.com");
}

TEST(Credentials, AFileThatCannotBeUsedIsNamed) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  const std::string file = simulator.home_file("auth.json");
  for (const char* text : {"", "{", "[]", R"({"tokens":5})", R"({"tokens":{"access_token":7}})"}) {
    write_file(file, text);
    const Json error = server.ask(kRead)["error"];
    EXPECT_EQ(error["data"]["kind"], "authRequired") << text;
    EXPECT_NE(error["message"].get<std::string>().find(file), std::string::npos) << error;
    EXPECT_NE(error["message"].get<std::string>().find("codex login"), std::string::npos);
  }
  EXPECT_TRUE(server.ask("getAuthStatus", Json::object()).contains("error"));
}

TEST(Credentials, AKeyringIsNamedWithTheRemedy) {
  const Simulator simulator;
  AppServer server(simulator, {"-c", "cli_auth_credentials_store=keyring"});
  server.initialize();
  const Json error = server.ask(kRead)["error"];
  EXPECT_EQ(error["data"]["kind"], "authRequired");
  EXPECT_NE(error["message"].get<std::string>().find("keyring"), std::string::npos);
}

TEST(Credentials, ABrokenConfigurationKeepsCredentialsAtHome) {
  const Simulator simulator;
  write_file(simulator.home_file("config.toml"), "chatgpt_base_url = \n");
  AppServer server(simulator);
  server.initialize();
  const Json error = server.ask(kRead)["error"];
  EXPECT_EQ(error["data"]["kind"], "internal");
  EXPECT_NE(error["message"].get<std::string>().find(simulator.home_file("config.toml")),
            std::string::npos);
}

TEST(Credentials, TheStatusTellsTheTokenOnlyWhenAsked) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  EXPECT_EQ(server.ask("getAuthStatus", Json::object())["result"],
            Json::parse(R"({"authMethod":"chatgpt","authToken":null,"requiresOpenaiAuth":true})"));
  EXPECT_EQ(server.ask("getAuthStatus", {{"includeToken", true}})["result"]["authToken"],
            "simulated-access-token");
  EXPECT_EQ(simulator.calls("").size(), 0U) << "asked the service";
}

TEST(Credentials, AccountsAreNotMixed) {
  const auto account = [](const std::string& name) {
    return Json{{"accessToken", "token-of-" + name},
                {"accountId", name},
                {"userId", "user-" + name},
                {"planType", name == "one" ? "plus" : "pro"}};
  };
  const Simulator simulator(Json{{"accounts", {account("one"), account("two")}}});
  const std::string one = read_file(simulator.home_file("auth.json"));
  Json two = Json::parse(one);
  two["tokens"]["access_token"] = "token-of-two";
  two["tokens"]["account_id"] = "two";
  simulator.fault({{"route", "usage"}, {"hold", "gate"}});
  AppServer server(simulator);
  server.initialize();
  server.send(request("one", kRead));
  simulator.calls("usage", 1);
  write_file(simulator.home_file("auth.json"), two.dump());
  EXPECT_EQ(server.ask(kRead)["result"]["rateLimits"]["planType"], "pro");
  simulator.release("gate");
  const Json first = server.receive();
  EXPECT_EQ(first["id"], "one");
  EXPECT_EQ(first["result"]["rateLimits"]["planType"], "plus");
}

TEST(Credentials, NoSecretIsLoggedAtAnyLevel) {
  const Simulator simulator;
  AppServer server(simulator, {"--log-level", "trace"});
  server.initialize();
  for (const int status : {200, 401, 500}) {
    simulator.fault({{"route", "any"},
                     {"times", 4},
                     {"status", status},
                     {"applied", true},
                     {"body", "simulated-access-token account-0001"}});
    server.ask(kRead);
    server.ask("account/usage/read");
    server.ask("account/rateLimitResetCredit/consume", {{"idempotencyKey", "key-of-a-person"}});
  }
  EXPECT_EQ(server.finish(), 0);
  const std::string log = server.process().read_error_rest();
  EXPECT_NE(log, "");
  for (const char* secret : {"simulated-access-token", "simulated-refresh-token", "account-0001",
                             "key-of-a-person", "user-0001"}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace quotad::testing
