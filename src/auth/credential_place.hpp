// Where the credentials of a Codex home are kept: auth.json (AuthFile).
//
// Called by StoredSignIn, which reads what is there, and by TokenRenewal, which puts renewed tokens into it. A place
// knows how to do that so that nobody else loses anything; what the text says is told by auth_json.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/auth_json.hpp"
#include "system/file_lock.hpp"

namespace quotad::auth {

// What tells one state of the place from another.
struct Stamp {
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  bool operator==(const Stamp&) const = default;
};

// Held by whoever renews the tokens.
using Locks = std::vector<system::FileLock>;

struct Content {
  std::string text;
  Stamp stamp;
};

// What is ready to take the place of the credentials: made, and given its room on disk, before the refresh token is
// spent, because after that there is no way back. Nothing is left of one that is not committed. Blocks.
class Replacement {
 public:
  Replacement() = default;
  virtual ~Replacement() = default;
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  // Puts the tokens into what the place holds now, if it still holds `spent_refresh_token`, and
  // gives its new text; otherwise somebody else has signed in or out, and nothing is written. Text
  // that is no JSON is waited for. Throws protocol::Error (kInternal); then all is as it was.
  virtual std::optional<Content> commit(const FreshTokens& tokens,
                                        const std::string& spent_refresh_token,
                                        std::int64_t unix_now) = 0;
};

class CredentialPlace {
 public:
  CredentialPlace() = default;
  virtual ~CredentialPlace() = default;
  CredentialPlace(const CredentialPlace&) = delete;
  CredentialPlace& operator=(const CredentialPlace&) = delete;

  // For people.
  virtual std::string name() const = 0;

  // The state of the credentials; nullopt if there are none. Throws protocol::Error (kAuthRequired) if they
  // cannot be looked at. Called on the event loop, like `read`.
  virtual std::optional<Stamp> stamp() = 0;

  // nullopt if there are none. Throws protocol::Error (kAuthRequired).
  virtual std::optional<Content> read() = 0;

  // nullopt while somebody else holds them. Throws protocol::Error (kInternal).
  virtual std::optional<Locks> try_lock() = 0;

  // Throws protocol::Error (kInternal) that says why nothing could be written. The locks are held. Blocks.
  virtual std::unique_ptr<Replacement> prepare_replacement() = 0;
};

}  // namespace quotad::auth
