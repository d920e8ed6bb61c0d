// quotad's own settings, in `quotad.toml`, beside what the Codex CLI's config.toml says.
//
// Read by commands that make use of them. A flag counts before a QUOTAD_… variable, and that before the
// file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "daemon/config.hpp"

namespace quotad::daemon {

struct Settings {
  std::optional<bool> ws_token_check;  // whether a WebSocket needs the URL's token
};

// `--quotad-config FILE`, or `quotad/quotad.toml` in XDG_CONFIG_HOME, which is `.config` in the user's
// home if it is not set.
std::filesystem::path find_settings_file(const std::string& flag, const GetEnv& getenv);

// What the file says, with the variables' values in place of its own. A file that is not there, or
// cannot be got at, says nothing, unless `flag` names it. Throws protocol::Error (kInvalidParams) that names the file or the
// variable, and the key: one that nobody knows is an error, too.
Settings load_settings(const std::string& flag, const GetEnv& getenv);

}  // namespace quotad::daemon
