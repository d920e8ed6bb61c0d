#include "auth/credential_store.hpp"

#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "auth/pause.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::auth {
namespace asio = boost::asio;
using protocol::Error;
using protocol::ErrorKind;

namespace {

constexpr std::chrono::milliseconds kSettlePoll{20};

// Without the white space around it; nullopt where nothing is left.
std::optional<std::string> trimmed(std::optional<std::string> token) {
  if (token) boost::algorithm::trim_if(*token, boost::algorithm::is_any_of(" \t\r\n"));
  if (token && token->empty()) token.reset();
  return token;
}

}  // namespace

CredentialStore::CredentialStore(Common& common, const std::filesystem::path& codex_home,
                                 StoreMode mode, std::optional<std::string> config_problem,
                                 StoreOptions options)
    : common_(common),
      config_problem_(std::move(config_problem)),
      access_token_(trimmed(std::move(options.access_token))),
      file_(codex_home / "auth.json", !common.options.allow_exposed_auth_file),
      identities_(common),
      stored_(common, file_, identities_, file_.path().parent_path().string(),
              std::move(options.home_origin)),
      renewal_(common, stored_),
      brought_(common),
      attempts_(common) {
  use_mode(mode);
}

void CredentialStore::use_mode(StoreMode mode) {
  mode_ = mode;
  stored_.may_be_in_keyring(mode == StoreMode::kAuto);
}

void CredentialStore::reconfigure(StoreMode mode, std::optional<std::string> config_problem) {
  use_mode(mode);
  config_problem_ = std::move(config_problem);
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
  if (access_token_) {
    co_return co_await identities_.identify(from_environment(), Identities::Place::kEnvironment);
  }
  if (mode_ == StoreMode::kKeyring) throw Error(ErrorKind::kAuthRequired, keyring_words());
  if (mode_ == StoreMode::kEphemeral) co_return std::make_shared<const SignIn>();
  co_return co_await stored_.current();
}

std::string CredentialStore::source() const {
  if (brought_.sign_in()) return "tokens that a client brought";
  if (access_token_) return "the environment variable CODEX_ACCESS_TOKEN";
  if (mode_ == StoreMode::kKeyring) return "the system's keyring";
  if (mode_ == StoreMode::kEphemeral) return "nowhere (cli_auth_credentials_store = \"ephemeral\")";
  return stored_.place().name();
}

std::string CredentialStore::keyring_words() const {
  return "the credentials are kept in the system's keyring (cli_auth_credentials_store = "
         "\"keyring\" in " +
         stored_.home() + "/config.toml" +
         "), which quotad does not read; set it to \"file\" and sign in again with `codex login`";
}

// The credentials in the environment; they are told apart by what they look like.
UnknownPerson CredentialStore::from_environment() const {
  const std::string& token = *access_token_;
  const bool is_personal = token.rfind("at-", 0) == 0;
  return {is_personal ? SignIn::Kind::kPersonalAccessToken : SignIn::Kind::kAgentIdentity, token};
}

SignIn CredentialStore::glance() {
  if (config_problem_) return nobody_because(*config_problem_);
  if (logged_out_) return *logged_out_;
  if (brought_.sign_in()) return *brought_.sign_in();
  if (access_token_) return Identities::glance(from_environment());
  if (mode_ == StoreMode::kKeyring) return nobody_because(keyring_words());
  if (mode_ == StoreMode::kEphemeral) return {};
  return stored_.glance();
}

void CredentialStore::follow() {
  if (config_problem_ || access_token_) return;
  if (mode_ != StoreMode::kFile && mode_ != StoreMode::kAuto) return;
  watch_ = std::make_unique<FileWatch>(common_.executor, file_.path(), [this] {
    look_again_ = true;
    if (std::exchange(is_looking_, true)) return;
    asio::co_spawn(common_.executor, look_again(),
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
  logged_out_ = common_.maker.make(
      nobody_because("signed out by account/logout, for as long as this server runs; sign in with "
                     "account/login/start, or start it again"));
  return *(sign_in_ = logged_out_);
}

// --- Renewing ------------------------------------------------------------------------------------

asio::awaitable<SignInPointer> CredentialStore::current() {
  common_.notice_clock_jump();
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
  while (!watch_ && is_looking_) co_await pause(common_.executor, kSettlePoll);
}

}  // namespace quotad::auth
