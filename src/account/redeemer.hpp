// Redeems a reset credit exactly once for each idempotency key, whatever fails and whenever the
// process dies. docs/redemption.md draws the states.
//
// Called by Service, which has checked params and sign-in. It owns the order of things: intent on
// disk, the service asked, outcome on disk, then the answer. What is remembered and how is the
// ledger's; it knows nothing of the protocol's methods.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "auth/credential_store.hpp"
#include "auth/sign_in.hpp"
#include "ledger/ledger.hpp"
#include "quotad/backend/client.hpp"
#include "quotad/protocol/error.hpp"
#include "system/worker.hpp"

namespace quotad::account {

struct RedeemerOptions {
  // How long a client waits, retries and other redemptions of the account included.
  std::chrono::milliseconds client_time{10'000};
  // How long the service is waited for once it has been asked; the ledger learns of the answer.
  std::chrono::milliseconds background_time{60'000};
  // Pause before the first retry; twice as long before each later one, and up to half less by chance.
  std::chrono::milliseconds retry_delay{200};
  std::size_t max_key_bytes = 256;      // of an idempotency key, and of a credit's id
  std::function<std::int64_t()> clock;  // Unix seconds; the system's if empty
};

// Whom redemptions are recorded for. Credentials that name no account have one all the same.
std::string ledger_account(const auth::SignIn& sign_in);

// Whether the service has refused the credentials: then the call has done nothing, and may be repeated
// with renewed ones.
bool is_refused_sign_in(const protocol::Error& error);

// What the query asks for. Whatever is pending and has nobody working on it is kUnknown. May block.
std::vector<ledger::Entry> list_redemptions(ledger::Ledger& ledger, const ledger::Query& query);

// Must outlive every call that it has been asked for. For one thread.
class Redeemer {
 public:
  Redeemer(boost::asio::any_io_executor executor, auth::CredentialStore& credentials,
           backend::Client& backend, std::unique_ptr<ledger::Ledger> ledger,
           RedeemerOptions options);
  ~Redeemer();
  Redeemer(const Redeemer&) = delete;
  Redeemer& operator=(const Redeemer&) = delete;

  // Called when a redemption is over, also one that its client has not waited for, with whether the
  // service said that a credit was spent, now or before. Its client gets the answer on the next turn of
  // the event loop; what is posted here comes after that.
  void on_end(std::function<void(bool)> tell) { on_end_ = std::move(tell); }

  // Ends when no redemption is under way, in the background either.
  boost::asio::awaitable<void> over();

  // The outcome. Throws protocol::Error: kIdempotencyMismatch if the key is bound to another credit,
  // kTimeout at the deadline (what has begun goes on), kInternal if nothing can be recorded
  // (and then nothing is asked), else what the backend throws. `outcome_unknown` is true where the
  // key may have spent a credit.
  boost::asio::awaitable<ledger::Outcome> redeem(std::shared_ptr<const auth::SignIn> sign_in,
                                                 std::string key,
                                                 std::optional<std::string> credit_id,
                                                 std::chrono::steady_clock::time_point deadline);

  std::size_t max_key_bytes() const { return options_.max_key_bytes; }

  // When the patience of a client that asks now is over.
  std::chrono::steady_clock::time_point deadline() const {
    return std::chrono::steady_clock::now() + options_.client_time;
  }

  // The account's entries, newest first. One over which a process died is kUnknown.
  boost::asio::awaitable<std::vector<ledger::Entry>> list(
      std::shared_ptr<const auth::SignIn> sign_in, std::size_t limit,
      std::optional<std::int64_t> before);

 private:
  struct Flight;

  boost::asio::awaitable<void> fly(std::shared_ptr<Flight> flight);
  boost::asio::awaitable<void> redeem_leased(Flight& flight);
  boost::asio::awaitable<std::unique_ptr<ledger::Lease>> wait_for_lease(Flight& flight);
  boost::asio::awaitable<void> ask(Flight& flight, bool may_have_spent);
  boost::asio::awaitable<std::string> renew(Flight& flight);
  boost::asio::awaitable<void> pause(std::chrono::milliseconds time);
  std::chrono::milliseconds with_jitter(std::chrono::milliseconds time);

  boost::asio::any_io_executor executor_;
  auth::CredentialStore& credentials_;
  backend::Client& backend_;
  std::unique_ptr<ledger::Ledger> ledger_;
  RedeemerOptions options_;
  std::minstd_rand random_;
  std::function<void(bool)> on_end_;
  int flights_ = 0;
  boost::asio::steady_timer idle_;  // cancelled when the last flight has landed
  system::Worker worker_;           // the ledger blocks, and is for one at a time
};

}  // namespace quotad::account
