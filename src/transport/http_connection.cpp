#include "transport/http_connection.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <iterator>
#include <utility>

#include "quotad/protocol/json_text.hpp"
#include "system/clock.hpp"

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
constexpr std::size_t kWriteBytes = std::size_t{64} * 1024;  // of a message at a time
constexpr std::chrono::milliseconds kGoodbyeTimeout{500};

auto await_result() { return asio::as_tuple(asio::use_awaitable); }

// The only value of a header, or nullopt if it is absent or there are several.
std::optional<std::string_view> only(const http::fields& headers, http::field name) {
  const auto [first, end] = headers.equal_range(name);
  if (first == end || std::next(first) != end) return std::nullopt;
  return std::string_view(first->value());
}

}  // namespace

HttpConnection::HttpConnection(Socket socket, MakeSession make_session,
                               const std::string& already_read, std::shared_ptr<Door> door,
                               std::optional<Network> network)
    : stream_(std::move(socket)),
      make_session_(std::move(make_session)),
      door_(std::move(door)),
      network_(std::move(network)),
      unfinished_bytes_(door_->unfinished, [this] { give_up_on_message(); }),
      use_(door_->turns),
      input_ended_(stream_.get_executor()) {
  const auto room = buffer_.prepare(already_read.size());
  asio::buffer_copy(room, asio::buffer(already_read));
  buffer_.commit(already_read.size());
}

asio::awaitable<void> HttpConnection::serve() {
  const auto self = shared_from_this();
  if (!co_await upgrade_or_answer()) {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
    co_return;
  }
  deadline_.reset();
  session_ = make_session_({.send = [this](std::string message) { push(std::move(message)); },
                            .hold = [this](std::size_t bytes) { backlog_->hold(bytes); }});
  make_session_ = nullptr;
  backlog_.emplace(stream_.get_executor(),
                   Backlog::Limits{.bytes = session_->limits().max_unread_bytes,
                                   .stall = door_->options.stall_timeout},
                   door_->unread, [this](const std::string& reason) { end_at_once(reason); });
  buffer_ = {};
  if (stopping_) input_ended_.set();
  asio::co_spawn(
      stream_.get_executor(), [self] { return self->read_all(); },
      [self](const std::exception_ptr& error) {
        if (error) self->end_at_once("it has met an internal error");
      });
  co_await input_ended_.wait();
  co_await session_->drained();
  while (writing_) co_await flushed();
  if (!gone_) co_await say_goodbye();
  lose_client();
  boost::system::error_code ignored;
  stream_.next_layer().close(ignored);
}

// Closes the WebSocket as the protocol has it, but does not wait long for the client's part.
asio::awaitable<void> HttpConnection::say_goodbye() {
  close_after(kGoodbyeTimeout, nullptr);
  websocket::close_reason reason(websocket::close_code::going_away);
  if (!broken_rule_.empty()) reason = {websocket::close_code::policy_error, broken_rule_};
  co_await stream_.async_close(reason, await_result());
}

// Closes the socket when the deadline is not gone or set anew by then, and tells of `why`, if there is a reason.
void HttpConnection::close_after(std::chrono::milliseconds time, const char* why) {
  deadline_ = std::make_unique<asio::steady_timer>(stream_.get_executor(), time);
  deadline_->async_wait([weak = weak_from_this(), time, why](boost::system::error_code error) {
    const auto self = weak.lock();
    if (error || !self || !has_passed(self->deadline_)) return;
    if (why != nullptr) {
      self->door_->tell_of_end(self->name(),
                               "within " + std::to_string(time.count()) + " ms " + why);
    }
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
    use_.leave();  // a message that waits for its turn is answered first
    input_ended_.set();
  } else {
    if (refusal_) refusal_->cancel();
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
  }
}

// True once the connection is a WebSocket; false when it is to be closed. It carries one request, so that
// whoever has not come in does not hold it for longer than the handshake's time.
asio::awaitable<bool> HttpConnection::upgrade_or_answer() {
  close_after(door_->options.handshake_timeout,
              "there was no whole HTTP request, or no upgrade (--handshake-timeout-ms)");
  http::request_parser<http::empty_body> parser;
  parser.header_limit(kMaxHeaderBytes);
  const auto [read_error, count] =
      co_await http::async_read_header(stream_.next_layer(), buffer_, parser, await_result());
  if (read_error) co_return false;
  const auto& request = parser.get();
  std::optional<std::string> unauthorized;
  if (websocket::is_upgrade(request) && is_from_allowed_page(request)) {
    unauthorized = why_unauthorized(request);
  }
  if (unauthorized && network_) {
    const auto wait = door_->pace.note(network_->peer, RefusalPace::Clock::now());
    const bool is_slowed = wait > RefusalPace::Clock::duration::zero();
    spdlog::log(is_slowed ? spdlog::level::debug : spdlog::level::warn,
                "a WebSocket from {} is refused: {}", network_->peer.to_string(), *unauthorized);
    // Whoever would wait longer than for a handshake, or in others' place, gets no answer.
    if (wait >= door_->options.handshake_timeout) co_return false;
    if (is_slowed && !door_->may_refusal_wait()) co_return false;
    if (is_slowed) {
      ++door_->refusals_waiting;
      refusal_ = std::make_unique<asio::steady_timer>(stream_.get_executor(), wait);
      co_await refusal_->async_wait(await_result());
      refusal_.reset();
      --door_->refusals_waiting;
    }
  } else if (websocket::is_upgrade(request) && is_from_allowed_page(request)) {
    stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    const auto [error] = co_await stream_.async_accept(request, await_result());
    co_return !error;
  }
  const auto response = respond(request, unauthorized);
  co_await http::async_write(stream_.next_layer(), response, await_result());
  co_return false;
}

// Whether the client has closed the connection, which nobody notices who is not reading.
bool HttpConnection::is_hung_up() {
  pollfd state{.fd = stream_.next_layer().native_handle(), .events = POLLRDHUP, .revents = 0};
  return gone_ || (poll(&state, 1, 0) > 0 && state.revents != 0);
}

// For the log.
std::string HttpConnection::name() const {
  return network_ ? "a client at " + network_->peer.to_string() : "a client of the Unix socket";
}

// Whether the request may come from a browser's page, or does not come from one. Pages name
// themselves in Origin; those that have pointed a name of theirs at this machine name it in Host.
bool HttpConnection::is_from_allowed_page(const Request& request) const {
  const auto& allowed = door_->options.allowed_origins;
  if (request.count(http::field::origin) > 0) {
    const auto origin = only(request, http::field::origin);
    if (!origin || std::find(allowed.begin(), allowed.end(), *origin) == allowed.end()) {
      return false;
    }
  }
  if (!network_ || !network_->is_loopback) return true;
  const auto host = only(request, http::field::host);
  if (!host) return false;
  if (names_this_machine(*host)) return true;
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& origin) {
    return origin.substr(origin.find("://") + 3) == *host;
  });
}

// Why this client may not open a WebSocket, or nullopt.
std::optional<std::string> HttpConnection::why_unauthorized(const Request& request) const {
  if (!network_) return std::nullopt;
  std::optional<std::string_view> authorization;
  if (request.count(http::field::authorization) > 0) {
    authorization = only(request, http::field::authorization).value_or("");
  }
  return door_->options.access.refusal(request.target(), authorization, system::unix_now());
}

// The answer to a request that is no upgrade, or none that is allowed (reference behaviour,
// section 1).
HttpConnection::Response HttpConnection::respond(
    const Request& request, const std::optional<std::string>& unauthorized) const {
  Response response;
  response.version(11);
  response.keep_alive(false);
  const auto say = [&](http::status status, const std::string& words) {
    response.result(status);
    response.set(http::field::content_type, "text/plain; charset=utf-8");
    response.body() = words;
  };
  const bool is_read = request.method() == http::verb::get || request.method() == http::verb::head;
  if (!is_from_allowed_page(request)) {
    response.result(http::status::forbidden);
  } else if (unauthorized) {
    say(http::status::unauthorized, *unauthorized);
    response.set(http::field::www_authenticate, "Bearer");
  } else if (!is_read) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET,HEAD");
  } else if (request.target() == "/readyz" || request.target() == "/healthz") {
    response.result(http::status::ok);
  } else {
    say(http::status::bad_request, "expected a WebSocket upgrade, or GET /readyz or /healthz");
  }
  if (request.method() == http::verb::head) {
    response.content_length(response.body().size());
    response.body().clear();
  } else {
    response.prepare_payload();
  }
  return response;
}

// Takes no more requests, answers what is in flight, and says why.
void HttpConnection::end_for(std::string broken_rule) {
  door_->tell_of_end(name(), broken_rule);
  broken_rule_ = std::move(broken_rule);
  stop();
}

// A message that has begun must end in time.
void HttpConnection::watch_message() {
  const bool has_ended = frames_.ended() != ended_;  // and another begun, perhaps
  ended_ = frames_.ended();
  if (has_ended || !frames_.has_begun()) unfinished_.reset();
  if (unfinished_ || !frames_.has_begun()) return;
  unfinished_ =
      std::make_unique<asio::steady_timer>(stream_.get_executor(), door_->options.message_timeout);
  unfinished_->async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto self = weak.lock();
    if (error || !self || !has_passed(self->unfinished_)) return;
    self->end_for("message not finished within " +
                  std::to_string(self->door_->options.message_timeout.count()) +
                  " ms (--message-timeout-ms)");
  });
}

void HttpConnection::end_at_once(const std::string& why) {
  door_->tell_of_end(name(), why);
  lose_client();
  boost::system::error_code ignored;
  stream_.next_layer().close(ignored);
}

// May be called in the middle of anything, also of what another connection does.
void HttpConnection::give_up_on_message() {
  asio::post(stream_.get_executor(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self) self->end_at_once(too_much_unfinished(self->door_->options));
  });
}

asio::awaitable<void> HttpConnection::read_all() {
  const std::size_t max_message_bytes = session_->limits().max_message_bytes;
  // Messages are read piece by piece, so that one that is too large can be let pass and told of,
  // in place of closing the connection over it.
  stream_.read_message_max(0);
  stream_.next_layer().on_read = [this] { use_.begin_rest(); };
  stream_.next_layer().on_bytes = [this](std::string_view bytes) {
    use_.end_rest();
    frames_.take(bytes);
    watch_message();
  };
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
    if (too_large) message = {};
    if (message.capacity() > kFirstBytes) unfinished_bytes_.set(message.capacity());
    if (!stream_.is_message_done()) continue;
    if (std::exchange(too_large, false)) {
      session_->refuse(protocol::too_large(max_message_bytes));
    } else {
      const std::string_view text(static_cast<const char*>(message.cdata().data()), message.size());
      bool has_turn = true;
      if (use_.must_wait(text)) {
        unfinished_.reset();
        const auto is_gone = [this] { return is_hung_up(); };
        has_turn = co_await use_.turn(text, door_->options.message_timeout, is_gone);
        // Nobody would hear the answer.
        if (is_hung_up()) lose_client();
      }
      if (gone_) co_return;
      if (has_turn) {
        const auto turn = use_.begin();
        session_->receive(text);
      } else {
        session_->refuse(overloaded());
      }
    }
    if (message.capacity() > kReadBytes) message = {};
    message.clear();
    unfinished_bytes_.set(0);
    // A client that does not read its answers is not read from either.
    while (backlog_->is_full() && !session_->is_asking() && !gone_) {
      unfinished_.reset();
      co_await flushed();
    }
    watch_message();
  }
}

void HttpConnection::push(std::string message) {
  if (backlog_->is_dropped()) return;
  backlog_->queued(message.size());
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
    // Large ones in parts, so that it is seen how they are taken.
    for (std::size_t done = 0; done < message.size() && !gone_;) {
      const std::size_t part = std::min(message.size() - done, kWriteBytes);
      const bool is_last = done + part == message.size();
      const auto [error, count] = co_await stream_.async_write_some(
          is_last, asio::buffer(message.data() + done, part), await_result());
      done += part;
      backlog_->taken(part);
      if (error) lose_client();
    }
  }
  writing_ = false;
  if (flushed_) flushed_->cancel();
}

// Ends when what there was to write is written, or nobody is there any more.
asio::awaitable<void> HttpConnection::flushed() {
  if (!flushed_) {
    flushed_ = std::make_unique<asio::steady_timer>(stream_.get_executor(),
                                                    asio::steady_timer::time_point::max());
  }
  co_await flushed_->async_wait(await_result());
}

void HttpConnection::lose_client() {
  gone_ = true;
  outgoing_.clear();
  backlog_->drop();
  unfinished_bytes_.drop();
  use_.leave();
  if (flushed_) flushed_->cancel();
  session_->abandon();
  input_ended_.set();
}

}  // namespace quotad::transport
