// Every error row of the three calls: what the service does, and the words and data the client gets
// (reference behaviour, section 3), in both dialects.

#include <gtest/gtest.h>

#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

const char* const kThread = "019a0000-0000-7000-8000-000000000001";

struct Call {
  const char* name;
  const char* route;
  const char* method;
  Json params;
  const char* prefix;   // of an error of the service
  const char* purpose;  // "… authentication required PURPOSE"
  const char* request;  // "GET PATH"
  const char* timeout_flag;
  const char* timeout_words;  // nullptr: the prefix and more
};

std::ostream& operator<<(std::ostream& out, const Call& call) { return out << call.name; }

const std::vector<Call>& calls() {
  static const std::vector<Call> all = {
      {"rateLimits", "usage", "account/rateLimits/read", nullptr,
       "failed to fetch codex rate limits: ", "to read rate limits", "GET /backend-api/wham/usage",
       "--usage-timeout-ms", nullptr},
      {"usage", "profile", "account/usage/read", nullptr, "failed to fetch token usage profile: ",
       "to read token usage", "GET /backend-api/wham/profiles/me", "--profile-timeout-ms",
       "token usage profile fetch timed out"},
      {"thread",
       "threadUsage",
       "account/usage/read",
       {{"threadId", kThread}},
       "failed to fetch thread usage: ",
       "to read token usage",
       "POST /backend-api/wham/usage/thread_usage/query",
       "--thread-usage-timeout-ms",
       "thread usage fetch timed out"},
      {"consume",
       "consume",
       "account/rateLimitResetCredit/consume",
       {{"idempotencyKey", "key-of-a-person"}},
       "failed to consume rate limit reset: ",
       "for rate limit reset credits",
       "POST /backend-api/wham/rate-limit-reset-credits/consume",
       "--consume-timeout-ms",
       "rate limit reset consume timed out"},
  };
  return all;
}

class Errors : public ::testing::TestWithParam<Call> {
 protected:
  std::string url() const {
    const std::string request = GetParam().request;
    return simulator_.url() + request.substr(request.find(' ') + 1);
  }
  std::string verb() const {
    const std::string request = GetParam().request;
    return request.substr(0, request.find(' '));
  }
  // The error with that fault, in the lite dialect.
  Json error_with(Json fault, const Arguments& arguments = {}) {
    fault["route"] = GetParam().route;
    fault["times"] = 0;
    simulator_.fault(fault);
    // No retry of a redemption fits into its time.
    Arguments all = {"--consume-retry-delay-ms", "60000"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    AppServer server(simulator_, all);
    server.initialize();
    const Json answer = server.ask(GetParam().method, GetParam().params);
    EXPECT_TRUE(answer.contains("error")) << answer;
    return answer.value("error", Json::object());
  }
  bool spends() const { return std::string(GetParam().name) == "consume"; }

  const Simulator simulator_;
};

INSTANTIATE_TEST_SUITE_P(Calls, Errors, ::testing::ValuesIn(calls()),
                         [](const auto& call) { return std::string(call.param.name); });

TEST_P(Errors, NotSignedIn) {
  TemporaryFolder home;
  for (const bool v2 : {false, true}) {
    AppServer server(home.path());
    server.initialize(v2);
    const Json error = server.ask(GetParam().method, GetParam().params)["error"];
    EXPECT_EQ(error["code"], -32600);
    EXPECT_EQ(error["message"],
              "codex account authentication required " + std::string(GetParam().purpose));
    EXPECT_EQ(error["data"], Json::parse(R"({"kind":"authRequired","retryable":false})"));
  }
}

TEST_P(Errors, SignedInWithAnApiKey) {
  TemporaryFolder home;
  write_file(home.file("auth.json"), R"({"OPENAI_API_KEY":"sk-secret-key"})");
  AppServer server(home.path());
  server.initialize();
  const Json error = server.ask(GetParam().method, GetParam().params)["error"];
  EXPECT_EQ(error["code"], -32600);
  EXPECT_EQ(error["message"], "chatgpt authentication required " + std::string(GetParam().purpose));
  EXPECT_EQ(error["data"]["kind"], "authRequired");
}

TEST_P(Errors, StatusWithItsBody) {
  const Json error =
      error_with({{"status", 500}, {"body", "it broke"}, {"contentType", "text/plain"}});
  EXPECT_EQ(error["code"], -32603);
  EXPECT_EQ(error["message"], GetParam().prefix + verb() + " " + url() +
                                  " failed: 500 Internal Server Error; "
                                  "content-type=text/plain; body=it broke");
  EXPECT_EQ(error["data"]["kind"], "backendStatus");
  EXPECT_EQ(error["data"]["httpStatus"], 500);
  EXPECT_EQ(error["data"]["retryable"], true);
  EXPECT_EQ(error["data"].value("outcomeUnknown", false), spends());
}

TEST_P(Errors, APageForBrowsersIsNoFaultOfTheSignIn) {
  if (std::string(GetParam().name) == "thread")
    return;  // 403 is no error there, as in the reference
  const Json error = error_with({{"status", 403},
                                 {"body", "<html><title>Just a moment...</title></html>"},
                                 {"contentType", "text/html; charset=UTF-8"}});
  EXPECT_NE(error["message"].get<std::string>().find("body=<html>"), std::string::npos)
      << "clients get the reference's words";
  EXPECT_EQ(error["data"]["kind"], "backendStatus");
  EXPECT_NE(error["data"].value("detail", "").find("not about your sign-in"), std::string::npos)
      << error;
}

TEST_P(Errors, StatusWithoutAContentType) {
  const Json error = error_with({{"status", 400}, {"body", ""}, {"contentType", ""}});
  EXPECT_EQ(error["message"], GetParam().prefix + verb() + " " + url() +
                                  " failed: 400 Bad Request; content-type=; body=");
  EXPECT_EQ(error["data"]["retryable"], false);
  EXPECT_FALSE(error["data"].contains("outcomeUnknown"));
}

TEST_P(Errors, AStatusThatHasNoName) {
  for (const auto& [status, words] :
       {std::pair{555, "555 <unknown status code>"}, std::pair{599, "599 <unknown status code>"},
        std::pair{418, "418 I'm a teapot"}}) {
    const Json error = error_with({{"status", status}, {"body", ""}});
    EXPECT_NE(error["message"].get<std::string>().find(std::string("failed: ") + words + ";"),
              std::string::npos)
        << error["message"];
  }
}

TEST_P(Errors, UnauthorizedIsToldAsSuch) {
  const Json error = error_with({{"status", 401}, {"body", {{"error", "expired"}}}});
  EXPECT_EQ(error["code"], -32603);
  EXPECT_EQ(error["message"], GetParam().prefix + verb() + " " + url() +
                                  " failed: 401 Unauthorized; content-type=application/json; "
                                  "body={\"error\":\"expired\"}");
  EXPECT_EQ(error["data"], Json::parse(R"({"kind":"authRequired","retryable":false,"httpStatus":401,
                "detail":"the service refuses the renewed credentials, too"})"));
}

TEST_P(Errors, TooManyRequestsSaysWhenToComeBack) {
  const Json error = error_with({{"status", 429}, {"headers", {{"Retry-After", "37"}}}});
  EXPECT_EQ(error["data"], Json::parse(R"({"kind":"rateLimited","retryable":true,
                                           "httpStatus":429,"retryAfterSec":37})"));
}

TEST_P(Errors, ForbiddenAndNotFound) {
  for (const int status : {403, 404}) {
    simulator_.fault({{"route", GetParam().route}, {"status", status}});
    AppServer server(simulator_);
    server.initialize();
    const Json answer = server.ask(GetParam().method, GetParam().params);
    if (std::string(GetParam().name) == "thread") {
      EXPECT_EQ(answer["result"]["threadUsage"], nullptr) << answer;
      EXPECT_EQ(answer["result"]["summary"]["lifetimeTokens"], nullptr);
    } else {
      EXPECT_EQ(answer["error"]["data"]["httpStatus"], status) << answer;
    }
  }
}

// What an error says: for threads the reference's message says little, and the detail the rest.
std::string words_of(const Json& error) {
  const std::string message = error["message"];
  const std::string little = "Invalid thread usage response.";
  if (!error["data"].contains("detail") || !message.ends_with(little)) return message;
  return message.substr(0, message.size() - little.size()) +
         error["data"]["detail"].get<std::string>();
}

TEST_P(Errors, NotJsonOrNotAnObject) {
  for (const char* body : {"nonsense", "[]", "\"text\"", "", "<html>challenge</html>"}) {
    const Json error = error_with({{"body", body}, {"contentType", "text/html"}});
    EXPECT_EQ(error["code"], -32603);
    EXPECT_EQ(words_of(error),
              GetParam().prefix + std::string("Decode error for ") + url() +
                  ": expected a JSON object; content-type=text/html; body=" + body);
    EXPECT_EQ(error["data"]["kind"], "backendPayload");
    EXPECT_EQ(error["data"].value("outcomeUnknown", false), spends());
  }
}

TEST_P(Errors, ATruncatedBodyAndADroppedConnection) {
  for (const Json& fault : {Json{{"truncateAtBytes", 3}}, Json{{"reset", true}}}) {
    const Json error = error_with(fault);
    EXPECT_EQ(error["code"], -32603);
    EXPECT_EQ(error["data"]["kind"], "backendUnreachable");
    EXPECT_EQ(error["data"]["retryable"], true);
    EXPECT_EQ(error["data"].value("outcomeUnknown", false), spends());
    EXPECT_EQ(
        error["message"].get<std::string>().rfind(
            GetParam().prefix + std::string("error sending request for url (") + url() + ")", 0),
        0U)
        << error;
  }
}

TEST_P(Errors, NobodyListens) {
  TemporaryFolder home;
  write_file(home.file("auth.json"), read_file(simulator_.home_file("auth.json")));
  AppServer server(home.path(), {"-c", "chatgpt_base_url=http://127.0.0.1:1/backend-api"});
  server.initialize();
  const Json error = server.ask(GetParam().method, GetParam().params)["error"];
  EXPECT_EQ(error["data"]["kind"], "backendUnreachable");
  EXPECT_FALSE(error["data"].contains("outcomeUnknown")) << "nothing was sent";
}

TEST_P(Errors, TimeLimits) {
  for (const Json& fault : {Json{{"hang", true}}, Json{{"trickleMs", 20'000}}}) {
    // A redemption is recorded before the service is asked.
    const Json error = error_with(fault, {GetParam().timeout_flag, spends() ? "1000" : "100"});
    EXPECT_EQ(error["code"], -32603);
    EXPECT_EQ(error["data"]["kind"], "timeout");
    EXPECT_EQ(error["data"]["retryable"], true);
    EXPECT_EQ(error["data"].value("outcomeUnknown", false), spends());
    if (GetParam().timeout_words != nullptr) {
      EXPECT_EQ(error["message"], GetParam().timeout_words);
    } else {
      EXPECT_EQ(error["message"].get<std::string>().rfind(
                    GetParam().prefix + std::string("timed out after 100 ms"), 0),
                0U)
          << error;
    }
  }
}

TEST_P(Errors, NothingThatWasSentInConfidenceIsRepeated) {
  const std::string echo =
      "you sent Bearer simulated-access-token for account-0001 and key-of-a-person; thank you";
  for (const Json& fault : {Json{{"status", 500}, {"body", echo}}, Json{{"body", echo}},
                            Json{{"status", 401}, {"contentType", "text/plain; t=" + echo}}}) {
    const std::string message = words_of(error_with(fault));
    EXPECT_EQ(message.find("simulated-access-token"), std::string::npos) << message;
    EXPECT_EQ(message.find("account-0001"), std::string::npos) << message;
    // Calls that do not send the key have nothing to hide.
    EXPECT_EQ(message.find("key-of-a-person") == std::string::npos, spends()) << message;
    EXPECT_NE(message.find("thank you"), std::string::npos) << message;
  }
}

TEST_P(Errors, ABlottedWordMayBeTheBlotItself) {
  Json auth = Json::parse(read_file(simulator_.home_file("auth.json")));
  auth["tokens"]["access_token"] = "redacted";
  write_file(simulator_.home_file("auth.json"), auth.dump());
  EXPECT_EQ(error_with({{"status", 401}, {"body", "redacted"}})["data"]["httpStatus"], 401);
}

TEST_P(Errors, APasswordInTheBaseUrlIsNotShown) {
  const std::string port = std::to_string(simulator_.port());
  const Json error = error_with(
      {{"status", 500}},
      {"-c", "chatgpt_base_url=http://ada:a-password@127.0.0.1:" + port + "/backend-api"});
  EXPECT_EQ(error["data"]["httpStatus"], 500);
  EXPECT_EQ(error["message"].get<std::string>().find("a-password"), std::string::npos);
  EXPECT_NE(error["message"].get<std::string>().find(url()), std::string::npos) << error;
}

TEST_P(Errors, AnAnswerThatNestsTooDeeplyIsNotTakenIn) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  const Json error = error_with({{"body", "{\"rate_limit_upsell\":" + deep + "}"}});
  EXPECT_EQ(error["data"]["kind"], "backendPayload");
  EXPECT_NE(words_of(error).find("nests too deeply"), std::string::npos);
}

TEST_P(Errors, ABaseUrlThatIsNoneIsNotWorthARetry) {
  for (const char* base : {"ftp://127.0.0.1/backend-api", "not a url"}) {
    AppServer server(simulator_, {"-c", std::string("chatgpt_base_url=") + base});
    server.initialize();
    const Json error = server.ask(GetParam().method, GetParam().params)["error"];
    EXPECT_EQ(error["data"]["kind"], "internal") << error;
    EXPECT_EQ(error["data"]["retryable"], false);
    EXPECT_NE(words_of(error).find("is no https:// URL"), std::string::npos) << error;
  }
}

TEST_P(Errors, ALongBodyIsCut) {
  const Json error = error_with({{"status", 500}, {"body", std::string(20'000, 'x')}},
                                {"--max-error-body-bytes", "100"});
  EXPECT_LT(error["message"].get<std::string>().size(), 400U);
}

TEST_P(Errors, ABodyThatIsTooLargeIsNotTakenIn) {
  const Json error = error_with({{"body", std::string((1U << 20U) + 1, ' ')}});
  EXPECT_EQ(error["data"]["kind"], "backendPayload");
  EXPECT_NE(words_of(error).find("1048576 bytes"), std::string::npos);
}

TEST(ParamErrors, NameTheMember) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  const char* const consume = "account/rateLimitResetCredit/consume";
  const auto check = [&](const char* method, const Json& params, const std::string& message,
                         const char* path) {
    const Json error = server.ask(method, params)["error"];
    EXPECT_EQ(error["code"], -32600) << error;
    EXPECT_EQ(error["message"], message);
    EXPECT_EQ(error["data"]["kind"], "invalidParams");
    EXPECT_EQ(error["data"]["path"], path);
  };
  check(consume, nullptr, "Invalid request: missing field `params`", "params");
  check(consume, Json::object(), "Invalid request: missing field `idempotencyKey`",
        "params.idempotencyKey");
  check(consume, {{"idempotencyKey", 5}},
        "Invalid request: invalid type: integer `5`, expected a string", "params.idempotencyKey");
  check(consume, {{"idempotencyKey", ""}}, "idempotencyKey must not be empty",
        "params.idempotencyKey");
  check(consume, {{"idempotencyKey", "k"}, {"creditId", ""}}, "creditId must not be empty",
        "params.creditId");
  const std::string long_text(257, 'k');
  check(consume, {{"idempotencyKey", long_text}},
        "idempotencyKey has 257 bytes; the limit is 256 (--max-key-bytes)",
        "params.idempotencyKey");
  check(consume, {{"idempotencyKey", "k"}, {"creditId", long_text}},
        "creditId has 257 bytes; the limit is 256 (--max-key-bytes)", "params.creditId");
  check("account/usage/read", {{"threadId", "x"}},
        "invalid thread id: invalid character: expected an optional prefix of `urn:uuid:` "
        "followed by [0-9a-fA-F-], found `x` at 1",
        "params.threadId");
  EXPECT_EQ(simulator.calls("consume").size(), 0U);

  const Json unknown = server.ask("thread/start", Json::object())["error"];
  EXPECT_EQ(unknown["code"], -32600);
  EXPECT_EQ(
      unknown["message"].get<std::string>().rfind(
          "Invalid request: unknown variant `thread/start`, expected one of `initialize`, ", 0),
      0U);
  EXPECT_EQ(unknown["data"]["kind"], "methodNotFound");
}

TEST(ThreadUsage, AnswersThatAreAboutAnotherThread) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  const auto message = [&](const Json& body) {
    simulator.fault({{"route", "threadUsage"}, {"body", body}});
    return server.ask("account/usage/read", {{"threadId", kThread}})
        .value("/error/message"_json_pointer, "");
  };
  EXPECT_EQ(message({{"threads", Json::array()}}),
            "failed to fetch thread usage: thread usage response omitted requested thread");
  const Json other = {{"thread_id", "x"}, {"estimated_usage_credits_micros", 1}};
  EXPECT_EQ(message({{"threads", {other}}}),
            "failed to fetch thread usage: thread usage returned unexpected threads");
}

}  // namespace
}  // namespace quotad::testing
