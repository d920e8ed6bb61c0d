#include "account/redeemer.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <map>
#include <utility>

#include "account/fault_point.hpp"
#include "account/mapping.hpp"
#include "quotad/protocol/error.hpp"
#include "system/clock.hpp"

namespace quotad::account {
namespace asio = boost::asio;
using ledger::Entry;
using ledger::Outcome;
using ledger::State;
using protocol::Error;
using protocol::ErrorData;
using protocol::ErrorKind;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

// How often it is looked whether another redemption of the account is over.
constexpr milliseconds kLeasePoll{20};
constexpr milliseconds kLongestRetryDelay{2'000};

bool is_worth_a_retry(const Error& error) {
  if (error.kind() == ErrorKind::kBackendUnreachable) return true;
  const auto status = error.data().http_status;
  return status == 502 || status == 503 || status == 504;
}

// Throws if the key belongs to another account or another credit.
void check_binding(const Entry& entry, const ledger::Request& request) {
  if (entry.request.account != request.account) {
    throw Error(ErrorData{.kind = ErrorKind::kIdempotencyMismatch, .path = "params.idempotencyKey"},
                "idempotencyKey was used before for another account, where it has spent a credit "
                "or may have; sign in to that account to find out, or make a new key for another "
                "reset");
  }
  if (entry.request.credit_id == request.credit_id) return;
  const auto words = [](const std::optional<std::string>& credit) {
    return credit ? "`" + *credit + "`" : std::string("no credit in particular");
  };
  throw Error(ErrorData{.kind = ErrorKind::kIdempotencyMismatch, .path = "params.creditId"},
              "idempotencyKey was used before with " + words(entry.request.credit_id) +
                  ", and now comes with " + words(request.credit_id) +
                  "; use it with the same creditId, or make a new key for another reset");
}

Error with_outcome_unknown(const Error& error, bool unknown) {
  ErrorData data = error.data();
  if (unknown) data.outcome_unknown = true;
  return {std::move(data), error.what()};
}

}  // namespace

std::string ledger_account(const auth::SignIn& sign_in) {
  if (sign_in.account_id) return *sign_in.account_id;
  if (sign_in.user_id) return "user:" + *sign_in.user_id;
  return "unnamed";
}

bool is_refused_sign_in(const Error& error) {
  constexpr std::int64_t kUnauthorized = 401;
  return error.data().http_status == kUnauthorized;
}

std::vector<Entry> list_redemptions(ledger::Ledger& ledger, const ledger::Query& query) {
  // Whoever redeems for an account holds its lease. With the lease in our hands nobody does, and
  // nobody begins to while we read.
  std::map<std::string, std::unique_ptr<ledger::Lease>> leases;
  for (const Entry& entry : ledger.list(query)) {
    const std::string& account = entry.request.account;
    if (entry.state == State::kPending && leases.count(account) == 0) {
      leases[account] = ledger.try_lease(account);
    }
  }
  std::vector<Entry> entries = ledger.list(query);
  for (Entry& entry : entries) {
    if (entry.state != State::kPending) continue;
    const auto lease = leases.find(entry.request.account);
    if (lease != leases.end() && lease->second) entry.state = State::kUnknown;
  }
  return entries;
}

// One call of redeem, which may outlive its client's patience.
struct Redeemer::Flight {
  Flight(const asio::any_io_executor& executor, std::shared_ptr<const auth::SignIn> sign_in_,
         ledger::Request request_, Clock::time_point deadline_)
      : sign_in(std::move(sign_in_)),
        request(std::move(request_)),
        deadline(deadline_),
        landed(executor, deadline_) {}

  bool is_over() const { return Clock::now() >= deadline; }
  bool has_landed() const { return outcome || error; }

  std::shared_ptr<const auth::SignIn> sign_in;
  ledger::Request request;
  Clock::time_point deadline;
  // What the client is told when its time is over; true until the record has been read.
  bool may_have_spent = true;
  bool has_spent = false;  // the service has said so, to this call
  std::optional<Outcome> outcome;
  std::exception_ptr error;
  asio::steady_timer landed;  // cancelled when `outcome` or `error` is there
};

Redeemer::Redeemer(asio::any_io_executor executor, auth::CredentialStore& credentials,
                   backend::Client& backend, std::unique_ptr<ledger::Ledger> ledger,
                   RedeemerOptions options)
    : executor_(std::move(executor)),
      credentials_(credentials),
      backend_(backend),
      ledger_(std::move(ledger)),
      options_(std::move(options)),
      random_(std::random_device{}()),
      idle_(executor_, Clock::time_point::max()),
      worker_(executor_) {
  if (!options_.clock) options_.clock = system::unix_now;
}

Redeemer::~Redeemer() = default;

asio::awaitable<void> Redeemer::pause(milliseconds time) {
  asio::steady_timer timer(executor_, time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

milliseconds Redeemer::with_jitter(milliseconds time) {
  return milliseconds(std::uniform_int_distribution<milliseconds::rep>((time.count() + 1) / 2,
                                                                       time.count())(random_));
}

asio::awaitable<Outcome> Redeemer::redeem(std::shared_ptr<const auth::SignIn> sign_in,
                                          std::string key, std::optional<std::string> credit_id,
                                          Clock::time_point deadline) {
  std::string account = ledger_account(*sign_in);
  const auto flight = std::make_shared<Flight>(
      executor_, std::move(sign_in),
      ledger::Request{std::move(account), std::move(key), std::move(credit_id)}, deadline);
  asio::co_spawn(executor_, fly(flight), asio::detached);
  if (!flight->has_landed()) {
    co_await flight->landed.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (!flight->has_landed()) {
    ErrorData data{.kind = ErrorKind::kTimeout, .retryable = true};
    if (flight->may_have_spent) data.outcome_unknown = true;
    throw Error(std::move(data), "timed out");
  }
  fault_point("before-reply");
  if (flight->error) std::rethrow_exception(flight->error);
  co_return *flight->outcome;
}

asio::awaitable<void> Redeemer::fly(std::shared_ptr<Flight> flight) {
  ++flights_;
  try {
    co_await redeem_leased(*flight);
  } catch (const Error& error) {
    // Whatever went wrong now: what was unknown before still is.
    const bool is_misuse = error.kind() == ErrorKind::kIdempotencyMismatch;
    flight->error = std::make_exception_ptr(
        is_misuse ? error : with_outcome_unknown(error, flight->may_have_spent));
  } catch (const std::exception& error) {
    const Error inside(ErrorData{.kind = ErrorKind::kInternal, .detail = error.what()},
                       "internal error");
    flight->error = std::make_exception_ptr(with_outcome_unknown(inside, flight->may_have_spent));
  }
  flight->landed.cancel();
  if (on_end_) on_end_(flight->has_spent);
  if (--flights_ == 0) idle_.cancel();
}

asio::awaitable<void> Redeemer::over() {
  while (flights_ > 0) co_await idle_.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> Redeemer::redeem_leased(Flight& flight) {
  const ledger::Request& request = flight.request;
  const auto lease = co_await wait_for_lease(flight);
  if (!lease) co_return;  // the key is finished, or the client has been told

  fault_point("before-intent");
  std::optional<Entry> known;
  const std::int64_t now = options_.clock();
  const auto begin = [&] { known = ledger_->begin(request, now); };
  co_await worker_.run(begin);
  if (known) {
    check_binding(*known, request);
    if (ledger::is_finished(*known)) {
      flight.outcome = Outcome::kAlreadyRedeemed;
      co_return;
    }
  }
  const bool may_have_spent = known && ledger::may_have_spent(*known);
  flight.may_have_spent = may_have_spent;
  fault_point("after-intent");
  if (flight.is_over()) {
    // The client has been told that nothing was asked; so nothing is.
    State state = known ? known->state : State::kRefused;
    if (may_have_spent) state = State::kUnknown;
    const auto outcome = state == State::kSettled ? known->outcome : std::nullopt;
    const auto end = [&] { ledger_->end(request, state, outcome, -1, now); };
    co_await worker_.run(end);
    co_return;
  }
  co_await ask(flight, may_have_spent);
}

// Empty when the key turns out to be finished, or the client's time is over. The record is read again
// and again: whoever holds the lease may work on this very key.
asio::awaitable<std::unique_ptr<ledger::Lease>> Redeemer::wait_for_lease(Flight& flight) {
  const ledger::Request& request = flight.request;
  std::optional<Entry> known;
  std::unique_ptr<ledger::Lease> lease;
  const auto look = [&] {
    known.reset();
    known = ledger_->find(request.account, request.key);
    if (known && ledger::is_finished(*known)) return;
    lease = ledger_->try_lease(request.account);
  };
  while (!flight.is_over()) {
    std::exception_ptr failure;
    try {
      co_await worker_.run(look);
    } catch (const Error&) {
      failure = std::current_exception();
    }
    flight.may_have_spent = known && ledger::may_have_spent(*known);
    if (failure) std::rethrow_exception(failure);
    if (known) check_binding(*known, request);
    if (known && ledger::is_finished(*known)) {
      flight.outcome = Outcome::kAlreadyRedeemed;
      co_return nullptr;
    }
    if (lease) co_return lease;
    // The more are waiting here, the less often each looks: there is one worker for all.
    co_await pause(with_jitter(kLeasePoll * (1 + flights_ / 16)));
  }
  co_return nullptr;
}

// Asks the service, again where that is worth it, and records what became of it. The intent is on
// disk, and the lease is held.
asio::awaitable<void> Redeemer::ask(Flight& flight, bool may_have_spent) {
  const ledger::Request& request = flight.request;
  const auto give_up_at = Clock::now() + options_.background_time;
  std::optional<backend::ConsumeAnswer> answer;
  std::optional<Error> failure;
  std::int64_t retries = 0;
  std::optional<Error> refusal;  // of the credentials that have been renewed since
  flight.may_have_spent = true;
  for (milliseconds delay = options_.retry_delay;;
       delay = std::min(2 * delay, kLongestRetryDelay)) {
    failure.reset();
    const auto left = std::chrono::ceil<milliseconds>(give_up_at - Clock::now());
    try {
      answer = co_await backend_.consume_reset_credit(flight.sign_in->authorize(), request.key,
                                                      request.credit_id,
                                                      std::max(left, milliseconds(1)));
    } catch (const Error& error) {
      failure = error;
      may_have_spent = may_have_spent || error.data().outcome_unknown.value_or(false);
    }
    if (answer) break;
    if (is_refused_sign_in(*failure)) {
      if (refusal) {
        credentials_.renewal_was_refused();
        // Its words: the second one does not know what must not be repeated of the first.
        failure = protocol::with_detail(*refusal, auth::CredentialStore::kRenewedIsRefused);
        break;
      }
      refusal = failure;
      flight.may_have_spent = may_have_spent;  // the refused call has not
      const std::string why_not = co_await renew(flight);
      if (!why_not.empty()) failure = protocol::with_detail(*failure, why_not);
      // Once the client has been told that nothing was spent, nothing is.
      if (!why_not.empty() || flight.is_over()) break;
      flight.may_have_spent = true;
      continue;
    }
    if (!is_worth_a_retry(*failure)) break;
    const std::chrono::seconds asked(failure->data().retry_after_sec.value_or(0));
    const milliseconds wait = std::max<milliseconds>(with_jitter(delay), asked);
    if (Clock::now() + wait >= flight.deadline) break;
    co_await pause(wait);
    ++retries;
  }
  fault_point("after-answer");

  State state = may_have_spent ? State::kUnknown : State::kRefused;
  std::optional<Outcome> outcome;
  if (answer) {
    state = State::kSettled;
    outcome = to_consume_response(*answer).outcome;
    flight.has_spent = outcome == Outcome::kReset || outcome == Outcome::kAlreadyRedeemed;
  }
  const std::int64_t now = options_.clock();
  const auto end = [&] { ledger_->end(request, state, outcome, retries, now); };
  std::exception_ptr unrecorded;
  try {
    co_await worker_.run(end);
  } catch (const Error& error) {
    // What is not on disk is not told: after a crash nobody would know of it. The entry still says
    // that the service is being asked, so the same key will find out.
    unrecorded = std::make_exception_ptr(error);
    may_have_spent = may_have_spent || answer;
  }
  fault_point("after-settle");
  flight.may_have_spent = may_have_spent;
  if (unrecorded) std::rethrow_exception(unrecorded);
  if (failure) throw Error(*failure);
  flight.outcome = outcome;
}

// Puts renewed credentials of the same account into the flight, or gives the reason why it cannot.
asio::awaitable<std::string> Redeemer::renew(Flight& flight) {
  auth::Renewal renewal = co_await credentials_.renew_refused(flight.sign_in);
  if (!renewal.sign_in) co_return renewal.why_not;
  if (!auth::is_same_person(*flight.sign_in, *renewal.sign_in)) {
    co_return "somebody else has signed in meanwhile";
  }
  flight.sign_in = std::move(renewal.sign_in);
  co_return "";
}

asio::awaitable<std::vector<Entry>> Redeemer::list(std::shared_ptr<const auth::SignIn> sign_in,
                                                   std::size_t limit,
                                                   std::optional<std::int64_t> before) {
  std::vector<Entry> entries;
  const auto list = [&] {
    entries = list_redemptions(
        *ledger_, {.account = ledger_account(*sign_in), .limit = limit, .before = before});
  };
  co_await worker_.run(list);
  co_return entries;
}

}  // namespace quotad::account
