// The configuration that the Codex CLI shares with us: where its home is and what `config.toml`
// and `-c key=value` say.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential_store.hpp"

namespace quotad::daemon {

using GetEnv = std::function<const char*(const char*)>;

struct Config {
  std::filesystem::path codex_home;
  std::filesystem::path state_home;  // of the record of redemptions; see find_state_home
  std::string base_url = "https://chatgpt.com/backend-api/";
  auth::StoreMode store_mode = auth::StoreMode::kFile;
  // Why config.toml cannot be used, naming the file and what to do; then nothing above is from it.
  std::optional<std::string> problem;
};

// `CODEX_HOME`, or `~/.codex`.
std::filesystem::path find_codex_home(const GetEnv& getenv);

// Where the record of redemptions is: QUOTAD_STATE_HOME, or else `quotad` in XDG_STATE_HOME, which
// is `.local/state` in the user's home if it is not set.
std::filesystem::path find_state_home(const GetEnv& getenv);

// The Unix socket that plain `unix://` means, as in the reference.
std::string default_socket(const Config& config);
// The one that it meant in version 0.1.0.
std::string former_default_socket(const Config& config);

// Takes over what `text`, the content of `file`, says, or sets `problem`.
void apply_toml(Config& config, std::string_view text, const std::filesystem::path& file);

// Takes over `overrides`, of which the last of a key counts, or sets `problem`.
void apply_overrides(Config& config, const std::vector<std::string>& overrides);

// Reads `config.toml` in `codex_home`, if there is one, then applies `overrides` ("key=value", the
// value in TOML or as plain text). Keys that mean nothing here are ignored.
Config load_config(std::filesystem::path codex_home, const std::vector<std::string>& overrides);

}  // namespace quotad::daemon
