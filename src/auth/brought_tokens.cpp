#include "auth/brought_tokens.hpp"

#include <utility>

#include "auth/jwt.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::auth {
namespace asio = boost::asio;
using protocol::DecodeError;
using protocol::Error;
using protocol::ErrorKind;

SignInPointer BroughtSignIn::check(const BroughtTokens& tokens) {
  const auto require = [](const std::string& value, const char* member, const char* what) {
    if (is_token(value)) return;
    throw DecodeError("params." + std::string(member),
                      std::string(member) + " must be " + what +
                          ": at least one character, and only visible ASCII");
  };
  require(tokens.access_token, "accessToken", "an access token");
  require(tokens.account_id, "chatgptAccountId", "an account id");
  const TokenClaims claims = token_claims(tokens.access_token);
  SignIn sign_in = sign_in_of(SignIn::Kind::kChatgptAuthTokens, claims);
  sign_in.token = tokens.access_token;
  sign_in.account_id = tokens.account_id;
  if (tokens.plan_type) sign_in.plan_type = tokens.plan_type;
  sign_in.credentials.account_id = tokens.account_id;
  return common_.maker.make(std::move(sign_in));
}

void BroughtSignIn::bring(SignInPointer checked, AskForTokens ask) {
  sign_in_ = std::move(checked);
  ask_ = std::move(ask);
}

void BroughtSignIn::drop() {
  sign_in_.reset();
  ask_ = nullptr;
}

asio::awaitable<void> BroughtSignIn::renew(SignInPointer stale) {
  if (sign_in_ != stale) co_return;  // others have come meanwhile
  const AskForTokens ask = ask_;
  std::optional<std::string> failure;
  try {
    const BroughtTokens tokens = co_await ask(stale->account_id);
    SignInPointer renewed = check(tokens);
    if (sign_in_ != stale) co_return;
    sign_in_ = std::move(renewed);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kAuthRequired) throw;
    failure = error.what();
  }
  if (!failure) co_return;
  // Nobody can renew them any more: from now on that is what everybody is told.
  if (sign_in_ == stale) sign_in_ = common_.maker.make(nobody_because(*failure));
  throw Error(ErrorKind::kAuthRequired, *failure);
}

}  // namespace quotad::auth
