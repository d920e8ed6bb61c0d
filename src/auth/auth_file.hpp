// `auth.json` in the Codex home, which the Codex CLI and editors share: reading it, and writing
// renewed tokens into it so that nobody else loses anything.
//
// Made by CredentialStore. When to renew tokens, and how to get new ones, it does not know.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "auth/credential_place.hpp"

namespace quotad::auth {

class AuthFile : public CredentialPlace {
 public:
  // With `refuse_exposed`, a file that others than its owner have access to is not read.
  explicit AuthFile(const std::filesystem::path& path, bool refuse_exposed = false)
      : path_(path.string()), refuse_exposed_(refuse_exposed) {}

  std::filesystem::path path() const { return path_; }
  std::string name() const override { return path_; }

  std::optional<Stamp> stamp() override;
  std::optional<Content> read() override;
  // The reference's own lock in the folder, and, where the file is a link, one beside what it points to, for
  // other folders that link there.
  std::optional<Locks> try_lock() override;
  // A file beside this one.
  std::unique_ptr<Replacement> prepare_replacement() override;

 private:
  std::string path_;  // a path takes several times as much, and there is one for each account
  bool refuse_exposed_;
};

}  // namespace quotad::auth
