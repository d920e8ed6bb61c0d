#include "account/service.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "account/mapping.hpp"
#include "account/thread_id.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::account {
namespace asio = boost::asio;
using protocol::Error;
using protocol::ErrorData;
using protocol::ErrorKind;

namespace {

void require_not_empty(const std::string& value, const std::string& member) {
  if (!value.empty()) return;
  throw Error(ErrorData{.kind = ErrorKind::kInvalidParams, .path = "params." + member},
              member + " must not be empty");
}

// Of what the record keeps.
void require_short(const std::string& value, const std::string& member, std::size_t max) {
  if (value.size() <= max) return;
  throw Error(ErrorData{.kind = ErrorKind::kInvalidParams, .path = "params." + member},
              member + " has " + std::to_string(value.size()) + " bytes; the limit is " +
                  std::to_string(max) + " (--max-key-bytes)");
}

constexpr std::int64_t kUsualListed = 50;
constexpr std::int64_t kMostListed = 200;

// A cursor is the number of the last entry on the page before.
std::optional<std::int64_t> parse_cursor(const std::optional<std::string>& cursor) {
  if (!cursor) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = cursor->data() + cursor->size();
  const auto [rest, error] = std::from_chars(cursor->data(), end, number);
  if (error != std::errc() || rest != end || number < 1) {
    throw Error(ErrorData{.kind = ErrorKind::kInvalidParams, .path = "params.cursor"},
                "cursor must be the nextCursor of an earlier list");
  }
  return number;
}

// Nothing was asked for now; what an earlier call with the key has done was not looked up.
Error timed_out_before_asking() {
  return {ErrorData{.kind = ErrorKind::kTimeout, .retryable = true, .outcome_unknown = true},
          "timed out"};
}

// The reference names a time-out by what it waited for, without more words.
Error in_context(const Error& error, const std::string& prefix, const char* timeout_words) {
  if (error.kind() == ErrorKind::kTimeout && timeout_words != nullptr) {
    return Error(error.data(), timeout_words);
  }
  return protocol::with_prefix(prefix, error);
}

}  // namespace

Service::Service(const asio::any_io_executor& executor, auth::CredentialStore& credentials,
                 backend::Client& backend, std::unique_ptr<ledger::Ledger> ledger,
                 RedeemerOptions redeemer_options)
    : credentials_(credentials),
      backend_(backend),
      redeemer_(executor, credentials, backend, std::move(ledger), std::move(redeemer_options)),
      usage_flights_(executor),
      details_flights_(executor),
      profile_flights_(executor),
      thread_flights_(executor) {
  redeemer_.on_end([this, executor](bool has_spent) {
    ++consumes_answered_;  // whatever it was, what was known before may no longer be so
    // After the answer to whoever asked, whose turn comes first.
    if (has_spent && on_reset_) asio::post(executor, [this] { on_reset_(); });
  });
}

std::string Service::flight_key(const auth::SignIn& sign_in, const std::string& what) const {
  return std::to_string(sign_in.generation) + '/' + std::to_string(consumes_answered_) + '/' + what;
}

asio::awaitable<std::shared_ptr<const auth::SignIn>> Service::require_chatgpt(const char* purpose) {
  auto sign_in = co_await credentials_.current();
  if (!sign_in->serves_calls()) {
    const bool has_key = sign_in->kind == auth::SignIn::Kind::kApiKey;
    throw Error(
        ErrorData{.kind = ErrorKind::kAuthRequired, .detail = sign_in->problem},
        std::string(has_key ? "chatgpt" : "codex account") + " authentication required " + purpose);
  }
  co_return sign_in;
}

template <class T>
asio::awaitable<T> Service::authorized(
    std::shared_ptr<const auth::SignIn> sign_in,
    std::function<asio::awaitable<T>(backend::Credentials)> ask) {
  std::optional<Error> refusal;
  try {
    co_return co_await ask(sign_in->authorize());
  } catch (const Error& error) {
    if (!is_refused_sign_in(error)) throw;
    refusal = error;
  }
  const auth::Renewal renewal = co_await credentials_.renew_refused(sign_in);
  if (!renewal.sign_in || !auth::is_same_person(*sign_in, *renewal.sign_in)) {
    throw protocol::with_detail(*refusal, renewal.why_not);
  }
  try {
    co_return co_await ask(renewal.sign_in->authorize());
  } catch (const Error& error) {
    if (!is_refused_sign_in(error)) throw;
    credentials_.renewal_was_refused();
  }
  // The first one's words: the second does not know what must not be repeated of the first.
  throw protocol::with_detail(*refusal, auth::CredentialStore::kRenewedIsRefused);
}

asio::awaitable<protocol::GetAccountRateLimitsResponse> Service::read_rate_limits(
    protocol::GetAccountRateLimitsParams params) {
  const auto sign_in = co_await require_chatgpt("to read rate limits");
  const bool luna = params.supports_luna_reserve;
  auto usage_ticket =
      usage_flights_.join(flight_key(*sign_in, luna ? "luna" : ""), [this, sign_in, luna] {
        return authorized<backend::Usage>(sign_in, [this, luna](backend::Credentials credentials) {
          return backend_.usage(std::move(credentials), luna);
        });
      });
  std::optional<system::SingleFlight<backend::ResetCreditDetails>::Ticket> details_ticket;
  if (!params.exclude_reset_credit_details) {
    details_ticket.emplace(details_flights_.join(flight_key(*sign_in, ""), [this, sign_in] {
      return authorized<backend::ResetCreditDetails>(
          sign_in, [this](backend::Credentials credentials) {
            return backend_.reset_credit_details(std::move(credentials));
          });
    }));
  }

  std::shared_ptr<const backend::Usage> usage;
  try {
    usage = co_await usage_ticket.wait();
  } catch (const Error& error) {
    throw in_context(error, "failed to fetch codex rate limits: ", nullptr);
  }
  std::shared_ptr<const backend::ResetCreditDetails> details;
  if (details_ticket) {
    try {
      details = co_await details_ticket->wait();
    } catch (const Error&) {
      // Not an error: the usage answer has the count (reference behaviour, section 3).
    }
  }
  co_return to_rate_limits(*usage, details.get(), *sign_in);
}

asio::awaitable<protocol::GetAccountTokenUsageResponse> Service::read_token_usage(
    protocol::GetAccountTokenUsageParams params) {
  std::optional<std::string> thread_id;
  if (params.thread_id) thread_id = parse_thread_id(*params.thread_id);
  const auto sign_in = co_await require_chatgpt("to read token usage");

  if (thread_id) {
    auto ticket =
        thread_flights_.join(flight_key(*sign_in, *thread_id), [this, sign_in, thread_id] {
          return authorized<std::optional<backend::ThreadUsage>>(
              sign_in, [this, thread_id](backend::Credentials credentials) {
                return backend_.thread_usage(std::move(credentials), *thread_id);
              });
        });
    try {
      co_return to_thread_usage(*co_await ticket.wait());
    } catch (const Error& error) {
      throw in_context(error, "failed to fetch thread usage: ", "thread usage fetch timed out");
    }
  }
  auto ticket = profile_flights_.join(flight_key(*sign_in, ""), [this, sign_in] {
    return authorized<backend::TokenUsageProfile>(
        sign_in, [this](backend::Credentials credentials) {
          return backend_.token_usage_profile(std::move(credentials));
        });
  });
  try {
    co_return to_token_usage(*co_await ticket.wait());
  } catch (const Error& error) {
    throw in_context(
        error, "failed to fetch token usage profile: ", "token usage profile fetch timed out");
  }
}

// Tokens may have to be renewed first, which goes on by itself when the client's time is over: then
// there is no sign-in yet.
asio::awaitable<std::shared_ptr<const auth::SignIn>> Service::sign_in_before(
    std::chrono::steady_clock::time_point deadline) {
  using asio::experimental::awaitable_operators::operator||;
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  std::exception_ptr failure;
  // The operator waits for what succeeds; a failure must not be waited out.
  auto found = co_await (require_or_fail("for rate limit reset credits", failure) ||
                         timer.async_wait(asio::use_awaitable));
  if (failure) std::rethrow_exception(failure);
  if (found.index() == 1) co_return nullptr;
  co_return std::get<0>(std::move(found));
}

asio::awaitable<std::shared_ptr<const auth::SignIn>> Service::require_or_fail(
    const char* purpose, std::exception_ptr& failure) {
  try {
    co_return co_await require_chatgpt(purpose);
  } catch (const Error&) {
    failure = std::current_exception();
  }
  co_return nullptr;
}

asio::awaitable<protocol::ConsumeAccountRateLimitResetCreditResponse> Service::consume_reset_credit(
    protocol::ConsumeAccountRateLimitResetCreditParams params) {
  // A client that has gone away must not leave a redemption half asked.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  require_not_empty(params.idempotency_key, "idempotencyKey");
  require_short(params.idempotency_key, "idempotencyKey", redeemer_.max_key_bytes());
  if (params.credit_id) {
    require_not_empty(*params.credit_id, "creditId");
    require_short(*params.credit_id, "creditId", redeemer_.max_key_bytes());
  }
  const auto deadline = redeemer_.deadline();
  const auto sign_in = co_await sign_in_before(deadline);
  try {
    if (!sign_in) throw timed_out_before_asking();
    co_return protocol::ConsumeAccountRateLimitResetCreditResponse{
        .outcome =
            co_await redeemer_.redeem(sign_in, params.idempotency_key, params.credit_id, deadline)};
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kIdempotencyMismatch) throw;
    throw in_context(error,
                     "failed to consume rate limit reset: ", "rate limit reset consume timed out");
  }
}

asio::awaitable<protocol::ListAccountRateLimitResetCreditResponse> Service::list_redemptions(
    protocol::ListAccountRateLimitResetCreditParams params) {
  const std::int64_t limit = params.limit.value_or(kUsualListed);
  if (limit < 1 || limit > kMostListed) {
    throw Error(ErrorData{.kind = ErrorKind::kInvalidParams, .path = "params.limit"},
                "limit must be from 1 to " + std::to_string(kMostListed) + ", not " +
                    std::to_string(limit));
  }
  const auto before = parse_cursor(params.cursor);
  const auto sign_in = co_await require_chatgpt("for rate limit reset credits");
  // One more than asked for tells whether there is a next page.
  auto entries = co_await redeemer_.list(sign_in, static_cast<std::size_t>(limit) + 1, before);
  protocol::ListAccountRateLimitResetCreditResponse response;
  if (entries.size() > static_cast<std::size_t>(limit)) {
    entries.pop_back();
    response.next_cursor = std::to_string(entries.back().number);
  }
  for (const ledger::Entry& entry : entries) response.redemptions.push_back(to_redemption(entry));
  co_return response;
}

asio::awaitable<protocol::LoginAccountResponse> Service::start_login(
    protocol::LoginAccountParams params, auth::AskForTokens ask) {
  const auto* brought = std::get_if<protocol::ChatgptAuthTokensLogin>(&params);
  if (brought == nullptr) {
    throw Error(ErrorData{.kind = ErrorKind::kInvalidParams, .path = "params.type"},
                "quotad signs in with `chatgptAuthTokens` only: tokens that the client brings; for "
                "every other way use `codex login`, whose sign-in quotad shares");
  }
  const auth::SignIn& sign_in = credentials_.bring({.access_token = brought->access_token,
                                                    .account_id = brought->chatgpt_account_id,
                                                    .plan_type = brought->chatgpt_plan_type},
                                                   std::move(ask));
  if (on_login_) on_login_(sign_in, /*is_login=*/true);
  co_return protocol::ChatgptAuthTokensLoginStarted{};
}

asio::awaitable<protocol::CancelLoginAccountResponse> Service::cancel_login(
    protocol::CancelLoginAccountParams params) {
  check_login_id(params.login_id);
  co_return protocol::CancelLoginAccountResponse{};
}

asio::awaitable<protocol::GetWorkspaceMessagesResponse> Service::read_workspace_messages(
    protocol::NoParams /*params*/) {
  co_await require_chatgpt("to read workspace messages");
  co_return protocol::GetWorkspaceMessagesResponse{};
}

asio::awaitable<protocol::SkillsListResponse> Service::list_skills(
    protocol::SkillsListParams /*params*/) {
  co_return protocol::SkillsListResponse{};
}

asio::awaitable<protocol::ModelListResponse> Service::list_models(
    protocol::ModelListParams /*params*/) {
  co_return protocol::ModelListResponse{};
}

asio::awaitable<protocol::LogoutAccountResponse> Service::logout(protocol::NoParams /*params*/) {
  const auth::SignIn& nobody = credentials_.log_out();
  if (on_login_) on_login_(nobody, /*is_login=*/false);
  co_return protocol::LogoutAccountResponse{};
}

asio::awaitable<protocol::GetAccountResponse> Service::read_account(
    protocol::GetAccountParams params) {
  if (params.refresh_token) co_await credentials_.renew();
  const auto sign_in = co_await credentials_.who();
  co_return to_account(*sign_in);
}

asio::awaitable<protocol::GetAuthStatusResponse> Service::auth_status(
    protocol::GetAuthStatusParams params) {
  if (params.refresh_token.value_or(false)) co_await credentials_.renew();
  const auto sign_in = co_await credentials_.who();
  co_return to_auth_status(*sign_in, params.include_token.value_or(false));
}

}  // namespace quotad::account
