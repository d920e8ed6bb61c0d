// Tokens as the sign-in service makes them, and the signatures that it checks.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "simulator/scenario.hpp"

namespace quotad::simulator {

// A JSON Web Token with these claims that nobody has signed.
std::string unsigned_jwt(const nlohmann::json& claims);

// What says whose account it is.
std::string id_token(const Account& account);

// nullopt if `text` is neither base64 nor base64url.
std::optional<std::string> decode_any_base64(std::string text);

// Whether `signature` (base64) is that of `text` by the Ed25519 key (32 bytes, base64).
bool is_signed(const std::string& text, const std::string& signature,
               const std::string& public_key);

// `text` in a sealed box (base64) for the holder of the Ed25519 key.
std::string seal(const std::string& text, const std::string& public_key);

}  // namespace quotad::simulator
