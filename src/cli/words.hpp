// What commands print for people and for shells.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config.hpp"

namespace quotad::cli {

// `text` as one word for a shell: in single quotes, or made by printf where it has characters that a
// terminal might not show. Shells drop line ends at the end of what printf makes.
std::string shell_quoted(const std::string& text);

// The last characters of an account, which tell one's own apart.
std::string short_account(const std::string& account);

// The command that asks for a redemption again, with the same key and so for no second credit; "" where
// no shell would hand on the key or the credit as it is. `options` are further words of the command,
// quoted already; `called` is the program, as it was called.
std::string reset_command(const daemon::GetEnv& getenv, const std::string& called,
                          const std::vector<std::string>& overrides, const std::string& key,
                          const std::optional<std::string>& credit_id,
                          const std::string& options = "");

// `path` as it is found from every folder.
std::string absolute_path(const std::string& path);

}  // namespace quotad::cli
