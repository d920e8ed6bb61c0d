#include "transport/http_connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <utility>

#include "quotad/protocol/json_text.hpp"

namespace quotad::transport {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

constexpr std::uint32_t kMaxHeaderBytes = 16'384;
// Room for a message that is about to come, and for each further piece of it. A client that is idle
// keeps the first.
constexpr std::size_t kFirstBytes = 256;
constexpr std::size_t kReadBytes = 4096;
constexpr std::chrono::milliseconds kGoodbyeTimeout{500};

auto await_result() { return asio::as_tuple(asio::use_awaitable); }

// The answer to a request that is no upgrade (reference behaviour, section 1).
http::response<http::string_body> respond(const http::request<http::empty_body>& request) {
  http::response<http::string_body> response;
  response.version(11);
  response.keep_alive(request.keep_alive());
  const bool is_read = request.method() == http::verb::get || request.method() == http::verb::head;
  if (request.count(http::field::origin) > 0) {
    response.result(http::status::forbidden);
  } else if (!is_read) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET,HEAD");
  } else if (request.target() == "/readyz" || request.target() == "/healthz") {
    response.result(http::status::ok);
  } else {
    response.result(http::status::bad_request);
    response.set(http::field::content_type, "text/plain; charset=utf-8");
    response.body() = "expected a WebSocket upgrade, or GET /readyz or /healthz";
  }
  if (request.method() == http::verb::head) {
    response.content_length(response.body().size());
    response.body().clear();
  } else {
    response.prepare_payload();
  }
  return response;
}

}  // namespace

HttpConnection::HttpConnection(Socket socket, MakeSession make_session, std::string already_read,
                               std::chrono::milliseconds handshake_timeout)
    : stream_(std::move(socket)),
      make_session_(std::move(make_session)),
      handshake_timeout_(handshake_timeout),
      input_ended_(stream_.get_executor()),
      flushed_(stream_.get_executor(), asio::steady_timer::time_point::max()) {
  const auto room = buffer_.prepare(already_read.size());
  asio::buffer_copy(room, asio::buffer(already_read));
  buffer_.commit(already_read.size());
}

asio::awaitable<void> HttpConnection::serve() {
  const auto self = shared_from_this();
  if (!co_await answer_probes_until_upgrade()) {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
    co_return;
  }
  session_ = make_session_([this](std::string message) { push(std::move(message)); });
  make_session_ = nullptr;
  buffer_ = {};
  if (stopping_) input_ended_.set();
  asio::co_spawn(
      stream_.get_executor(), [self] { return self->read_all(); }, asio::detached);
  co_await input_ended_.wait();
  co_await session_->drained();
  while (writing_) co_await flushed_.async_wait(await_result());
  if (!gone_) co_await say_goodbye();
  boost::system::error_code ignored;
  stream_.next_layer().close(ignored);
}

// Closes the WebSocket as the protocol has it, but does not wait long for the client's part.
asio::awaitable<void> HttpConnection::say_goodbye() {
  asio::steady_timer deadline(stream_.get_executor());
  close_after(deadline, kGoodbyeTimeout);
  co_await stream_.async_close(websocket::close_reason(websocket::close_code::going_away),
                               await_result());
}

// Closes the socket when `timer` is not gone or set anew by then.
void HttpConnection::close_after(asio::steady_timer& timer, std::chrono::milliseconds time) {
  timer.expires_after(time);
  timer.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto self = weak.lock();
    if (error || !self) return;
    boost::system::error_code ignored;
    self->stream_.next_layer().close(ignored);
  });
}

void HttpConnection::give_up() {
  if (session_) session_->give_up();
}

void HttpConnection::stop() {
  stopping_ = true;
  if (session_) {
    session_->refuse_new_requests();
    input_ended_.set();
  } else {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
  }
}

// True once the connection is a WebSocket; false when it is to be closed.
asio::awaitable<bool> HttpConnection::answer_probes_until_upgrade() {
  asio::steady_timer deadline(stream_.get_executor());
  for (;;) {
    close_after(deadline, handshake_timeout_);
    http::request_parser<http::empty_body> parser;
    parser.header_limit(kMaxHeaderBytes);
    const auto [read_error, count] =
        co_await http::async_read_header(stream_.next_layer(), buffer_, parser, await_result());
    if (read_error) co_return false;
    const auto& request = parser.get();
    const bool has_origin = request.count(http::field::origin) > 0;
    if (websocket::is_upgrade(request) && !has_origin) {
      stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
      const auto [error] = co_await stream_.async_accept(request, await_result());
      co_return !error;
    }
    auto response = respond(request);
    // A body would stand where the next request is looked for.
    if (!parser.is_done()) response.keep_alive(false);
    const auto [write_error, written] =
        co_await http::async_write(stream_.next_layer(), response, await_result());
    if (write_error || !response.keep_alive()) co_return false;
  }
}

asio::awaitable<void> HttpConnection::read_all() {
  const std::size_t max_message_bytes = session_->limits().max_message_bytes;
  // Messages are read piece by piece, so that one that is too large can be let pass and told of,
  // in place of closing the connection over it.
  stream_.read_message_max(0);
  beast::flat_buffer message;
  bool too_large = false;
  while (!gone_) {
    const bool is_begun = message.size() > 0 || too_large;
    const auto [error, count] = co_await stream_.async_read_some(
        message, is_begun ? kReadBytes : kFirstBytes, await_result());
    if (error) {
      lose_client();
      co_return;
    }
    too_large = too_large || message.size() > max_message_bytes;
    if (too_large) message.clear();
    if (!stream_.is_message_done()) continue;
    if (std::exchange(too_large, false)) {
      session_->refuse(protocol::too_large(max_message_bytes));
    } else {
      session_->receive({static_cast<const char*>(message.cdata().data()), message.size()});
    }
    if (message.capacity() > kReadBytes) message = {};
    message.clear();
    // A client that does not read its answers is not read from either.
    while (unread_bytes_ > session_->limits().max_unread_bytes && !gone_) {
      co_await flushed_.async_wait(await_result());
    }
  }
}

void HttpConnection::push(std::string message) {
  unread_bytes_ += message.size();
  outgoing_.push_back(std::move(message));
  if (writing_) return;
  writing_ = true;
  const auto self = shared_from_this();
  asio::co_spawn(
      stream_.get_executor(), [self] { return self->write_all(); }, asio::detached);
}

asio::awaitable<void> HttpConnection::write_all() {
  stream_.text(true);
  while (!outgoing_.empty() && !gone_) {
    const std::string message = std::move(outgoing_.front());
    outgoing_.pop_front();
    const auto [error, count] = co_await stream_.async_write(asio::buffer(message), await_result());
    unread_bytes_ -= message.size();
    if (error) lose_client();
  }
  writing_ = false;
  flushed_.cancel();
}

void HttpConnection::lose_client() {
  gone_ = true;
  session_->abandon();
  input_ended_.set();
}

}  // namespace quotad::transport
