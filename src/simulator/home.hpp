// A Codex home that is signed in to the simulator, for clients and tests.
#pragma once

#include <filesystem>
#include <string>

#include "simulator/scenario.hpp"

namespace quotad::simulator {

// Writes `auth.json` and `config.toml` into `folder` (made if missing, mode 0700) so that it is
// signed in as `account` at the simulator at `url`. Throws protocol::Error if either file is there
// already: nobody's real sign-in is overwritten.
void write_home(const std::filesystem::path& folder, const Account& account,
                const std::string& url);

}  // namespace quotad::simulator
