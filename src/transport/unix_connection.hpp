// A connection over a Unix socket, which turns into what its first bytes ask for: JSON lines,
// Content-Length headers, or HTTP with its upgrade to WebSocket.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "transport/connection.hpp"
#include "transport/http_connection.hpp"

namespace quotad::transport {

class UnixConnection : public Connection, public std::enable_shared_from_this<UnixConnection> {
 public:
  // A client that says nothing for `handshake_timeout` is cut off.
  UnixConnection(Socket socket, MakeSession make_session, std::shared_ptr<Door> door);

  boost::asio::awaitable<void> serve() override;
  void stop() override;
  void give_up() override;

 private:
  Socket socket_;
  MakeSession make_session_;
  std::shared_ptr<Door> door_;
  std::shared_ptr<Connection> inner_;  // once the first bytes have told what it is
};

}  // namespace quotad::transport
