// `login status`: how the user is signed in, in the reference's lines on stderr, which clients compare
// letter by letter. `login` itself is the Codex CLI's.

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/credential_store.hpp"
#include "cli/commands.hpp"
#include "cli/reference_commands.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

// The reference's ways to sign in; hidden, as they are refused.
constexpr const char* kFlags[] = {"--with-api-key", "--with-access-token", "--device-auth"};

constexpr std::size_t kShownAtStart = 8;
constexpr std::size_t kShownAtEnd = 5;

int fail(const char* what, const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", what, why.c_str());
  return EXIT_FAILURE;
}

int say(const std::string& words) {
  std::fprintf(stderr, "%s\n", words.c_str());
  return EXIT_SUCCESS;
}

std::optional<std::string> missing_home(const daemon::GetEnv& getenv) {
  const char* home = getenv("CODEX_HOME");
  std::error_code error;
  if (home == nullptr || *home == '\0' || std::filesystem::exists(home, error) || error) return {};
  return "CODEX_HOME points to \"" + std::string(home) + "\", but that path does not exist";
}

// "sk-test-***bcdef": the first eight bytes and the last five; of a short key, nothing.
std::string masked_key(std::string_view key) {
  if (key.size() <= kShownAtStart + kShownAtEnd) return "***";
  const auto is_within_character = [&](std::size_t at) {
    return (static_cast<unsigned char>(key[at]) & 0xC0U) == 0x80U;  // of UTF-8
  };
  std::size_t start = kShownAtStart;
  std::size_t end = key.size() - kShownAtEnd;
  while (start > 0 && is_within_character(start)) --start;
  while (end < key.size() && is_within_character(end)) ++end;
  return std::string(key.substr(0, start)) + "***" + std::string(key.substr(end));
}

int tell(const auth::SignIn& sign_in) {
  using Kind = auth::SignIn::Kind;
  switch (sign_in.kind) {
    case Kind::kApiKey:
      return say("API key configured - " + masked_key(sign_in.token) +
                 "\nAuthentication is checked when you send a request.");
    case Kind::kChatgpt:
    case Kind::kChatgptAuthTokens:
      return say("Logged in using ChatGPT");
    case Kind::kPersonalAccessToken:
      return say("Logged in using personal access token");
    case Kind::kAgentIdentity:
      return say("Logged in using access token");
    case Kind::kNone:
      break;
  }
  if (sign_in.problem) return fail("Error checking login status", *sign_in.problem);
  say("Not logged in");
  return EXIT_FAILURE;
}

// Gives 0 if somebody is signed in, 1 if nobody is or it cannot be told. Asks the network only whose a
// personal access token is.
int show_status(Program& program) {
  // What a warning would tell, the line tells; a client that compares it sees nothing else.
  if (spdlog::get_level() >= spdlog::level::warn) spdlog::set_level(spdlog::level::off);
  if (const auto missing = missing_home(program.getenv)) {
    return fail("Error loading configuration", *missing);
  }
  const daemon::Config config = program.configure();
  if (config.problem) return fail("Error loading configuration", *config.problem);
  asio::io_context context(1);
  auth::Common common(context.get_executor(), daemon::sign_in_options(program.server));
  auth::CredentialStore credentials(common, config.codex_home, config.store_mode, config.problem,
                                    program.server.own_account);
  std::exception_ptr failure;
  std::shared_ptr<const auth::SignIn> sign_in;
  asio::co_spawn(
      context, credentials.who(),
      [&](const std::exception_ptr& error, const std::shared_ptr<const auth::SignIn>& found) {
        failure = error;
        sign_in = found;
      });
  context.run();
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const protocol::Error& error) {
    std::string why = error.what();
    if (error.data().detail) why += ": " + *error.data().detail;
    return fail("Error checking login status", why);
  }
  return tell(*sign_in);
}

}  // namespace

void add_login(Program& program) {
  CLI::App* login =
      program.add("login", "See how the user is signed in; signing in is `codex login`'s");
  for (const char* flag : kFlags) login->add_flag(flag)->group("");
  program.on(login, [] { return refuse_missing("login"); });
  CLI::App* status = login->add_subcommand(
      "status", "Tell on stderr how the user is signed in, as `codex login status` does");
  status->fallthrough();
  program.on(status, [&program] { return show_status(program); });
}

}  // namespace quotad::cli
