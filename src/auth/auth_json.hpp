// What an `auth.json` says, and the same text with renewed tokens. A keyring's entry has the same text.
//
// Called by StoredSignIn and by the places of credentials. It knows the shape; where the text stands, and how it is
// replaced there, it does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "auth/sign_in.hpp"

namespace quotad::auth {

// Largest auth.json that is read; real ones have some 4 kB.
constexpr std::size_t kMaxAuthFileBytes = std::size_t{1} << 20U;

// Credentials that say nothing of whose they are.
struct UnknownPerson {
  SignIn::Kind kind = SignIn::Kind::kNone;  // kPersonalAccessToken or kAgentIdentity
  std::string token;
};

// The credentials in the file: a sign-in, with what renews it, or those that must be asked about.
struct Stored {
  std::variant<SignIn, UnknownPerson> who;
  std::string refresh_token;  // of kChatgpt; empty if there is none
};

// The text of an `auth.json`; nullopt if it is not JSON, perhaps because somebody is writing it.
// Throws protocol::Error (kAuthRequired) that names its place and says what to do if it is JSON of another
// shape.
std::optional<Stored> parse_auth_file(std::string_view text, std::string_view place);

// What the service gave for a refresh token; it may leave out any of them.
struct FreshTokens {
  std::optional<std::string> id_token;
  std::optional<std::string> access_token;
  std::optional<std::string> refresh_token;
};

// `text` with the tokens in place of its own and `last_refresh` set; all else stays, in its order.
std::string with_fresh_tokens(std::string_view text, const FreshTokens& tokens,
                              std::int64_t unix_now);

}  // namespace quotad::auth
