// Tokens that a client brings: who is signed in by them, and asking that client for new ones.
//
// Called by CredentialStore. They stay in memory; docs/sign-in.md tells the rules.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "auth/common.hpp"
#include "auth/sign_in.hpp"

namespace quotad::auth {

struct BroughtTokens {
  std::string access_token;
  std::string account_id;
  std::optional<std::string> plan_type;
};

// Asks the client that brought tokens for new ones. Throws protocol::Error if it gives none:
// kAuthRequired if it never will again, because it is gone.
using AskForTokens =
    std::function<boost::asio::awaitable<BroughtTokens>(std::optional<std::string> account_id)>;

// Must outlive every call that it has been asked for. For one thread.
class BroughtSignIn {
 public:
  explicit BroughtSignIn(Common& common) : common_(common) {}

  // Null if no client brought tokens.
  const SignInPointer& sign_in() const { return sign_in_; }

  // Checks the tokens before anything changes. Throws protocol::DecodeError if they are none.
  SignInPointer check(const BroughtTokens& tokens);
  void bring(SignInPointer checked, AskForTokens ask);
  void drop();

  // Asks the client for new tokens in place of `stale`; does nothing if others have come meanwhile.
  // Throws what AskForTokens throws; after kAuthRequired nobody is signed in any more.
  boost::asio::awaitable<void> renew(SignInPointer stale);

 private:
  Common& common_;
  SignInPointer sign_in_;
  AskForTokens ask_;
};

}  // namespace quotad::auth
