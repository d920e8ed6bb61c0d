// Sockets that a supervisor has opened for us: systemd's socket activation (sd_listen_fds(3)).
#pragma once

#include <functional>
#include <vector>

#include "transport/listen_address.hpp"

namespace quotad::transport {

// The sockets that LISTEN_FDS and LISTEN_PID speak of, if they are meant for this process; each with
// its descriptor, which is not passed on to other programs. Throws protocol::Error (kInvalidParams) if
// one of them is none that can be served.
std::vector<ListenAddress> inherited_sockets(const std::function<const char*(const char*)>& getenv);

}  // namespace quotad::transport
