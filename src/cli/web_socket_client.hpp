// A WebSocket client over TCP or a Unix socket, one message after the other.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "transport/watched_socket.hpp"

namespace quotad::cli {

struct WebSocketTarget {
  boost::asio::generic::stream_protocol::endpoint endpoint;
  std::string host;          // of the handshake
  std::string path = "/";    // with the token, where the URL has one: "/?token=…"
  std::string bearer_token;  // "" for none
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds answer_time{90'000};  // for the server to send a message
};

// All calls throw boost::system::system_error; when the time is over, operation_aborted.
class WebSocketClient {
 public:
  explicit WebSocketClient(const boost::asio::any_io_executor& executor)
      : stream_(transport::Socket(executor)), deadline_(executor) {}

  boost::asio::awaitable<void> connect(const WebSocketTarget& target);
  // The HTTP status with which the server has refused to upgrade; 0 if it has not.
  unsigned refused_with() const { return refused_with_; }

  boost::asio::awaitable<void> send(const std::string& text);
  boost::asio::awaitable<std::string> receive();
  boost::asio::awaitable<void> close();

 private:
  void limit(std::chrono::milliseconds time);

  // The server's type, so that both are compiled once.
  boost::beast::websocket::stream<transport::WatchedSocket, false> stream_;
  boost::asio::steady_timer deadline_;
  std::chrono::milliseconds answer_time_{0};
  unsigned refused_with_ = 0;
};

}  // namespace quotad::cli
