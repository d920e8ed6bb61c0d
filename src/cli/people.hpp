// The commands for people: limits, usage, reset and watch. They are clients of the account's use cases,
// of this process or of a running app-server; what they show is made by src/view.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/account_client.hpp"
#include "cli/exit_code.hpp"
#include "cli/program.hpp"
#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/error.hpp"
#include "view/page.hpp"

namespace quotad::cli {

// What the commands for people have in common; some have more of their own.
struct PeopleOptions {
  bool json = false;
  bool plain = false;
  bool utc = false;
  RunningServer server;  // its url is "" for a session of one's own
  double credits_per_usd = 25;
};

// What a command is run with.
struct Person {
  const daemon::Config& config;
  const daemon::AppServerOptions& server;
  const PeopleOptions& options;
  const daemon::GetEnv& getenv;
  std::vector<std::string> overrides;  // -c, for commands that are printed
  std::string called;                  // the program, as it was called

  // A page for stdout, or for another descriptor, as of now.
  view::Page page(int descriptor = 1) const;
};

// Adds the flags of PeopleOptions to a command, and those that say how the service is asked.
void add_people_flags(CLI::App& command, PeopleOptions& options, daemon::AppServerOptions& server);
void add_dollars(CLI::App& command, PeopleOptions& options);

// Runs a command for people: gives its exit code (exit_code.hpp), reports a protocol::Error, and writes
// the log below what was asked for.
int run_for_person(Program& program, const PeopleOptions& options,
                   const std::function<int(const Person&)>& command);

// One event loop with a client on it, for one command.
class Session {
 public:
  explicit Session(const Person& person);

  AccountClient& client() { return *client_; }
  boost::asio::io_context& context() { return context_; }

  // Runs the command and gives its exit code. A signal calls `interrupted` and ends the process with
  // what that gives, as soon as nothing is under way that must not be cut off.
  int run(boost::asio::awaitable<int> command, const std::function<int()>& interrupted);

  // Ends the process with `exit_code`, as soon as nothing is under way that must not be cut off.
  void end(int exit_code);

 private:
  boost::asio::io_context context_{1};
  std::unique_ptr<AccountClient> client_;
};

// On stdout; throws protocol::Error if that fails, as on a full disk.
void print(const std::string& text);

// `json`, which is text, as a line in which nothing moves a terminal's cursor.
void print_json_text(const std::string& json);

template <class T>
void print_json(const T& value) {
  std::string text;
  protocol::write(value, text);
  print_json_text(text);
}

// What a person can do about it; "" where the error says it all.
std::string advice(const protocol::Error& error);

// The error in words with what to do about it; or, where JSON is wanted, as the protocol has it. Gives the
// exit code for it.
int report(const protocol::Error& error, const Person& person);

}  // namespace quotad::cli
