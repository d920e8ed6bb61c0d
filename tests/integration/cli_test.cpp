// The commands as a person runs them.

#include <gtest/gtest.h>

#include <boost/algorithm/string.hpp>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <sstream>

#include "harness/quotad.hpp"
#include "harness/sign_in.hpp"

namespace quotad::testing {
namespace {

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};

Outcome run(Arguments arguments, const Environment& environment = {}) {
  arguments.insert(arguments.begin(), program());
  Process process(arguments, environment);
  process.close_input();
  Outcome result;
  result.out = process.read_rest();
  result.err = process.read_error_rest();
  result.exit_code = process.wait();
  return result;
}

TEST(CommandLine, VersionAndHelp) {
  EXPECT_EQ(run({"--version"}).exit_code, 0);
  EXPECT_EQ(run({"--version"}).out.rfind("quotad ", 0), 0U);
  const Outcome help = run({"app-server", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* flag : {"--listen", "--stdio", "--max-message-bytes", "--consume-timeout-ms"}) {
    EXPECT_NE(help.out.find(flag), std::string::npos) << flag;
  }
}

TEST(CommandLine, WrongUseIsExitCodeTwo) {
  for (const Arguments& arguments :
       {Arguments{"nonsense"}, Arguments{"--nonsense"}, Arguments{"app-server", "--nonsense"},
        Arguments{"app-server", "--listen", "bogus"},
        Arguments{"app-server", "--listen", "ws://localhost:1"},
        Arguments{"app-server", "--max-batch", "0"}, Arguments{"--log-level", "loud", "demo"}}) {
    const Outcome result = run(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_NE(result.err, "");
    EXPECT_EQ(result.out, "");
  }
}

TEST(CommandLine, AnUnknownCommandIsNamedAndSoIsWhatThereIs) {
  const Outcome unknown = run({"-s", "read-only", "nonsense", "hello"});
  EXPECT_EQ(unknown.exit_code, 2);
  for (const char* word : {"`nonsense`", "app-server", "simulate", "demo", "completion"}) {
    EXPECT_NE(unknown.err.find(word), std::string::npos) << unknown.err;
  }
  const Outcome below = run({"app-server", "daemon"});
  EXPECT_EQ(below.exit_code, 2);
  for (const char* word : {"`quotad app-server`", "`daemon`", "generate-json-schema"}) {
    EXPECT_NE(below.err.find(word), std::string::npos) << below.err;
  }
  EXPECT_NE(run({"app-server", "--nope"}).err.find("`--nope`"), std::string::npos);
}

TEST(CommandLine, HelpIsACommandToo) {
  const Outcome help = run({"help", "app-server", "generate-ts"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("quotad app-server generate-ts"), std::string::npos) << help.out;
  EXPECT_NE(help.out.find("--prettier"), std::string::npos) << help.out;
  EXPECT_NE(run({"help"}).out.find("app-server"), std::string::npos);
  EXPECT_EQ(run({"help", "nonsense"}).exit_code, 2);
}

// The program under the reference's name; ended, with what it said.
Outcome run_as_codex(const Arguments& arguments, const Environment& environment = {}) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(program(), folder.file("codex"));
  Arguments command = arguments;
  command.insert(command.begin(), folder.file("codex"));
  Process process(command, environment);
  process.close_input();
  Outcome outcome;
  outcome.out = process.read_rest();
  outcome.err = process.read_error_rest();
  outcome.exit_code = process.wait();
  return outcome;
}

TEST(CommandLine, CalledCodexItGivesTheVersionOfTheReferenceAndNothingElse) {
  for (const Arguments& arguments :
       {Arguments{"--version"}, Arguments{"-V"}, Arguments{"-c", "a=1", "--version"}}) {
    const Outcome version = run_as_codex(arguments);
    EXPECT_EQ(version.out, "codex-cli 0.171.0\n");
    EXPECT_EQ(version.err, "");
    EXPECT_EQ(version.exit_code, 0);
  }
  EXPECT_EQ(run({"--version"}).out.rfind("quotad ", 0), 0U) << "under its own name";
}

std::string status_of(const std::string& auth, Environment environment = {},
                      const Arguments& arguments = {"login", "status"}) {
  const TemporaryFolder home;
  if (!auth.empty()) {
    write_file(home.file("auth.json"), auth);
    std::filesystem::permissions(home.file("auth.json"), std::filesystem::perms::owner_read |
                                                             std::filesystem::perms::owner_write);
  }
  environment["CODEX_HOME"] = home.path();
  environment["QUOTAD_LOG"] = "warn";
  const Outcome status = run(arguments, environment);
  EXPECT_EQ(status.out, "");
  return std::to_string(status.exit_code) + " " + status.err;
}

TEST(LoginStatus, IsTheReferencesLineForEveryKindOfCredentials) {
  EXPECT_EQ(status_of(""), "1 Not logged in\n");
  EXPECT_EQ(status_of(chatgpt_sign_in().dump()), "0 Logged in using ChatGPT\n");
  EXPECT_EQ(status_of(R"({"OPENAI_API_KEY":"sk-test-1234567890abcdef"})"),
            "0 API key configured - sk-test-***bcdef\n"
            "Authentication is checked when you send a request.\n");
  EXPECT_EQ(status_of(R"({"OPENAI_API_KEY":"1234567890123"})"),
            "0 API key configured - ***\nAuthentication is checked when you send a request.\n");
  EXPECT_EQ(status_of("{").rfind("1 Error checking login status: cannot use ", 0), 0U);
  EXPECT_EQ(status_of("", {{"CODEX_ACCESS_TOKEN", "junk"}}).rfind("1 Error checking", 0), 0U);
}

TEST(LoginStatus, OfAPersonalAccessTokenAsksWhoseItIs) {
  Json scenario = Json::parse(R"({"accounts":[{"accessToken":"t","accountId":"a","userId":"u",
    "personalAccessToken":"at-known"}]})");
  const Simulator simulator(scenario);
  const Environment there{{"CODEX_AUTHAPI_BASE_URL", simulator.url() + "/authapi"}};
  EXPECT_EQ(status_of(R"({"personal_access_token":"at-known"})", there),
            "0 Logged in using personal access token\n");
  EXPECT_EQ(simulator.calls("whoami").size(), 1U);
  EXPECT_EQ(status_of(R"({"personal_access_token":"at-other"})", there)
                .rfind("1 Error checking login status: ", 0),
            0U);
  Environment in_environment = there;
  in_environment["CODEX_ACCESS_TOKEN"] = " at-known\n";
  EXPECT_EQ(status_of("", in_environment), "0 Logged in using personal access token\n");
}

TEST(LoginStatus, TakesOptionsInFrontBetweenAndBehind) {
  for (const Arguments& arguments :
       {Arguments{"-c", "model=\"x\"", "login", "status"},
        Arguments{"-c", "a.b=1", "-s", "read-only", "-a", "never", "login", "status"},
        Arguments{"login", "-c", "model=x", "status"},
        Arguments{"login", "status", "-c", "model=x", "--enable", "y"}}) {
    EXPECT_EQ(status_of(chatgpt_sign_in().dump(), {}, arguments), "0 Logged in using ChatGPT\n");
  }
  EXPECT_EQ(status_of("", {}, {"-c", "chatgpt_base_url=5", "login", "status"})
                .rfind("1 Error loading configuration: ", 0),
            0U);
}

TEST(CommandLine, WhatOnlyTheReferenceHasIsLeftToIt) {
  for (const Arguments& arguments :
       {Arguments{"login"}, Arguments{"login", "--device-auth"}, Arguments{"logout"},
        Arguments{"exec", "--json", "-m", "x", "hello"}, Arguments{"e", "hello"},
        Arguments{"mcp", "list"}, Arguments{"resume", "--last"}, Arguments{"apply", "1"}}) {
    const Outcome refused = run_as_codex(arguments);
    EXPECT_EQ(refused.exit_code, 2) << arguments[0];
    EXPECT_EQ(refused.out, "");
    EXPECT_NE(refused.err.find("use the Codex CLI itself: codex "), std::string::npos)
        << refused.err;
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  }
}

// The ways in which clients start the reference.
TEST(CommandLine, EveryInvocationOfTheReferenceStartsTheServer) {
  const Simulator simulator;
  for (const Arguments& arguments :
       {Arguments{"app-server"}, Arguments{"app-server", "--stdio"},
        Arguments{"app-server", "--listen", "stdio://"},
        Arguments{"-s", "read-only", "-a", "untrusted", "app-server"},
        Arguments{"--sandbox=read-only", "app-server", "--ask-for-approval", "never"},
        Arguments{"--enable", "X", "--disable", "Y", "--enable", "Z", "app-server"},
        Arguments{"app-server", "--enable", "X", "--strict-config"},
        Arguments{"-c", "model=\"o3\"", "-c", "a.b.c=true", "app-server", "--stdio"},
        Arguments{"app-server", "--analytics-default-enabled", "-c", "analytics.enabled=false"},
        Arguments{"-m", "gpt-5", "-p", "work", "-C", "/tmp", "--search", "app-server"},
        Arguments{"--dangerously-bypass-approvals-and-sandbox", "app-server"}}) {
    Arguments command = arguments;
    command.insert(command.begin(), program());
    Process process(command, {{"CODEX_HOME", simulator.home()}, {"QUOTAD_LOG", "warn"}});
    process.write_line(kInitialize);
    process.write_line(R"({"id":2,"method":"account/rateLimits/read"})");
    process.close_input();
    ASSERT_TRUE(process.read_line());
    const auto answer = process.read_line();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(Json::parse(*answer).contains("result")) << *answer;
    EXPECT_EQ(process.read_error_rest(), "") << "accepted in silence";
    EXPECT_EQ(process.wait(), 0);
  }
}

TEST(CommandLine, WhatIsIgnoredIsInTheLogForWhoLooks) {
  const TemporaryFolder home;
  const Outcome result = run({"-s", "read-only", "--log-level", "debug", "app-server", "--oss"},
                             {{"CODEX_HOME", home.path()}});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.err.find("--sandbox"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("--oss"), std::string::npos) << result.err;
}

TEST(CommandLine, OptionsOfTheReferenceThatGuardSomethingAreNotPassedOver) {
  const Outcome result = run({"app-server", "--startup-sign-out"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("--startup-sign-out"), std::string::npos) << result.err;
}

TEST(CommandLine, ConfigOnTheCommandLineIsHonouredBeforeAndAfterTheCommand) {
  const Simulator simulator;
  const TemporaryFolder home;
  std::filesystem::copy(simulator.home_file("auth.json"), home.file("auth.json"));
  const std::string url = "chatgpt_base_url=\"" + simulator.url() + "/backend-api\"";
  for (const Arguments& arguments :
       {Arguments{"-c", url, "app-server"}, Arguments{"app-server", "--config", url}}) {
    Arguments command = arguments;
    command.insert(command.begin(), program());
    Process process(command, {{"CODEX_HOME", home.path()}});
    process.write_line(kInitialize);
    process.write_line(R"({"id":2,"method":"account/usage/read"})");
    ASSERT_TRUE(process.read_line());
    const auto answer = process.read_line();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(Json::parse(*answer).contains("result")) << *answer;
  }
}

// The words that bash offers after `line`.
std::string completed_in_bash(const std::string& line) {
  std::istringstream input(line);
  std::vector<std::string> words{std::istream_iterator<std::string>(input), {}};
  if (line.back() == ' ') words.emplace_back();
  std::string array;
  for (const std::string& word : words) array += "'" + word + "' ";
  const std::string script = "source <('" + program() + "' completion bash); COMP_WORDS=(" + array +
                             "); COMP_CWORD=" + std::to_string(words.size() - 1) +
                             "; _quotad; echo \"${COMPREPLY[*]}\"";
  Process bash({"/bin/bash", "--norc", "-c", script});
  std::string out = bash.read_rest();
  EXPECT_EQ(bash.read_error_rest(), "");
  return out;
}

TEST(Completion, BashOffersCommandsAndOptions) {
  EXPECT_EQ(completed_in_bash("quotad app"), "app-server\n");
  EXPECT_EQ(completed_in_bash("quotad app-server generate-t"), "generate-ts\n");
  EXPECT_EQ(completed_in_bash("quotad -c a=b app-server --lis"), "--listen\n");
  EXPECT_EQ(completed_in_bash("quotad app-server generate-ts --pre"), "--prettier\n");
  EXPECT_EQ(completed_in_bash("quotad completion "), "--help -h\n");
  const std::string all = completed_in_bash("quotad ");
  EXPECT_NE(all.find("--version"), std::string::npos) << all;
  EXPECT_EQ(all.find("--sandbox"), std::string::npos) << "what means nothing is not offered";
}

// The words that zsh's own way of running such scripts offers after `words`, of which the last is
// unfinished.
TEST(Completion, ZshRunsTheScript) {
  const std::string script =
      "autoload -U +X compinit bashcompinit && compinit -D -u && bashcompinit; source <('" +
      program() +
      "' completion zsh); emulate sh -o kshglob -o braceexpand; "
      "COMP_WORDS=(quotad app-server generate-ts --pret); COMP_CWORD=3; COMPREPLY=(); "
      "compgen() { shift; for w in $=1; do case $w in $3*) echo $w;; esac; done }; "
      "_quotad; echo \"${COMPREPLY[*]}\"";
  Process zsh({"/usr/bin/env", "zsh", "-f", "-c", script});
  EXPECT_EQ(zsh.read_rest(), "--prettier\n");
  EXPECT_EQ(zsh.read_error_rest(), "");
}

TEST(Completion, EveryShellsScriptParses) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Outcome script = run({"completion", shell});
    EXPECT_EQ(script.exit_code, 0);
    EXPECT_NE(script.out.find("generate-openrpc"), std::string::npos);
    Process parser({"/usr/bin/env", shell, "-n"});
    parser.write(script.out);
    parser.close_input();
    EXPECT_EQ(parser.read_error_rest(), "");
    EXPECT_EQ(parser.wait(), 0) << shell;
  }
  EXPECT_EQ(run({"completion", "tcsh"}).exit_code, 2);
}

// The part of the man page that begins with this heading, up to the next one.
std::string part_of(const std::string& page, const std::string& heading) {
  const std::size_t begin = page.find("\n" + heading + "\n");
  if (begin == std::string::npos) return "";
  return page.substr(begin, page.find("\n.S", begin + 1) - begin);
}

std::string with_hyphens_of_roff(const std::string& text) {
  return boost::algorithm::replace_all_copy(text, "-", "\\-");
}

// Looks for everything in the page that `path` and --help tell of, and goes on with the commands below;
// gives how many commands there were.
int expect_in_page(const std::string& page, const Arguments& path) {
  Arguments question = path;
  question.emplace_back("--help");
  std::istringstream help(run(question).out);
  std::string part;
  int count = 0;
  bool lists_commands = false;
  for (std::string line; std::getline(help, line);) {
    if (line.rfind("Usage: ", 0) == 0) {
      std::string heading = line.substr(7);
      for (const char* word : {" [OPTIONS]", " [SUBCOMMAND]"}) {
        boost::algorithm::erase_all(heading, word);
      }
      heading = ".SS \"" + with_hyphens_of_roff(heading) + "\"";
      part = part_of(page, path.empty() ? ".SH OPTIONS" : heading);
      EXPECT_NE(part, "") << heading;
    }
    if (line == "Subcommands:") lists_commands = true;
    if (line.rfind("  ", 0) != 0 || line[2] == ' ') continue;
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (lists_commands) {
      Arguments below = path;
      below.push_back(word);
      count += 1 + expect_in_page(page, below);
    }
    if (word.front() != '-' || (word == "-h,--help" && !path.empty())) continue;
    std::vector<std::string> names;
    boost::algorithm::split(names, word, boost::algorithm::is_any_of(","));
    for (std::string& name : names) name = "\\fB" + with_hyphens_of_roff(name) + "\\fR";
    EXPECT_NE(part.find("\n.TP\n" + boost::algorithm::join(names, ", ")), std::string::npos)
        << line;
  }
  return count;
}

TEST(ManPage, HasEveryCommandAndEveryOption) {
  const Outcome page = run({"man-page"});
  EXPECT_EQ(page.exit_code, 0);
  EXPECT_GE(expect_in_page(page.out, {}), 12) << "commands, and those below app-server";
  const std::string common = part_of(page.out, ".SH OPTIONS");
  for (const char* words :
       {"How much to log to stderr.", "One of: trace, debug, info, warn, error, off.",
        "Default: warn.", "Environment: QUOTAD_LOG.", "\\fIKEY=VALUE\\fR"}) {
    EXPECT_NE(common.find(words), std::string::npos) << words;
  }
  EXPECT_EQ(page.out.find("sandbox"), std::string::npos) << "what means nothing is left out";
}

TEST(ManPage, FormattersFindNothingWrong) {
  Process lint({"/usr/bin/env", "mandoc", "-T", "lint"});
  lint.write(run({"man-page"}).out);
  lint.close_input();
  EXPECT_EQ(lint.read_rest(), "");
  EXPECT_EQ(lint.read_error_rest(), "");
  EXPECT_EQ(lint.wait(), 0);
}

TEST(ManPage, IsTheSameForTheSameDate) {
  const Outcome page = run({"man-page"}, {{"SOURCE_DATE_EPOCH", "1700000000"}});
  EXPECT_NE(page.out.find(".TH QUOTAD 1 2023-11-14 "), std::string::npos) << page.out;
}

TEST(CommandLine, StdoutBelongsToTheProtocol) {
  TemporaryFolder home;
  const Outcome result = run({"--log-level", "trace", "app-server"}, {{"CODEX_HOME", home.path()}});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "");
}

TEST(Logs, JsonLinesAreJson) {
  const Simulator simulator;
  AppServer server(simulator, {"--log-format", "json", "--log-level", "debug"});
  server.initialize();
  server.process().write_line(R"({"method":"a \"quoted\"\u001b[31m\nname"})");
  EXPECT_EQ(server.finish(), 0);
  int lines = 0;
  while (const auto line = server.process().read_error_line()) {
    const Json entry = Json::parse(*line);
    EXPECT_TRUE(entry.contains("time") && entry.contains("level") && entry.contains("message"));
    ++lines;
  }
  EXPECT_GE(lines, 2);
}

TEST(Logs, TheEnvironmentSetsTheLevel) {
  const Simulator simulator;
  for (const auto& [level, silent] : {std::pair{"debug", false}, std::pair{"error", true}}) {
    AppServer server(simulator, {}, {{"QUOTAD_LOG", level}});
    server.initialize();
    EXPECT_EQ(server.finish(), 0);
    EXPECT_EQ(server.process().read_error_rest().empty(), silent) << level;
  }
}

TEST(Logs, WhatAClientSendsCannotForgeALine) {
  const Simulator simulator;
  AppServer server(simulator, {"--log-level", "debug"});
  server.initialize();
  server.process().write_line(R"({"method":"x\n2026 error forged\u001b[2J"})");
  EXPECT_EQ(server.finish(), 0);
  const std::string log = server.process().read_error_rest();
  EXPECT_NE(log.find("x\\n2026 error forged\\u001b[2J"), std::string::npos) << log;
}

TEST(Demo, PlaysTheMainJob) {
  TemporaryFolder folder;
  const Outcome result = run({"demo"}, {{"TMPDIR", folder.path()}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::size_t reset = result.out.find(R"("outcome": "reset")");
  const std::size_t again = result.out.find(R"("outcome": "alreadyRedeemed")");
  ASSERT_NE(reset, std::string::npos);
  ASSERT_NE(again, std::string::npos);
  EXPECT_LT(reset, again);
  const std::size_t before = result.out.find(R"("usedPercent": 62)");
  const std::size_t after = result.out.rfind(R"("availableCount": 1)");
  EXPECT_LT(before, reset);
  ASSERT_NE(after, std::string::npos);
  EXPECT_GT(after, again);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "left files behind";
}

TEST(Demo, KeepsBothRunningWhenAsked) {
  TemporaryFolder folder;
  Process demo({program(), "demo", "--keep"}, {{"TMPDIR", folder.path()}});
  std::string web_socket;
  while (web_socket.empty()) {
    const auto line = demo.read_line();
    ASSERT_TRUE(line);
    const std::size_t at = line->find("ws://");
    if (line->find("WebSocket ") != std::string::npos) web_socket = line->substr(at);
  }
  EXPECT_EQ(http("GET", port_of(web_socket), "/readyz").status, 200);
  demo.send_signal(SIGTERM);
  EXPECT_EQ(demo.wait(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Simulate, NeverOverwritesASignIn) {
  TemporaryFolder home;
  write_file(home.file("auth.json"), "real");
  const Outcome result = run({"simulate", "--write-home", home.path()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("cannot write"), std::string::npos);
  EXPECT_EQ(read_file(home.file("auth.json")), "real");
}

TEST(Simulate, ABadScenarioIsNamedByItsMember) {
  TemporaryFolder folder;
  write_file(folder.file("s.json"), R"({"accounts":[{"accessToken":5}]})");
  const Outcome result = run({"simulate", "--scenario", folder.file("s.json")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("scenario.accounts[0].accessToken: invalid type: integer `5`"),
            std::string::npos)
      << result.err;
  EXPECT_NE(run({"simulate", "--scenario", "/nonexistent"}).err.find("/nonexistent"),
            std::string::npos);
}

TEST(Simulate, TheDocumentedScenarioWorks) {
  // The block of JSON in docs/simulator.md that people copy.
  const std::string manual = read_file(source("docs/simulator.md"));
  const std::size_t begin = manual.find("```json\n{\n  \"accounts\"");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t start = begin + 8;
  const Simulator simulator(Json::parse(manual.substr(start, manual.find("```", start) - start)));
  AppServer server(simulator, {"--max-retry-after-sec", "0"});  // does not leave it alone
  server.initialize();
  EXPECT_EQ(server.ask("account/rateLimits/read")["error"]["data"]["kind"], "rateLimited");
  EXPECT_TRUE(server.ask("account/rateLimits/read").contains("result"));
}

}  // namespace
}  // namespace quotad::testing
