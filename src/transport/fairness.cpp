#include "transport/fairness.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>
#include <utility>

namespace quotad::transport {
namespace asio = boost::asio;
namespace {

// Messages of more bytes than this take a millisecond and more to parse; so does a batch with that many
// to answer.
constexpr std::size_t kLarge = std::size_t{64} * 1024;
constexpr std::size_t kLargeBatch = std::size_t{4} * 1024;
// How often it is looked whether a client still waits.
constexpr std::chrono::seconds kLook{1};

// What the processor has done for this thread. Time by the clock would charge a client for what other programs do.
std::chrono::nanoseconds processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

void IdleTime::run(asio::io_context& context) {
  for (std::size_t handled = 1; handled > 0;) {
    context.poll();
    begin();
    handled = context.run_one();
    end();
  }
}

IdleTime::Clock::duration IdleTime::end() {
  const auto since = std::exchange(since_, std::nullopt);
  if (since) total_ += Clock::now() - *since;
  return total_;
}

void TurnQueue::note(Clock::time_point start, Clock::duration took) {
  next_ = std::max(next_, start - saved_) + took * parts_;
}

bool LoopUse::is_slow(std::string_view message) {
  if (message.size() <= kLargeBatch) return false;
  if (message.size() > kLarge) return true;
  const std::size_t first = message.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && message[first] == '[';
}

asio::awaitable<bool> LoopUse::turn(std::string_view message, std::chrono::milliseconds patience,
                                    std::function<bool()> is_gone) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  TurnQueue& queue = is_slow(message) ? queues_.slow : queues_.busy;
  place_ = queue.waiting_.emplace(Clock::now() + debt_, this);
  queue_ = &queue;
  const auto pause =
      std::chrono::duration_cast<std::chrono::milliseconds>(queue.next() - Clock::now());
  if (pause.count() > 0) {
    spdlog::debug("a message of {} bytes waits for {} ms at least, so that others are served",
                  message.size(), pause.count());
  }
  if (&queue == &queues_.busy && !std::exchange(owes_too_much_, true)) {
    spdlog::debug("a client asks for so much that its messages wait for their turn");
  }
  const Clock::time_point too_late = Clock::now() + patience;
  bool is_too_late = false;
  while (queue_ != nullptr) {
    const Clock::time_point now = Clock::now();
    const bool is_first = queue.waiting_.begin() == place_;
    if (is_first && queue.next() <= now) break;
    is_too_late = now >= too_late;
    if (is_too_late || is_gone()) {
      leave();
      break;
    }
    // Whoever has the turn before cancels the timer.
    const Clock::time_point look_again = std::min(now + kLook, too_late);
    until_turn_ = std::make_unique<asio::steady_timer>(
        executor, is_first ? std::min(queue.next(), look_again) : look_again);
    co_await until_turn_->async_wait(asio::as_tuple(asio::use_awaitable));
  }
  until_turn_.reset();
  co_return !is_too_late;
}

LoopUse::Handling LoopUse::begin() {
  queues_.idle.end();
  if (!std::exchange(has_asked_, true)) ++queues_.askers;
  started_ = Clock::now();
  processor_started_ = processor_time();
  if (queue_ == &queues_.slow) {
    slow_at_ = started_;
  } else if (started_ - slow_at_ > kQuiet) {
    queues_.quick_at = started_;
  }
  return Handling(*this);
}

void LoopUse::end() {
  const auto took = processor_time() - processor_started_ + kCarriage;
  debt_ = std::min<Clock::duration>(debt_ + took * kParts, kLongestDebt);
  if (queue_ != nullptr && must_pause()) queue_->note(started_, took);
  leave();
}

void LoopUse::end_rest() {
  const auto began_at = std::exchange(rest_began_at_, std::nullopt);
  if (began_at) debt_ -= std::min(debt_, queues_.idle.end() - *began_at);
  if (owes_too_much_ && debt_ <= kAhead) {
    owes_too_much_ = false;
    spdlog::debug("a client has rested, and its messages wait no longer");
  }
}

bool LoopUse::must_pause() const {
  return queue_ == &queues_.slow ? started_ - queues_.quick_at < kQuiet : queues_.askers > 1;
}

void LoopUse::leave() {
  TurnQueue* queue = std::exchange(queue_, nullptr);
  if (queue == nullptr) return;
  const bool was_first = queue->waiting_.begin() == place_;
  queue->waiting_.erase(place_);
  if (was_first && !queue->waiting_.empty()) {
    const auto& next = queue->waiting_.begin()->second->until_turn_;
    if (next) next->cancel();
  }
  if (until_turn_) until_turn_->cancel();
}

}  // namespace quotad::transport
