// The client of the ChatGPT usage endpoints.
//
// Called by src/account, and by any program that links quotad::backend. One Client serves a whole
// process: its calls share connections, TLS sessions and name look-ups (a redemption takes a
// connection of its own: on one that turns out dead, libcurl would send it again). It makes exactly
// the calls it is told to: no retries, no refresh of credentials, no memory of answers.
//
// All calls run on the executor given to the constructor, which must be single-threaded (or a
// strand). Cancelling an awaited call (Asio's per-operation cancellation) drops the HTTP request.
//
// Every call throws protocol::Error:
//   kAuthRequired        the service answered 401; `http_status` is set
//   kRateLimited         it answered 429; `retry_after_sec` if it said so
//   kBackendStatus       it answered with another status than 2xx
//   kBackendUnreachable  there was no complete answer: no connection, TLS failure, cut off
//   kBackendPayload      the answer is no JSON object, is too large, or lacks what it is for
//   kTimeout             the call's time limit passed
//   kInternal            the base URL cannot be used
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "quotad/backend/credentials.hpp"
#include "quotad/backend/payloads.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::backend {

// When an endpoint of the service is left alone for a while.
struct CircuitOptions {
  std::size_t failures = 5;                // in a row, before it is not asked; 0: it always is
  std::chrono::milliseconds delay{1'000};  // then; doubles with each further failure
  std::chrono::milliseconds longest_delay{60'000};
  std::chrono::seconds longest_retry_after{3'600};  // of what Retry-After asks for
};

struct ClientOptions {
  // As in `chatgpt_base_url`; see resolve_base_url for what is made of it.
  std::string base_url = "https://chatgpt.com/backend-api/";
  std::string user_agent = "quotad";

  // Certificates to trust, and whether the system's are trusted beside them. See
  // use_ca_environment.
  std::string ca_file;
  std::string ca_dir;
  bool trust_system = true;

  // Time limits of whole calls (reference behaviour, section 2; `usage` has none there).
  std::chrono::milliseconds usage_timeout{30'000};
  std::chrono::milliseconds details_timeout{5'000};
  std::chrono::milliseconds consume_timeout{10'000};
  std::chrono::milliseconds profile_timeout{10'000};
  std::chrono::milliseconds thread_usage_timeout{60'000};

  std::size_t max_body_bytes = std::size_t{1} << 20U;  // of an answer, after decompression
  std::size_t max_depth = 128;                         // arrays and objects inside each other
  std::size_t max_error_body_bytes = 16'384;           // of an answer's body repeated in an error
  std::size_t max_connections = 32;                    // to the service

  CircuitOptions circuit;

  std::function<std::int64_t()> clock;  // Unix seconds; the system's if empty

  // Told once for each kind of oddity in the service's answers, without values.
  std::function<void(std::string_view)> on_warning;
};

// Takes the certificates from CODEX_CA_CERTIFICATE (a file to trust beside the system's) or else
// SSL_CERT_FILE and SSL_CERT_DIR (in place of them), as `getenv` tells them.
void use_ca_environment(ClientOptions& options,
                        const std::function<const char*(const char*)>& getenv);

// Where the calls go: `url` without trailing slashes, with "/backend-api" appended for the two
// ChatGPT hosts if it is missing (reference behaviour, section 2).
std::string resolve_base_url(std::string url);

// `url` without user and password, as it may be shown.
std::string without_user(const std::string& url);

// Whether `url` leads to this machine by its loopback: 127.0.0.1, [::1] or localhost.
bool is_loopback_url(const std::string& url);

// What is wrong with sending credentials to `url`, as words that follow it: it has to be https:// with a host,
// or http:// to this machine. nullopt if nothing is.
std::optional<std::string> why_not_sent_to(const std::string& url);

class Client {
 public:
  Client(const boost::asio::any_io_executor& executor, ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // From the next call on.
  void use_base_url(const std::string& base_url);

  // Every call throws what the service failed with last, without asking it, while it is to be left
  // alone: see CircuitOptions. A redemption is held back only where the service asked for a pause.

  // GET {base}{prefix}/usage; `answered_at` is when it came, by the clock of the options.
  boost::asio::awaitable<Usage> usage(Credentials credentials, bool luna_reserve = false);

  // GET {base}{prefix}/rate-limit-reset-credits
  boost::asio::awaitable<ResetCreditDetails> reset_credit_details(Credentials credentials);

  // GET {base}{prefix}/profiles/me
  boost::asio::awaitable<TokenUsageProfile> token_usage_profile(Credentials credentials);

  // POST {base}{prefix}/usage/thread_usage/query. `thread_id` is a UUID in lower case. nullopt
  // where the service has no billing route for the thread (403 or 404).
  boost::asio::awaitable<std::optional<ThreadUsage>> thread_usage(Credentials credentials,
                                                                  std::string thread_id);

  // POST {base}{prefix}/rate-limit-reset-credits/consume. `key` goes out as redeem_request_id.
  // After kTimeout, kBackendUnreachable, kBackendPayload or a 5xx the credit may have been spent:
  // their `outcome_unknown` is true. Waits for `time_limit`, or else for consume_timeout.
  boost::asio::awaitable<ConsumeAnswer> consume_reset_credit(
      Credentials credentials, std::string key, std::optional<std::string> credit_id,
      std::optional<std::chrono::milliseconds> time_limit = std::nullopt);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quotad::backend
