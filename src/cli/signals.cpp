#include "cli/signals.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <utility>

namespace quotad::cli {
namespace {

// Time to write the last answers.
constexpr std::chrono::milliseconds kLastWords{500};

}  // namespace

StopSignals::StopSignals(const boost::asio::any_io_executor& executor,
                         std::chrono::milliseconds grace, std::function<void()> stop,
                         std::function<void()> give_up, std::function<void()> end)
    : signals_(executor, SIGTERM, SIGINT),
      deadline_(executor),
      grace_(grace),
      stop_(std::move(stop)),
      give_up_(std::move(give_up)),
      end_(std::move(end)) {
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
    wait_out_grace();
    wait();
    stop_();
  });
}

void StopSignals::wait_out_grace() {
  deadline_.expires_after(grace_);
  deadline_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    spdlog::warn("stopping with requests still in flight");
    give_up_();
    deadline_.expires_after(kLastWords);
    deadline_.async_wait([this](boost::system::error_code ended) {
      if (!ended) end_();
    });
  });
}

}  // namespace quotad::cli
