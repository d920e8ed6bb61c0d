// Clients that a server must bear, each kind as bad as it can be within its connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace quotad::bench {

struct BadClients {
  std::string what;
  // They act on the server at the port until the result is destroyed.
  std::function<std::shared_ptr<void>(std::uint16_t port)> act;
};

std::vector<BadClients> bad_clients();

}  // namespace quotad::bench
