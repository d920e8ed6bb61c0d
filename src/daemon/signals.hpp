// SIGTERM and SIGINT: the first asks to stop, the second ends the process, the third at once. SIGHUP:
// the configuration is read again; from a terminal that is gone it asks to stop, too.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <optional>
#include <vector>

namespace quotad::daemon {

class StopSignals {
 public:
  // On the first signal calls `stop`, `give_up` if the process still runs `grace` later, and soon after
  // that `end`, with exit code 0. On a second signal calls `end` with 128 and the signal's number; a
  // third ends the process there and then. SIGHUP calls `reload`; where there is none, or where the
  // terminal that the process was started from is gone, it is one of those signals. Where it was
  // ignored at the start, it stays so.
  StopSignals(
      const boost::asio::any_io_executor& executor, std::chrono::milliseconds grace,
      std::function<void()> stop, std::function<void()> give_up = [] {},
      std::function<void(int)> end = [](int exit_code) { std::_Exit(exit_code); },
      std::function<void()> reload = nullptr);

  // What the process ends with when it ends by a signal from now on, whichever that is.
  void end_with(int exit_code) { exit_code_ = exit_code; }

  // No longer listens, so that the event loop can run out of work; signals do what they always do.
  void cancel();

 private:
  void wait();
  void wait_out_grace();

  boost::asio::signal_set signals_;
  boost::asio::steady_timer deadline_;
  std::chrono::milliseconds grace_;
  std::function<void()> stop_;
  std::function<void()> give_up_;
  std::function<void(int)> end_;
  std::function<void()> reload_;
  std::vector<int> terminals_;  // those of the standard streams
  int received_ = 0;
  std::optional<int> exit_code_;
};

}  // namespace quotad::daemon
