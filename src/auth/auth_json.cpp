#include "auth/auth_json.hpp"

#include <nlohmann/json.hpp>

#include "auth/jwt.hpp"
#include "backend/rfc3339.hpp"
#include "quotad/protocol/error.hpp"
#include "quotad/protocol/json_text.hpp"

namespace quotad::auth {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using protocol::Error;
using protocol::ErrorKind;

// Arrays and objects inside each other in it; real ones have two levels.
constexpr std::size_t kMaxAuthFileDepth = 64;

const std::string kSignInAgain = "sign in again with `codex login`";

Error unusable(std::string_view place, const std::string& why, const std::string& remedy) {
  return {ErrorKind::kAuthRequired,
          "cannot use " + std::string(place) + ": " + why + "; " + remedy};
}

SignIn chatgpt_sign_in(const json& content, const std::string& access_token) {
  SignIn sign_in;
  sign_in.kind = SignIn::Kind::kChatgpt;
  sign_in.token = access_token;
  sign_in.expires_at = token_claims(access_token).expires_at;
  const json& tokens = content.at("tokens");
  if (const auto id_token = text_member(tokens, "id_token")) {
    const TokenClaims claims = token_claims(*id_token);
    sign_in.email = claims.email;
    sign_in.plan_type = claims.plan_type;
    sign_in.user_id = claims.user_id;
    sign_in.account_id = claims.account_id;
    sign_in.credentials.fedramp = claims.fedramp;
  }
  for (const auto& id : {sign_in.account_id, sign_in.user_id}) {
    if (id) sign_in.credentials.confidential.push_back(*id);
  }
  // Only the file's own account id is sent, as the reference does.
  if (const auto account_id = text_member(tokens, "account_id")) {
    sign_in.account_id = account_id;
    if (is_token(*account_id)) sign_in.credentials.account_id = *account_id;
  }
  if (const auto last_refresh = text_member(content, "last_refresh")) {
    sign_in.refreshed_at = backend::parse_rfc3339(*last_refresh);
  }
  return sign_in;
}

}  // namespace

std::optional<Stored> parse_auth_file(std::string_view text, std::string_view place) {
  json content;
  try {
    content = protocol::parse_text(
        text, {.max_message_bytes = kMaxAuthFileBytes, .max_depth = kMaxAuthFileDepth});
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kParse) return std::nullopt;
    throw unusable(place, "it nests too deeply", kSignInAgain);
  }
  if (!content.is_object()) throw unusable(place, "it is not a JSON object", kSignInAgain);

  const auto mode = text_member(content, "auth_mode");
  const auto is_mode = [&](const char* name, bool without_mode) {
    return mode ? *mode == name : without_mode;
  };
  const auto usable_token = [&](const char* name, const char* remedy) {
    const auto token = text_member(content, name);
    if (!token || !is_token(*token)) {
      throw unusable(place, std::string("`") + name + "` is missing or is no token", remedy);
    }
    return *token;
  };
  if (is_mode("personalAccessToken", text_member(content, "personal_access_token").has_value())) {
    return Stored{.who = UnknownPerson{SignIn::Kind::kPersonalAccessToken,
                                       usable_token("personal_access_token", "make a new one")},
                  .refresh_token = ""};
  }
  // Like the reference: the mode decides; without one an API key, even an empty one, counts before
  // tokens.
  SignIn sign_in;
  const json api_key = content.value("OPENAI_API_KEY", json());
  if (is_mode("apikey", api_key.is_string())) {
    if (api_key.is_string()) {
      sign_in.kind = SignIn::Kind::kApiKey;
      sign_in.token = api_key.get<std::string>();
    }
    return Stored{.who = sign_in, .refresh_token = ""};
  }
  const auto tokens = content.find("tokens");
  const bool has_tokens = tokens != content.end() && !tokens->is_null();
  const bool has_agent = text_member(content, "agent_identity").has_value();
  if (is_mode("agentIdentity", !has_tokens && has_agent)) {
    return Stored{.who = UnknownPerson{SignIn::Kind::kAgentIdentity,
                                       usable_token("agent_identity", "register the agent again")},
                  .refresh_token = ""};
  }
  if (!has_tokens) return Stored{.who = sign_in, .refresh_token = ""};
  if (!tokens->is_object()) throw unusable(place, "`tokens` is not a JSON object", kSignInAgain);
  const auto access_token = text_member(*tokens, "access_token");
  if (!access_token) {
    throw unusable(place, "`tokens.access_token` is missing or not a string", kSignInAgain);
  }
  if (!is_token(*access_token)) {
    throw unusable(place, "`tokens.access_token` holds characters that no token has", kSignInAgain);
  }
  return Stored{.who = chatgpt_sign_in(content, *access_token),
                .refresh_token = text_member(*tokens, "refresh_token").value_or("")};
}

std::string with_fresh_tokens(std::string_view text, const FreshTokens& tokens,
                              std::int64_t unix_now) {
  ordered_json content = ordered_json::parse(text);
  ordered_json& old = content["tokens"];
  if (tokens.id_token) old["id_token"] = *tokens.id_token;
  if (tokens.access_token) old["access_token"] = *tokens.access_token;
  if (tokens.refresh_token) old["refresh_token"] = *tokens.refresh_token;
  content["last_refresh"] = backend::format_rfc3339(unix_now);
  // The reference writes several lines, without a last line end.
  return content.dump(text.find('\n') == std::string_view::npos ? -1 : 2);
}

}  // namespace quotad::auth
