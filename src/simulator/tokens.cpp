#include "simulator/tokens.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace quotad::simulator {
namespace {

using nlohmann::json;

std::string base64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string base64url(const std::string& bytes) {
  std::string text = base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string unsigned_jwt(const json& claims) {
  return base64url(json{{"alg", "none"}}.dump()) + "." + base64url(claims.dump()) + "." +
         base64url("simulated");
}

std::string id_token(const Account& account) {
  return unsigned_jwt({{"email", account.email},
                       {"https://api.openai.com/auth",
                        {{"chatgpt_plan_type", account.plan_type},
                         {"chatgpt_user_id", account.user_id},
                         {"chatgpt_account_id", account.account_id}}}});
}

std::optional<std::string> decode_any_base64(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  while (!text.empty() && text.back() == '=') text.pop_back();
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                                   static_cast<int>(text.size()));
  if (size < 0 || padding == 3) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

bool is_signed(const std::string& text, const std::string& signature,
               const std::string& public_key) {
  const auto key_bytes = decode_any_base64(public_key);
  const auto signature_bytes = decode_any_base64(signature);
  if (!key_bytes || !signature_bytes) return false;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*key_bytes),
                                  key_bytes->size()),
      EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(*signature_bytes), signature_bytes->size(),
                          bytes_of(text), text.size()) == 1;
}

std::string seal(const std::string& text, const std::string& public_key) {
  const auto key = decode_any_base64(public_key);
  std::array<unsigned char, crypto_box_PUBLICKEYBYTES> box_key{};
  std::string sealed(text.size() + crypto_box_SEALBYTES, '\0');
  const bool is_sealed =
      sodium_init() >= 0 && key && key->size() == crypto_sign_ed25519_PUBLICKEYBYTES &&
      crypto_sign_ed25519_pk_to_curve25519(box_key.data(), bytes_of(*key)) == 0 &&
      crypto_box_seal(reinterpret_cast<unsigned char*>(sealed.data()), bytes_of(text), text.size(),
                      box_key.data()) == 0;
  if (!is_sealed) throw std::runtime_error("the agent's public key is none");
  return base64(sealed);
}

}  // namespace quotad::simulator
