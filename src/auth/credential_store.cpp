#include "auth/credential_store.hpp"

#include <spdlog/spdlog.h>

#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <utility>

#include "quotad/protocol/error.hpp"
#include "system/clock.hpp"

namespace quotad::auth {
namespace asio = boost::asio;
using protocol::Error;
using protocol::ErrorKind;

namespace {

StoreOptions with_defaults(StoreOptions options) {
  if (!options.clock) options.clock = system::unix_now;
  if (!options.steady_clock) options.steady_clock = std::chrono::steady_clock::now;
  if (options.access_token) {
    boost::algorithm::trim_if(*options.access_token, boost::algorithm::is_any_of(" \t\r\n"));
    if (options.access_token->empty()) options.access_token.reset();
  }
  return options;
}

}  // namespace

CredentialStore::CredentialStore(asio::any_io_executor executor,
                                 const std::filesystem::path& codex_home, StoreMode mode,
                                 std::optional<std::string> config_problem, StoreOptions options)
    : executor_(std::move(executor)),
      config_problem_(std::move(config_problem)),
      options_(with_defaults(std::move(options))),
      file_(codex_home / "auth.json", !options_.allow_exposed_auth_file),
      api_(executor_, options_.api),
      refused_tokens_(options_.refused_tokens_file),
      identities_(executor_, api_, maker_, options_.clock),
      stored_(executor_, file_.path().parent_path(), file_, identities_, refused_tokens_, maker_,
              {.home_origin = options_.home_origin,
               .half_written_wait = options_.half_written_wait,
               .clock = options_.clock}),
      renewal_(executor_, stored_, api_, refused_tokens_,
               {.retry_delay = options_.refresh_retry_delay, .clock = options_.clock}),
      brought_(maker_),
      attempts_(executor_) {
  use_mode(mode);
}

void CredentialStore::use_mode(StoreMode mode) {
  mode_ = mode;
  stored_.may_be_in_keyring(mode == StoreMode::kAuto);
}

void CredentialStore::reconfigure(StoreMode mode, std::optional<std::string> config_problem,
                                  const std::string& agent_api_url) {
  use_mode(mode);
  config_problem_ = std::move(config_problem);
  api_.use_agent_api(agent_api_url);
}

// --- What counts ---------------------------------------------------------------------------------

asio::awaitable<SignInPointer> CredentialStore::who() {
  for (;;) {
    const int source_changes = source_changes_;
    SignInPointer found = co_await find();
    if (source_changes != source_changes_) continue;  // what was found counts no more
    const SignInPointer before = std::exchange(sign_in_, found);
    if (before && on_change_ && !looks_the_same(*before, *found)) on_change_(*found);
    co_return found;
  }
}

asio::awaitable<SignInPointer> CredentialStore::find() {
  if (config_problem_) throw Error(ErrorKind::kInternal, *config_problem_);
  if (logged_out_) co_return logged_out_;
  if (brought_.sign_in()) co_return brought_.sign_in();
  if (options_.access_token) {
    co_return co_await identities_.identify(from_environment(), Identities::Place::kEnvironment);
  }
  if (mode_ == StoreMode::kKeyring) throw Error(ErrorKind::kAuthRequired, keyring_words());
  if (mode_ == StoreMode::kEphemeral) co_return std::make_shared<const SignIn>();
  co_return co_await stored_.current();
}

std::string CredentialStore::source() const {
  if (brought_.sign_in()) return "tokens that a client brought";
  if (options_.access_token) return "the environment variable CODEX_ACCESS_TOKEN";
  if (mode_ == StoreMode::kKeyring) return "the system's keyring";
  if (mode_ == StoreMode::kEphemeral) return "nowhere (cli_auth_credentials_store = \"ephemeral\")";
  return stored_.place().name();
}

std::string CredentialStore::keyring_words() const {
  return "the credentials are kept in the system's keyring (cli_auth_credentials_store = "
         "\"keyring\" in " +
         (stored_.home() / "config.toml").string() +
         "), which quotad does not read; set it to \"file\" and sign in again with `codex login`";
}

// The credentials in the environment; they are told apart by what they look like.
UnknownPerson CredentialStore::from_environment() const {
  const std::string& token = *options_.access_token;
  const bool is_personal = token.rfind("at-", 0) == 0;
  return {is_personal ? SignIn::Kind::kPersonalAccessToken : SignIn::Kind::kAgentIdentity, token};
}

SignIn CredentialStore::glance() {
  if (config_problem_) return nobody_because(*config_problem_);
  if (logged_out_) return *logged_out_;
  if (brought_.sign_in()) return *brought_.sign_in();
  if (options_.access_token) return Identities::glance(from_environment());
  if (mode_ == StoreMode::kKeyring) return nobody_because(keyring_words());
  if (mode_ == StoreMode::kEphemeral) return {};
  return stored_.glance();
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
  if (SignInPointer found = stored_.look())
    sign_in_ = found;  // what later changes are told apart from
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
  SignInPointer sign_in = brought_.check(tokens);
  ++source_changes_;
  logged_out_.reset();
  brought_.bring(sign_in, std::move(ask));
  return *(sign_in_ = sign_in);
}

const SignIn& CredentialStore::log_out() {
  ++source_changes_;
  brought_.drop();
  logged_out_ = maker_.make(
      nobody_because("signed out by account/logout, for as long as this server runs; sign in with "
                     "account/login/start, or start it again"));
  return *(sign_in_ = logged_out_);
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

asio::awaitable<SignInPointer> CredentialStore::current() {
  notice_clock_jump();
  SignInPointer sign_in = co_await who();
  if (renewal_.is_due(*sign_in) && !renewal_.backs_off()) {
    try {
      co_await attempt(sign_in, TokenRenewal::kProactive);
    } catch (const Error&) {
      // It has been logged. What there is may still serve; if not, the service says so.
    }
    sign_in = co_await who();
  }
  if (sign_in->kind == SignIn::Kind::kAgentIdentity) {
    sign_in = co_await identities_.with_task(sign_in);
    if (!sign_in) co_return co_await current();
  }
  co_return sign_in;
}

asio::awaitable<void> CredentialStore::renew() {
  const SignInPointer sign_in = co_await who();
  const bool can_be_renewed =
      (sign_in->kind == SignIn::Kind::kChatgpt && !stored_.refresh_token().empty() &&
       !renewal_.refusal() && !renewal_.backs_off()) ||
      sign_in->kind == SignIn::Kind::kChatgptAuthTokens;
  if (!can_be_renewed) co_return;
  try {
    co_await attempt(sign_in, TokenRenewal::kForced);
  } catch (const Error&) {
    // As above.
  }
}

asio::awaitable<Renewal> CredentialStore::renew_refused(SignInPointer refused) {
  SignInPointer now_in = co_await who();
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
asio::awaitable<std::string> CredentialStore::renew_for_call(SignInPointer refused) {
  switch (refused->kind) {
    case SignIn::Kind::kPersonalAccessToken:
      co_return "the service refuses the personal access token; make a new one";
    case SignIn::Kind::kAgentIdentity:
      identities_.drop_task(refused);
      co_return "";
    case SignIn::Kind::kChatgpt:
      if (stored_.last() && stored_.last()->serves_calls() && stored_.refresh_token().empty()) {
        co_return "there is no refresh token in " + stored_.place().name() +
            "; sign in again with `codex login`";
      }
      if (const auto why = renewal_.refusal()) {
        stored_.give_up(*why);
        co_return *why;
      }
      if (renewal_.backs_off()) co_return renewal_.last_failure();
      break;
    default:
      break;
  }
  std::string why_not;
  try {
    co_await attempt(refused, TokenRenewal::kUnauthorized);
  } catch (const Error& error) {
    why_not = error.what();
  }
  co_return why_not;
}

// One attempt at a time for the file, and one for each set of tokens that was brought.
asio::awaitable<void> CredentialStore::attempt(SignInPointer stale, std::string reason) {
  const bool is_brought = stale->kind == SignIn::Kind::kChatgptAuthTokens;
  SignInPointer subject = is_brought ? stale : nullptr;
  std::function<asio::awaitable<void>()> work;
  if (is_brought) {
    work = [this, stale] { return brought_.renew(stale); };
  } else {
    work = [this, stale, reason] { return renewal_.run(stale, reason); };
  }
  co_await attempts_.join(std::move(subject), std::move(work));
}

asio::awaitable<void> CredentialStore::settled() {
  co_await attempts_.settled();
  co_await renewal_.saved();
}

}  // namespace quotad::auth
