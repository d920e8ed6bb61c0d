// The use cases: read the limits, read the usage, redeem a credit, say who is signed in.
//
// Called by the dispatcher's handlers (bound in src/rpc/methods.cpp). It takes params and gives
// results of the protocol, and throws protocol::Error in the reference's words. It knows nothing
// of JSON, connections or dialects.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "account/redeemer.hpp"
#include "auth/credential_store.hpp"
#include "quotad/backend/client.hpp"
#include "quotad/protocol/account.hpp"
#include "quotad/protocol/methods.hpp"
#include "quotad/protocol/rate_limits.hpp"
#include "quotad/protocol/redemptions.hpp"
#include "quotad/protocol/reset_credit.hpp"
#include "quotad/protocol/usage.hpp"
#include "system/single_flight.hpp"

namespace quotad::account {

// Must outlive every call that it has been asked for. For one thread.
class Service {
 public:
  Service(const boost::asio::any_io_executor& executor, auth::CredentialStore& credentials,
          backend::Client& backend, std::unique_ptr<ledger::Ledger> ledger,
          RedeemerOptions redeemer_options);

  // Called when the service has said that a credit was spent, also to a client that is gone.
  void on_reset(std::function<void()> tell) { on_reset_ = std::move(tell); }

  // Two calls to the service at once; the second, for reset-credit details, may fail or be left
  // out. Identical reads in flight share their calls, but a read that starts after a consume was
  // answered never shares one that started before.
  boost::asio::awaitable<protocol::GetAccountRateLimitsResponse> read_rate_limits(
      protocol::GetAccountRateLimitsParams params);

  // The account's token usage, or, with a thread id (a UUID in any of its forms), that thread's cost;
  // null for one that the service does not bill to this account.
  boost::asio::awaitable<protocol::GetAccountTokenUsageResponse> read_token_usage(
      protocol::GetAccountTokenUsageParams params);

  // Redeems once for each key, whatever fails; see Redeemer. Goes on to the end even if whoever asked
  // is gone.
  boost::asio::awaitable<protocol::ConsumeAccountRateLimitResetCreditResponse> consume_reset_credit(
      protocol::ConsumeAccountRateLimitResetCreditParams params);

  // The account's redemptions from the record, newest first.
  boost::asio::awaitable<protocol::ListAccountRateLimitResetCreditResponse> list_redemptions(
      protocol::ListAccountRateLimitResetCreditParams params);

  // Ends when no redemption is under way, in the background either.
  boost::asio::awaitable<void> redemptions_over() { return redeemer_.over(); }

  // Signs in with tokens that the client brings; `ask` gets new ones from it. Every other way to sign
  // in is refused.
  boost::asio::awaitable<protocol::LoginAccountResponse> start_login(
      protocol::LoginAccountParams params, auth::AskForTokens ask);

  // There is never an attempt to sign in that could be given up; an id that is no UUID is an error.
  boost::asio::awaitable<protocol::CancelLoginAccountResponse> cancel_login(
      protocol::CancelLoginAccountParams params);

  // No messages, for who is signed in to read them.
  boost::asio::awaitable<protocol::GetWorkspaceMessagesResponse> read_workspace_messages(
      protocol::NoParams params);

  // Nothing: no turns are run here.
  boost::asio::awaitable<protocol::SkillsListResponse> list_skills(
      protocol::SkillsListParams params);
  boost::asio::awaitable<protocol::ModelListResponse> list_models(protocol::ModelListParams params);

  // Nobody is signed in in this process until somebody signs in again.
  boost::asio::awaitable<protocol::LogoutAccountResponse> logout(protocol::NoParams params);

  // Called when start_login or logout has done its work: with the new sign-in, and whether it was a
  // login.
  void on_login(std::function<void(const auth::SignIn&, bool)> tell) {
    on_login_ = std::move(tell);
  }

  // Who is signed in. Nobody is not an error.
  boost::asio::awaitable<protocol::GetAccountResponse> read_account(
      protocol::GetAccountParams params);

  // How the user is signed in; the token itself only if the params ask for it.
  boost::asio::awaitable<protocol::GetAuthStatusResponse> auth_status(
      protocol::GetAuthStatusParams params);

 private:
  // The sign-in, or the error that the three calls give without a ChatGPT one. `purpose` ends its
  // sentence: "to read rate limits".
  boost::asio::awaitable<std::shared_ptr<const auth::SignIn>> require_chatgpt(const char* purpose);

  // The sign-in for a redemption; null if there is none yet at the deadline.
  boost::asio::awaitable<std::shared_ptr<const auth::SignIn>> sign_in_before(
      std::chrono::steady_clock::time_point deadline);

  // The same as require_chatgpt, with its error beside.
  boost::asio::awaitable<std::shared_ptr<const auth::SignIn>> require_or_fail(
      const char* purpose, std::exception_ptr& failure);

  // What `ask` gives for the sign-in's credentials, or, after a 401, for renewed ones of the same
  // account. A repeat never crosses accounts.
  template <class T>
  boost::asio::awaitable<T> authorized(
      std::shared_ptr<const auth::SignIn> sign_in,
      std::function<boost::asio::awaitable<T>(backend::Credentials)> ask);

  // What tells a read that may be shared from one that may not.
  std::string flight_key(const auth::SignIn& sign_in, const std::string& what) const;

  auth::CredentialStore& credentials_;
  backend::Client& backend_;
  Redeemer redeemer_;
  std::function<void()> on_reset_;
  std::function<void(const auth::SignIn&, bool)> on_login_;
  std::uint64_t consumes_answered_ = 0;
  system::SingleFlight<backend::Usage> usage_flights_;
  system::SingleFlight<backend::ResetCreditDetails> details_flights_;
  system::SingleFlight<backend::TokenUsageProfile> profile_flights_;
  system::SingleFlight<std::optional<backend::ThreadUsage>> thread_flights_;
};

}  // namespace quotad::account
