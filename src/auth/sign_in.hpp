// Who is signed in, as the credentials tell it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "quotad/backend/credentials.hpp"

namespace quotad::auth {

struct TokenClaims;

struct SignIn {
  enum class Kind {
    kNone,
    kApiKey,
    kChatgpt,              // tokens of `codex login`, in auth.json
    kChatgptAuthTokens,    // tokens that a client has brought, in memory
    kPersonalAccessToken,  // "at-…"
    kAgentIdentity,        // a registered agent, with a key of its own
  };
  Kind kind = Kind::kNone;

  // The access token or API key itself, of the kinds that getAuthStatus hands out when asked.
  std::string token;
  // What every call to the service carries, of the kinds that serve calls. See `authorize`; where there is a
  // token, it is not kept a second time as `authorization`.
  backend::Credentials credentials;
  // Of an agent that has a task: the authorization of one call, which it signs.
  std::function<std::string()> sign_call;

  // From the claims of the token, or from who knows it; empty where it is not told.
  std::optional<std::string> email;
  std::optional<std::string> plan_type;
  std::optional<std::string> user_id;
  std::optional<std::string> account_id;

  // Of kChatgpt, Unix seconds, where they are told: when the access token runs out, and when it was
  // last renewed.
  std::optional<std::int64_t> expires_at;
  std::optional<std::int64_t> refreshed_at;

  // Of kNone: why the credentials that there are cannot be used; says what to do.
  std::optional<std::string> problem;

  // Changes whenever the credentials do, so that answers are never shared across sign-ins.
  std::uint64_t generation = 0;

  // Whether calls to the service can be made with it.
  bool serves_calls() const { return kind != Kind::kNone && kind != Kind::kApiKey; }

  // What one call carries.
  backend::Credentials authorize() const {
    backend::Credentials call = credentials;
    if (sign_call) {
      call.authorization = sign_call();
    } else if (serves_calls() && !token.empty()) {
      call.authorization = "Bearer " + token;
    }
    return call;
  }
};

using SignInPointer = std::shared_ptr<const SignIn>;

// Gives each sign-in a generation of its own, and wipes its tokens when the last user lets go of it.
class SignInMaker {
 public:
  SignInPointer make(SignIn sign_in);

 private:
  std::uint64_t generation_ = 0;
};

// Overwrites what of it is secret.
void wipe_tokens(SignIn& sign_in);

// The person that the claims of a token name; without the token.
SignIn sign_in_of(SignIn::Kind kind, const TokenClaims& claims);

// Nobody, and why.
inline SignIn nobody_because(std::string problem) {
  SignIn nobody;
  nobody.problem = std::move(problem);
  return nobody;
}

// Whether a client would see no difference; a refreshed token is none.
inline bool looks_the_same(const SignIn& a, const SignIn& b) {
  return a.kind == b.kind && a.account_id == b.account_id && a.user_id == b.user_id &&
         a.plan_type == b.plan_type;
}

// Whether what was begun with `a` may be finished with `b`: the same account, and not another of its
// users. Credentials that say of neither whose they are may not.
inline bool is_same_person(const SignIn& a, const SignIn& b) {
  if (a.account_id != b.account_id) return false;
  if (a.user_id && b.user_id) return a.user_id == b.user_id;
  return a.account_id.has_value();
}

}  // namespace quotad::auth
