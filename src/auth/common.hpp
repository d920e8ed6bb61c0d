// What the credential stores of a process have in common: the sign-in service and the connections to it, the
// worker that writes files, the refresh tokens that were refused for good, the clocks.
//
// Made once by whoever puts a process together, before its stores. It has no thread and no connection until one of
// them needs it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "auth/auth_api.hpp"
#include "auth/refused_tokens.hpp"
#include "auth/sign_in.hpp"
#include "system/clock_watch.hpp"
#include "system/single_flight.hpp"
#include "system/worker.hpp"

namespace quotad::auth {

struct CommonOptions {
  AuthApiOptions api;
  // Pause after a failed attempt to renew tokens; twice as long after each further one.
  std::chrono::milliseconds refresh_retry_delay{1'000};
  // How long an auth.json that holds no JSON counts as not yet written.
  std::chrono::milliseconds half_written_wait{250};
  // Where all processes of the user remember which refresh tokens were refused for good; empty: each for itself.
  std::filesystem::path refused_tokens_file;
  bool allow_exposed_auth_file = false;  // that others than its owner have access to
  std::function<std::int64_t()> clock;   // Unix seconds; the system's if empty
  std::function<std::chrono::steady_clock::time_point()>
      steady_clock;  // likewise; to tell jumps by
};

// Must outlive every store. For one thread.
struct Common {
  explicit Common(boost::asio::any_io_executor executor, CommonOptions options = {});

  std::int64_t now() const { return options.clock(); }
  // Logs that the clock has jumped since the last call, if it has.
  void notice_clock_jump();

  boost::asio::any_io_executor executor;
  CommonOptions options;
  AuthApi api;
  system::Worker worker;
  RefusedTokens refused_tokens;
  SignInMaker maker;
  system::SingleFlight<SignIn> identifications;     // of personal access tokens
  system::SingleFlight<std::string> registrations;  // of agents' tasks

 private:
  system::ClockWatch clock_watch_;
};

}  // namespace quotad::auth
