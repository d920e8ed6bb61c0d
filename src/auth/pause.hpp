// A wait on the event loop, which ends early when the coroutine is cancelled.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace quotad::auth {

inline boost::asio::awaitable<void> pause(boost::asio::any_io_executor executor,
                                          std::chrono::milliseconds time) {
  boost::asio::steady_timer timer(executor, time);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

}  // namespace quotad::auth
