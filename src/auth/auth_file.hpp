// `auth.json` in the Codex home, which the Codex CLI and editors share: reading it, and writing
// renewed tokens into it so that nobody else loses anything.
//
// Called by CredentialStore. It knows the file's shape and how to replace it safely; when to renew
// tokens, and how to get new ones, it does not.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "auth/sign_in.hpp"
#include "system/descriptor.hpp"
#include "system/file_lock.hpp"

namespace quotad::auth {

// What tells one state of the file from another.
struct Stamp {
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  bool operator==(const Stamp&) const = default;
};

// Credentials that say nothing of whose they are.
struct UnknownPerson {
  SignIn::Kind kind = SignIn::Kind::kNone;  // kPersonalAccessToken or kAgentIdentity
  std::string token;
};

// The credentials in the file: a sign-in, with what renews it, or those that must be asked about.
struct Stored {
  std::variant<SignIn, UnknownPerson> who;
  std::string refresh_token;  // of kChatgpt; empty if there is none
};

// The text of an `auth.json`; nullopt if it is not JSON, perhaps because somebody is writing it.
// Throws protocol::Error (kAuthRequired) that names `file` and says what to do if it is JSON of another
// shape.
std::optional<Stored> parse_auth_file(std::string_view text, const std::filesystem::path& file);

// What the service gave for a refresh token; it may leave out any of them.
struct FreshTokens {
  std::optional<std::string> id_token;
  std::optional<std::string> access_token;
  std::optional<std::string> refresh_token;
};

// `text` with the tokens in place of its own and `last_refresh` set; all else stays, in its order.
std::string with_fresh_tokens(std::string_view text, const FreshTokens& tokens,
                              std::int64_t unix_now);

class AuthFile {
 public:
  // With `refuse_exposed`, a file that others than its owner have access to is not read.
  explicit AuthFile(std::filesystem::path path, bool refuse_exposed = false)
      : path_(std::move(path)), refuse_exposed_(refuse_exposed) {}

  const std::filesystem::path& path() const { return path_; }

  // The state of the file; nullopt if there is none. Throws protocol::Error (kAuthRequired) if it
  // cannot be looked at.
  std::optional<Stamp> stamp() const;

  struct Content {
    std::string text;
    Stamp stamp;
  };
  // nullopt if there is no file. Throws protocol::Error (kAuthRequired).
  std::optional<Content> read() const;

  // Held by whoever renews the tokens: the reference's own lock in the folder, and, where the file is a
  // link, one beside what it points to, for other folders that link there.
  using Locks = std::vector<system::FileLock>;
  // nullopt while somebody else holds them. Throws protocol::Error (kInternal).
  std::optional<Locks> try_lock() const;

  // A file that is ready to take the place of this one: made and given its room on disk before the
  // refresh token is spent, because after that there is no way back. Nothing is left of one that is
  // not committed. Blocks.
  class Replacement {
   public:
    ~Replacement();
    Replacement(Replacement&& other) noexcept = default;
    Replacement& operator=(Replacement&&) = delete;
    Replacement(const Replacement&) = delete;
    Replacement& operator=(const Replacement&) = delete;

    // Puts the tokens into what the file holds now, if it still holds `spent_refresh_token`, and
    // gives its new text; otherwise somebody else has signed in or out, and nothing is written. A file
    // that holds no JSON is waited for. Throws protocol::Error (kInternal); then the file is as it was.
    std::optional<Content> commit(const FreshTokens& tokens, const std::string& spent_refresh_token,
                                  std::int64_t unix_now);

   private:
    friend class AuthFile;
    Replacement(std::filesystem::path target, std::filesystem::path temporary,
                system::Descriptor descriptor)
        : target_(std::move(target)),
          temporary_(std::move(temporary)),
          descriptor_(std::move(descriptor)) {}

    std::filesystem::path target_;
    std::filesystem::path temporary_;
    system::Descriptor descriptor_;
  };

  // Throws protocol::Error (kInternal) that says why the file could not be written. The lock is held.
  Replacement prepare_replacement() const;

 private:
  std::filesystem::path path_;
  bool refuse_exposed_;
};

}  // namespace quotad::auth
