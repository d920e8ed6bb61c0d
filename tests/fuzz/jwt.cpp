// Base64 both ways, and the claims of tokens: the input is taken as base64, as bytes, as a whole
// token, and as the claims of one.

#include "auth/jwt.hpp"

#include "auth/agent_identity.hpp"
#include "fuzz.hpp"
#include "quotad/protocol/error.hpp"

namespace {

using namespace quotad::auth;
using quotad::fuzz::parse_ours;
using quotad::fuzz::require;
using quotad::fuzz::require_utf8;

constexpr std::string_view kLettersAndDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

void require_alphabet(std::string_view text, std::string_view marks) {
  text = text.substr(0, text.find_last_not_of('=') + 1);
  const std::string alphabet = std::string(kLettersAndDigits).append(marks);
  require(text.find_first_not_of(alphabet) == std::string_view::npos);
}

void try_base64(std::string_view text) {
  if (const auto bytes = decode_base64url(text)) {
    require_alphabet(text, "-_");
    require(decode_base64url(encode_base64url(*bytes)) == bytes);
  }
  if (const auto bytes = decode_base64(text)) {
    require_alphabet(text, "+/");
    require(decode_base64(encode_base64(*bytes)) == bytes);
  }
  require(decode_base64url(encode_base64url(text)) == std::string(text));
  require(decode_base64(encode_base64(text)) == std::string(text));
}

void try_token(const std::string& token) {
  const TokenClaims claims = token_claims(token);
  for (const auto& claim : {claims.email, claims.plan_type, claims.user_id, claims.account_id}) {
    if (!claim) continue;
    require(!claim->empty());
    require_utf8(*claim);
  }
  const bool told = claims.email || claims.plan_type || claims.user_id || claims.account_id ||
                    claims.expires_at || claims.fedramp;
  require(!told || jwt_claims(token).has_value());

  try {
    const AgentIdentity agent(token);
    require(is_token(agent.runtime_id()));
    parse_ours(agent.registration(0));
    require(is_token(agent.assertion("task", 0).substr(sizeof "AgentAssertion")));
  } catch (const quotad::protocol::Error& error) {
    require(error.kind() == quotad::protocol::ErrorKind::kAuthRequired);
    require_utf8(error.what());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = quotad::fuzz::text_of(data, size);
  try_base64(text);
  try_token(std::string(text));
  try_token("e30." + encode_base64url(text) + ".signature");
  return 0;
}
