// A connection over a byte stream, or over two: stdin and stdout, or a Unix socket.
#pragma once

#include <poll.h>
#include <spdlog/spdlog.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "quotad/protocol/json_text.hpp"
#include "transport/connection.hpp"
#include "transport/framing.hpp"

namespace quotad::transport {

// The two directions of the stream; the same object where one descriptor does both.
template <class In, class Out>
struct Streams {
  std::shared_ptr<In> in;
  std::shared_ptr<Out> out;
};

template <class In, class Out>
class ByteConnection : public Connection,
                       public std::enable_shared_from_this<ByteConnection<In, Out>> {
 public:
  // `already_read` are the first bytes, if something has looked at them.
  ByteConnection(Streams<In, Out> streams, const MakeSession& make_session,
                 const std::string& already_read)
      : streams_(std::move(streams)),
        session_(make_session([this](std::string message) { push(std::move(message)); })),
        framer_(session_->limits().max_message_bytes),
        input_ended_(streams_.in->get_executor()),
        flushed_(streams_.in->get_executor(), boost::asio::steady_timer::time_point::max()) {
    framer_.append(already_read);
  }

  boost::asio::awaitable<void> serve() override {
    // The loops below hold this object; they end with the streams at the latest.
    const auto self = this->shared_from_this();
    boost::asio::co_spawn(
        streams_.in->get_executor(), [self] { return self->read_all(); }, boost::asio::detached);
    boost::asio::co_spawn(
        streams_.out->get_executor(), [self] { return self->watch_for_hang_up(); },
        boost::asio::detached);
    co_await input_ended_.wait();
    co_await session_->drained();
    while (writing_) {
      co_await flushed_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    close();
  }

  void stop() override {
    session_->refuse_new_requests();
    input_ended_.set();
  }

  void give_up() override { session_->give_up(); }

 private:
  boost::asio::awaitable<void> read_all() {
    take_messages();
    for (;;) {
      const auto into = framer_.room();
      const auto [error, count] =
          co_await streams_.in->async_read_some(boost::asio::buffer(into.data(), into.size()),
                                                boost::asio::as_tuple(boost::asio::use_awaitable));
      if (error == boost::asio::error::eof) break;
      if (error) {
        lose_client();
        co_return;
      }
      framer_.commit(count);
      take_messages();
      // A client that does not read its answers is not read from either.
      while (outgoing_.size() > session_->limits().max_unread_bytes && !gone_) {
        co_await flushed_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      }
    }
    framer_.finish();
    take_messages();
    input_ended_.set();
  }

  void take_messages() {
    while (const auto item = framer_.next()) {
      switch (item->kind) {
        case Framer::Item::Kind::kMessage:
          session_->receive(item->text);
          break;
        case Framer::Item::Kind::kTooLarge:
          session_->refuse(protocol::too_large(session_->limits().max_message_bytes));
          break;
        case Framer::Item::Kind::kBadHeader:
          session_->refuse(protocol::Error(protocol::ErrorKind::kInvalidRequest,
                                           "expected a header such as `Content-Length: 42`"));
          break;
        case Framer::Item::Kind::kCutOff:
          session_->refuse(protocol::Error(protocol::ErrorKind::kInvalidRequest,
                                           "the input ended inside a message"));
          break;
      }
    }
  }

  // No more input does not mean that the client is gone: it may wait for its answers. When nobody
  // listens to those any more, the descriptor says so.
  boost::asio::awaitable<void> watch_for_hang_up() {
    const auto is_hung_up = [this] {
      pollfd state{.fd = streams_.out->native_handle(), .events = 0, .revents = 0};
      return poll(&state, 1, 0) > 0 && (state.revents & (POLLERR | POLLHUP)) != 0;
    };
    while (streams_.out->is_open()) {
      if (is_hung_up()) {
        lose_client();
        co_return;
      }
      const auto [error] = co_await streams_.out->async_wait(
          Out::wait_error, boost::asio::as_tuple(boost::asio::use_awaitable));
      if (error) co_return;
    }
  }

  void push(std::string message) {
    outgoing_ += frame(framer_.framing(), std::move(message));
    if (writing_) return;
    writing_ = true;
    const auto self = this->shared_from_this();
    boost::asio::co_spawn(
        streams_.out->get_executor(), [self] { return self->write_all(); }, boost::asio::detached);
  }

  // Writes what there is, and what comes in the meantime: many answers, one system call.
  boost::asio::awaitable<void> write_all() {
    co_await boost::asio::post(boost::asio::use_awaitable);
    while (!outgoing_.empty() && !gone_) {
      const std::string batch = std::exchange(outgoing_, {});
      const auto [error, count] =
          co_await boost::asio::async_write(*streams_.out, boost::asio::buffer(batch),
                                            boost::asio::as_tuple(boost::asio::use_awaitable));
      if (error && !gone_) {
        spdlog::warn("cannot write to the client: {}", error.message());
        lose_client();
      }
    }
    writing_ = false;
    flushed_.cancel();
  }

  void lose_client() {
    gone_ = true;
    session_->abandon();
    input_ended_.set();
  }

  void close() {
    boost::system::error_code ignored;
    streams_.in->close(ignored);
    streams_.out->close(ignored);
  }

  Streams<In, Out> streams_;
  std::shared_ptr<rpc::Session> session_;
  Framer framer_;
  std::string outgoing_;
  bool writing_ = false;
  bool gone_ = false;
  Event input_ended_;
  boost::asio::steady_timer flushed_;  // cancelled when there is nothing more to write
};

}  // namespace quotad::transport
