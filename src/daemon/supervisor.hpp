// Telling the supervisor how far we are: systemd's sd_notify(3) protocol.
#pragma once

#include <string_view>

#include "daemon/config.hpp"

namespace quotad::daemon {

// Sends `state`, for example "READY=1", to the socket that NOTIFY_SOCKET names. Without it, nothing.
void tell_supervisor(const GetEnv& getenv, std::string_view state);

}  // namespace quotad::daemon
