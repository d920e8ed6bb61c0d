// The HTTP side of a listener: probes are answered, everything else must upgrade to WebSocket.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "transport/connection.hpp"

namespace quotad::transport {

using Socket = boost::asio::generic::stream_protocol::socket;

class HttpConnection : public Connection, public std::enable_shared_from_this<HttpConnection> {
 public:
  // `already_read` are the first bytes, if something has looked at them. A client that takes longer
  // than `handshake_timeout` over a request or its upgrade is cut off.
  HttpConnection(Socket socket, MakeSession make_session, std::string already_read,
                 std::chrono::milliseconds handshake_timeout);

  boost::asio::awaitable<void> serve() override;
  void stop() override;
  void give_up() override;

 private:
  using WebSocket = boost::beast::websocket::stream<Socket, false>;  // no compression

  boost::asio::awaitable<bool> answer_probes_until_upgrade();
  boost::asio::awaitable<void> read_all();
  boost::asio::awaitable<void> write_all();
  boost::asio::awaitable<void> say_goodbye();
  void close_after(boost::asio::steady_timer& timer, std::chrono::milliseconds time);
  void push(std::string message);
  void lose_client();

  WebSocket stream_;
  boost::beast::flat_buffer buffer_;
  MakeSession make_session_;  // until upgraded
  std::chrono::milliseconds handshake_timeout_;
  std::shared_ptr<rpc::Session> session_;  // once upgraded
  std::list<std::string> outgoing_;
  std::size_t unread_bytes_ = 0;  // of outgoing_
  bool writing_ = false;
  bool stopping_ = false;
  bool gone_ = false;
  Event input_ended_;
  boost::asio::steady_timer flushed_;  // cancelled when there is nothing more to write
};

}  // namespace quotad::transport
