// The calls that the commands for people make: in a session of their own, or of a running app-server.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "daemon/app_server.hpp"
#include "daemon/config.hpp"
#include "quotad/protocol/rate_limits.hpp"
#include "quotad/protocol/redemptions.hpp"
#include "quotad/protocol/reset_credit.hpp"
#include "quotad/protocol/usage.hpp"

namespace quotad::cli {

// All calls throw protocol::Error. Must outlive every call that it has been asked for; one call at a
// time.
class AccountClient {
 public:
  AccountClient() = default;
  virtual ~AccountClient() = default;
  AccountClient(const AccountClient&) = delete;
  AccountClient& operator=(const AccountClient&) = delete;

  virtual boost::asio::awaitable<protocol::GetAccountRateLimitsResponse> read_rate_limits(
      protocol::GetAccountRateLimitsParams params) = 0;
  virtual boost::asio::awaitable<protocol::GetAccountTokenUsageResponse> read_token_usage(
      protocol::GetAccountTokenUsageParams params) = 0;
  virtual boost::asio::awaitable<protocol::ConsumeAccountRateLimitResetCreditResponse>
  consume_reset_credit(protocol::ConsumeAccountRateLimitResetCreditParams params) = 0;

  // kMethodNotFound from a server that keeps no record, or does not tell of it.
  virtual boost::asio::awaitable<protocol::ListAccountRateLimitResetCreditResponse>
  list_redemptions(protocol::ListAccountRateLimitResetCreditParams params) = 0;

  // Ends when nothing is under way that must not be cut off, as a renewal of tokens must not be.
  virtual boost::asio::awaitable<void> settled() = 0;
};

// Asks the service itself, as an app-server would.
std::unique_ptr<AccountClient> make_own_session(const boost::asio::any_io_executor& executor,
                                                const daemon::Config& config,
                                                const daemon::AppServerOptions& options);

// Which running app-server to ask, and how.
struct RunningServer {
  std::string url;         // unix://, unix://PATH, or ws://IP:PORT with /?token=… or without
  std::string token_file;  // a bearer token for its --ws-auth; "" for none
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds answer_time{90'000};  // longer than any time limit of the server
};

// Asks a running app-server, in a connection that is made with the first call, and again after it broke.
// A ws:// URL without a token is looked up where app-servers leave theirs. Throws protocol::Error
// (kInvalidParams) for a URL that is none.
std::unique_ptr<AccountClient> connect_to_server(const boost::asio::any_io_executor& executor,
                                                 const daemon::Config& config,
                                                 const daemon::GetEnv& getenv,
                                                 RunningServer server);

}  // namespace quotad::cli
