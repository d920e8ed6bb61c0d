// Reading the claims of a JSON Web Token without checking its signature: for what a token that we
// hold says about itself, never for deciding whom to trust.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace quotad::auth {

// Base64 (RFC 4648, section 4), or nullopt if `text` is not that.
std::optional<std::string> decode_base64(std::string_view text);

// Base64url without padding (RFC 4648, section 5), or nullopt if `text` is not that.
std::optional<std::string> decode_base64url(std::string_view text);
std::string encode_base64url(std::string_view bytes);
std::string encode_base64(std::string_view bytes);

// The claims of `token` (header.claims.signature), or nullopt if it is not a JWT.
std::optional<nlohmann::json> jwt_claims(std::string_view token);

// What a ChatGPT token says of itself (reference behaviour, section 5); empty where it does not.
struct TokenClaims {
  std::optional<std::string> email;
  std::optional<std::string> plan_type;
  std::optional<std::string> user_id;
  std::optional<std::string> account_id;
  std::optional<std::int64_t> expires_at;  // Unix seconds
  bool fedramp = false;
};
TokenClaims token_claims(std::string_view token);

// The string member `name` of `object`, or nullopt if it is absent, null, empty or something else.
std::optional<std::string> text_member(const nlohmann::json& object, const char* name);

// Whether `text` may stand in an HTTP header. Tokens are visible ASCII, so nothing else is one.
bool is_token(std::string_view text);

}  // namespace quotad::auth
