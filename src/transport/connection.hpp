// What every connection has, whatever carries it: a session, and an end.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>

#include "rpc/session.hpp"

namespace quotad::transport {

// Makes the session of a new connection, which sends through what it is given.
using MakeSession = std::function<std::shared_ptr<rpc::Session>(rpc::Session::Out)>;

// Something that coroutines wait for and that happens once.
class Event {
 public:
  explicit Event(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}
  void set() {
    is_set_ = true;
    timer_.cancel();
  }
  bool is_set() const { return is_set_; }
  boost::asio::awaitable<void> wait() {
    while (!is_set_) co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }

 private:
  boost::asio::steady_timer timer_;
  bool is_set_ = false;
};

// Whether the time of the timer that `timer` points to is over. A timer that was set anew, or is gone, may
// still call whoever waited for it before, if it had run out already.
template <class Pointer>
bool has_passed(const Pointer& timer) {
  return timer && timer->expiry() <= boost::asio::steady_timer::clock_type::now();
}

// A connection as the server sees it.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  // Serves until the client sends no more, is gone, or `stop` is called, and everything that was
  // received is answered.
  virtual boost::asio::awaitable<void> serve() = 0;

  // Takes no more requests; `serve` ends when those in flight are answered.
  virtual void stop() = 0;

  // Answers what is in flight with errors; `serve` ends as soon as they are written.
  virtual void give_up() = 0;
};

}  // namespace quotad::transport
