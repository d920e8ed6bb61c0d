// Where credentials come from: `auth.json` in the Codex home, re-read whenever it changes.
//
// Called by src/account before each call to the service. It only reads; refreshing tokens has its
// place behind `current`, which is awaited for that reason.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

  // Called with the new sign-in when somebody else is signed in, or nobody any more. The file is
  // looked at when `current` is called.
  void on_change(std::function<void(const SignIn&)> tell) { on_change_ = std::move(tell); }

  // The sign-in as of now: SignIn::Kind::kNone if there is no file, and, with its `problem`, if
  // there is one that cannot be used. Throws protocol::Error (kAuthRequired, kInternal) where the
  // configuration does not say where to look, or says a place that cannot be looked at.
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
  std::shared_ptr<const SignIn> keep(SignIn sign_in, std::optional<Stamp> stamp);

  std::filesystem::path file_;
  StoreMode mode_;
  std::optional<std::string> config_problem_;
  std::optional<Stamp> stamp_;  // of the file that `sign_in_` was read from
  std::shared_ptr<const SignIn> sign_in_;
  std::uint64_t generation_ = 0;
  std::function<void(const SignIn&)> on_change_;
};

}  // namespace quotad::auth
