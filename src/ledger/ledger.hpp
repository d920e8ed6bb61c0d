// The record of redemptions: what was asked for under which idempotency key, and what became of it.
//
// Called by src/account/redeemer, which decides what to ask the service for; a ledger only remembers,
// and hands out leases. Every call may block on a disk and belongs on a worker thread, one at a time;
// each throws protocol::Error (kInternal, with a `detail` that says what to do) if the record cannot
// be read or written. What a call has written is on disk when it returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quotad/protocol/reset_credit.hpp"

namespace quotad::ledger {

using Outcome = protocol::ConsumeAccountRateLimitResetCreditOutcome;

enum class State {
  kPending,  // the service is being asked; if nobody holds the lease, a process has died over it
  kUnknown,  // the service was asked, and its answer was lost
  kRefused,  // the service was asked, or could not be, and did nothing
  kSettled,  // the service has said what became of it: `outcome`
};

// One redemption: a key of an account, bound to a credit or to none in particular.
struct Request {
  std::string account;
  std::string key;
  std::optional<std::string> credit_id;
};

struct Entry {
  Request request;
  State state = State::kPending;
  std::optional<Outcome> outcome;  // of kSettled
  std::int64_t attempts = 0;       // times that the service was to be asked
  std::int64_t created_at = 0;     // Unix seconds
  std::int64_t updated_at = 0;     // Unix seconds
  std::int64_t number = 0;         // grows with every new entry
};

// The key has spent its credit: nothing more is asked for.
inline bool is_finished(const Entry& entry) {
  return entry.state == State::kSettled &&
         (entry.outcome == Outcome::kReset || entry.outcome == Outcome::kAlreadyRedeemed);
}

// The key may have spent its credit, and nobody knows.
inline bool may_have_spent(const Entry& entry) {
  return entry.state == State::kPending || entry.state == State::kUnknown;
}

struct Query {
  std::optional<std::string> account;  // of all accounts if empty
  std::size_t limit = 50;
  std::optional<std::int64_t> before;  // only those with a smaller number
  bool only_open = false;              // only kPending and kUnknown
};

// The right to redeem for one account, held as long as this lives. It ends with the process.
class Lease {
 public:
  Lease() = default;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  virtual ~Lease() = default;
};

class Ledger {
 public:
  Ledger() = default;
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  virtual ~Ledger() = default;

  // Empty while somebody else, in this process or another, holds the lease of the account.
  virtual std::unique_ptr<Lease> try_lease(const std::string& account) = 0;

  // The entry that decides what may be done with the key: the account's own, if it has spent a credit or
  // may have; else another account's that has or may have, because a key spends one credit at most; else
  // the account's own, if there is one.
  virtual std::optional<Entry> find(const std::string& account, const std::string& key) = 0;

  // Writes that the service is about to be asked (kPending, one more attempt), unless the key is
  // finished or is bound to something else: another credit, another account. Gives what `find` would
  // have given before; the caller compares it with the request. The caller holds the lease, so whatever
  // else is pending for the account is not any more: it becomes kUnknown.
  virtual std::optional<Entry> begin(const Request& request, std::int64_t now) = 0;

  // Writes what became of it. `attempts` are those since `begin`, beyond the first.
  virtual void end(const Request& request, State state, std::optional<Outcome> outcome,
                   std::int64_t attempts, std::int64_t now) = 0;

  // The entries that the query asks for, newest first.
  virtual std::vector<Entry> list(const Query& query) = 0;
};

}  // namespace quotad::ledger
