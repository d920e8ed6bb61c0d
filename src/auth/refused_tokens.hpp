// Refresh tokens that the sign-in service has refused for good, so that no process sends one of them again.
//
// Used by CredentialStore. The file holds a line for each of the newest: the token's SHA-256, when it was refused, and
// why; never a token. Where it cannot be read or written, this process alone remembers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace quotad::auth {

class RefusedTokens {
 public:
  // An empty path: this process alone remembers. The file and its folder are made when there is something to keep.
  explicit RefusedTokens(std::filesystem::path file) : file_(std::move(file)) {}

  // Why `refresh_token` was refused, here or by another process, or nullopt. Reads a small file where this process does
  // not know it yet.
  std::optional<std::string> why(const std::string& refresh_token);

  // From now on this process knows it. `reason` is one line for people; `now` Unix seconds.
  void add(const std::string& refresh_token, const std::string& reason, std::int64_t now);

  // Lets the others know. Blocks; may be called on a worker.
  void save(const std::string& refresh_token, const std::string& reason, std::int64_t now) const;

 private:
  struct Refusal {
    std::int64_t at = 0;
    std::string reason;
  };
  using ByHash = std::map<std::string, Refusal>;

  ByHash read() const;
  void write(const ByHash& refusals) const;

  std::filesystem::path file_;
  ByHash known_;
};

}  // namespace quotad::auth
