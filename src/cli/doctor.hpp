// `quotad doctor`: whether a reading would work, and with what it would be made.
#pragma once

#include "daemon/app_server.hpp"
#include "daemon/config.hpp"

namespace quotad::cli {

struct DoctorOptions {
  bool json = false;
  bool offline = false;  // judge by what is on this machine
};

// Prints what it finds, without any secret: of an account the last four characters. Gives 0 only if a
// reading works, or, offline, nothing speaks against it.
int run_doctor(const daemon::Config& config, const daemon::AppServerOptions& server,
               const DoctorOptions& options, const daemon::GetEnv& getenv);

}  // namespace quotad::cli
