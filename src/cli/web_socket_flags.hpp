// The flags of app-server that say who may open a WebSocket.
#pragma once

#include <CLI/CLI.hpp>

#include "daemon/web_socket_access.hpp"

namespace quotad::cli {

void add_web_socket_flags(CLI::App& app_server, daemon::WebSocketOptions& flags);

}  // namespace quotad::cli
