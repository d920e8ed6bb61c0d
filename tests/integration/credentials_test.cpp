// Where credentials come from while the server runs, and what it says when they cannot be used.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>

#include "harness/clients.hpp"
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

// A line of `initialize` that opts out of `methods`.
std::string opting_out(const Json& methods) {
  Json hello = Json::parse(kInitialize);
  hello["params"]["capabilities"]["optOutNotificationMethods"] = methods;
  return hello.dump() + "\n";
}

TEST(Notifications, AccountUpdatedIsSentWhenSomebodyElseIsSignedIn) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));

  // A new token of the same account is no news.
  Json auth = Json::parse(read_file(simulator.home_file("auth.json")));
  auth["tokens"]["refresh_token"] = "another-refresh-token";
  write_file(simulator.home_file("auth.json"), auth.dump());
  EXPECT_TRUE(server.ask(kRead).contains("result"));

  std::remove(simulator.home_file("auth.json").c_str());
  server.send(request(7, kRead));
  EXPECT_EQ(server.told(), Json::parse(R"({"method":"account/updated",
            "params":{"authMode":null,"planType":null,"reason":null}})"));
  EXPECT_EQ(server.receive()["id"], 7);
  write_file(simulator.home_file("auth.json"), auth.dump());
  server.send(request(8, kRead));
  EXPECT_EQ(server.told(), Json::parse(R"({"method":"account/updated",
            "params":{"authMode":"chatgpt","planType":"plus","reason":null}})"));
  EXPECT_EQ(server.receive()["id"], 8);
}

TEST(Notifications, GoToEveryInitializedClientThatDidNotOptOut) {
  const Simulator simulator;
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  AppServer server(simulator, {"--listen", "unix://" + path, "--listen", "stdio://"});
  server.listening_on();
  UnixClient hears(path);
  UnixClient hears_v2(path);
  UnixClient opted_out(path);
  UnixClient silent(path);
  hears.ask(Json::parse(opting_out({"account/rateLimits/updated", "x/y"})));
  Json v2 = Json::parse(kInitialize);
  v2["jsonrpc"] = "2.0";
  hears_v2.ask(v2);
  opted_out.ask(Json::parse(opting_out({"account/updated"})));
  opted_out.ask(request(5, "account/read", Json::object()));

  std::remove(simulator.home_file("auth.json").c_str());
  EXPECT_EQ(opted_out.ask(request(6, "account/read", Json::object()))["id"], 6);
  EXPECT_EQ(Json::parse(hears.read_line())["method"], "account/updated");
  EXPECT_EQ(unstamped(Json::parse(hears_v2.read_line())), Json::parse(R"({"jsonrpc":"2.0",
            "method":"account/updated","params":{"authMode":null,"planType":null,"reason":null}})"));
  // Whoever has not said hello hears nothing.
  EXPECT_EQ(silent.ask(Json::parse(kInitialize))["id"], 1);
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
    EXPECT_EQ(error["message"], "codex account authentication required to read rate limits");
    const std::string detail = error["data"].value("detail", "");
    EXPECT_NE(detail.find(file), std::string::npos) << error;
    EXPECT_NE(detail.find("codex login"), std::string::npos);
  }
  // As the reference has it, nobody is signed in; the log says why.
  EXPECT_EQ(server.ask("getAuthStatus", Json::object())["result"]["authMethod"], nullptr);
  EXPECT_EQ(server.ask("account/read", Json::object())["result"]["account"], nullptr);
  EXPECT_EQ(server.finish(), 0);
  EXPECT_NE(server.process().read_error_rest().find(file), std::string::npos);
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
