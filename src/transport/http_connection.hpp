// The HTTP side of a listener: probes are answered, everything else must upgrade to WebSocket.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "transport/backlog.hpp"
#include "transport/connection.hpp"
#include "transport/door.hpp"
#include "transport/frame_watch.hpp"
#include "transport/watched_socket.hpp"

namespace quotad::transport {

// Of a connection over TCP.
struct Network {
  boost::asio::ip::address peer;
  bool is_loopback = false;  // of the listener
};

class HttpConnection : public Connection, public std::enable_shared_from_this<HttpConnection> {
 public:
  // `already_read` are the first bytes, if something has looked at them. `network` is empty for a
  // Unix socket, whose clients have shown already who they are.
  HttpConnection(Socket socket, MakeSession make_session, const std::string& already_read,
                 std::shared_ptr<Door> door, std::optional<Network> network);

  boost::asio::awaitable<void> serve() override;
  void stop() override;
  void give_up() override;

 private:
  using WebSocket = boost::beast::websocket::stream<WatchedSocket, false>;  // no compression

  using Request = boost::beast::http::request<boost::beast::http::empty_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  boost::asio::awaitable<bool> upgrade_or_answer();
  bool is_from_allowed_page(const Request& request) const;
  std::optional<std::string> why_unauthorized(const Request& request) const;
  Response respond(const Request& request, const std::optional<std::string>& unauthorized) const;
  void watch_message();
  void end_for(std::string broken_rule);
  void end_at_once(const std::string& why);
  void give_up_on_message();
  boost::asio::awaitable<void> read_all();
  boost::asio::awaitable<void> write_all();
  boost::asio::awaitable<void> flushed();
  boost::asio::awaitable<void> say_goodbye();
  void close_after(std::chrono::milliseconds time, const char* why);
  bool is_hung_up();
  std::string name() const;
  void push(std::string message);
  void lose_client();

  WebSocket stream_;
  boost::beast::flat_buffer buffer_;
  MakeSession make_session_;  // until upgraded
  std::shared_ptr<Door> door_;
  std::optional<Network> network_;
  std::shared_ptr<rpc::Session> session_;  // once upgraded
  std::list<std::string> outgoing_;
  std::optional<Backlog> backlog_;  // once upgraded
  FrameWatch frames_;
  std::uint64_t ended_ = 0;                                // of them, when they were last looked at
  std::unique_ptr<boost::asio::steady_timer> unfinished_;  // while a message has begun
  SharedBytes::Share unfinished_bytes_;
  LoopUse use_;
  std::string broken_rule_;  // why the connection ends, if it is for the client's fault
  bool writing_ = false;
  bool stopping_ = false;
  bool gone_ = false;
  Event input_ended_;
  std::unique_ptr<boost::asio::steady_timer> deadline_;  // while the client must come to an end
  std::unique_ptr<boost::asio::steady_timer> flushed_;   // cancelled when nothing is left to write
  std::unique_ptr<boost::asio::steady_timer> refusal_;   // while one waits for its turn
};

}  // namespace quotad::transport
