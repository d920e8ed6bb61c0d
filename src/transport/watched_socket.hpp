// A socket that shows what is read from it to somebody else, before whoever reads it sees it.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <functional>
#include <string_view>
#include <utility>

namespace quotad::transport {

using Socket = boost::asio::generic::stream_protocol::socket;

class WatchedSocket : public Socket {
 public:
  explicit WatchedSocket(Socket socket) : Socket(std::move(socket)) {}

  // Both may be empty.
  std::function<void()> on_read;                   // is about to wait for bytes
  std::function<void(std::string_view)> on_bytes;  // has read them

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    auto show = [this, buffers](boost::system::error_code error, std::size_t size) {
      std::size_t left = on_bytes ? size : 0;
      for (auto at = boost::asio::buffer_sequence_begin(buffers); left > 0; ++at) {
        const auto part = boost::asio::buffer(boost::asio::const_buffer(*at), left);
        on_bytes({static_cast<const char*>(part.data()), part.size()});
        left -= part.size();
      }
      return boost::asio::deferred.values(error, size);
    };
    if (on_read) on_read();
    return Socket::async_read_some(
        buffers, boost::asio::deferred(std::move(show)))(std::forward<Token>(token));
  }
};

// Beast asks how to end a connection over a socket that it does not know: as any other.
inline void teardown(boost::beast::role_type role, WatchedSocket& socket,
                     boost::system::error_code& error) {
  boost::beast::websocket::teardown(role, static_cast<Socket&>(socket), error);
}
template <class Handler>
void async_teardown(boost::beast::role_type role, WatchedSocket& socket, Handler&& handler) {
  boost::beast::websocket::async_teardown(role, static_cast<Socket&>(socket),
                                          std::forward<Handler>(handler));
}
inline void beast_close_socket(WatchedSocket& socket) {
  boost::system::error_code ignored;
  socket.close(ignored);
}

}  // namespace quotad::transport
