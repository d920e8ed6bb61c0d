#include "cli/people.hpp"

#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

#include "cli/flags.hpp"
#include "cli/terminal.hpp"
#include "daemon/logging.hpp"
#include "daemon/signals.hpp"
#include "rpc/wire_error.hpp"
#include "system/clock.hpp"

namespace quotad::cli {
namespace asio = boost::asio;

using protocol::Error;
using protocol::ErrorKind;

namespace {

asio::awaitable<int> run_then_settle(asio::awaitable<int> command, AccountClient& client) {
  std::exception_ptr failure;
  int exit_code = kFailed;
  try {
    exit_code = co_await std::move(command);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await client.settled();
  if (failure) std::rethrow_exception(failure);
  co_return exit_code;
}

}  // namespace

view::Page Person::page(int descriptor) const {
  view::Page page = page_for(descriptor, options.plain, getenv);
  page.utc = options.utc;
  page.now = system::unix_now();
  page.credits_per_usd = options.credits_per_usd;
  return page;
}

void add_people_flags(CLI::App& command, PeopleOptions& options, daemon::AppServerOptions& server) {
  command.add_flag("--json", options.json, "Print the protocol's own objects");
  command.add_flag("--plain", options.plain,
                   "No colours, ASCII only; the same with NO_COLOR, TERM=dumb, or no terminal");
  command.add_flag("--utc", options.utc, "Show times in UTC");
  command
      .add_option(
          "--connect", options.server.url,
          "Ask a running app-server: unix://, unix://PATH or ws://IP:PORT; the token of the "
          "URL is found where the server left it")
      ->type_name("URL");
  command
      .add_option("--token-file", options.server.token_file,
                  "File with a bearer token for a server with --ws-auth")
      ->type_name("FILE");
  add_milliseconds(command, "--connect-timeout-ms", options.server.connect_time,
                   "Time to connect to a running server");
  add_milliseconds(command, "--answer-timeout-ms", options.server.answer_time,
                   "Time that a running server may be silent");
  command.option_defaults()->group("How the service is asked, without --connect");
  add_service_flags(command, server);
  command.option_defaults()->group("Options");
}

void add_dollars(CLI::App& command, PeopleOptions& options) {
  command
      .add_option("--credits-per-usd", options.credits_per_usd,
                  "How many credits a US dollar buys, for the estimate; 0 hides it")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("N");
}

int run_for_person(Program& program, const PeopleOptions& options,
                   const std::function<int(const Person&)>& command) {
  const daemon::Config config = program.configure();
  const Person person{config,         program.server,    options,
                      program.getenv, program.overrides, program.called};
  daemon::hold_log();
  int exit_code = EXIT_FAILURE;
  try {
    exit_code = command(person);
  } catch (const Error& error) {
    exit_code = report(error, person);
  }
  daemon::release_log();
  return exit_code;
}

Session::Session(const Person& person) {
  const auto executor = context_.get_executor();
  const RunningServer& server = person.options.server;
  client_ = server.url.empty() ? make_own_session(executor, person.config, person.server)
                               : connect_to_server(executor, person.config, person.getenv, server);
}

int Session::run(asio::awaitable<int> command, const std::function<int()>& interrupted) {
  int exit_code = kFailed;
  std::exception_ptr failure;
  std::unique_ptr<daemon::StopSignals> signals;
  signals = std::make_unique<daemon::StopSignals>(
      context_.get_executor(), std::chrono::hours(1),
      [&] {
        const int code = interrupted();
        signals->end_with(code);
        end(code);
      },
      [] {}, [&](int code) { end(code); });
  asio::co_spawn(context_, run_then_settle(std::move(command), *client_),
                 [&](const std::exception_ptr& error, int code) {
                   failure = error;
                   exit_code = code;
                   context_.stop();
                 });
  context_.run();
  if (failure) std::rethrow_exception(failure);
  return exit_code;
}

void Session::end(int exit_code) {
  asio::co_spawn(context_, client_->settled(), [exit_code](const std::exception_ptr&) {
    daemon::release_log();
    std::_Exit(exit_code);
  });
}

std::string advice(const Error& error) {
  const auto& wait = error.data().retry_after_sec;
  switch (error.kind()) {
    case ErrorKind::kAuthRequired:
      return "Sign in with `codex login`; `quotad doctor` shows what is signed in where.";
    case ErrorKind::kRateLimited:
      return wait ? "The service asks to be left alone for " + view::duration(*wait) + "."
                  : "The service asks to be left alone for a while.";
    case ErrorKind::kBackendUnreachable:
    case ErrorKind::kTimeout:
      return "Try again; `quotad doctor` shows which service is asked, and how.";
    default:
      return "";
  }
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
    return;
  }
  throw Error(ErrorKind::kInternal, "cannot write to standard output");
}

void print_json_text(const std::string& json) {
  std::string line;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto byte = static_cast<unsigned char>(json[i]);
    const auto next = i + 1 < json.size() ? static_cast<unsigned char>(json[i + 1]) : 0U;
    std::array<char, 8> escape{};
    if (byte == 0x7F) {
      line += "\\u007f";
    } else if (byte == 0xC2 && next < 0xA0) {  // the controls of ISO 6429 that JSON lets through
      std::snprintf(escape.data(), escape.size(), "\\u00%02x", next);
      line += escape.data();
      ++i;
    } else {
      line += json[i];
    }
  }
  print(line + "\n");
}

int report(const Error& error, const Person& person) {
  std::string words = view::printable(error.what());
  if (error.data().detail) {
    // What explains a status of the service stands for it: the rest is a page for browsers.
    const bool explains = error.kind() == ErrorKind::kBackendStatus;
    words = (explains ? "" : words + ": ") + view::printable(*error.data().detail);
  }
  std::fprintf(stderr, "quotad: %s\n", words.c_str());
  const std::string what_to_do = advice(error);
  if (!what_to_do.empty() && !person.options.json) {
    std::fprintf(stderr, "%s\n", what_to_do.c_str());
  }
  if (person.options.json) {
    const auto answer = rpc::error_answer(protocol::Dialect::kLite, std::nullopt, error);
    try {
      print_json_text(protocol::to_text(protocol::OrderedJson{{"error", answer.at("error")}}));
    } catch (const Error&) {
      // stderr has said it.
    }
  }
  if (error.data().outcome_unknown.value_or(false)) return kOutcomeUnknown;
  if (error.kind() == ErrorKind::kInvalidParams) return kUsage;
  return error.kind() == ErrorKind::kAuthRequired ? kNotSignedIn : kFailed;
}

}  // namespace quotad::cli
