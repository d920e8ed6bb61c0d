#include "auth/agent_identity.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "backend/rfc3339.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::auth {
namespace {

using protocol::Error;
using protocol::ErrorKind;

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kSignatureBytes = 64;

Error unusable(const std::string& why) {
  return {ErrorKind::kAuthRequired,
          "the agent identity cannot be used: " + why + "; register the agent again"};
}

}  // namespace

// An Ed25519 private key.
struct AgentIdentity::Key {
  std::unique_ptr<EVP_PKEY, KeyFree> key;
};

AgentIdentity::AgentIdentity(std::string_view token) {
  const auto claims = jwt_claims(token);
  if (!claims) throw unusable("it is not a JSON Web Token");
  const auto required = [&](const char* name) {
    auto value = text_member(*claims, name);
    if (!value) throw unusable("its claim `" + std::string(name) + "` is missing");
    return *value;
  };
  runtime_id_ = required("agent_runtime_id");
  if (!is_token(runtime_id_) || runtime_id_.find_first_of("/?#%") != std::string::npos) {
    throw unusable("its claim `agent_runtime_id` is no id");
  }
  claims_ = token_claims(token);
  claims_.account_id = text_member(*claims, "account_id");
  claims_.user_id = text_member(*claims, "chatgpt_user_id");
  claims_.plan_type = text_member(*claims, "plan_type");
  const auto fedramp = claims->find("chatgpt_account_is_fedramp");
  claims_.fedramp = fedramp != claims->end() && *fedramp == true;

  auto der = decode_base64(required("agent_private_key"));
  if (!der) throw unusable("its private key is not base64");
  const auto* bytes = reinterpret_cast<const unsigned char*>(der->data());
  std::unique_ptr<EVP_PKEY, KeyFree> key(
      d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(der->size())));
  sodium_memzero(der->data(), der->size());
  if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
    throw unusable("its private key is no Ed25519 key in PKCS#8");
  }
  key_ = std::make_shared<const Key>(Key{std::move(key)});
}

std::string AgentIdentity::sign(const std::string& text) const {
  const std::unique_ptr<EVP_MD_CTX, ContextFree> context(EVP_MD_CTX_new());
  std::array<unsigned char, kSignatureBytes> signature{};
  std::size_t size = signature.size();
  const bool signed_well =
      context &&
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->key.get()) == 1 &&
      EVP_DigestSign(context.get(), signature.data(), &size,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  if (!signed_well) throw Error(ErrorKind::kInternal, "the agent's key cannot sign");
  return encode_base64({reinterpret_cast<const char*>(signature.data()), size});
}

std::string AgentIdentity::registration(std::int64_t unix_now) const {
  const std::string timestamp = backend::format_rfc3339(unix_now);
  nlohmann::ordered_json body;
  body["timestamp"] = timestamp;
  body["signature"] = sign(runtime_id_ + ":" + timestamp);
  return body.dump();
}

std::string AgentIdentity::assertion(const std::string& task_id, std::int64_t unix_now) const {
  const std::string timestamp = backend::format_rfc3339(unix_now);
  nlohmann::ordered_json fields;
  fields["agent_runtime_id"] = runtime_id_;
  fields["signature"] = sign(runtime_id_ + ":" + task_id + ":" + timestamp);
  fields["task_id"] = task_id;
  fields["timestamp"] = timestamp;
  return "AgentAssertion " + encode_base64url(fields.dump());
}

std::string AgentIdentity::open_task_id(std::string_view sealed) const {
  const auto unreadable = [] {
    return Error(ErrorKind::kBackendPayload,
                 "the task id that the service gave the agent cannot be opened");
  };
  const auto box = decode_base64(sealed);
  if (!box || box->size() < crypto_box_SEALBYTES || sodium_init() < 0) throw unreadable();
  std::array<unsigned char, kSeedBytes> seed{};
  std::size_t seed_size = seed.size();
  std::array<unsigned char, crypto_sign_ed25519_PUBLICKEYBYTES> ed_public{};
  std::array<unsigned char, crypto_sign_ed25519_SECRETKEYBYTES> ed_secret{};
  std::array<unsigned char, crypto_box_PUBLICKEYBYTES> box_public{};
  std::array<unsigned char, crypto_box_SECRETKEYBYTES> box_secret{};
  std::string opened(box->size() - crypto_box_SEALBYTES, '\0');
  const bool is_open =
      EVP_PKEY_get_raw_private_key(key_->key.get(), seed.data(), &seed_size) == 1 &&
      crypto_sign_ed25519_seed_keypair(ed_public.data(), ed_secret.data(), seed.data()) == 0 &&
      crypto_sign_ed25519_pk_to_curve25519(box_public.data(), ed_public.data()) == 0 &&
      crypto_sign_ed25519_sk_to_curve25519(box_secret.data(), ed_secret.data()) == 0 &&
      crypto_box_seal_open(reinterpret_cast<unsigned char*>(opened.data()),
                           reinterpret_cast<const unsigned char*>(box->data()), box->size(),
                           box_public.data(), box_secret.data()) == 0;
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(ed_secret.data(), ed_secret.size());
  sodium_memzero(box_secret.data(), box_secret.size());
  // It goes into a signature, and a header, as text.
  if (!is_open || !is_token(opened)) throw unreadable();
  return opened;
}

}  // namespace quotad::auth
