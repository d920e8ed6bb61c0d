// `quotad demo`: the main job, played against the simulator over a real connection.
#pragma once

#include "daemon/app_server.hpp"

namespace quotad::cli {

// Starts simulator and app-server in this process, on loopback, with throw-away credentials, and
// prints what a client asks and gets. `keep` leaves both running until SIGTERM or SIGINT. Gives
// the exit code of the program.
int run_demo(const daemon::AppServerOptions& options, bool keep);

}  // namespace quotad::cli
