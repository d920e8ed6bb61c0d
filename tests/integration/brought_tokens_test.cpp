// Tokens that a client brings: signing in with them, being asked for new ones, signing out.

#include <gtest/gtest.h>

#include <memory>

#include "harness/clients.hpp"
#include "harness/quotad.hpp"
#include "harness/sign_in.hpp"

namespace quotad::testing {
namespace {

const char* const kLogin = "account/login/start";
const char* const kRefresh = "account/chatgptAuthTokens/refresh";
const char* const kRead = "account/rateLimits/read";
const Json kOnlyUsage = {{"excludeResetCreditDetails", true}};

const Json kNobody = Json::parse(
    R"({"method":"account/updated","params":{"authMode":null,"planType":null,"reason":null}})");
const Json kCompleted = Json::parse(R"({"method":"account/login/completed","params":{
    "loginId":null,"success":true,"error":null,"onboardingEntrypoint":null}})");

Json updated(const Json& plan) {
  return {{"method", "account/updated"},
          {"params", {{"authMode", "chatgptAuthTokens"}, {"planType", plan}, {"reason", nullptr}}}};
}

Json login(const std::string& token, const std::string& account = "account-0001",
           const Json& plan = nullptr) {
  return {{"type", "chatgptAuthTokens"},
          {"accessToken", token},
          {"chatgptAccountId", account},
          {"chatgptPlanType", plan}};
}

Json fresh(const std::string& token, const std::string& account = "account-0001",
           const Json& plan = nullptr) {
  return {{"accessToken", token}, {"chatgptAccountId", account}, {"chatgptPlanType", plan}};
}

// Nobody is signed in in the home.
class BroughtTokens : public ::testing::Test {
 protected:
  BroughtTokens() { std::remove(simulator_.home_file("auth.json").c_str()); }
  Simulator simulator_;
};

TEST_F(BroughtTokens, AreUsedAndTheClientIsTold) {
  AppServer server(simulator_);
  server.initialize();
  server.send(request(7, kLogin, login("simulated-access-token", "account-0001", "pro")));
  EXPECT_EQ(server.receive(), Json::parse(R"({"id":7,"result":{"type":"chatgptAuthTokens"}})"));
  EXPECT_EQ(server.told(), kCompleted);
  EXPECT_EQ(server.told(), updated("pro"));
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  EXPECT_EQ(simulator_.calls("usage")[0]["headers"]["chatgpt-account-id"], "account-0001");
  EXPECT_EQ(server.ask("account/read", Json::object())["result"]["account"]["planType"], "pro");
  EXPECT_EQ(server.ask("getAuthStatus", {{"includeToken", true}})["result"],
            Json::parse(R"({"authMethod":"chatgptAuthTokens",
                "authToken":"simulated-access-token","requiresOpenaiAuth":true})"));
  server.send(request(8, "account/logout"));
  EXPECT_EQ(server.receive(), Json::parse(R"({"id":8,"result":{}})"));
  EXPECT_EQ(server.told(), kNobody);
  const Json error = server.ask(kRead)["error"];
  EXPECT_EQ(error["message"], "codex account authentication required to read rate limits");
  EXPECT_EQ(error["data"]["kind"], "authRequired");
  EXPECT_NE(error["data"]["detail"].get<std::string>().find("account/login/start"),
            std::string::npos);
  EXPECT_EQ(server.ask("account/read", Json::object())["result"]["account"], nullptr);
}

TEST_F(BroughtTokens, TellOfTheirPersonThemselves) {
  const std::string token = jwt({{"email", "host@example.com"},
                                 {"https://api.openai.com/auth",
                                  {{"chatgpt_plan_type", "team"}, {"chatgpt_user_id", "user-9"}}}});
  AppServer server(simulator_);
  server.initialize();
  server.send(request(7, kLogin, login(token)));
  server.receive();
  EXPECT_EQ(server.told(), kCompleted);
  EXPECT_EQ(server.told(), updated("team"));
  const Json account = server.ask("account/read", Json::object())["result"];
  EXPECT_EQ(account["account"]["email"], "host@example.com");
  EXPECT_EQ(account["userId"], "user-9");
}

TEST_F(BroughtTokens, MustBeTokens) {
  AppServer server(simulator_);
  server.initialize();
  const auto refused = [&](const Json& params, const std::string& path) {
    const Json answer = server.ask(kLogin, params);
    ASSERT_TRUE(answer.contains("error")) << answer;
    EXPECT_EQ(answer["error"]["data"]["kind"], "invalidParams") << answer;
    EXPECT_EQ(answer["error"]["data"].value("path", ""), path) << answer;
  };
  refused({{"type", "chatgptAuthTokens"}}, "params.accessToken");
  refused({{"type", "chatgptAuthTokens"}, {"accessToken", 5}, {"chatgptAccountId", "a"}},
          "params.accessToken");
  refused(login(""), "params.accessToken");
  refused(login("two words"), "params.accessToken");
  refused(login("a\r\nX: y"), "params.accessToken");
  refused(login("simulated-access-token", ""), "params.chatgptAccountId");
  refused({{"type", "magic"}}, "params.type");
  refused(Json::object(), "params.type");
  for (const char* type : {"chatgpt", "chatgptDeviceCode"})
    refused({{"type", type}}, "params.type");
  const Json key = server.ask(kLogin, {{"type", "apiKey"}, {"apiKey", "sk-of-somebody"}});
  EXPECT_NE(key["error"]["message"].get<std::string>().find("`codex login`"), std::string::npos);
  EXPECT_EQ(server.ask("account/read", Json::object())["result"]["account"], nullptr);
}

// --- Asking for new ones, over every framing and in both dialects ---------------------------------

// Whatever speaks to the server.
struct Speaker {
  std::function<void(const Json&)> send;
  std::function<Json()> receive;
};

// Signs in with a token that the service does not know, is asked for a new one, brings it.
void renew_over(Speaker& client, bool v2) {
  const auto spoken = [&](Json message) {
    if (v2) message["jsonrpc"] = "2.0";
    return message;
  };
  client.send(spoken(Json::parse(kInitialize)));
  client.receive();
  client.send(spoken(request(7, kLogin, login("a-token-that-is-stale"))));
  EXPECT_EQ(client.receive()["id"], 7);
  client.receive();
  client.receive();
  client.send(spoken(request(8, kRead)));
  const Json question = client.receive();
  EXPECT_EQ(
      question,
      spoken({{"id", 0},
              {"method", kRefresh},
              {"params", {{"reason", "unauthorized"}, {"previousAccountId", "account-0001"}}}}));
  client.send(spoken({{"id", question["id"]}, {"result", fresh("simulated-access-token")}}));
  const Json answer = client.receive();
  EXPECT_EQ(answer["id"], 8) << answer;
  EXPECT_TRUE(answer.contains("result")) << answer;
}

TEST_F(BroughtTokens, AreRenewedOverEveryFramingInBothDialects) {
  for (const bool v2 : {false, true}) {
    const TemporaryFolder folder;
    AppServer server(simulator_, {"--listen", "unix://" + folder.file("socket"), "--listen",
                                  "ws://127.0.0.1:0", "--listen", "stdio://"});
    std::string url = server.listening_on();
    const std::string second = server.listening_on();
    if (url.rfind("unix", 0) == 0) url = second;
    Speaker stdio{[&](const Json& message) { server.send(message); },
                  [&] { return server.receive(); }};
    renew_over(stdio, v2);
    server.ask("account/logout");

    UnixClient lines(folder.file("socket"));
    Speaker line_speaker{[&](const Json& message) { lines.send(message.dump() + "\n"); },
                         [&] { return Json::parse(lines.read_line()); }};
    renew_over(line_speaker, v2);

    WebSocketClient web_socket(url);
    Speaker web_speaker{[&](const Json& message) { web_socket.send(message.dump()); },
                        [&] { return web_socket.receive(); }};
    renew_over(web_speaker, v2);
  }
}

TEST_F(BroughtTokens, AreRenewedOverHeaders) {
  Process process({program(), "app-server"},
                  at_simulator(simulator_, {{"CODEX_HOME", simulator_.home()}}));
  Speaker client{
      [&](const Json& message) {
        const std::string text = message.dump();
        process.write("Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text);
      },
      [&] {
        std::size_t size = 0;
        while (const auto line = process.read_line()) {
          if (line->rfind("Content-Length: ", 0) == 0) size = std::stoul(line->substr(16));
          if (*line == "\r") break;
        }
        return Json::parse(process.read_bytes(size));
      }};
  renew_over(client, true);
}

TEST_F(BroughtTokens, AreAskedForOnceForAllCalls) {
  AppServer server(simulator_);
  server.initialize(false, {"account/login/completed", "account/updated"});
  server.ask(kLogin, login("a-token-that-is-stale"));
  server.send(request("limits", kRead));
  server.send(request("usage", "account/usage/read"));
  server.send(request("consume", "account/rateLimitResetCredit/consume",
                      {{"idempotencyKey", "key-of-somebody"}}));
  simulator_.calls("", 4, "answered");
  const Json question = server.receive();
  EXPECT_EQ(question["method"], kRefresh);
  server.send({{"id", question["id"]}, {"result", fresh("simulated-access-token")}});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(server.receive().contains("result"));
}

TEST_F(BroughtTokens, ThatDoNotComeLeaveTheRefusal) {
  AppServer server(simulator_, {"--token-request-timeout-ms", "50"});
  server.initialize(false, {"account/login/completed", "account/updated"});
  server.ask(kLogin, login("a-token-that-is-stale"));
  const auto read = [&](const Json& reply) {
    server.send(request(7, kRead, kOnlyUsage));
    Json message = server.receive();
    EXPECT_EQ(message["method"], kRefresh) << message;
    if (!reply.is_null()) {
      Json answer = reply;
      answer["id"] = message["id"];
      server.send(answer);
    }
    const Json error = server.receive()["error"];
    EXPECT_EQ(error["data"]["kind"], "authRequired");
    EXPECT_EQ(error["data"]["httpStatus"], 401);
    return error["data"].value("detail", "");
  };
  EXPECT_NE(read(nullptr).find("within 50 ms"), std::string::npos);
  const std::string error_detail =
      read({{"error", {{"code", -32000}, {"message", "my-very-secret-words"}}}});
  EXPECT_NE(error_detail.find("with an error"), std::string::npos);
  EXPECT_EQ(error_detail.find("my-very-secret-words"), std::string::npos);
  EXPECT_NE(read({{"result", {{"accessToken", 5}}}}).find("result.accessToken"), std::string::npos);
  const std::string bare = read({{"result", "a-token-all-by-itself"}});
  EXPECT_NE(bare.find("`result` is missing or wrong"), std::string::npos) << bare;
  EXPECT_EQ(bare.find("a-token-all-by-itself"), std::string::npos);
  EXPECT_NE(read({{"result", fresh("two words")}}).find("accessToken"), std::string::npos);
  EXPECT_NE(read({{"result", fresh("a-token-that-is-stale")}}).find("refused ones"),
            std::string::npos);
  // They still count: the next one may be answered.
  server.send(request(9, kRead, kOnlyUsage));
  const Json question = server.receive();
  server.send({{"id", question["id"]}, {"result", fresh("simulated-access-token")}});
  EXPECT_TRUE(server.receive().contains("result"));
}

TEST_F(BroughtTokens, OfAnotherAccountDoNotAnswerTheCallOfTheFirst) {
  AppServer server(simulator_);
  server.initialize(false, {"account/login/completed"});
  server.ask(kLogin, login("a-token-that-is-stale", "account-of-the-first"));
  EXPECT_EQ(server.receive()["method"], "account/updated");
  server.send(
      request(7, "account/rateLimitResetCredit/consume", {{"idempotencyKey", "key-of-the-first"}}));
  const Json question = server.receive();
  server.send({{"id", question["id"]}, {"result", fresh("simulated-access-token")}});
  EXPECT_EQ(server.told(), updated(nullptr));
  const Json error = server.receive()["error"];
  EXPECT_EQ(error["data"]["httpStatus"], 401);
  EXPECT_EQ(simulator_.state()["accounts"][0]["redemptions"].size(), 0U);
  EXPECT_TRUE(server.ask(kRead).contains("result"));
}

TEST_F(BroughtTokens, ServeOthersWhenTheirClientHasLeftUntilTheyAreRefused) {
  const TemporaryFolder folder;
  AppServer server(simulator_, {"--listen", "unix://" + folder.file("socket")});
  server.listening_on();
  UnixClient stays(folder.file("socket"));
  stays.ask(Json::parse(kInitialize));
  {
    UnixClient leaves(folder.file("socket"));
    leaves.ask(Json::parse(kInitialize));
    leaves.ask(request(7, kLogin, login("simulated-access-token")));
    EXPECT_EQ(unstamped(Json::parse(stays.read_line())), kCompleted);
    EXPECT_EQ(unstamped(Json::parse(stays.read_line())), updated(nullptr));
  }
  // Gone; nobody is signed out by that.
  EXPECT_TRUE(stays.ask(request(8, kRead)).contains("result"));
  EXPECT_EQ(stays.ask(request(9, "account/read", Json::object()))["result"]["account"]["type"],
            "chatgpt");
  // Refused, and nobody is there to bring new ones: everybody is told.
  simulator_.fault({{"route", "any"}, {"times", 0}, {"status", 401}});
  stays.send(request(10, kRead).dump() + "\n");
  EXPECT_EQ(unstamped(Json::parse(stays.read_line())), kNobody);
  const Json error = Json::parse(stays.read_line())["error"];
  EXPECT_EQ(error["data"]["kind"], "authRequired");
  EXPECT_NE(error["data"]["detail"].get<std::string>().find("has left"), std::string::npos);
  EXPECT_NE(error["data"]["detail"].get<std::string>().find("account/login/start"),
            std::string::npos);
}

TEST_F(BroughtTokens, OfAClientThatSaysNoMoreCannotBeRenewed) {
  AppServer server(simulator_);
  server.initialize(false, {"account/login/completed", "account/updated"});
  server.ask(kLogin, login("a-token-that-is-stale"));
  simulator_.fault({{"route", "usage"}, {"hold", "gate"}, {"status", 401}});
  server.send(request(7, kRead, kOnlyUsage));
  simulator_.calls("usage", 1);
  server.process().close_input();  // and still listens
  simulator_.release("gate");
  const Json error = server.receive()["error"];
  EXPECT_NE(error["data"]["detail"].get<std::string>().find("has left"), std::string::npos);
  EXPECT_EQ(server.process().wait(), 0);
}

TEST_F(BroughtTokens, ThatComeMeanwhileDoNotWaitForTheQuestionAboutOthers) {
  AppServer server(simulator_, {"--token-request-timeout-ms", "3600000"});
  server.initialize(false, {"account/login/completed", "account/updated"});
  server.ask(kLogin, login("a-token-that-is-stale"));
  server.send(request(7, kRead, kOnlyUsage));
  const Json first = server.receive();
  EXPECT_EQ(first["method"], kRefresh);  // and is not answered
  server.ask(kLogin, login("another-token-that-is-stale"));
  server.send(request(8, "account/usage/read"));
  const Json second = server.receive();
  EXPECT_EQ(second["method"], kRefresh) << second;
  server.send({{"id", second["id"]}, {"result", fresh("simulated-access-token")}});
  const Json answer = server.receive();
  EXPECT_EQ(answer["id"], 8);
  EXPECT_TRUE(answer.contains("result")) << answer;
}

TEST(BroughtTokensBesideAFile, AreAskedForWhileTheFilesAreRenewed) {
  const Simulator simulator;
  Json auth = Json::parse(read_file(simulator.home_file("auth.json")));
  auth["tokens"]["access_token"] = jwt({{"exp", 1}});
  write_file(simulator.home_file("auth.json"), auth.dump());
  simulator.fault({{"route", "refresh"}, {"hold", "gate"}});
  AppServer server(simulator);
  server.initialize(false, {"account/login/completed", "account/updated"});
  server.send(request(7, kRead));
  simulator.calls("refresh", 1);
  server.ask(kLogin, login("a-token-that-is-stale"));
  server.send(request(8, "account/usage/read"));
  const Json question = server.receive();
  EXPECT_EQ(question["method"], kRefresh) << question;
  server.send({{"id", question["id"]}, {"result", fresh("simulated-access-token")}});
  EXPECT_EQ(server.receive()["id"], 8);
  simulator.release("gate");
  EXPECT_EQ(server.receive()["id"], 7);
}

// --- Beside auth.json ----------------------------------------------------------------------------

TEST(SignOut, LeavesTheFileAloneAndLastsUntilTheNextSignIn) {
  const Simulator simulator;
  const std::string untouched = read_file(simulator.home_file("auth.json"));
  AppServer server(simulator);
  server.initialize();
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  server.send(request(7, "account/logout"));
  EXPECT_EQ(server.receive()["id"], 7);
  EXPECT_EQ(server.told(), kNobody);
  EXPECT_EQ(server.ask(kRead)["error"]["data"]["kind"], "authRequired");
  EXPECT_EQ(read_file(simulator.home_file("auth.json")), untouched);
  // The CLI renewing its tokens does not sign this server in again.
  write_file(simulator.home_file("auth.json"), untouched + "\n");
  EXPECT_EQ(server.ask(kRead)["error"]["data"]["kind"], "authRequired");
  EXPECT_TRUE(server.ask(kLogin, login("simulated-access-token")).contains("result"));
  EXPECT_TRUE(server.ask(kRead).contains("result"));
  // Another server is not concerned.
  AppServer other(simulator);
  other.initialize();
  EXPECT_TRUE(other.ask(kRead).contains("result"));
}

TEST(BroughtTokensBesideAFile, ComeFirstAndStayInMemory) {
  const Simulator simulator(Json{{"accounts",
                                  {{{"accessToken", "token-of-the-file"},
                                    {"accountId", "account-of-the-file"},
                                    {"userId", "user-1"},
                                    {"planType", "plus"}},
                                   {{"accessToken", "token-of-the-host"},
                                    {"accountId", "account-of-the-host"},
                                    {"userId", "user-2"},
                                    {"planType", "pro"}}}}});
  const std::string untouched = read_file(simulator.home_file("auth.json"));
  AppServer server(simulator);
  server.initialize();
  EXPECT_EQ(server.ask(kRead)["result"]["rateLimits"]["planType"], "plus");
  server.ask(kLogin, login("token-of-the-host", "account-of-the-host"));
  EXPECT_EQ(server.ask(kRead)["result"]["rateLimits"]["planType"], "pro");
  EXPECT_EQ(read_file(simulator.home_file("auth.json")), untouched);
  EXPECT_EQ(server.finish(), 0);
}

}  // namespace
}  // namespace quotad::testing
