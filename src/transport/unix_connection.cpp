#include "transport/unix_connection.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "transport/byte_connection.hpp"

namespace quotad::transport {
namespace asio = boost::asio;

namespace {

constexpr std::array<std::string_view, 7> kHttpMethods = {"GET ",    "HEAD ",    "POST ", "PUT ",
                                                          "DELETE ", "OPTIONS ", "PATCH "};

enum class Guess { kHttp, kMessages, kTooEarly };

Guess guess(std::string_view text) {
  Guess result = text.empty() ? Guess::kTooEarly : Guess::kMessages;
  for (const std::string_view method : kHttpMethods) {
    const std::size_t known = std::min(method.size(), text.size());
    if (text.substr(0, known) != method.substr(0, known)) continue;
    if (known == method.size()) return Guess::kHttp;
    result = Guess::kTooEarly;
  }
  return result;
}

}  // namespace

UnixConnection::UnixConnection(Socket socket, MakeSession make_session, std::shared_ptr<Door> door)
    : socket_(std::move(socket)), make_session_(std::move(make_session)), door_(std::move(door)) {}

asio::awaitable<void> UnixConnection::serve() {
  const auto self = shared_from_this();
  asio::steady_timer deadline(socket_.get_executor(), door_->options.handshake_timeout);
  deadline.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto waiting = weak.lock();
    if (error || !waiting || !waiting->socket_.is_open()) return;
    waiting->door_->tell_of_end("a client of the Unix socket",
                                "it sent nothing in time (--handshake-timeout-ms)");
    boost::system::error_code ignored;
    waiting->socket_.close(ignored);
  });
  std::string first;
  Guess what = Guess::kTooEarly;
  while (what == Guess::kTooEarly) {
    std::array<char, 512> piece{};
    const auto [error, count] =
        co_await socket_.async_read_some(asio::buffer(piece), asio::as_tuple(asio::use_awaitable));
    if (error) {
      // The next reader finds the end of the input again, after what there was of it.
      if (error == asio::error::eof && !first.empty()) break;
      boost::system::error_code ignored;
      socket_.close(ignored);
      co_return;
    }
    first.append(piece.data(), count);
    what = guess(first);
  }
  deadline.cancel();
  if (!socket_.is_open()) co_return;
  if (what == Guess::kHttp) {
    inner_ = std::make_shared<HttpConnection>(std::move(socket_), make_session_, std::move(first),
                                              door_, std::nullopt);
  } else {
    const auto socket = std::make_shared<Socket>(std::move(socket_));
    inner_ = std::make_shared<ByteConnection<Socket, Socket>>(
        Streams<Socket, Socket>{.in = socket, .out = socket}, make_session_, std::move(first),
        door_, Client::kAnybody);
  }
  co_await inner_->serve();
}

void UnixConnection::give_up() {
  if (inner_) inner_->give_up();
}

void UnixConnection::stop() {
  if (inner_) {
    inner_->stop();
    return;
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace quotad::transport
