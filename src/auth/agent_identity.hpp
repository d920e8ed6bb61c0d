// An agent that is registered with the service: who it is, and its signatures (reference behaviour,
// section 5).
//
// Used by CredentialStore and AuthApi. No network and no clock: the time comes from outside.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "auth/jwt.hpp"

namespace quotad::auth {

class AgentIdentity {
 public:
  // From its token (a JWT, whose signature is not checked: it is ours). Throws protocol::Error
  // (kAuthRequired) that says what is missing.
  explicit AgentIdentity(std::string_view token);

  const std::string& runtime_id() const { return runtime_id_; }
  // Its person and account, from the claims of its token.
  const TokenClaims& claims() const { return claims_; }

  // The body of a task registration: {"timestamp", "signature"}.
  std::string registration(std::int64_t unix_now) const;

  // The task id in a sealed box (base64) that was made for this agent's key. Throws protocol::Error
  // (kBackendPayload) if it cannot be opened.
  std::string open_task_id(std::string_view sealed) const;

  // The value of the header Authorization of one call for that task.
  std::string assertion(const std::string& task_id, std::int64_t unix_now) const;

 private:
  struct Key;

  std::string sign(const std::string& text) const;

  std::string runtime_id_;
  TokenClaims claims_;
  std::shared_ptr<const Key> key_;
};

}  // namespace quotad::auth
