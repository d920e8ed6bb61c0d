// Who is signed in, and keeping it so: `auth.json`, which is followed and whose tokens are renewed,
// CODEX_ACCESS_TOKEN, and tokens that a client brings.
//
// Called by src/account before each call to the service, and after one that was refused. It decides
// which credentials count and when they are renewed; the file is AuthFile's, the network AuthApi's.
// docs/sign-in.md tells the rules.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "auth/auth_api.hpp"
#include "auth/auth_file.hpp"
#include "auth/file_watch.hpp"
#include "auth/refused_tokens.hpp"
#include "auth/sign_in.hpp"
#include "system/clock_watch.hpp"
#include "system/single_flight.hpp"
#include "system/worker.hpp"

namespace quotad::auth {

// `cli_auth_credentials_store`: where the Codex CLI keeps credentials.
enum class StoreMode { kFile, kKeyring, kAuto, kEphemeral };

struct StoreOptions {
  AuthApiOptions api;
  std::optional<std::string> access_token;  // of the environment: CODEX_ACCESS_TOKEN
  std::string home_origin;  // why CODEX_HOME is where it is, for errors: "CODEX_HOME names it"
  // Pause after a failed attempt to renew tokens; twice as long after each further one.
  std::chrono::milliseconds refresh_retry_delay{1'000};
  // How long an auth.json that holds no JSON counts as not yet written.
  std::chrono::milliseconds half_written_wait{250};
  // Where all processes of the user remember which refresh tokens were refused for good; empty: each for itself.
  std::filesystem::path refused_tokens_file;
  bool allow_exposed_auth_file = false;  // that others than its owner have access to
  std::function<std::int64_t()> clock;   // Unix seconds; the system's if empty
  std::function<std::chrono::steady_clock::time_point()>
      steady_clock;  // likewise; to tell jumps by
};

// Tokens that a client brings.
struct BroughtTokens {
  std::string access_token;
  std::string account_id;
  std::optional<std::string> plan_type;
};

// Asks the client that brought tokens for new ones. Throws protocol::Error if it gives none:
// kAuthRequired if it never will again, because it is gone.
using AskForTokens =
    std::function<boost::asio::awaitable<BroughtTokens>(std::optional<std::string> account_id)>;

// What can be called with in place of credentials that the service refused, or why there is nothing.
struct Renewal {
  std::shared_ptr<const SignIn> sign_in;
  std::string why_not;
};

// Must outlive every call that it has been asked for, and `settled`. For one thread.
class CredentialStore {
 public:
  // `config_problem`, where set, is what keeps the configuration from being usable: every call then
  // fails with it, because credentials must not go where a broken file may not have meant them to.
  CredentialStore(boost::asio::any_io_executor executor, const std::filesystem::path& codex_home,
                  StoreMode mode, std::optional<std::string> config_problem, StoreOptions options);

  // From the next call on, another configuration counts.
  void reconfigure(StoreMode mode, std::optional<std::string> config_problem,
                   const std::string& agent_api_url);

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
  boost::asio::awaitable<std::shared_ptr<const SignIn>> who();

  // The same, to make calls with: tokens that have run out, will within a minute, or are old are
  // renewed first; an agent has its task. A renewal that fails for now leaves them as they are.
  boost::asio::awaitable<std::shared_ptr<const SignIn>> current();

  // To be called when the service has refused `refused` (401).
  boost::asio::awaitable<Renewal> renew_refused(std::shared_ptr<const SignIn> refused);
  // The service has refused what renew_refused gave, too: renewing again is no use for a while.
  void renewal_was_refused() { back_off(kRenewedIsRefused); }
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
  // at the end: no tokens are written later.
  boost::asio::awaitable<void> settled();

  // Where the credentials that count are looked for, in words.
  std::string source() const;
  // What they say by themselves, without the network; of a personal access token only its kind.
  SignIn glance();
  // Why they cannot be renewed, or nullopt if nothing speaks against it. Blocks.
  std::optional<std::string> renewal_obstacle();

 private:
  using Pointer = std::shared_ptr<const SignIn>;
  struct Brought {
    Pointer sign_in;
    AskForTokens ask;
  };
  struct Identified {
    std::string token;
    Pointer sign_in;
    std::shared_ptr<const AgentIdentity> agent;  // of an agent
  };
  // Tokens that could not be written, and the one that was spent for them and still stands in the file.
  // Whoever else would renew the tokens waits for the locks.
  struct Unsaved {
    std::string spent_refresh_token;
    FreshTokens tokens;
    AuthFile::Locks locks;
  };
  // One attempt to renew tokens, which goes on even if nobody waits for it any more.
  struct Attempt {
    Attempt(const boost::asio::any_io_executor& executor, Pointer subject_)
        : subject(std::move(subject_)),
          over(executor, boost::asio::steady_timer::time_point::max()) {}
    Pointer subject;                 // tokens that a client brought; null for those of the file
    boost::asio::steady_timer over;  // cancelled when `is_over`
    bool is_over = false;
    std::exception_ptr error;
  };

  // With a generation of its own.
  Pointer make(SignIn sign_in);
  // Overwrites what was kept of the file before.
  void keep(Stored stored);
  boost::asio::awaitable<Pointer> find();

  std::string keyring_words() const;
  std::string half_written_words() const;
  Pointer look_at_file();
  void read_if_changed();
  void give_up_if_over();
  Pointer unusable_file(const std::string& why);
  void take_over(const AuthFile::Content& content);
  boost::asio::awaitable<Pointer> file_sign_in();

  boost::asio::awaitable<Pointer> identify(UnknownPerson unknown);
  boost::asio::awaitable<SignIn> ask_who(std::string personal_access_token);
  boost::asio::awaitable<Pointer> with_task(Pointer sign_in);

  std::int64_t now() const { return options_.clock(); }
  void notice_clock_jump();
  bool has_run_out(const SignIn& sign_in) const;
  bool is_due(const SignIn& sign_in);
  bool backs_off() const { return std::chrono::steady_clock::now() < retry_at_; }
  void back_off(const std::string& why);
  boost::asio::awaitable<std::string> renew_for_call(Pointer refused);
  boost::asio::awaitable<void> attempt(Pointer stale, std::string reason);
  boost::asio::awaitable<void> run(std::shared_ptr<Attempt> attempt, Pointer stale,
                                   std::string reason);
  boost::asio::awaitable<void> refresh_file(Pointer stale, std::string reason);
  void renewal_is_over(const std::string& why, bool is_token_refused);
  boost::asio::awaitable<std::optional<AuthFile::Locks>> wait_for_lock(Pointer stale);
  boost::asio::awaitable<void> ask_bringer(Pointer stale);
  boost::asio::awaitable<void> save_unsaved();
  boost::asio::awaitable<void> look_again();

  boost::asio::any_io_executor executor_;
  AuthFile file_;
  StoreMode mode_;
  std::optional<std::string> config_problem_;
  StoreOptions options_;
  AuthApi api_;
  system::Worker worker_;
  std::function<void(const SignIn&)> on_change_;
  std::unique_ptr<FileWatch> watch_;
  bool is_looking_ = false;
  bool look_again_ = false;
  boost::asio::cancellation_signal stop_looking_;

  Pointer sign_in_;  // the last one that counted
  std::uint64_t generation_ = 0;

  // What the file held when it was last read, and of which state that was.
  bool has_looked_ = false;
  std::optional<Stamp> stamp_;
  Stored stored_;
  Pointer file_sign_in_;
  bool half_written_ = false;  // it holds no JSON: somebody may be writing it

  Pointer logged_out_;  // nobody, once log_out was called
  std::optional<Brought> brought_;
  int source_changes_ = 0;  // how often bring and log_out were called
  std::optional<Identified> identified_;
  system::SingleFlight<SignIn> identifications_;
  system::SingleFlight<std::string> registrations_;

  system::ClockWatch clock_watch_;

  std::list<std::shared_ptr<Attempt>> attempts_;  // those under way
  RefusedTokens refused_tokens_;
  int failures_ = 0;  // in a row
  std::chrono::steady_clock::time_point retry_at_{};
  std::string last_failure_;
  std::optional<Unsaved> unsaved_;
  bool is_over_ = false;  // nothing is written any more
};

}  // namespace quotad::auth
