#include "auth/credential_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cstdlib>
#include <utility>

#include "auth/agent_identity.hpp"
#include "auth/jwt.hpp"
#include "backend/rfc3339.hpp"
#include "quotad/protocol/error.hpp"
#include "system/clock.hpp"
#include "system/wipe.hpp"

namespace quotad::auth {
namespace asio = boost::asio;
using protocol::DecodeError;
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
// How often a file that holds no JSON is looked at again.
constexpr milliseconds kHalfWrittenPoll{10};
constexpr milliseconds kSaveAgainDelay{1'000};
// How long the end of the process waits for tokens to be written.
constexpr milliseconds kLastSaves{5'000};
constexpr milliseconds kSettlePoll{20};

const std::string kSignInAgain = "sign in again with `codex login`";

// The reference's words for the reason of a renewal, for the service's statistics.
constexpr const char* kProactive = "proactive_expiry";
constexpr const char* kUnauthorized = "unauthorized_recovery";
constexpr const char* kForced = "forced";

asio::awaitable<void> pause(const asio::any_io_executor& executor, milliseconds time) {
  asio::steady_timer timer(executor, time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

SignIn person(SignIn::Kind kind, const TokenClaims& claims) {
  SignIn sign_in;
  sign_in.kind = kind;
  sign_in.credentials.account_id = claims.account_id.value_or("");
  sign_in.credentials.fedramp = claims.fedramp;
  if (claims.user_id) sign_in.credentials.confidential.push_back(*claims.user_id);
  sign_in.email = claims.email;
  sign_in.plan_type = claims.plan_type;
  sign_in.user_id = claims.user_id;
  sign_in.account_id = claims.account_id;
  return sign_in;
}

// The credentials in the environment; they are told apart by what they look like.
UnknownPerson from_environment(const std::string& token) {
  const bool is_personal = token.rfind("at-", 0) == 0;
  return {is_personal ? SignIn::Kind::kPersonalAccessToken : SignIn::Kind::kAgentIdentity, token};
}

SignIn brought_sign_in(const BroughtTokens& tokens) {
  const auto require = [](const std::string& value, const char* member, const char* what) {
    if (is_token(value)) return;
    throw DecodeError("params." + std::string(member),
                      std::string(member) + " must be " + what +
                          ": at least one character, and only visible ASCII");
  };
  require(tokens.access_token, "accessToken", "an access token");
  require(tokens.account_id, "chatgptAccountId", "an account id");
  const TokenClaims claims = token_claims(tokens.access_token);
  SignIn sign_in = person(SignIn::Kind::kChatgptAuthTokens, claims);
  sign_in.token = tokens.access_token;
  sign_in.account_id = tokens.account_id;
  if (tokens.plan_type) sign_in.plan_type = tokens.plan_type;
  sign_in.credentials.authorization = "Bearer " + tokens.access_token;
  sign_in.credentials.account_id = tokens.account_id;
  return sign_in;
}

void wipe_tokens(SignIn& sign_in) {
  system::wipe(sign_in.token);
  system::wipe(sign_in.credentials.authorization);
}

}  // namespace

CredentialStore::CredentialStore(asio::any_io_executor executor,
                                 const std::filesystem::path& codex_home, StoreMode mode,
                                 std::optional<std::string> config_problem, StoreOptions options)
    : executor_(std::move(executor)),
      file_(codex_home / "auth.json", !options.allow_exposed_auth_file),
      mode_(mode),
      config_problem_(std::move(config_problem)),
      options_(std::move(options)),
      api_(executor_, options_.api),
      worker_(executor_),
      identifications_(executor_),
      registrations_(executor_),
      refused_tokens_(options_.refused_tokens_file) {
  if (!options_.clock) options_.clock = system::unix_now;
  if (!options_.steady_clock) options_.steady_clock = Clock::now;
  if (options_.access_token) {
    boost::algorithm::trim_if(*options_.access_token, boost::algorithm::is_any_of(" \t\r\n"));
    if (options_.access_token->empty()) options_.access_token.reset();
  }
}

void CredentialStore::reconfigure(StoreMode mode, std::optional<std::string> config_problem,
                                  const std::string& agent_api_url) {
  mode_ = mode;
  config_problem_ = std::move(config_problem);
  api_.use_agent_api(agent_api_url);
}

// --- What counts ---------------------------------------------------------------------------------

asio::awaitable<CredentialStore::Pointer> CredentialStore::who() {
  for (;;) {
    const int source_changes = source_changes_;
    Pointer found = co_await find();
    if (source_changes != source_changes_) continue;  // what was found counts no more
    const Pointer before = std::exchange(sign_in_, found);
    if (before && on_change_ && !looks_the_same(*before, *found)) on_change_(*found);
    co_return found;
  }
}

asio::awaitable<CredentialStore::Pointer> CredentialStore::find() {
  if (config_problem_) throw Error(ErrorKind::kInternal, *config_problem_);
  if (logged_out_) co_return logged_out_;
  if (brought_) co_return brought_->sign_in;
  if (options_.access_token) co_return co_await identify(from_environment(*options_.access_token));
  if (mode_ == StoreMode::kKeyring) throw Error(ErrorKind::kAuthRequired, keyring_words());
  if (mode_ == StoreMode::kEphemeral) co_return std::make_shared<const SignIn>();
  co_return co_await file_sign_in();
}

std::string CredentialStore::source() const {
  if (brought_) return "tokens that a client brought";
  if (options_.access_token) return "the environment variable CODEX_ACCESS_TOKEN";
  if (mode_ == StoreMode::kKeyring) return "the system's keyring";
  if (mode_ == StoreMode::kEphemeral) return "nowhere (cli_auth_credentials_store = \"ephemeral\")";
  return file_.path().string();
}

std::string CredentialStore::keyring_words() const {
  return "the credentials are kept in the system's keyring (cli_auth_credentials_store = "
         "\"keyring\" in " +
         (file_.path().parent_path() / "config.toml").string() +
         "), which quotad does not read; set it to \"file\" and sign in again with `codex login`";
}

SignIn CredentialStore::glance() {
  if (config_problem_) return nobody_because(*config_problem_);
  if (logged_out_) return *logged_out_;
  if (brought_) return *brought_->sign_in;
  std::optional<UnknownPerson> unknown;
  if (options_.access_token) {
    unknown = from_environment(*options_.access_token);
  } else if (mode_ == StoreMode::kKeyring) {
    return nobody_because(keyring_words());
  } else if (mode_ != StoreMode::kEphemeral) {
    look_at_file();
    if (half_written_) return nobody_because(half_written_words());
    if (const auto* in_file = std::get_if<UnknownPerson>(&stored_.who)) unknown = *in_file;
    if (!unknown) return *file_sign_in_;
  }
  if (!unknown) return {};
  if (unknown->kind == SignIn::Kind::kPersonalAccessToken) return person(unknown->kind, {});
  try {
    return person(unknown->kind, AgentIdentity(unknown->token).claims());
  } catch (const Error& error) {
    return nobody_because(error.what());
  }
}

CredentialStore::Pointer CredentialStore::make(SignIn sign_in) {
  sign_in.generation = ++generation_;
  return {new SignIn(std::move(sign_in)), [](SignIn* over) {
            wipe_tokens(*over);
            delete over;
          }};
}

void CredentialStore::keep(Stored stored) {
  if (auto* sign_in = std::get_if<SignIn>(&stored_.who)) wipe_tokens(*sign_in);
  if (auto* unknown = std::get_if<UnknownPerson>(&stored_.who)) system::wipe(unknown->token);
  system::wipe(stored_.refresh_token);
  stored_ = std::move(stored);
}

void CredentialStore::follow() {
  if (config_problem_ || options_.access_token) return;
  if (mode_ != StoreMode::kFile && mode_ != StoreMode::kAuto) return;
  watch_ = std::make_unique<FileWatch>(executor_, file_.path(), [this] {
    look_again_ = true;
    if (std::exchange(is_looking_, true)) return;
    asio::co_spawn(executor_, look_again(),
                   asio::bind_cancellation_slot(
                       stop_looking_.slot(),
                       [this](const std::exception_ptr& /*cancelled*/) { is_looking_ = false; }));
  });
  if (Pointer found = look_at_file()) sign_in_ = found;  // what later changes are told apart from
}

void CredentialStore::stop_following() {
  watch_.reset();
  look_again_ = false;
  stop_looking_.emit(asio::cancellation_type::terminal);
}

asio::awaitable<void> CredentialStore::look_again() {
  while (std::exchange(look_again_, false)) {
    try {
      co_await who();
    } catch (const Error&) {
      // Whatever is wrong is told to whoever makes a call.
    }
  }
}

const SignIn& CredentialStore::bring(const BroughtTokens& tokens, AskForTokens ask) {
  if (config_problem_) throw Error(ErrorKind::kInternal, *config_problem_);
  Pointer sign_in = make(brought_sign_in(tokens));
  ++source_changes_;
  logged_out_.reset();
  brought_ = Brought{sign_in, std::move(ask)};
  return *(sign_in_ = sign_in);
}

const SignIn& CredentialStore::log_out() {
  ++source_changes_;
  brought_.reset();
  logged_out_ = make(
      nobody_because("signed out by account/logout, for as long as this server runs; sign in with "
                     "account/login/start, or start it again"));
  return *(sign_in_ = logged_out_);
}

// --- auth.json -----------------------------------------------------------------------------------

asio::awaitable<CredentialStore::Pointer> CredentialStore::file_sign_in() {
  for (;;) {
    look_at_file();
    // A program that does not replace the file but writes into it leaves it broken for a moment.
    const auto give_up_at = Clock::now() + options_.half_written_wait;
    while (half_written_ && Clock::now() < give_up_at) {
      co_await pause(executor_, kHalfWrittenPoll);
      look_at_file();
    }
    if (half_written_) {
      half_written_ = false;
      keep({});
      file_sign_in_ = unusable_file(half_written_words());
    }
    const auto* unknown = std::get_if<UnknownPerson>(&stored_.who);
    if (unknown == nullptr) co_return file_sign_in_;
    const UnknownPerson asked = *unknown;
    Pointer found = co_await identify(asked);
    // The file may hold something else by now.
    look_at_file();
    unknown = std::get_if<UnknownPerson>(&stored_.who);
    if (!half_written_ && unknown != nullptr && unknown->token == asked.token) co_return found;
  }
}

std::string CredentialStore::half_written_words() const {
  return "cannot use " + file_.path().string() + ": it is not a JSON object; " + kSignInAgain;
}

// The sign-in in the file; null if it says nothing of whose it is, or is half written.
CredentialStore::Pointer CredentialStore::look_at_file() {
  read_if_changed();
  give_up_if_over();
  return file_sign_in_;
}

// A token that has run out, and can no longer be renewed, is no sign-in.
void CredentialStore::give_up_if_over() {
  if (!file_sign_in_ || !has_run_out(*file_sign_in_)) return;
  if (const auto why = refused_tokens_.why(stored_.refresh_token)) {
    file_sign_in_ = make(nobody_because(*why));
  }
}

// A stat for each call, and a read of a few kilobytes when the file has changed: cheaper than the way to a
// worker thread and back.
void CredentialStore::read_if_changed() {
  try {
    const auto stamp = file_.stamp();
    if (has_looked_ && stamp == stamp_ && !half_written_) return;
    has_looked_ = false;
    half_written_ = false;
    if (auto content = stamp ? file_.read() : std::nullopt) {
      take_over(*content);
      system::wipe(content->text);
      return;
    }
    has_looked_ = true;
    stamp_.reset();
    keep({});
    SignIn nobody;
    const std::filesystem::path home = file_.path().parent_path();
    std::error_code unknown;
    if (!std::filesystem::exists(home, unknown) && !unknown) {
      nobody.problem = "the folder " + home.string() + " does not exist" +
                       (options_.home_origin.empty() ? "" : " (" + options_.home_origin + ")");
    } else if (mode_ == StoreMode::kAuto) {
      nobody.problem = "there is no " + file_.path().string() +
                       ", and the system's keyring is not read; set cli_auth_credentials_store = "
                       "\"file\" in config.toml and sign in again with `codex login`";
    }
    file_sign_in_ = make(std::move(nobody));
  } catch (const Error& error) {
    // A file that cannot be read is looked at again on every call, one of the wrong shape is not.
    keep({});
    file_sign_in_ = unusable_file(error.what());
  }
}

// Nobody, because of the file; the log is told once.
CredentialStore::Pointer CredentialStore::unusable_file(const std::string& why) {
  if (file_sign_in_ && file_sign_in_->problem == why) return file_sign_in_;
  spdlog::warn("{}", why);
  return make(nobody_because(why));
}

void CredentialStore::take_over(const AuthFile::Content& content) {
  has_looked_ = true;
  stamp_ = content.stamp;
  auto stored = parse_auth_file(content.text, file_.path());
  if (!stored) {
    half_written_ = true;  // what was there before counts until it is clear that this is all
    return;
  }
  if (unsaved_ && stored->refresh_token == unsaved_->spent_refresh_token) {
    std::string text = with_fresh_tokens(content.text, unsaved_->tokens, now());
    stored = parse_auth_file(text, file_.path());
    system::wipe(text);
  }
  if (stored->refresh_token != stored_.refresh_token) {
    failures_ = 0;
    retry_at_ = {};
  }
  keep(std::move(*stored));
  if (std::holds_alternative<UnknownPerson>(stored_.who)) {
    file_sign_in_.reset();
    return;
  }
  file_sign_in_ = make(std::get<SignIn>(stored_.who));
}

// --- Personal access tokens and agents -----------------------------------------------------------

asio::awaitable<CredentialStore::Pointer> CredentialStore::identify(UnknownPerson unknown) {
  if (identified_ && identified_->token == unknown.token) co_return identified_->sign_in;
  if (!is_token(unknown.token)) {  // of the environment; the file's has been looked at
    co_return make(nobody_because("CODEX_ACCESS_TOKEN holds characters that no token has"));
  }
  if (unknown.kind == SignIn::Kind::kAgentIdentity) {
    Identified agent{.token = unknown.token, .sign_in = nullptr, .agent = nullptr};
    try {
      agent.agent = std::make_shared<const AgentIdentity>(unknown.token);
      agent.sign_in = make(person(unknown.kind, agent.agent->claims()));
    } catch (const Error& error) {
      const std::string why =
          options_.access_token ? "CODEX_ACCESS_TOKEN is no personal access token (at-…), and as " +
                                      std::string(error.what())
                                : error.what();
      spdlog::warn("{}", why);
      agent.sign_in = make(nobody_because(why));
    }
    identified_ = std::move(agent);
    co_return identified_->sign_in;
  }
  auto ticket = identifications_.join(unknown.token,
                                      [this, token = unknown.token] { return ask_who(token); });
  const auto found = co_await ticket.wait();
  // Another one who waited for it may have been here first.
  if (!identified_ || identified_->token != unknown.token) {
    const Pointer sign_in = make(*found);
    // A refusal may pass: the next call asks again.
    if (sign_in->kind == SignIn::Kind::kNone) co_return sign_in;
    identified_ = Identified{.token = unknown.token, .sign_in = sign_in, .agent = nullptr};
  }
  co_return identified_->sign_in;
}

asio::awaitable<SignIn> CredentialStore::ask_who(std::string personal_access_token) {
  TokenClaims claims;
  try {
    claims = co_await api_.whoami(personal_access_token);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kAuthRequired) throw;
    co_return nobody_because(error.what());
  }
  SignIn sign_in = person(SignIn::Kind::kPersonalAccessToken, claims);
  sign_in.credentials.authorization = "Bearer " + personal_access_token;
  co_return sign_in;
}

// The agent's sign-in with a task, which is registered by the first call of the process.
asio::awaitable<CredentialStore::Pointer> CredentialStore::with_task(Pointer sign_in) {
  if (!identified_ || identified_->sign_in != sign_in || sign_in->sign_call) co_return sign_in;
  const auto agent = identified_->agent;
  auto ticket = registrations_.join(agent->runtime_id(),
                                    [this, agent] { return api_.register_task(agent, now()); });
  const auto task_id = co_await ticket.wait();
  if (!identified_ || identified_->agent != agent) co_return co_await current();
  if (!identified_->sign_in->sign_call) {
    SignIn with_task = *sign_in;
    with_task.sign_call = [agent, task = *task_id, clock = options_.clock] {
      return agent->assertion(task, clock());
    };
    identified_->sign_in = make(std::move(with_task));
  }
  co_return identified_->sign_in;
}

// --- Renewing ------------------------------------------------------------------------------------

// What seems to be odd afterwards is easier to understand with this in the log.
void CredentialStore::notice_clock_jump() {
  const auto jump = clock_watch_.look(now(), options_.steady_clock());
  if (!jump) return;
  spdlog::warn(
      "the clock has jumped {} s {}: it was set, or the machine slept; what runs out is judged by "
      "the new time",
      std::abs(*jump), *jump > 0 ? "ahead" : "back");
}

bool CredentialStore::has_run_out(const SignIn& sign_in) const {
  return sign_in.kind == SignIn::Kind::kChatgpt && sign_in.expires_at &&
         *sign_in.expires_at <= now();
}

bool CredentialStore::is_due(const SignIn& sign_in) {
  if (sign_in.kind != SignIn::Kind::kChatgpt || stored_.refresh_token.empty()) return false;
  const std::int64_t now = this->now();
  const bool is_old = (sign_in.expires_at && *sign_in.expires_at - now <= kExpiryMarginSec) ||
                      (sign_in.refreshed_at && now - *sign_in.refreshed_at > kOldAgeSec);
  return is_old && !refused_tokens_.why(stored_.refresh_token);
}

void CredentialStore::back_off(const std::string& why) {
  constexpr int kMostDoublings = 16;
  const auto delay = options_.refresh_retry_delay * (1 << std::min(failures_++, kMostDoublings));
  retry_at_ = Clock::now() + std::min<milliseconds>(delay, kLongestRetryDelay);
  last_failure_ = why;
}

asio::awaitable<CredentialStore::Pointer> CredentialStore::current() {
  notice_clock_jump();
  Pointer sign_in = co_await who();
  if (is_due(*sign_in) && !backs_off()) {
    try {
      co_await attempt(sign_in, kProactive);
    } catch (const Error&) {
      // It has been logged. What there is may still serve; if not, the service says so.
    }
    sign_in = co_await who();
  }
  if (sign_in->kind == SignIn::Kind::kAgentIdentity) co_return co_await with_task(sign_in);
  co_return sign_in;
}

std::optional<std::string> CredentialStore::renewal_obstacle() {
  if (stored_.refresh_token.empty()) return "there is no refresh token";
  if (auto why = refused_tokens_.why(stored_.refresh_token)) return why;
  try {
    file_.try_lock();
    file_.prepare_replacement();
  } catch (const Error& error) {
    return error.what();
  }
  return std::nullopt;
}

asio::awaitable<void> CredentialStore::renew() {
  const Pointer sign_in = co_await who();
  const bool can_be_renewed =
      (sign_in->kind == SignIn::Kind::kChatgpt && !stored_.refresh_token.empty() &&
       !refused_tokens_.why(stored_.refresh_token) && !backs_off()) ||
      sign_in->kind == SignIn::Kind::kChatgptAuthTokens;
  if (!can_be_renewed) co_return;
  try {
    co_await attempt(sign_in, kForced);
  } catch (const Error&) {
    // As above.
  }
}

asio::awaitable<Renewal> CredentialStore::renew_refused(Pointer refused) {
  Pointer now_in = co_await who();
  const auto is_other = [&] {
    return now_in->serves_calls() && now_in->generation != refused->generation &&
           (now_in->token.empty() || now_in->token != refused->token);
  };
  Renewal renewal;
  // Somebody may have been faster: another call, another program.
  if (!is_other()) {
    renewal.why_not = co_await renew_for_call(refused);
    now_in = co_await who();
  }
  if (is_other()) {
    renewal.sign_in = co_await current();
    renewal.why_not.clear();
  } else if (renewal.why_not.empty()) {
    renewal.why_not = now_in->problem.value_or("the renewed credentials are the refused ones");
  }
  co_return renewal;
}

// Why there can be no new credentials, or "" if there may be.
asio::awaitable<std::string> CredentialStore::renew_for_call(Pointer refused) {
  switch (refused->kind) {
    case SignIn::Kind::kPersonalAccessToken:
      co_return "the service refuses the personal access token; make a new one";
    case SignIn::Kind::kAgentIdentity:
      // Its task is over; the next call registers another one.
      if (identified_ && identified_->sign_in == refused) {
        SignIn without_task = *refused;
        without_task.sign_call = nullptr;
        identified_->sign_in = make(std::move(without_task));
      }
      co_return "";
    case SignIn::Kind::kChatgpt:
      if (file_sign_in_ && file_sign_in_->serves_calls() && stored_.refresh_token.empty()) {
        co_return "there is no refresh token in " + file_.path().string() + "; " + kSignInAgain;
      }
      if (const auto why = refused_tokens_.why(stored_.refresh_token)) {
        file_sign_in_ = make(nobody_because(*why));
        co_return *why;
      }
      if (backs_off()) co_return last_failure_;
      break;
    default:
      break;
  }
  std::string why_not;
  try {
    co_await attempt(refused, kUnauthorized);
  } catch (const Error& error) {
    why_not = error.what();
  }
  co_return why_not;
}

// One attempt at a time for the file, and one for each set of tokens that was brought, shared by all that
// ask meanwhile. It is not called off: the service may have spent the refresh token already.
asio::awaitable<void> CredentialStore::attempt(Pointer stale, std::string reason) {
  const Pointer subject = stale->kind == SignIn::Kind::kChatgptAuthTokens ? stale : nullptr;
  const auto under_way = std::find_if(attempts_.begin(), attempts_.end(),
                                      [&](const auto& other) { return other->subject == subject; });
  std::shared_ptr<Attempt> attempt;
  if (under_way != attempts_.end()) {
    attempt = *under_way;
  } else {
    attempt = std::make_shared<Attempt>(executor_, subject);
    attempts_.push_back(attempt);
    // May be over before this returns.
    asio::co_spawn(executor_, run(attempt, std::move(stale), std::move(reason)), asio::detached);
  }
  while (!attempt->is_over) {
    co_await attempt->over.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
  if (attempt->error) std::rethrow_exception(attempt->error);
}

asio::awaitable<void> CredentialStore::run(std::shared_ptr<Attempt> attempt, Pointer stale,
                                           std::string reason) {
  try {
    if (attempt->subject) {
      co_await ask_bringer(stale);
    } else {
      co_await refresh_file(stale, reason);
    }
  } catch (const Error& error) {
    spdlog::warn("{}", error.what());
    // A final refusal has been noted; what is else wrong with the file may pass.
    if (!attempt->subject && error.kind() != ErrorKind::kAuthRequired) back_off(error.what());
    attempt->error = std::current_exception();
  } catch (const std::exception& error) {
    spdlog::error("renewing the tokens failed inside: {}", error.what());
    attempt->error = std::make_exception_ptr(
        Error(ErrorKind::kInternal, "renewing the tokens failed; the server's log says more"));
  }
  attempt->is_over = true;
  attempts_.remove(attempt);
  attempt->over.cancel();
}

asio::awaitable<void> CredentialStore::settled() {
  while (!attempts_.empty()) {
    const auto attempt = attempts_.front();
    co_await attempt->over.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  const auto give_up_at = Clock::now() + kLastSaves;
  while (unsaved_ && Clock::now() < give_up_at) co_await pause(executor_, kSettlePoll);
  is_over_ = true;
  if (unsaved_) {
    spdlog::error("the renewed tokens could not be written, and are lost: {}", kSignInAgain);
  }
}

// Empty when somebody else has renewed the tokens meanwhile.
asio::awaitable<std::optional<AuthFile::Locks>> CredentialStore::wait_for_lock(Pointer stale) {
  const auto give_up_at = Clock::now() + options_.api.timeout;
  for (;;) {
    auto locks = file_.try_lock();
    // Also with the lock in hand: whoever had it may have written the file before letting go.
    const Pointer now_in = co_await file_sign_in();
    const bool is_same = now_in && now_in->kind == SignIn::Kind::kChatgpt &&
                         now_in->token == stale->token && !stored_.refresh_token.empty();
    if (!is_same) co_return std::nullopt;
    if (locks) co_return locks;
    if (Clock::now() >= give_up_at) {
      throw Error(ErrorKind::kTimeout, "renewing the tokens failed: another program holds " +
                                           (file_.path().parent_path() / "auth.lock").string());
    }
    co_await pause(executor_, kLockPoll);
  }
}

asio::awaitable<void> CredentialStore::refresh_file(Pointer stale, std::string reason) {
  if (unsaved_) {
    throw Error(ErrorKind::kInternal,
                "the tokens cannot be renewed: the last ones are not written yet");
  }
  auto locks = co_await wait_for_lock(stale);
  if (!locks) co_return;
  const std::string spent = stored_.refresh_token;
  std::optional<AuthFile::Replacement> replacement;
  const auto prepare = [&] { replacement.emplace(file_.prepare_replacement()); };
  try {
    co_await worker_.run(prepare);
  } catch (const Error& error) {
    throw protocol::with_prefix("the tokens cannot be renewed: ", error);
  }

  FreshTokens tokens;
  std::optional<Error> refusal;
  const bool is_token_refused = reason == kUnauthorized;
  try {
    tokens = co_await api_.refresh(spent, std::move(reason));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kAuthRequired) throw;
    refusal = error;
  }
  if (refusal) {
    const std::string why = refusal->what();
    const std::int64_t at = now();
    refused_tokens_.add(spent, why, at);
    const auto save = [&] { refused_tokens_.save(spent, why, at); };
    co_await worker_.run(save);
    renewal_is_over(why, is_token_refused);
    throw Error(*refusal);
  }
  failures_ = 0;
  std::optional<AuthFile::Content> written;
  std::string problem;
  const std::int64_t now = this->now();
  const auto commit = [&] { written = replacement->commit(tokens, spent, now); };
  try {
    co_await worker_.run(commit);
  } catch (const Error& error) {
    problem = error.what();
  }
  if (written) {
    spdlog::debug("the tokens have been renewed");
    take_over(*written);
    system::wipe(written->text);
    co_return;
  }
  if (!problem.empty()) {
    // The old tokens are of no use any more: the new ones are used from memory, and written as soon
    // as that is possible. Without a problem somebody else has signed in or out meanwhile.
    spdlog::error("{}; the renewed tokens are kept in memory, and will be written later", problem);
    unsaved_ = Unsaved{.spent_refresh_token = spent, .tokens = tokens, .locks = std::move(*locks)};
    asio::co_spawn(executor_, save_unsaved(), asio::detached);
  } else {
    spdlog::warn("somebody has signed in or out while the tokens were renewed; they are dropped");
  }
  has_looked_ = false;
  co_await file_sign_in();
}

// The access token is used until it runs out, unless the service refuses it too.
void CredentialStore::renewal_is_over(const std::string& why, bool is_token_refused) {
  if (!file_sign_in_ || file_sign_in_->kind != SignIn::Kind::kChatgpt) return;
  if (is_token_refused || has_run_out(*file_sign_in_)) {
    file_sign_in_ = make(nobody_because(why));
    return;
  }
  const auto& until = file_sign_in_->expires_at;
  spdlog::warn("the access token is used {}",
               until ? "until " + backend::format_rfc3339(*until) : "until it is refused");
}

// Tries again and again to write what could not be written.
asio::awaitable<void> CredentialStore::save_unsaved() {
  while (unsaved_ && !is_over_) {
    co_await pause(executor_, kSaveAgainDelay);
    const FreshTokens tokens = unsaved_->tokens;
    const std::string spent = unsaved_->spent_refresh_token;
    const std::int64_t now = this->now();
    bool is_over = false;
    std::optional<AuthFile::Content> written;
    const auto save = [&] {
      auto replacement = file_.prepare_replacement();
      written = replacement.commit(tokens, spent, now);
      is_over = true;
    };
    try {
      co_await worker_.run(save);
    } catch (const Error& error) {
      spdlog::debug("the renewed tokens can still not be written: {}", error.what());
    }
    if (!is_over) continue;
    unsaved_.reset();
    has_looked_ = false;
    spdlog::warn("{}", written ? "the renewed tokens have been written"
                               : "somebody has signed in or out; the renewed tokens are dropped");
  }
}

asio::awaitable<void> CredentialStore::ask_bringer(Pointer stale) {
  if (!brought_ || brought_->sign_in != stale) co_return;  // others have come meanwhile
  const AskForTokens ask = brought_->ask;
  std::optional<std::string> failure;
  try {
    const BroughtTokens tokens = co_await ask(stale->account_id);
    SignIn sign_in = brought_sign_in(tokens);
    if (!brought_ || brought_->sign_in != stale) co_return;
    brought_->sign_in = make(std::move(sign_in));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kAuthRequired) throw;
    failure = error.what();
  }
  if (!failure) co_return;
  // Nobody can renew them any more: from now on that is what everybody is told.
  if (brought_ && brought_->sign_in == stale) {
    brought_->sign_in = make(nobody_because(*failure));
  }
  throw Error(ErrorKind::kAuthRequired, *failure);
}

}  // namespace quotad::auth
