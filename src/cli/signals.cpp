#include "cli/signals.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <utility>

namespace quotad::cli {

StopSignals::StopSignals(const boost::asio::any_io_executor& executor,
                         std::chrono::milliseconds grace, std::function<void()> stop)
    : signals_(executor, SIGTERM, SIGINT),
      deadline_(executor),
      grace_(grace),
      stop_(std::move(stop)) {
  wait();
}

void StopSignals::cancel() {
  signals_.cancel();
  deadline_.cancel();
}

void StopSignals::wait() {
  signals_.async_wait([this](boost::system::error_code error, int number) {
    if (error) return;
    if (std::exchange(stopping_, true)) std::_Exit(128 + number);
    spdlog::info("stopping: finishing what is in flight");
    deadline_.expires_after(grace_);
    deadline_.async_wait([](boost::system::error_code cancelled) {
      if (cancelled) return;
      spdlog::warn("stopped with requests still in flight");
      std::_Exit(EXIT_SUCCESS);
    });
    wait();
    stop_();
  });
}

}  // namespace quotad::cli
