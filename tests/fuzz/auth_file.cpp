// The text of an auth.json: read, or refused in words that say what to do; and renewed tokens take
// the place of the old ones, and of nothing else.

#include "auth/auth_file.hpp"

#include "account/mapping.hpp"
#include "auth/jwt.hpp"
#include "fuzz.hpp"
#include "quotad/protocol/error.hpp"

namespace {

using namespace quotad::auth;
using nlohmann::json;
using quotad::fuzz::parse_ours;
using quotad::fuzz::require;
using quotad::fuzz::require_utf8;

constexpr std::string_view kFile = "/home/user/.codex/auth.json";

void try_renewal(std::string_view text, const Stored& before) {
  const FreshTokens fresh{
      .id_token = std::nullopt, .access_token = "new-access", .refresh_token = "new-refresh"};
  const std::string renewed = with_fresh_tokens(text, fresh, 1'793'491'200);
  const auto after = parse_auth_file(renewed, kFile);
  require(after && after->refresh_token == "new-refresh");
  const auto& was = std::get<SignIn>(before.who);
  const auto& is = std::get<SignIn>(after->who);
  require(is.token == "new-access" && is.authorize().authorization == "Bearer new-access");
  require(is.account_id == was.account_id && is.user_id == was.user_id && is.email == was.email);
  require(is.refreshed_at == 1'793'491'200);

  json old_rest = parse_ours(std::string(text));
  json new_rest = parse_ours(renewed);
  for (json* rest : {&old_rest, &new_rest}) {
    rest->erase("last_refresh");
    rest->at("tokens").erase("access_token");
    rest->at("tokens").erase("refresh_token");
  }
  require(old_rest == new_rest);
}

void try_sign_in(const SignIn& sign_in) {
  // What goes into a header must not end it.
  for (const std::string& header :
       {sign_in.authorize().authorization, sign_in.credentials.account_id}) {
    for (const char c : header) require(c >= ' ' && c <= '~');
  }
  require(sign_in.serves_calls() == !sign_in.authorize().authorization.empty());
  std::string answer;
  write(quotad::account::to_account(sign_in), answer);
  write(quotad::account::to_auth_status(sign_in, true), answer = "");
  parse_ours(answer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = quotad::fuzz::text_of(data, size);
  std::optional<Stored> stored;
  try {
    stored = parse_auth_file(text, kFile);
  } catch (const quotad::protocol::Error& error) {
    const std::string words = error.what();
    require(error.kind() == quotad::protocol::ErrorKind::kAuthRequired);
    require(words.find(kFile) != std::string::npos);
    require_utf8(words);
    return 0;
  }
  if (!stored) return 0;
  if (const auto* unknown = std::get_if<UnknownPerson>(&stored->who)) {
    require(is_token(unknown->token) && stored->refresh_token.empty());
    return 0;
  }
  try_sign_in(std::get<SignIn>(stored->who));
  if (!stored->refresh_token.empty()) try_renewal(text, *stored);
  return 0;
}
