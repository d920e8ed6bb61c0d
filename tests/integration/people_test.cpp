// The commands for people, where no person looks: in pipes and scripts. tests/terminal has the rest.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

struct Ran {
  int exit_code = 0;
  std::string out;
  std::string errors;
};

class People : public ::testing::Test {
 protected:
  Environment environment(const Environment& more = {}) const {
    Environment all = at_simulator(simulator_, more);
    all.try_emplace("CODEX_HOME", simulator_.home());
    return all;
  }

  Ran run(const Arguments& arguments, const Environment& more = {}) const {
    Arguments words = {program()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    Process process(words, environment(more));
    Ran ran;
    ran.out = process.read_rest();
    ran.errors = process.read_error_rest();
    ran.exit_code = process.wait();
    return ran;
  }

  // What the words `command` that quotad has printed do in a shell.
  Ran run_in_shell(const std::string& command) const {
    const std::string folder = std::filesystem::path(program()).parent_path();
    Process shell({"/bin/sh", "-c", "PATH=" + folder + ":$PATH; " + command}, environment());
    Ran ran;
    ran.out = shell.read_rest();
    ran.errors = shell.read_error_rest();
    ran.exit_code = shell.wait();
    return ran;
  }

  // All tokens that the simulator tells of, "90,080,000"; how many depends on the days behind its clock.
  std::string lifetime_tokens() const {
    const Json usage = Json::parse(run({"usage", "--json"}).out);
    std::string digits = std::to_string(usage["summary"]["lifetimeTokens"].get<std::int64_t>());
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
    return digits;
  }

  std::size_t redemptions() const {
    return simulator_.state()["accounts"][0]["redemptions"].size();
  }

  // What the service was asked to redeem first.
  Json consumed() const {
    return Json::parse(simulator_.calls("consume")[0]["body"].get<std::string>());
  }

  Simulator simulator_;
};

bool has(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

// QUOTAD_NOW for a program that runs so many seconds after those that see this environment.
std::string later(std::int64_t seconds) {
  const char* const wanted = std::getenv("QUOTAD_NOW");
  const std::string now = wanted != nullptr && *wanted != '\0' ? wanted : "+0";
  const std::int64_t then = std::stoll(now) + seconds;
  const bool is_moved = now[0] == '+' || now[0] == '-';
  return (is_moved && then >= 0 ? "+" : "") + std::to_string(then);
}

// The line of `text` that begins with `begin`, without that.
std::string line_after(const std::string& text, const std::string& begin) {
  const std::size_t at = text.find(begin);
  if (at == std::string::npos) return "";
  const std::size_t from = at + begin.size();
  return text.substr(from, text.find('\n', from) - from);
}

TEST_F(People, LimitsAreShown) {
  const Ran ran = run({"limits"});
  EXPECT_EQ(ran.exit_code, 0);
  for (const char* words : {"Codex", "5 hours", "62 % used", "7 days", "31 % used", "Spark", "plus",
                            "5.39, about $0.22", "2 available", "expires soon"}) {
    EXPECT_TRUE(has(ran.out, words)) << words << " is not in\n" << ran.out;
  }
  EXPECT_EQ(ran.errors, "");
  EXPECT_TRUE(has(run({"limits", "--credits-per-usd", "10"}).out, "5.39, about $0.54"));
  const std::string without_dollars = run({"limits", "--credits-per-usd", "0"}).out;
  EXPECT_TRUE(has(without_dollars, "5.39"));
  EXPECT_FALSE(has(without_dollars, "$"));
  EXPECT_TRUE(has(run({"limits", "--utc"}).out, " UTC, in "));
}

TEST_F(People, JsonIsWhatTheServerSays) {
  AppServer server(simulator_);
  server.initialize();
  EXPECT_EQ(Json::parse(run({"limits", "--json"}).out),
            server.ask("account/rateLimits/read")["result"]);
  EXPECT_EQ(Json::parse(run({"usage", "--json"}).out), server.ask("account/usage/read")["result"]);
  const std::string thread = "019a0000-0000-7000-8000-000000000001";
  EXPECT_EQ(Json::parse(run({"usage", "--json", "--thread", thread}).out),
            server.ask("account/usage/read", {{"threadId", thread}})["result"]);
}

TEST_F(People, UsageIsShown) {
  const Ran ran = run({"usage"});
  EXPECT_EQ(ran.exit_code, 0);
  for (const std::string& words :
       {lifetime_tokens() + " tokens", std::string("30 days"), std::string("By day"),
        std::string("unknown"), std::string("Last 30 days")}) {
    EXPECT_TRUE(has(ran.out, words)) << words << " is not in\n" << ran.out;
  }
  EXPECT_TRUE(has(run({"usage", "--thread", "019a0000-0000-7000-8000-000000000001"}).out,
                  "46.00 credits, about $1.84"));
  EXPECT_TRUE(has(run({"usage", "--thread", "019a0000-0000-7000-8000-0000000000ff"}).out,
                  "does not know this thread"));
}

TEST_F(People, ExitCodesTellScriptsWhatIsWrong) {
  TemporaryFolder nobody;
  for (const Arguments& command :
       {Arguments{"limits"}, Arguments{"usage"}, Arguments{"reset", "--yes"}}) {
    const Ran ran = run(command, {{"CODEX_HOME", nobody.path()}});
    EXPECT_EQ(ran.exit_code, 3) << command[0];
    EXPECT_EQ(ran.out, "");
    EXPECT_TRUE(has(ran.errors, "codex login")) << ran.errors;
  }
  const std::string missing = nobody.file("missing");
  const Ran no_folder = run({"limits"}, {{"CODEX_HOME", missing}});
  EXPECT_EQ(no_folder.exit_code, 3);
  EXPECT_TRUE(
      has(no_folder.errors, "the folder " + missing + " does not exist (CODEX_HOME names it)"))
      << no_folder.errors;
  const Ran no_home = run({"limits"}, {{"CODEX_HOME", ""}, {"HOME", ""}});
  EXPECT_EQ(no_home.exit_code, 3);
  EXPECT_TRUE(has(no_home.errors, "/.codex does not exist (neither CODEX_HOME nor HOME is set)"))
      << no_home.errors;
  EXPECT_EQ(run({"usage", "--thread", "nonsense"}).exit_code, 2);
  EXPECT_EQ(run({"usage", "--days", "0"}).exit_code, 2);
  EXPECT_EQ(run({"limits", "--connect", "http://127.0.0.1:1"}).exit_code, 2);
  EXPECT_EQ(run({"watch", "--interval", "0"}).exit_code, 2);
  const Ran no_confirmation = run({"reset"});
  EXPECT_EQ(no_confirmation.exit_code, 2);
  EXPECT_TRUE(has(no_confirmation.errors, "--yes"));
  EXPECT_EQ(simulator_.calls("consume").size(), 0U);

  simulator_.fault({{"route", "usage"}, {"status", 429}, {"headers", {{"Retry-After", "90"}}}});
  const Ran refused = run({"limits"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.errors, "left alone for 1 min")) << refused.errors;

  simulator_.fault({{"route", "usage"},
                    {"status", 403},
                    {"body", "<html>\n<title>Just a moment...</title>\n</html>"},
                    {"contentType", "text/html"}});
  const Ran challenged = run({"limits"});
  EXPECT_EQ(challenged.exit_code, 1);
  EXPECT_EQ(
      challenged.errors,
      "quotad: the service's gate answered with a page for browsers (403), which is not about "
      "your sign-in; try again later, from another network, or without a proxy or VPN\n");

  simulator_.fault({{"route", "usage"}, {"status", 503}});
  const Ran as_json = run({"limits", "--json"});
  EXPECT_EQ(as_json.exit_code, 1);
  const Json error = Json::parse(as_json.out)["error"];
  EXPECT_EQ(error["data"]["kind"], "backendStatus");
  EXPECT_EQ(error["data"]["httpStatus"], 503);
  EXPECT_EQ(error["code"], -32603);
}

TEST_F(People, ALimitThatIsReachedIsAnExitCodeOfItsOwn) {
  Json account = {{"accessToken", "t"},
                  {"accountId", "a"},
                  {"userId", "u"},
                  {"primary", {{"usedPercent", 100}}},
                  {"resetCredits", {{{"id", "c"}}}},
                  {"usagePatch", {{"rate_limit_reached_type", "rate_limit_reached"}}}};
  const Simulator simulator(Json{{"accounts", {account}}});
  Process process({program(), "limits"},
                  at_simulator(simulator, {{"CODEX_HOME", simulator.home()}}));
  const std::string shown = process.read_rest();
  EXPECT_TRUE(has(shown, "Stopped     The 5-hour window is full until ")) << shown;
  EXPECT_TRUE(has(shown, "`quotad reset`")) << shown;
  EXPECT_EQ(process.wait(), 4);
}

TEST_F(People, AResetSpendsOneCreditForItsKey) {
  const Ran ran = run({"reset", "--yes"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(has(ran.errors, "This spends one reset credit of 2")) << ran.errors;
  EXPECT_TRUE(has(ran.errors, "62 % used"));
  EXPECT_TRUE(has(ran.out, "Done: a credit was spent")) << ran.out;
  EXPECT_TRUE(has(ran.out, "0 % used")) << "the new limits are shown";
  const std::string key = line_after(ran.errors, "Key: ");
  EXPECT_EQ(consumed()["redeem_request_id"], key);

  const Ran again = run({"reset", "--yes", "--key", key, "--json"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(Json::parse(again.out), Json({{"outcome", "alreadyRedeemed"}}));
  EXPECT_EQ(redemptions(), 1U);
}

TEST_F(People, AResetSpendsTheCreditThatItIsTold) {
  const Ran ran = run({"reset", "--yes", "--credit", "credit-0002"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(has(ran.errors, "This spends Usage reset, which expires")) << ran.errors;
  EXPECT_EQ(consumed()["credit_id"], "credit-0002");
}

TEST_F(People, WithoutACreditNothingIsAsked) {
  Json account = {{"accessToken", "t"},
                  {"accountId", "a"},
                  {"userId", "u"},
                  {"primary", {{"usedPercent", 50}}},
                  {"usagePatch", {{"rate_limit_reset_credits", {{"available_count", 0}}}}}};
  simulator_.load({{"accounts", {account}}});
  Json auth = Json::parse(read_file(simulator_.home_file("auth.json")));
  auth["tokens"]["access_token"] = "t";
  auth["tokens"]["account_id"] = "a";
  write_file(simulator_.home_file("auth.json"), auth.dump());
  const Ran ran = run({"reset", "--yes"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.errors, "There is no reset credit to spend.")) << ran.errors;
  EXPECT_EQ(simulator_.calls("consume").size(), 0U);
  EXPECT_EQ(run({"reset", "--yes", "--json"}).out, "{\"outcome\":\"noCredit\"}\n");
  EXPECT_EQ(simulator_.calls("consume").size(), 0U);
  // What an earlier attempt has done is asked about all the same.
  EXPECT_EQ(run({"reset", "--yes", "--key", "k"}).exit_code, 1);
  EXPECT_EQ(simulator_.calls("consume").size(), 1U);
}

TEST_F(People, ATimeOutSaysHowToFindOut) {
  simulator_.fault({{"route", "consume"}, {"hang", true}, {"applied", true}});
  const Ran ran = run({"reset", "--yes", "--consume-timeout-ms", "5000"});
  EXPECT_EQ(ran.exit_code, 5);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(has(ran.errors, "The outcome is unknown")) << ran.errors;
  const std::string command = line_after(ran.errors, "no second one:\n  ");
  EXPECT_TRUE(has(command, line_after(ran.errors, "Key: "))) << command;
  const Ran again = run_in_shell(command);
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_TRUE(has(again.out, "Done before")) << again.out;
  EXPECT_EQ(redemptions(), 1U);
}

TEST_F(People, NoResetBeginsBesideOneWhoseOutcomeIsUnknown) {
  simulator_.fault({{"route", "consume"}, {"hang", true}, {"applied", true}});
  EXPECT_EQ(run({"reset", "--yes", "--consume-timeout-ms", "3000"}).exit_code, 5);
  const std::size_t asked = simulator_.calls("consume").size();
  const std::string key = consumed()["redeem_request_id"];
  for (const Arguments& words :
       {Arguments{"reset", "--yes"}, Arguments{"reset", "--yes", "--again"},
        Arguments{"reset", "--yes", "--key", "another-key"}}) {
    const Ran refused = run(words);
    EXPECT_EQ(refused.exit_code, 5) << refused.errors;
    EXPECT_EQ(refused.out, "");
    EXPECT_TRUE(has(refused.errors, "The outcome of the reset begun ")) << refused.errors;
    EXPECT_TRUE(has(refused.errors, " s ago, is unknown")) << refused.errors;
    EXPECT_TRUE(has(line_after(refused.errors, "no second one:\n  "), key)) << refused.errors;
  }
  const Json error = Json::parse(run({"reset", "--yes", "--json"}).out)["error"];
  EXPECT_EQ(error["data"]["outcomeUnknown"], true) << error;
  EXPECT_EQ(simulator_.calls("consume").size(), asked) << "the service is not asked";

  const std::string shown = run({"limits"}).out;
  EXPECT_TRUE(has(shown, "Reset       The outcome of the reset begun ")) << shown;
  Process watch({program(), "watch", "--plain"}, environment());
  std::string watched;
  while (!has(watched, "The outcome of the reset begun ")) {
    const auto line = watch.read_line();
    ASSERT_TRUE(line) << watched;
    watched += *line + "\n";
  }

  const Ran finished =
      run_in_shell(line_after(run({"reset", "--yes"}).errors, "no second one:\n  "));
  EXPECT_EQ(finished.exit_code, 0) << finished.errors;
  EXPECT_EQ(redemptions(), 1U);
  EXPECT_FALSE(has(run({"limits"}).out, "The outcome of the reset"));
}

TEST_F(People, NoResetBeginsBesideAnUnknownOneOfARunningServer) {
  TemporaryFolder folder;
  const std::string socket = folder.file("quotad.sock");
  AppServer server(simulator_, {"--listen", "unix://" + socket, "--consume-timeout-ms", "1000",
                                "--consume-background-ms", "1000"});
  server.listening_on();
  simulator_.fault({{"route", "consume"}, {"hang", true}, {"applied", true}, {"times", 0}});
  // Whoever asks has no record; the server has.
  TemporaryFolder nobody;
  const Environment elsewhere = {{"CODEX_HOME", nobody.path()},
                                 {"QUOTAD_STATE_HOME", nobody.file("state")}};
  const Arguments reset = {"reset", "--yes", "--connect", "unix://" + socket};
  EXPECT_EQ(run(reset, elsewhere).exit_code, 5);
  const std::size_t asked = simulator_.calls("consume").size();
  const Ran refused = run(reset, elsewhere);
  EXPECT_EQ(refused.exit_code, 5) << refused.errors;
  const std::string command = line_after(refused.errors, "no second one:\n  ");
  EXPECT_TRUE(has(command, consumed()["redeem_request_id"])) << refused.errors;
  EXPECT_TRUE(has(command, "--connect 'unix://" + socket + "'")) << command;
  EXPECT_EQ(simulator_.calls("consume").size(), asked);
  EXPECT_TRUE(has(run({"limits", "--connect", "unix://" + socket}, elsewhere).out, "\nReset   "));
}

TEST_F(People, LimitsMakeNoRecord) {
  TemporaryFolder folder;
  const Environment here = {{"QUOTAD_STATE_HOME", folder.file("state")}};
  const Ran ran = run({"limits"}, here);
  EXPECT_EQ(ran.exit_code, 0) << ran.errors;
  EXPECT_FALSE(std::filesystem::exists(folder.file("state")));
  // One that cannot be read keeps nobody from the limits, and everybody from a reset.
  std::filesystem::create_directories(folder.file("state/redemptions.sqlite3"));
  chmod(folder.file("state").c_str(), 0700);
  const Ran without = run({"limits"}, here);
  EXPECT_EQ(without.exit_code, 0);
  EXPECT_TRUE(has(without.out, "62 % used")) << without.out;
  EXPECT_TRUE(has(without.errors, "the record of redemptions cannot be read: ")) << without.errors;
  const Ran refused = run({"reset", "--yes"}, here);
  EXPECT_EQ(refused.exit_code, 1) << refused.errors;
  EXPECT_TRUE(has(refused.errors, "Nothing was spent.")) << refused.errors;
  EXPECT_EQ(simulator_.calls("consume").size(), 0U);
}

TEST_F(People, WindowsThatStayFullAreToldOfAndNoSecondCreditIsSpentAtOnce) {
  const Json full = {
      {"rate_limit",
       {{"primary_window",
         {{"used_percent", 100}, {"reset_at", 4'000'000'000}, {"limit_window_seconds", 18'000}}}}},
      {"plan_type", "plus"},
      {"rate_limit_reset_credits", {{"available_count", 1}}}};
  simulator_.fault({{"route", "usage"}, {"times", 0}, {"status", 200}, {"body", full}});
  const Ran ran = run({"reset", "--yes"});
  EXPECT_EQ(ran.exit_code, 0) << ran.errors;
  EXPECT_TRUE(has(ran.out,
                  "Done: a credit was spent.\nThe service still reports the windows as "
                  "full. "))
      << ran.out;
  EXPECT_TRUE(has(ran.out, "do not spend")) << ran.out;
  EXPECT_FALSE(has(ran.out, "afresh")) << ran.out;
  EXPECT_FALSE(has(run({"limits"}).out, "`quotad reset`"));

  const std::string key = line_after(ran.errors, "Key: ");
  for (const Arguments& words :
       {Arguments{"reset", "--yes"}, Arguments{"reset", "--yes", "--key", "another-key"}}) {
    const Ran refused = run(words);
    EXPECT_EQ(refused.exit_code, 2) << refused.errors;
    EXPECT_TRUE(has(refused.errors, "A reset spent a credit ")) << refused.errors;
    EXPECT_TRUE(has(refused.errors, " s ago (key ..." + key.substr(key.size() - 4) + ")"))
        << refused.errors;
    EXPECT_TRUE(has(refused.errors, "--again")) << refused.errors;
  }
  const Ran same = run({"reset", "--yes", "--key", key});
  EXPECT_EQ(same.exit_code, 0) << same.errors;
  EXPECT_TRUE(has(same.out, "Done before")) << same.out;
  EXPECT_TRUE(has(same.out, "still reports the windows as full")) << same.out;
  EXPECT_EQ(simulator_.calls("consume").size(), 1U);
  EXPECT_EQ(run({"reset", "--yes"}, {{"QUOTAD_NOW", later(3'500)}}).exit_code, 2);

  const Ran again = run({"reset", "--yes", "--again"});
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_EQ(simulator_.calls("consume").size(), 2U);
}

TEST_F(People, AnHourLaterAResetIsNoNews) {
  EXPECT_EQ(run({"reset", "--yes"}).exit_code, 0);
  EXPECT_EQ(run({"reset", "--yes"}, {{"QUOTAD_NOW", later(3'660)}}).exit_code, 0);
  EXPECT_EQ(simulator_.calls("consume").size(), 2U);
}

TEST_F(People, ARefusalSaysThatNothingWasSpent) {
  simulator_.fault({{"route", "consume"}, {"status", 429}});
  const Ran ran = run({"reset", "--yes"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.errors, "Nothing was spent.")) << ran.errors;
  EXPECT_EQ(redemptions(), 0U);
}

TEST_F(People, AnInterruptionWhileWaitingSaysHowToFindOut) {
  simulator_.fault({{"route", "consume"}, {"hold", "answer"}, {"applied", true}});
  Process process({program(), "reset", "--yes"}, environment());
  simulator_.calls("consume", 1);
  process.send_signal(SIGINT);
  const std::string errors = process.read_error_rest();
  EXPECT_EQ(process.wait(), 5);
  const std::string command = line_after(errors, "no second one:\n  ");
  ASSERT_NE(command, "") << errors;
  simulator_.release("answer");
  EXPECT_EQ(run_in_shell(command).exit_code, 0);
  EXPECT_EQ(redemptions(), 1U);
}

TEST_F(People, AnInterruptionBeforeAnythingWasSentSpendsNothing) {
  simulator_.fault({{"route", "usage"}, {"hold", "usage"}});
  Process process({program(), "reset", "--yes"}, environment());
  simulator_.calls("usage", 1);
  process.send_signal(SIGINT);
  EXPECT_TRUE(has(process.read_error_rest(), "Nothing was spent."));
  EXPECT_EQ(process.wait(), 130);
  EXPECT_EQ(simulator_.calls("consume").size(), 0U);
}

TEST_F(People, WhatCannotBeWrittenIsAnError) {
  for (const char* redirection : {" > /dev/full", " >&-"}) {
    Process process({"/bin/sh", "-c", "exec " + program() + " limits" + redirection},
                    environment());
    EXPECT_TRUE(has(process.read_error_rest(), "cannot write to standard output")) << redirection;
    EXPECT_EQ(process.wait(), 1) << redirection;
  }
}

TEST_F(People, ASpentCreditIsNoFailureWhereNothingCanBeWritten) {
  Process process({"/bin/sh", "-c", "exec " + program() + " reset --yes > /dev/full"},
                  environment());
  const std::string errors = process.read_error_rest();
  EXPECT_TRUE(has(errors, "Done: a credit was spent")) << errors;
  EXPECT_EQ(process.wait(), 0);
  EXPECT_EQ(redemptions(), 1U);
}

TEST_F(People, AnInterruptionAfterTheCreditWasSpentDoesNotDenyIt) {
  simulator_.fault({{"route", "consume"}, {"hold", "answer"}});
  Process process({program(), "reset", "--yes"}, environment());
  simulator_.calls("consume", 1);
  simulator_.fault({{"route", "usage"}, {"hold", "usage"}});
  simulator_.release("answer");
  simulator_.calls("usage", 2);
  process.send_signal(SIGINT);
  const std::string errors = process.read_error_rest();
  EXPECT_TRUE(has(process.read_rest(), "Done: a credit was spent"));
  EXPECT_FALSE(has(errors, "Nothing was spent")) << errors;
  EXPECT_FALSE(has(errors, "unknown")) << errors;
  EXPECT_EQ(process.wait(), 0);
}

TEST_F(People, AnAttemptWithAnOldKeyNeverSaysThatNothingWasSpent) {
  simulator_.fault({{"route", "consume"}, {"status", 429}});
  const Ran refused = run({"reset", "--yes", "--key", "old-key"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_TRUE(has(refused.errors, "This attempt has spent nothing. The outcome is unknown"))
      << refused.errors;
  EXPECT_TRUE(has(refused.errors, " reset --key='old-key' --yes")) << refused.errors;
  simulator_.fault({{"route", "usage"}, {"hold", "usage"}});
  Process process({program(), "reset", "--yes", "--key", "old-key"}, environment());
  simulator_.calls("usage", 2);
  process.send_signal(SIGINT);
  EXPECT_TRUE(has(process.read_error_rest(), "The outcome is unknown"));
  EXPECT_EQ(process.wait(), 5);
  EXPECT_EQ(run({"reset", "--yes", "--key", "a\xff"}).exit_code, 2);
}

TEST_F(People, AServerIsAskedAgainHoweverLongItWasNotAsked) {
  TemporaryFolder folder;
  const std::string socket = folder.file("quotad.sock");
  AppServer server(simulator_, {"--listen", "unix://" + socket});
  server.listening_on();
  Process process({program(), "watch", "--json", "--interval", "2", "--answer-timeout-ms", "1500",
                   "--connect", "unix://" + socket},
                  environment());
  for (int i = 0; i < 2; ++i) {
    const auto line = process.read_line();
    ASSERT_TRUE(line);
    EXPECT_TRUE(has(*line, "rateLimits")) << *line;
  }
}

TEST_F(People, WhatIsNoServerIsNotAskedForAToken) {
  const Ran ran =
      run({"limits", "--connect", "ws://127.0.0.1:" + std::to_string(simulator_.port())});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.errors, "HTTP status 404")) << ran.errors;
  EXPECT_FALSE(has(ran.errors, "token")) << ran.errors;
}

TEST_F(People, JsonMovesNoCursor) {
  Json account = {
      {"accessToken", "t"},
      {"accountId", "a"},
      {"userId", "u"},
      {"additionalLimits", {{{"meteredFeature", "x"}, {"limitName", "\u009b2J\u007f"}}}}};
  const Simulator simulator(Json{{"accounts", {account}}});
  Process process({program(), "limits", "--json"},
                  at_simulator(simulator, {{"CODEX_HOME", simulator.home()}}));
  const std::string shown = process.read_rest();
  EXPECT_TRUE(has(shown, "\\u009b2J\\u007f")) << shown;
  EXPECT_FALSE(has(shown, "\u009b"));
}

TEST_F(People, ARunningServerIsAsked) {
  TemporaryFolder runtime;
  chmod(runtime.path().c_str(), 0700);
  const Environment in_runtime = {{"XDG_RUNTIME_DIR", runtime.path()}};
  const std::string socket = runtime.file("quotad.sock");
  AppServer server(simulator_, {"--listen", "unix://" + socket, "--listen", "ws://127.0.0.1:0"},
                   in_runtime);
  server.listening_on();
  const std::string url = server.listening_on();
  const std::string address = url.substr(0, url.find("/?"));
  // Whoever asks is signed in nowhere; the server is.
  TemporaryFolder nobody;
  const Environment elsewhere = {{"CODEX_HOME", nobody.path()},
                                 {"XDG_RUNTIME_DIR", runtime.path()}};
  const std::string expected = run({"limits", "--json"}).out;
  for (const std::string& at : {"unix://" + socket, url, address}) {
    const Ran ran = run({"limits", "--json", "--connect", at}, elsewhere);
    EXPECT_EQ(ran.exit_code, 0) << at << ran.errors;
    EXPECT_EQ(Json::parse(ran.out), Json::parse(expected)) << at;
  }
  EXPECT_TRUE(
      has(run({"usage", "--connect", "unix://" + socket}, elsewhere).out, lifetime_tokens()));

  // Without the file that has the token, nobody gets in, and is told why.
  const Ran refused = run({"limits", "--connect", address},
                          {{"CODEX_HOME", nobody.path()}, {"XDG_RUNTIME_DIR", nobody.path()}});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.errors, "--token-file")) << refused.errors;
  EXPECT_FALSE(has(refused.errors, "token="));

  // A redemption through the server; its errors come with what they are.
  const Ran reset = run({"reset", "--yes", "--connect", "unix://" + socket}, elsewhere);
  EXPECT_EQ(reset.exit_code, 0) << reset.errors;
  EXPECT_TRUE(has(reset.out, "Done: a credit was spent"));
  simulator_.fault({{"route", "usage"}, {"status", 503}});
  const Ran failed = run({"limits", "--json", "--connect", "unix://" + socket}, elsewhere);
  EXPECT_EQ(Json::parse(failed.out)["error"]["data"]["httpStatus"], 503) << failed.out;
}

TEST_F(People, AServersTokenIsReadFromAFile) {
  TemporaryFolder folder;
  const std::string token_file = folder.file("token");
  write_file(token_file, "a-token-that-is-long-enough-to-be-one\n");
  chmod(token_file.c_str(), 0600);
  AppServer server(simulator_, {"--listen", "ws://127.0.0.1:0", "--ws-auth", "capability-token",
                                "--ws-token-file", token_file});
  const std::string url = server.listening_on();
  EXPECT_EQ(run({"limits", "--connect", url}).exit_code, 1);
  const Ran ran = run({"limits", "--connect", url, "--token-file", token_file});
  EXPECT_EQ(ran.exit_code, 0) << ran.errors;
  chmod(token_file.c_str(), 0644);
  const Ran exposed = run({"limits", "--connect", url, "--token-file", token_file});
  EXPECT_EQ(exposed.exit_code, 1);
  EXPECT_TRUE(has(exposed.errors, "chmod 600")) << exposed.errors;
}

TEST_F(People, AServerThatDiesOverARedemptionLeavesTheOutcomeUnknown) {
  TemporaryFolder folder;
  const std::string socket = folder.file("quotad.sock");
  AppServer server(simulator_, {"--listen", "unix://" + socket});
  server.listening_on();
  simulator_.fault({{"route", "consume"}, {"hold", "answer"}, {"applied", true}});
  Process process({program(), "reset", "--yes", "--connect", "unix://" + socket}, environment());
  simulator_.calls("consume", 1);
  server.process().send_signal(SIGKILL);
  server.process().wait();
  const std::string errors = process.read_error_rest();
  EXPECT_EQ(process.wait(), 5) << errors;
  EXPECT_TRUE(has(line_after(errors, "no second one:\n  "), "--connect 'unix://" + socket + "'"))
      << errors;
  simulator_.release("answer");
}

TEST_F(People, ThereIsNoServer) {
  TemporaryFolder folder;
  const Ran ran = run({"limits", "--connect", "unix://" + folder.file("none.sock")});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.errors, "No such file or directory")) << ran.errors;
}

TEST_F(People, AWatchInAPipePrintsEachReading) {
  Process process({program(), "watch", "--json", "--interval", "1"}, environment());
  for (int i = 0; i < 3; ++i) {
    const auto line = process.read_line();
    ASSERT_TRUE(line);
    const Json reading = Json::parse(*line);
    EXPECT_EQ(reading["rateLimits"]["primary"]["usedPercent"], 62);
    EXPECT_EQ(reading["rateLimitResetCredits"]["credits"].size(), 2U) << "as of the first reading";
  }
  EXPECT_GE(simulator_.calls("usage").size(), 3U);
  EXPECT_EQ(simulator_.calls("details").size(), 1U);
  process.send_signal(SIGINT);
  process.read_rest();
  EXPECT_EQ(process.wait(), 0);
}

TEST_F(People, AWatchListsTheCreditsAnewWhenOneIsSpent) {
  Process process({program(), "watch", "--json", "--interval", "1"}, environment());
  ASSERT_TRUE(process.read_line());
  EXPECT_EQ(run({"reset", "--yes"}).exit_code, 0);
  std::string status;
  for (int i = 0; i < 10 && status != "redeemed"; ++i) {
    const auto line = process.read_line();
    ASSERT_TRUE(line);
    const Json credits = Json::parse(*line)["rateLimitResetCredits"]["credits"];
    if (credits.is_array()) status = credits.at(0)["status"];
  }
  EXPECT_EQ(status, "redeemed");
}

TEST_F(People, AWatchWhoseReaderIsGoneEnds) {
  Process process({program(), "watch", "--plain", "--interval", "1"}, environment());
  ASSERT_TRUE(process.read_line());
  process.close_output();
  EXPECT_EQ(process.wait(), 1);
}

TEST_F(People, AWatchBacksOffAsLongAsItIsAsked) {
  simulator_.fault({{"route", "usage"}, {"status", 429}, {"headers", {{"Retry-After", "2"}}}});
  Process process({program(), "watch", "--json", "--interval", "1"}, environment());
  const auto refused = process.read_line();
  ASSERT_TRUE(refused);
  EXPECT_EQ(Json::parse(*refused)["error"]["data"]["retryAfterSec"], 2);
  const auto answered = process.read_line();
  ASSERT_TRUE(answered);
  EXPECT_TRUE(Json::parse(*answered).contains("rateLimits")) << *answered;
  EXPECT_EQ(simulator_.calls("usage").size(), 2U);
}

}  // namespace
}  // namespace quotad::testing
