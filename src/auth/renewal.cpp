#include "auth/renewal.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "auth/pause.hpp"
#include "backend/rfc3339.hpp"
#include "quotad/protocol/error.hpp"
#include "system/wipe.hpp"

namespace quotad::auth {
namespace asio = boost::asio;
using protocol::Error;
using protocol::ErrorKind;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

// Tokens that run out within this time are renewed before they are used, and so are those that were
// renewed longer ago than that.
constexpr std::int64_t kExpiryMarginSec = 60;
constexpr std::int64_t kOldAgeSec = std::int64_t{8} * 24 * 3'600;

constexpr milliseconds kLockPoll{20};
constexpr milliseconds kLongestRetryDelay{300'000};
constexpr milliseconds kSaveAgainDelay{1'000};
// How long the end of the process waits for tokens to be written.
constexpr milliseconds kLastSaves{5'000};
constexpr milliseconds kSettlePoll{20};

}  // namespace

TokenRenewal::TokenRenewal(Common& common, StoredSignIn& stored)
    : common_(common), stored_(stored) {
  stored_.on_other_refresh_token([this] {
    failures_ = 0;
    retry_at_ = {};
  });
}

bool TokenRenewal::is_due(const SignIn& sign_in) const {
  if (sign_in.kind != SignIn::Kind::kChatgpt || stored_.refresh_token().empty()) return false;
  const std::int64_t now = common_.now();
  const bool is_old = (sign_in.expires_at && *sign_in.expires_at - now <= kExpiryMarginSec) ||
                      (sign_in.refreshed_at && now - *sign_in.refreshed_at > kOldAgeSec);
  return is_old && !refusal();
}

void TokenRenewal::back_off(const std::string& why) {
  constexpr int kMostDoublings = 16;
  const auto delay =
      common_.options.refresh_retry_delay * (1 << std::min(failures_++, kMostDoublings));
  retry_at_ = Clock::now() + std::min<milliseconds>(delay, kLongestRetryDelay);
  last_failure_ = why;
}

std::optional<std::string> TokenRenewal::obstacle() const {
  if (stored_.refresh_token().empty()) return "there is no refresh token";
  if (auto why = refusal()) return why;
  try {
    stored_.place().try_lock();
    stored_.place().prepare_replacement();
  } catch (const Error& error) {
    return error.what();
  }
  return std::nullopt;
}

asio::awaitable<void> TokenRenewal::run(SignInPointer stale, std::string reason) {
  try {
    co_await refresh(stale, std::move(reason));
  } catch (const Error& error) {
    // A final refusal has been noted; what is else wrong with the file may pass.
    if (error.kind() != ErrorKind::kAuthRequired) back_off(error.what());
    throw;
  }
}

// Empty when somebody else has renewed the tokens meanwhile.
asio::awaitable<std::optional<Locks>> TokenRenewal::wait_for_lock(SignInPointer stale) {
  const auto give_up_at = Clock::now() + common_.api.options().timeout;
  for (;;) {
    auto locks = stored_.place().try_lock();
    // Also with the lock in hand: whoever had it may have written the file before letting go.
    const SignInPointer now_in = co_await stored_.current();
    const bool is_same = now_in && now_in->kind == SignIn::Kind::kChatgpt &&
                         now_in->token == stale->token && !stored_.refresh_token().empty();
    if (!is_same) co_return std::nullopt;
    if (locks) co_return locks;
    if (Clock::now() >= give_up_at) {
      throw Error(ErrorKind::kTimeout, "renewing the tokens failed: another program holds " +
                                           stored_.home() + "/auth.lock");
    }
    co_await pause(common_.executor, kLockPoll);
  }
}

asio::awaitable<void> TokenRenewal::refresh(SignInPointer stale, std::string reason) {
  if (stored_.unsaved()) {
    throw Error(ErrorKind::kInternal,
                "the tokens cannot be renewed: the last ones are not written yet");
  }
  auto locks = co_await wait_for_lock(stale);
  if (!locks) co_return;
  const std::string spent = stored_.refresh_token();
  std::unique_ptr<Replacement> replacement;
  const auto prepare = [&] { replacement = stored_.place().prepare_replacement(); };
  try {
    co_await common_.worker.run(prepare);
  } catch (const Error& error) {
    throw protocol::with_prefix("the tokens cannot be renewed: ", error);
  }

  FreshTokens tokens;
  std::optional<Error> refusal;
  const bool is_token_refused = reason == kUnauthorized;
  try {
    tokens = co_await common_.api.refresh(spent, std::move(reason));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kAuthRequired) throw;
    refusal = error;
  }
  if (refusal) {
    co_await note_refusal(spent, refusal->what(), is_token_refused);
    throw Error(*refusal);
  }
  failures_ = 0;
  std::optional<Content> written;
  std::string problem;
  const std::int64_t now = common_.now();
  const auto commit = [&] { written = replacement->commit(tokens, spent, now); };
  try {
    co_await common_.worker.run(commit);
  } catch (const Error& error) {
    problem = error.what();
  }
  if (written) {
    spdlog::debug("the tokens have been renewed");
    stored_.take_over(*written);
    co_return;
  }
  if (!problem.empty()) {
    // The old tokens are of no use any more: the new ones are used from memory, and written as soon
    // as that is possible. Without a problem somebody else has signed in or out meanwhile.
    spdlog::error("{}; the renewed tokens are kept in memory, and will be written later", problem);
    stored_.set_unsaved(StoredSignIn::Unsaved{.spent_refresh_token = spent, .tokens = tokens});
    unsaved_locks_ = std::move(locks);
    asio::co_spawn(common_.executor, save_unsaved(), asio::detached);
  } else {
    spdlog::warn("somebody has signed in or out while the tokens were renewed; they are dropped");
  }
  stored_.forget();
  co_await stored_.current();
}

// The access token is used until it runs out, unless the service refuses it too.
asio::awaitable<void> TokenRenewal::note_refusal(std::string spent, std::string why,
                                                 bool is_token_refused) {
  const std::int64_t at = common_.now();
  common_.refused_tokens.add(spent, why, at);
  const auto save = [&] { common_.refused_tokens.save(spent, why, at); };
  co_await common_.worker.run(save);
  const SignInPointer& sign_in = stored_.last();
  if (!sign_in || sign_in->kind != SignIn::Kind::kChatgpt) co_return;
  if (is_token_refused || stored_.has_run_out(*sign_in)) {
    stored_.give_up(why);
    co_return;
  }
  const auto& until = sign_in->expires_at;
  spdlog::warn("the access token is used {}",
               until ? "until " + backend::format_rfc3339(*until) : "until it is refused");
}

// Tries again and again to write what could not be written.
asio::awaitable<void> TokenRenewal::save_unsaved() {
  is_saving_ = true;
  save_again_ = std::make_shared<asio::steady_timer>(common_.executor);
  while (stored_.unsaved() && !is_over_) {
    save_again_->expires_after(kSaveAgainDelay);
    co_await save_again_->async_wait(asio::as_tuple(asio::use_awaitable));
    if (is_over_) break;
    co_await save_once();
  }
  save_again_.reset();
  is_saving_ = false;
}

asio::awaitable<void> TokenRenewal::save_once() {
  const FreshTokens tokens = stored_.unsaved()->tokens;
  const std::string spent = stored_.unsaved()->spent_refresh_token;
  const std::int64_t now = common_.now();
  bool is_over = false;
  std::optional<Content> written;
  const auto save = [&] {
    auto replacement = stored_.place().prepare_replacement();
    written = replacement->commit(tokens, spent, now);
    is_over = true;
  };
  try {
    co_await common_.worker.run(save);
  } catch (const Error& error) {
    spdlog::debug("the renewed tokens can still not be written: {}", error.what());
  }
  if (!is_over) co_return;
  stored_.set_unsaved(std::nullopt);
  unsaved_locks_.reset();
  spdlog::warn("{}", written ? "the renewed tokens have been written"
                             : "somebody has signed in or out; the renewed tokens are dropped");
}

asio::awaitable<void> TokenRenewal::saved() {
  const auto give_up_at = Clock::now() + kLastSaves;
  while (stored_.unsaved() && Clock::now() < give_up_at) {
    co_await pause(common_.executor, kSettlePoll);
  }
  is_over_ = true;
  if (save_again_) save_again_->cancel();
  while (is_saving_) co_await pause(common_.executor, kSettlePoll);
  if (stored_.unsaved()) {
    spdlog::error(
        "the renewed tokens could not be written, and are lost: sign in again with `codex login`");
  }
}

}  // namespace quotad::auth
