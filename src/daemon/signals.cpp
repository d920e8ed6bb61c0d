#include "daemon/signals.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace quotad::daemon {
namespace {

// Time to write the last answers.
constexpr std::chrono::milliseconds kLastWords{500};

}  // namespace

StopSignals::StopSignals(const boost::asio::any_io_executor& executor,
                         std::chrono::milliseconds grace, std::function<void()> stop,
                         std::function<void()> give_up, std::function<void(int)> end,
                         std::function<void()> reload)
    : signals_(executor, SIGTERM, SIGINT),
      deadline_(executor),
      grace_(grace),
      stop_(std::move(stop)),
      give_up_(std::move(give_up)),
      end_(std::move(end)),
      reload_(std::move(reload)) {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (isatty(stream) == 1) terminals_.push_back(stream);
  }
  struct sigaction hang_up {};
  const bool is_ignored =
      sigaction(SIGHUP, nullptr, &hang_up) == 0 && hang_up.sa_handler == SIG_IGN;
  if (!is_ignored) signals_.add(SIGHUP);
  wait();
}

void StopSignals::cancel() {
  boost::system::error_code ignored;
  signals_.cancel(ignored);
  signals_.clear(ignored);
  deadline_.cancel();
}

void StopSignals::wait() {
  signals_.async_wait([this](boost::system::error_code error, int number) {
    if (error) return;
    const bool is_terminal_gone = std::any_of(terminals_.begin(), terminals_.end(),
                                              [](int stream) { return isatty(stream) == 0; });
    if (number == SIGHUP && reload_ && !is_terminal_gone && received_ == 0) {
      reload_();
      wait();
      return;
    }
    const int exit_code = exit_code_.value_or(128 + number);
    if (++received_ > 2) std::_Exit(exit_code);
    wait();
    if (received_ == 2) {
      spdlog::info("stopping at once");
      end_(exit_code);
      return;
    }
    spdlog::info("stopping: finishing what is in flight");
    wait_out_grace();
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
      if (!ended) end_(EXIT_SUCCESS);
    });
  });
}

}  // namespace quotad::daemon
