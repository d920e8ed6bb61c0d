#include "cli/web_socket_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/system/system_error.hpp>

namespace quotad::cli {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
namespace {

// An answer is not larger than what the service's answers may become.
constexpr std::size_t kMaxMessageBytes = 64UL * 1024 * 1024;

}  // namespace

// Closes the connection then, unless the timer is cancelled before.
void WebSocketClient::limit(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([this](const boost::system::error_code& cancelled) {
    boost::system::error_code ignored;
    if (!cancelled) stream_.next_layer().close(ignored);
  });
}

asio::awaitable<void> WebSocketClient::connect(const WebSocketTarget& target) {
  answer_time_ = target.answer_time;
  limit(target.connect_time);
  co_await stream_.next_layer().async_connect(target.endpoint, asio::use_awaitable);
  stream_.read_message_max(kMaxMessageBytes);
  if (!target.bearer_token.empty()) {
    const std::string credentials = "Bearer " + target.bearer_token;
    stream_.set_option(
        websocket::stream_base::decorator([credentials](websocket::request_type& request) {
          request.set(beast::http::field::authorization, credentials);
        }));
  }
  websocket::response_type response;
  const auto [error] = co_await stream_.async_handshake(response, target.host, target.path,
                                                        asio::as_tuple(asio::use_awaitable));
  deadline_.cancel();
  if (error == websocket::error::upgrade_declined) refused_with_ = response.result_int();
  if (error) throw boost::system::system_error(error);
  stream_.text(true);
}

asio::awaitable<void> WebSocketClient::send(const std::string& text) {
  limit(answer_time_);
  co_await stream_.async_write(asio::buffer(text), asio::use_awaitable);
  deadline_.cancel();
}

asio::awaitable<std::string> WebSocketClient::receive() {
  beast::flat_buffer buffer;
  limit(answer_time_);
  co_await stream_.async_read(buffer, asio::use_awaitable);
  deadline_.cancel();
  co_return beast::buffers_to_string(buffer.data());
}

asio::awaitable<void> WebSocketClient::close() {
  co_await stream_.async_close(websocket::close_code::normal, asio::use_awaitable);
}

}  // namespace quotad::cli
