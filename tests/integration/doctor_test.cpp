// `quotad doctor`: what it finds, and when it says that a reading works.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/quotad.hpp"
#include "harness/sign_in.hpp"
#include "system/clock.hpp"

namespace quotad::testing {
namespace {

struct Findings {
  int exit_code = 0;
  Json json;
  std::string text;
};

Findings examine(const Environment& environment, const Arguments& arguments = {}) {
  Arguments command = {program(), "doctor"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  Findings findings;
  for (const bool as_json : {true, false}) {
    Arguments words = command;
    if (as_json) words.emplace_back("--json");
    Process process(words, environment);
    const std::string text = process.read_rest();
    const int exit_code = process.wait();
    if (as_json) {
      findings = {exit_code, Json::parse(text), ""};
    } else {
      EXPECT_EQ(exit_code, findings.exit_code) << text;
      findings.text = text;
    }
  }
  EXPECT_EQ(findings.json["ok"], findings.exit_code == 0) << findings.json;
  return findings;
}

class Doctor : public ::testing::Test {
 protected:
  Environment environment(const Environment& more = {}) const {
    Environment all = at_simulator(simulator_, more);
    all["CODEX_HOME"] = simulator_.home();
    return all;
  }
  void change(const std::function<void(Json&)>& edit) const {
    Json auth = Json::parse(read_file(simulator_.home_file("auth.json")));
    edit(auth);
    write_file(simulator_.home_file("auth.json"), auth.dump());
  }
  Simulator simulator_;
};

TEST_F(Doctor, AllIsWell) {
  const Findings found = examine(environment());
  EXPECT_EQ(found.exit_code, 0) << found.json;
  const Json& credentials = found.json["credentials"];
  EXPECT_EQ(credentials["source"], simulator_.home_file("auth.json"));
  EXPECT_EQ(credentials["kind"], "chatgpt");
  EXPECT_EQ(credentials["account"], "…0001");
  EXPECT_EQ(credentials["plan"], "plus");
  EXPECT_EQ(credentials["renewalProblem"], nullptr);
  const Json& service = found.json["service"];
  EXPECT_EQ(service["baseUrl"], simulator_.url() + "/backend-api");
  EXPECT_EQ(service["wasAsked"], true);
  EXPECT_GE(service["milliseconds"], 0);
  EXPECT_EQ(service["proxy"], nullptr);
  EXPECT_EQ(found.json["record"]["exists"], false);
  EXPECT_EQ(simulator_.calls("usage").size(), 2U) << "once for each run";
  for (const char* secret : {"account-0001", "simulated-access-token", "simulated-refresh-token"}) {
    EXPECT_EQ((found.text + found.json.dump()).find(secret), std::string::npos) << secret;
  }
  EXPECT_NE(found.text.find("a reading works"), std::string::npos) << found.text;
  EXPECT_NE(found.text.find("answered in "), std::string::npos) << found.text;
}

TEST_F(Doctor, OfflineAsksNobody) {
  const Findings found = examine(environment(), {"--offline"});
  EXPECT_EQ(found.exit_code, 0);
  EXPECT_EQ(found.json["service"]["wasAsked"], false);
  EXPECT_EQ(found.json["service"]["milliseconds"], nullptr);
  EXPECT_EQ(simulator_.calls("").size(), 0U);

  const Findings personal =
      examine(environment({{"CODEX_ACCESS_TOKEN", "at-of-somebody"}}), {"--offline"});
  EXPECT_EQ(personal.exit_code, 0);
  EXPECT_EQ(personal.json["credentials"]["kind"], "personalAccessToken");
  EXPECT_EQ(personal.json["credentials"]["source"], "the environment variable CODEX_ACCESS_TOKEN");
  EXPECT_EQ(simulator_.calls("").size(), 0U);
}

TEST_F(Doctor, AnExpiredTokenIsGoodOnlyIfItCanBeRenewed) {
  change([](Json& auth) {
    auth["tokens"]["access_token"] = jwt({{"exp", system::unix_now() - 60}});
  });
  EXPECT_EQ(examine(environment(), {"--offline"}).exit_code, 0);
  change([](Json& auth) { auth["tokens"].erase("refresh_token"); });
  const Findings found = examine(environment(), {"--offline"});
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_NE(found.text.find("which is over; cannot be renewed: there is no refresh token"),
            std::string::npos)
      << found.text;
  change([](Json& auth) { auth["tokens"]["refresh_token"] = "one-of-somebody"; });
  chmod(simulator_.home_file("auth.json").c_str(), 0400);
  const Findings locked = examine(environment(), {"--offline"});
  EXPECT_EQ(locked.exit_code, 1);
  EXPECT_NE(locked.text.find("it is read-only"), std::string::npos) << locked.text;
}

TEST_F(Doctor, TellsUntilWhenATokenServesThatCannotBeRenewed) {
  change([](Json& auth) {
    auth["tokens"]["access_token"] = jwt({{"exp", system::unix_now() + 2 * 3'600 + 600}});
    auth["tokens"]["refresh_token"] = "spent-by-somebody";
  });
  AppServer server(simulator_);
  server.initialize();
  server.ask("account/read", {{"refreshToken", true}});
  EXPECT_EQ(simulator_.calls("refresh").size(), 1U);
  const Findings found = examine(environment(), {"--offline"});
  EXPECT_EQ(found.exit_code, 0) << found.text;
  EXPECT_NE(found.text.find("Z, in 2 h; cannot be renewed: the sign-in can no longer be renewed "
                            "(refresh_token_invalidated); sign in again"),
            std::string::npos)
      << found.text;
}

TEST_F(Doctor, TellsWhatIsWrong) {
  simulator_.fault({{"route", "usage"}, {"times", 0}, {"status", 503}});
  Findings found = examine(environment());
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_NE(found.json["service"]["problem"].get<std::string>().find("503"), std::string::npos);
  simulator_.fault(Json::array());

  found = examine(environment({{"SSL_CERT_FILE", "/nonexistent.pem"}, {"SSL_CERT_DIR", ""}}),
                  {"--offline"});
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_EQ(found.json["service"]["certificates"], "/nonexistent.pem");
  EXPECT_NE(found.text.find("cannot read /nonexistent.pem"), std::string::npos);

  for (const char* proxy : {"http://ada:a-password@127.0.0.1:9", "ada:a-password@127.0.0.1:9"}) {
    const Environment proxied =
        environment({{"https_proxy", proxy}, {"http_proxy", proxy}, {"NO_PROXY", "127.0.0.1"}});
    EXPECT_EQ(examine(proxied).json["service"]["proxy"], nullptr) << "http:// goes past it";
    found = examine(proxied, {"--offline", "-c", "chatgpt_base_url=https://127.0.0.1/"});
    EXPECT_EQ(found.exit_code, 0);
    const std::string shown = found.json["service"]["proxy"];
    EXPECT_NE(shown.find("127.0.0.1:9 (https_proxy), but not for 127.0.0.1 (NO_PROXY)"),
              std::string::npos)
        << shown;
    EXPECT_EQ(shown.find("a-password"), std::string::npos);
  }

  for (const char* url : {"nonsense", "http://[", "ftp://127.0.0.1/"}) {
    found = examine(environment(), {"--offline", "-c", std::string("chatgpt_base_url=") + url});
    EXPECT_EQ(found.exit_code, 1) << url;
  }

  found = examine(environment(), {"-c", "cli_auth_credentials_store=keyring"});
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_NE(found.text.find("set it to \"file\""), std::string::npos) << found.text;

  change([](Json& auth) { auth = {{"OPENAI_API_KEY", "sk-of-somebody"}}; });
  found = examine(environment());
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_EQ(found.json["credentials"]["kind"], "apikey");

  std::remove(simulator_.home_file("auth.json").c_str());
  found = examine(environment());
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_EQ(found.json["credentials"]["kind"], "none");
  EXPECT_NE(found.text.find("codex login"), std::string::npos) << found.text;

  write_file(simulator_.home_file("config.toml"), "chatgpt_base_url = [");
  found = examine(environment(), {"--offline"});
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_NE(found.text.find("config.toml"), std::string::npos) << found.text;
}

TEST_F(Doctor, CountsWhatIsUnfinishedInTheRecord) {
  simulator_.fault({{"route", "consume"}, {"reset", true}});
  {
    AppServer server(simulator_, {"--consume-retry-delay-ms", "60000"});
    server.initialize();
    server.ask("account/rateLimitResetCredit/consume", {{"idempotencyKey", "key-of-somebody"}});
    server.finish();
  }
  const Findings found = examine(environment());
  EXPECT_EQ(found.json["record"]["exists"], true);
  EXPECT_EQ(found.json["record"]["openRedemptions"], 1);
  EXPECT_NE(found.text.find("1 unfinished: see quotad redemptions"), std::string::npos);
}

}  // namespace
}  // namespace quotad::testing
