#include "auth/jwt.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace quotad::auth {
namespace {

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  // OpenSSL passes over space and line ends, and takes padding anywhere.
  if (!std::all_of(text.begin(), text.end(), is_base64)) return std::nullopt;
  std::string padded(text);
  const std::size_t padding = (4 - padded.size() % 4) % 4;
  if (padding == 3) return std::nullopt;
  padded.append(padding, '=');
  std::string bytes(padded.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(padded.data()),
                                   static_cast<int>(padded.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

std::optional<std::string> decode_base64url(std::string_view text) {
  std::string standard(text);
  if (standard.find_first_of("+/") != std::string::npos) return std::nullopt;
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  return decode_base64(standard);
}

std::string encode_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string encode_base64url(std::string_view bytes) {
  std::string text = encode_base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.resize(std::min(text.size(), text.find('=')));
  return text;
}

std::optional<nlohmann::json> jwt_claims(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto text = decode_base64url(token.substr(first + 1, second - first - 1));
  if (!text) return std::nullopt;
  auto claims = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!claims.is_object()) return std::nullopt;
  return claims;
}

TokenClaims token_claims(std::string_view token) {
  TokenClaims result;
  const auto claims = jwt_claims(token);
  if (!claims) return result;
  result.email = text_member(*claims, "email");
  if (const auto exp = claims->find("exp"); exp != claims->end() && exp->is_number()) {
    constexpr double kFar = 1e15;  // a number of seconds beyond this is no date
    const double seconds = exp->get<double>();
    if (seconds > -kFar && seconds < kFar) {
      result.expires_at = static_cast<std::int64_t>(seconds);
    }
  }
  const auto about = claims->find("https://api.openai.com/auth");
  if (about == claims->end() || !about->is_object()) return result;
  result.plan_type = text_member(*about, "chatgpt_plan_type");
  result.user_id = text_member(*about, "chatgpt_user_id");
  result.account_id = text_member(*about, "chatgpt_account_id");
  const auto fedramp = about->find("chatgpt_account_is_fedramp");
  result.fedramp = fedramp != about->end() && *fedramp == true;
  return result;
}

std::optional<std::string> text_member(const nlohmann::json& object, const char* name) {
  if (!object.is_object()) return std::nullopt;
  const auto at = object.find(name);
  if (at == object.end() || !at->is_string() || at->get_ref<const std::string&>().empty()) {
    return std::nullopt;
  }
  return at->get<std::string>();
}

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace quotad::auth
