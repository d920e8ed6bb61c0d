// A connection over a byte stream, or over two: stdin and stdout, or a Unix socket.
#pragma once

#include <poll.h>
#include <spdlog/spdlog.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "quotad/protocol/json_text.hpp"
#include "transport/backlog.hpp"
#include "transport/connection.hpp"
#include "transport/door.hpp"
#include "transport/framing.hpp"

namespace quotad::transport {

// The two directions of the stream; the same object where one descriptor does both.
template <class In, class Out>
struct Streams {
  std::shared_ptr<In> in;
  std::shared_ptr<Out> out;
};

// Who is at the other end: our parent, who is waited for however long, or anybody.
enum class Client { kParent, kAnybody };

template <class In, class Out>
class ByteConnection : public Connection,
                       public std::enable_shared_from_this<ByteConnection<In, Out>> {
 public:
  // `already_read` are the first bytes, if something has looked at them.
  ByteConnection(Streams<In, Out> streams, const MakeSession& make_session,
                 const std::string& already_read, std::shared_ptr<Door> door, Client client)
      : streams_(std::move(streams)),
        session_(make_session({.send = [this](std::string message) { push(std::move(message)); },
                               .hold = [this](std::size_t bytes) { backlog_.hold(bytes); }})),
        framer_(session_->limits().max_message_bytes),
        door_(std::move(door)),
        client_(client),
        backlog_(
            streams_.in->get_executor(),
            {.bytes = session_->limits().max_unread_bytes, .stall = door_->options.stall_timeout},
            door_->unread, client == Client::kParent ? nullptr : give_up_on_client()),
        unfinished_bytes_(door_->unfinished, [this] { give_up_on_message(); }),
        use_(door_->turns),
        input_ended_(streams_.in->get_executor()),
        flushed_(streams_.in->get_executor(), boost::asio::steady_timer::time_point::max()) {
    framer_.append(already_read);
  }

  boost::asio::awaitable<void> serve() override {
    // The loops below hold this object; they end with the streams at the latest.
    const auto self = this->shared_from_this();
    boost::asio::co_spawn(
        streams_.in->get_executor(), [self] { return self->read_all(); },
        [self](const std::exception_ptr& error) {
          if (error) self->end_at_once("it has met an internal error");
        });
    boost::asio::co_spawn(
        streams_.out->get_executor(), [self] { return self->watch_for_hang_up(); },
        boost::asio::detached);
    co_await input_ended_.wait();
    co_await session_->drained();
    while (writing_) {
      co_await flushed_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    lose_client();  // it is told nothing more
    close();
  }

  void stop() override {
    session_->refuse_new_requests();
    use_.leave();  // a message that waits for its turn is answered first
    input_ended_.set();
  }

  void give_up() override { session_->give_up(); }

 private:
  std::function<void(const std::string&)> give_up_on_client() {
    return [this](const std::string& reason) { end_at_once(reason); };
  }

  void end_at_once(const std::string& why) {
    door_->tell_of_end("a client of the Unix socket", why);
    lose_client();
    close();
  }

  boost::asio::awaitable<void> read_all() {
    std::optional<Framer::Item> item;
    for (bool is_over = false;;) {
      // Some at a time: a client that sends many does not keep the others waiting. A client that does
      // not read its answers is not read from either.
      while (!must_pause() && (item || (item = framer_.next()))) {
        if (client_ == Client::kAnybody && use_.must_wait(item->text)) {
          unfinished_.reset();
          unfinished_bytes_.set(framer_.memory());
          const auto is_gone = [this] { return gone_; };
          if (!co_await use_.turn(item->text, door_->options.message_timeout, is_gone)) {
            has_taken_ = true;
            session_->refuse(overloaded());
            item = framer_.next();
            continue;
          }
        }
        if (gone_) co_return;
        take_messages(item);
        if (gone_) co_return;  // whoever is gone asks for nothing more
        if (item) co_await boost::asio::post(boost::asio::use_awaitable);
      }
      if (gone_) co_return;
      if (must_pause()) {
        unfinished_.reset();
        co_await flushed_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        continue;
      }
      if (is_over) break;
      watch_message();
      const auto into = framer_.room();
      if (client_ == Client::kAnybody) {
        unfinished_bytes_.set(framer_.has_begun() ? framer_.memory() : 0);
      }
      use_.begin_rest();
      const auto [error, count] =
          co_await streams_.in->async_read_some(boost::asio::buffer(into.data(), into.size()),
                                                boost::asio::as_tuple(boost::asio::use_awaitable));
      use_.end_rest();
      is_over = error == boost::asio::error::eof;
      if (error && !is_over) {
        lose_client();
        co_return;
      }
      framer_.commit(count);
      if (is_over) framer_.finish();
    }
    input_ended_.set();
  }

  // A client that is asked something is read from, whatever else it has not taken.
  bool must_pause() const { return backlog_.is_full() && !session_->is_asking(); }

  // May be called in the middle of anything, also of what another connection does.
  void give_up_on_message() {
    boost::asio::post(streams_.in->get_executor(), [weak = this->weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->end_at_once(too_much_unfinished(self->door_->options));
      }
    });
  }

  // Takes no more, answers what is in flight, and says why.
  void end_for(const std::string& why) {
    door_->tell_of_end("a client of the Unix socket", why);
    session_->refuse(protocol::Error(protocol::ErrorKind::kInvalidRequest, why));
    stop();
  }

  // A message that has begun must end in time.
  void watch_message() {
    const bool has_ended = std::exchange(has_taken_, false);  // and another begun, perhaps
    if (has_ended || !framer_.has_begun()) unfinished_.reset();
    if (unfinished_ || !framer_.has_begun() || client_ == Client::kParent) return;
    unfinished_.emplace(streams_.in->get_executor(), door_->options.message_timeout);
    unfinished_->async_wait([weak = this->weak_from_this()](boost::system::error_code error) {
      const auto self = weak.lock();
      if (error || !self || !has_passed(self->unfinished_)) return;
      self->end_for("the message was not there as a whole within " +
                    std::to_string(self->door_->options.message_timeout.count()) +
                    " ms (--message-timeout-ms)");
    });
  }

  // Hands on `item` and what has come after it until the turn is over; then `item` is what comes next, if it has
  // come.
  void take_messages(std::optional<Framer::Item>& item) {
    const auto turn = use_.begin();
    do {
      has_taken_ = true;
      take(*item);
      item = framer_.next();
    } while (item && !gone_ && !must_pause() && !use_.is_over() && !LoopUse::is_slow(item->text));
  }

  void take(const Framer::Item& item) {
    switch (item.kind) {
      case Framer::Item::Kind::kMessage:
        session_->receive(item.text);
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
    if (backlog_.is_dropped()) return;
    const std::size_t before = outgoing_.size();
    outgoing_ += frame(framer_.framing(), std::move(message));
    backlog_.queued(outgoing_.size() - before);
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
      for (std::size_t done = 0; done < batch.size() && !gone_;) {
        const auto [error, count] = co_await streams_.out->async_write_some(
            boost::asio::buffer(batch) + done, boost::asio::as_tuple(boost::asio::use_awaitable));
        done += count;
        backlog_.taken(count);
        if (error && !gone_) {
          spdlog::warn("cannot write to the client: {}", error.message());
          lose_client();
        }
      }
    }
    writing_ = false;
    flushed_.cancel();
  }

  void lose_client() {
    gone_ = true;
    outgoing_.clear();
    backlog_.drop();
    unfinished_bytes_.drop();
    use_.leave();
    flushed_.cancel();
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
  std::shared_ptr<Door> door_;
  Client client_;
  Backlog backlog_;
  std::optional<boost::asio::steady_timer> unfinished_;  // while a message has begun
  SharedBytes::Share unfinished_bytes_;
  bool has_taken_ = false;  // a message, since this was last looked at
  LoopUse use_;
  std::string outgoing_;
  bool writing_ = false;
  bool gone_ = false;
  Event input_ended_;
  boost::asio::steady_timer flushed_;  // cancelled when there is nothing more to write
};

}  // namespace quotad::transport
