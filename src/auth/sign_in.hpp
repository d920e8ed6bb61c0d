// Who is signed in, as the credentials tell it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "quotad/backend/credentials.hpp"

namespace quotad::auth {

struct SignIn {
  enum class Kind { kNone, kApiKey, kChatgpt };
  Kind kind = Kind::kNone;

  // The access token or API key itself; for getAuthStatus, which hands it out when asked.
  std::string token;
  // What calls to the service carry; of kChatgpt.
  backend::Credentials credentials;

  // From the claims of the id_token; empty where it does not say.
  std::optional<std::string> email;
  std::optional<std::string> plan_type;
  std::optional<std::string> user_id;
  std::optional<std::string> account_id;

  // Of kNone: why the credentials that there are cannot be used; names the file and what to do.
  std::optional<std::string> problem;

  // Changes whenever the credentials do, so that answers are never shared across sign-ins.
  std::uint64_t generation = 0;
};

}  // namespace quotad::auth
