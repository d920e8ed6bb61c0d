#include "auth/auth_answers.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>

#include "quotad/protocol/error.hpp"

namespace quotad::auth {
namespace {

using nlohmann::json;
using protocol::Error;
using protocol::ErrorKind;

json parse(const std::string& text) {
  return json::parse(text, nullptr, /*allow_exceptions=*/false);
}

Error unreadable(const char* what) {
  return {ErrorKind::kBackendPayload,
          std::string(what) + " failed: the service's answer cannot be read"};
}

}  // namespace

std::string error_code(const std::string& body) {
  const json answer = parse(body);
  auto code = text_member(answer, "code");
  if (answer.is_object() && answer.contains("error")) {
    const json& error = answer.at("error");
    code = error.is_object() ? text_member(error, "code") : text_member(answer, "error");
  }
  constexpr std::size_t kLongestCode = 64;
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  };
  const bool is_code =
      code && code->size() <= kLongestCode && std::all_of(code->begin(), code->end(), is_word);
  return is_code ? *code : "";
}

FreshTokens read_fresh_tokens(const std::string& body, const char* what) {
  const json answer = parse(body);
  // Only the access token goes into a header. A refresh token is kept whatever it looks like: the old
  // one is spent.
  auto access_token = text_member(answer, "access_token");
  if (access_token && !is_token(*access_token)) access_token.reset();
  FreshTokens tokens{.id_token = text_member(answer, "id_token"),
                     .access_token = access_token,
                     .refresh_token = text_member(answer, "refresh_token")};
  if (!tokens.access_token && !tokens.refresh_token) throw unreadable(what);
  return tokens;
}

TokenClaims read_person(const std::string& body, const char* what) {
  const json answer = parse(body);
  TokenClaims claims;
  claims.email = text_member(answer, "email");
  claims.user_id = text_member(answer, "chatgpt_user_id");
  claims.account_id = text_member(answer, "chatgpt_account_id");
  claims.plan_type = text_member(answer, "chatgpt_plan_type");
  if (!answer.is_object() || !claims.account_id || !is_token(*claims.account_id)) {
    throw unreadable(what);
  }
  const auto fedramp = answer.find("chatgpt_account_is_fedramp");
  claims.fedramp = fedramp != answer.end() && *fedramp == true;
  return claims;
}

std::string read_task_id(const std::string& body, const AgentIdentity& agent, const char* what) {
  const json answer = parse(body);
  auto task_id = text_member(answer, "task_id");
  if (!task_id) {
    const auto sealed = text_member(answer, "encrypted_task_id");
    if (!sealed) throw unreadable(what);
    task_id = agent.open_task_id(*sealed);
  }
  return *task_id;
}

}  // namespace quotad::auth
