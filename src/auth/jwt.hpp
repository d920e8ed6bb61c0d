// Reading the claims of a JSON Web Token without checking its signature: for what a token that we
// hold says about itself, never for deciding whom to trust.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace quotad::auth {

// Base64url without padding (RFC 4648, section 5), or nullopt if `text` is not that.
std::optional<std::string> decode_base64url(std::string_view text);

// The claims of `token` (header.claims.signature), or nullopt if it is not a JWT.
std::optional<nlohmann::json> jwt_claims(std::string_view token);

}  // namespace quotad::auth
