#include "backend/circuit.hpp"

#include <algorithm>

namespace quotad::backend {
namespace {

using protocol::Error;
using protocol::ErrorData;
using protocol::ErrorKind;

// `error` as the answer to a call that was not made.
Error not_asked(const Error& error, Circuit::Clock::duration left) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
  ErrorData data = error.data();
  data.retryable = true;
  data.retry_after_sec = seconds;
  data.outcome_unknown.reset();
  // Before the service's body, which clients take to be the rest of the text.
  std::string words = error.what();
  words.insert(std::min(words.find("; content-type="), words.size()),
               " (not asked again for " + std::to_string(seconds) + " s)");
  return Error(std::move(data), words);
}

// Whether the service failed, not the call.
bool is_failure(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::kTimeout:
    case ErrorKind::kBackendUnreachable:
    case ErrorKind::kBackendPayload:
    case ErrorKind::kRateLimited:
      return true;
    case ErrorKind::kBackendStatus:
      return error.data().retryable;  // 5xx
    default:
      return false;
  }
}

}  // namespace

void Circuit::check(Clock::time_point now, bool only_pause) const {
  if (pause_ && now < pause_over_) throw not_asked(*pause_, pause_over_ - now);
  if (!only_pause && failure_ && now < closed_again_) {
    throw not_asked(*failure_, closed_again_ - now);
  }
}

void Circuit::succeeded() {
  failures_ = 0;
  failure_.reset();
}

void Circuit::failed(const Error& error, Clock::time_point now) {
  if (error.data().retry_after_sec) {
    const std::chrono::seconds asked(*error.data().retry_after_sec);
    const auto over = now + std::min<std::chrono::seconds>(asked, options_->longest_retry_after);
    if (over <= pause_over_) return;  // of a call that was under way already
    pause_over_ = over;
    pause_.emplace(error);
    return;
  }
  if (!is_failure(error)) {
    succeeded();  // it did answer
    return;
  }
  if (now < closed_again_) return;  // of a call that was under way already
  ++failures_;
  if (options_->failures == 0 || failures_ < options_->failures) return;
  const std::size_t doublings = std::min<std::size_t>(failures_ - options_->failures, 16);
  closed_again_ = now + std::min(options_->delay * (1U << doublings), options_->longest_delay);
  failure_.emplace(error);
}

}  // namespace quotad::backend
