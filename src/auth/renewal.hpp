// Renewing the tokens of `auth.json`: when, and how, so that no refresh token is spent in vain.
//
// Called by CredentialStore, one attempt at a time. docs/sign-in.md tells the steps and why they are in
// this order; what is stored is StoredSignIn's, the network AuthApi's.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "auth/common.hpp"
#include "auth/credential_place.hpp"
#include "auth/sign_in.hpp"
#include "auth/stored_sign_in.hpp"

namespace quotad::auth {

// Must outlive every call that it has been asked for, and `saved`. For one thread.
class TokenRenewal {
 public:
  TokenRenewal(Common& common, StoredSignIn& stored);

  // The reference's words for the reason of a renewal, for the service's statistics.
  static constexpr const char* kProactive = "proactive_expiry";
  static constexpr const char* kUnauthorized = "unauthorized_recovery";
  static constexpr const char* kForced = "forced";

  // Whether the tokens have run out, will within a minute, or are old, and there is what renews them.
  bool is_due(const SignIn& sign_in) const;

  // Why the service will not renew them any more, if it has said so.
  std::optional<std::string> refusal() const {
    return common_.refused_tokens.why(stored_.refresh_token());
  }

  // Whether it is too early for another attempt after one that failed, and why that one did.
  bool backs_off() const { return std::chrono::steady_clock::now() < retry_at_; }
  const std::string& last_failure() const { return last_failure_; }
  void back_off(const std::string& why);

  // Renews the tokens of `stale`, unless somebody else does or has. `reason` is one of the words above.
  // Throws protocol::Error: kAuthRequired where the service's refusal is final.
  boost::asio::awaitable<void> run(SignInPointer stale, std::string reason);

  // Why the tokens cannot be renewed, or nullopt if nothing speaks against it. Blocks.
  std::optional<std::string> obstacle() const;

  // Ends when the renewed tokens are written, or cannot be for some seconds. Nothing is written later, and
  // nothing refers to this object any more.
  boost::asio::awaitable<void> saved();

 private:
  boost::asio::awaitable<void> refresh(SignInPointer stale, std::string reason);
  boost::asio::awaitable<std::optional<Locks>> wait_for_lock(SignInPointer stale);
  boost::asio::awaitable<void> save_unsaved();
  boost::asio::awaitable<void> save_once();
  boost::asio::awaitable<void> note_refusal(std::string spent, std::string why,
                                            bool is_token_refused);

  Common& common_;
  StoredSignIn& stored_;
  int failures_ = 0;  // in a row
  std::chrono::steady_clock::time_point retry_at_{};
  std::string last_failure_;
  // Held while there are unsaved tokens, so that other programs wait with renewing.
  std::optional<Locks> unsaved_locks_;
  bool is_saving_ = false;
  std::shared_ptr<boost::asio::steady_timer> save_again_;  // while `is_saving_`
  bool is_over_ = false;                                   // nothing is written any more
};

}  // namespace quotad::auth
