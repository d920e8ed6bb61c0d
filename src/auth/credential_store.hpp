// Where credentials come from: `auth.json` in the Codex home, re-read whenever it changes.
//
// Called by src/account before each call to the service. It only reads; refreshing tokens has its
// place behind `current`, which is awaited for that reason.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/sign_in.hpp"

namespace quotad::auth {

// `cli_auth_credentials_store`: where the Codex CLI keeps credentials.
enum class StoreMode { kFile, kKeyring, kAuto, kEphemeral };

// The text of an `auth.json` as a sign-in. Throws protocol::Error (kAuthRequired) that names `file`
// and says what to do if it cannot be read as one.
SignIn parse_auth_file(std::string_view text, const std::filesystem::path& file);

class CredentialStore {
 public:
  // `config_problem`, where set, is what keeps the configuration from being usable: every call then
  // fails with it, because credentials must not go where a broken file may not have meant them to.
  CredentialStore(const std::filesystem::path& codex_home, StoreMode mode,
                  std::optional<std::string> config_problem);

  // The sign-in as of now. A missing file is SignIn::Kind::kNone. Throws protocol::Error
  // (kAuthRequired, kInternal) if the file is there and cannot be used.
  boost::asio::awaitable<std::shared_ptr<const SignIn>> current();

 private:
  // What tells one state of the file from another.
  struct Stamp {
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    bool operator==(const Stamp&) const = default;
  };

  std::shared_ptr<const SignIn> read();

  std::filesystem::path file_;
  StoreMode mode_;
  std::optional<std::string> config_problem_;
  std::optional<Stamp> stamp_;  // of the file that `sign_in_` was read from
  std::shared_ptr<const SignIn> sign_in_;
  std::uint64_t generation_ = 0;
};

}  // namespace quotad::auth
