#include "cli/web_socket_client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>

namespace quotad::cli {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
namespace {

// An answer is not larger than what the service's answers may become.
constexpr std::size_t kMaxMessageBytes = 64UL * 1024 * 1024;

}  // namespace

asio::awaitable<void> WebSocketClient::connect(const WebSocketTarget& target) {
  auto& socket = stream_.next_layer();
  asio::steady_timer deadline(stream_.get_executor(), target.connect_time);
  deadline.async_wait([&socket](const boost::system::error_code& cancelled) {
    boost::system::error_code ignored;
    if (!cancelled) socket.close(ignored);
  });
  co_await socket.async_connect(target.endpoint, asio::use_awaitable);
  deadline.cancel();
  stream_.set_option(websocket::stream_base::timeout{target.connect_time, target.silence,
                                                     /*keep_alive_pings=*/false});
  stream_.read_message_max(kMaxMessageBytes);
  if (!target.bearer_token.empty()) {
    const std::string credentials = "Bearer " + target.bearer_token;
    stream_.set_option(
        websocket::stream_base::decorator([credentials](websocket::request_type& request) {
          request.set(beast::http::field::authorization, credentials);
        }));
  }
  co_await stream_.async_handshake(target.host, target.path, asio::use_awaitable);
  stream_.text(true);
}

asio::awaitable<void> WebSocketClient::send(const std::string& text) {
  co_await stream_.async_write(asio::buffer(text), asio::use_awaitable);
}

asio::awaitable<std::string> WebSocketClient::receive() {
  beast::flat_buffer buffer;
  co_await stream_.async_read(buffer, asio::use_awaitable);
  co_return beast::buffers_to_string(buffer.data());
}

asio::awaitable<void> WebSocketClient::close() {
  co_await stream_.async_close(websocket::close_code::normal, asio::use_awaitable);
}

}  // namespace quotad::cli
