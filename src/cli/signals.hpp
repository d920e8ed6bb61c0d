// SIGTERM and SIGINT: the first asks to stop, the second stops at once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>

namespace quotad::cli {

class StopSignals {
 public:
  // On the first signal calls `stop`, `give_up` if the process still runs `grace` later, and soon after
  // that `end`. On a second signal ends the process at once, with 128 and the signal's number.
  StopSignals(
      const boost::asio::any_io_executor& executor, std::chrono::milliseconds grace,
      std::function<void()> stop, std::function<void()> give_up = [] {},
      std::function<void()> end = [] { std::_Exit(EXIT_SUCCESS); });

  // No longer listens, so that the event loop can run out of work.
  void cancel();

 private:
  void wait();
  void wait_out_grace();

  boost::asio::signal_set signals_;
  boost::asio::steady_timer deadline_;
  std::chrono::milliseconds grace_;
  std::function<void()> stop_;
  std::function<void()> give_up_;
  std::function<void()> end_;
  bool stopping_ = false;
};

}  // namespace quotad::cli
