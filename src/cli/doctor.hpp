// `quotad doctor`: whether a reading would work, and with what it would be made.
#pragma once

#include "cli/app_server.hpp"
#include "cli/config.hpp"

namespace quotad::cli {

struct DoctorOptions {
  bool json = false;
  bool offline = false;  // judge by what is on this machine
};

// Prints what it finds, without any secret: of an account the last four characters. Gives 0 only if a
// reading works, or, offline, nothing speaks against it.
int run_doctor(const Config& config, const AppServerOptions& server, const DoctorOptions& options,
               const GetEnv& getenv);

}  // namespace quotad::cli
