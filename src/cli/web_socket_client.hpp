// A WebSocket client over TCP or a Unix socket, one message after the other.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <memory>
#include <string>

namespace quotad::cli {

struct WebSocketTarget {
  boost::asio::generic::stream_protocol::endpoint endpoint;
  std::string host;          // of the handshake
  std::string path = "/";    // with the token, where the URL has one: "/?token=…"
  std::string bearer_token;  // "" for none
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds silence{90'000};  // after which the server counts as gone
};

// All calls throw boost::system::system_error.
class WebSocketClient {
 public:
  explicit WebSocketClient(const boost::asio::any_io_executor& executor) : stream_(executor) {}

  boost::asio::awaitable<void> connect(const WebSocketTarget& target);
  boost::asio::awaitable<void> send(const std::string& text);
  boost::asio::awaitable<std::string> receive();
  boost::asio::awaitable<void> close();

 private:
  // The server's type, so that both are compiled once.
  boost::beast::websocket::stream<boost::asio::generic::stream_protocol::socket, false> stream_;
};

}  // namespace quotad::cli
