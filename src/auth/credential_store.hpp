// Who is signed in, and keeping it so: `auth.json`, which is followed and whose tokens are renewed,
// CODEX_ACCESS_TOKEN, and tokens that a client brings.
//
// Called by src/account before each call to the service, and after one that was refused. It decides
// which credentials count, and puts together what looks after each kind: StoredSignIn and TokenRenewal,
// Identities, BroughtSignIn.
// docs/sign-in.md tells the rules.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/attempts.hpp"
#include "auth/auth_file.hpp"
#include "auth/brought_tokens.hpp"
#include "auth/common.hpp"
#include "auth/file_watch.hpp"
#include "auth/identities.hpp"
#include "auth/renewal.hpp"
#include "auth/sign_in.hpp"
#include "auth/stored_sign_in.hpp"

namespace quotad::auth {

// `cli_auth_credentials_store`: where the Codex CLI keeps credentials.
enum class StoreMode { kFile, kKeyring, kAuto, kEphemeral };

struct StoreOptions {
  // Of the environment: CODEX_ACCESS_TOKEN. It belongs to the account of CODEX_HOME; no other store is given it.
  std::optional<std::string> access_token;
  std::string home_origin;  // why the home is where it is, for errors: "CODEX_HOME names it"
};

// What can be called with in place of credentials that the service refused, or why there is nothing.
struct Renewal {
  SignInPointer sign_in;
  std::string why_not;
};

// Must outlive every call that it has been asked for, and `settled`. For one thread.
class CredentialStore {
 public:
  // `config_problem`, where set, is what keeps the configuration from being usable: every call then
  // fails with it, because credentials must not go where a broken file may not have meant them to.
  CredentialStore(Common& common, const std::filesystem::path& codex_home, StoreMode mode,
                  std::optional<std::string> config_problem, StoreOptions options = {});

  // From the next call on, another configuration counts.
  void reconfigure(StoreMode mode, std::optional<std::string> config_problem);

  // Called with the new sign-in when somebody else is signed in, or nobody any more; not for `bring`
  // and `log_out`, whose callers know.
  void on_change(std::function<void(const SignIn&)> tell) { on_change_ = std::move(tell); }

  // From now on looks at `auth.json` whenever it changes, not only when a call needs it.
  void follow();
  void stop_following();

  // Who is signed in: SignIn::Kind::kNone if nobody is, and, with its `problem`, if there are
  // credentials that cannot be used. Renews nothing; asks the network only whose a personal access
  // token is. Throws protocol::Error: kAuthRequired or kInternal where the configuration does not
  // say where to look, or what AuthApi throws.
  boost::asio::awaitable<SignInPointer> who();

  // The same, to make calls with: tokens that have run out, will within a minute, or are old are
  // renewed first; an agent has its task. A renewal that fails for now leaves them as they are.
  boost::asio::awaitable<SignInPointer> current();

  // To be called when the service has refused `refused` (401).
  boost::asio::awaitable<Renewal> renew_refused(SignInPointer refused);
  // The service has refused what renew_refused gave, too: renewing again is no use for a while.
  void renewal_was_refused() { renewal_.back_off(kRenewedIsRefused); }
  static constexpr const char* kRenewedIsRefused =
      "the service refuses the renewed credentials, too";

  // Renews the tokens that are in use, whatever their age. A failure for now is not an error.
  boost::asio::awaitable<void> renew();

  // From now on these tokens count, in this process. Throws protocol::DecodeError if they are none, and
  // kInternal if the configuration does not say where they may be sent.
  const SignIn& bring(const BroughtTokens& tokens, AskForTokens ask);

  // From now on, until `bring`, nobody is signed in in this process. The file is left as it is.
  const SignIn& log_out();

  // Ends when no renewal is under way, and its tokens are written, if that is possible within some
  // seconds. One that was cut off would leave a refresh token spent and its successor lost. To be called
  // at the end: no tokens are written later. After stop_following, and without a call under way, nothing refers
  // to the store any more.
  boost::asio::awaitable<void> settled();

  // Where the credentials that count are looked for, in words.
  std::string source() const;
  // What they say by themselves, without the network; of a personal access token only its kind.
  SignIn glance();
  // Why they cannot be renewed, or nullopt if nothing speaks against it. Blocks.
  std::optional<std::string> renewal_obstacle() const { return renewal_.obstacle(); }

 private:
  boost::asio::awaitable<SignInPointer> find();
  std::string keyring_words() const;
  UnknownPerson from_environment() const;
  void use_mode(StoreMode mode);
  boost::asio::awaitable<void> look_again();

  boost::asio::awaitable<std::string> renew_for_call(SignInPointer refused);
  boost::asio::awaitable<void> attempt(SignInPointer stale, std::string reason);

  Common& common_;
  StoreMode mode_ = StoreMode::kFile;
  std::optional<std::string> config_problem_;
  std::optional<std::string> access_token_;  // of the environment
  AuthFile file_;
  Identities identities_;
  StoredSignIn stored_;
  TokenRenewal renewal_;
  BroughtSignIn brought_;
  Attempts attempts_;

  std::function<void(const SignIn&)> on_change_;
  std::unique_ptr<FileWatch> watch_;
  bool is_looking_ = false;
  bool look_again_ = false;
  boost::asio::cancellation_signal stop_looking_;

  SignInPointer sign_in_;     // the last one that counted
  SignInPointer logged_out_;  // nobody, once log_out was called
  int source_changes_ = 0;    // how often bring and log_out were called
};

}  // namespace quotad::auth
