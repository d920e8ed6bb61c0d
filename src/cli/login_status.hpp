// `login status`: how the user is signed in, in the reference's lines on stderr, which clients compare
// letter by letter.
#pragma once

#include <string>
#include <string_view>

#include "daemon/app_server.hpp"
#include "daemon/config.hpp"

namespace quotad::cli {

// "sk-test-***bcdef": the first eight bytes and the last five; of a short key, nothing.
std::string masked_key(std::string_view key);

// Gives 0 if somebody is signed in, 1 if nobody is or it cannot be told. Asks the network only whose a
// personal access token is.
int run_login_status(const daemon::Config& config, const daemon::AppServerOptions& server,
                     const daemon::GetEnv& getenv);

}  // namespace quotad::cli
