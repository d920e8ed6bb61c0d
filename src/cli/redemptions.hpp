// `quotad redemptions`: the record of redemptions, for people.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "daemon/app_server.hpp"
#include "daemon/config.hpp"

namespace quotad::cli {

struct RedemptionsOptions {
  std::string called;                  // the program, as it was called
  std::vector<std::string> overrides;  // that it was given with -c
  bool json = false;
  std::size_t limit = 50;
};

// Prints the redemptions of every account of this user: all whose outcome is not known, then the
// newest of the others. For the account that is signed in it prints how to find out. Gives the exit
// code.
int run_redemptions(const daemon::Config& config, const daemon::AppServerOptions& server,
                    const RedemptionsOptions& options, const daemon::GetEnv& getenv);

}  // namespace quotad::cli
