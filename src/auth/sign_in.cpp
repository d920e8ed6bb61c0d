#include "auth/sign_in.hpp"

#include "auth/jwt.hpp"
#include "system/wipe.hpp"

namespace quotad::auth {

void wipe_tokens(SignIn& sign_in) {
  system::wipe(sign_in.token);
  system::wipe(sign_in.credentials.authorization);
}

SignInPointer SignInMaker::make(SignIn sign_in) {
  sign_in.generation = ++generation_;
  return {new SignIn(std::move(sign_in)), [](SignIn* over) {
            wipe_tokens(*over);
            delete over;
          }};
}

SignIn sign_in_of(SignIn::Kind kind, const TokenClaims& claims) {
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

}  // namespace quotad::auth
