// Who has the event loop next, of those who use much of it.
//
// Everything runs on one thread: what the messages of one client take, all others wait for. So each connection owes
// ten times as much rest as its messages have taken: time in which there is nothing of it to read, and the loop has
// nothing to do. Who owes little, as everybody does who asks now and then, is never held up. The others wait for
// their turn, those who owe least first, and turns are short: everybody else is served between two of them, however
// many wait. While anybody else has ever asked for something, all turns together take half of the time at most: a
// loop that is never idle has something to finish whenever somebody asks. What comes of a message later, when the
// service has answered, does not count. Messages that cannot be divided and take long, as large ones do, have a
// queue of their own: half a percent of the time, and what they have saved up, while anybody asks for anything else.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace quotad::transport {

class LoopUse;

// How long the event loop has waited for something to do. Handlers that it has waited for count as well, unless they
// end it: those of messages do, those of the service's answers and of new connections do not.
class IdleTime {
 public:
  using Clock = std::chrono::steady_clock;

  // Runs `context` until nothing is left to be done there, and counts.
  void run(boost::asio::io_context& context);

  void begin() { since_ = Clock::now(); }
  // Whoever calls it has something to do. Gives all of the time until now.
  Clock::duration end();

 private:
  std::optional<Clock::time_point> since_;
  Clock::duration total_{};
};

// One turn at a time.
class TurnQueue {
 public:
  using Clock = std::chrono::steady_clock;

  // Turns take one part in `parts` of the time, at most. Of the time in which there were none, `saved` at
  // most counts for later ones.
  TurnQueue(int parts, Clock::duration saved) : parts_(parts), saved_(saved) {}

  // When the next turn may begin, at the earliest.
  Clock::time_point next() const { return next_; }
  // A turn that began at `start` has kept the processor for `took`.
  void note(Clock::time_point start, Clock::duration took);

 private:
  friend class LoopUse;
  int parts_;
  Clock::duration saved_;
  Clock::time_point next_{};
  // By the time at which each came, and what it owes: so whoever owes little is first, and nobody is passed by
  // without end. The first may have its turn already.
  std::multimap<Clock::time_point, LoopUse*> waiting_;
};

// Of all connections of a server.
struct TurnQueues {
  TurnQueue busy{2, {}};
  TurnQueue slow{200, std::chrono::seconds(10)};
  IdleTime idle;
  std::size_t askers = 0;  // connections that have sent messages
  TurnQueue::Clock::time_point
      quick_at{};  // when somebody who sends no slow messages has sent something
};

// What one connection uses of the event loop.
class LoopUse {
 public:
  using Clock = TurnQueue::Clock;

  // `queues` must outlive it.
  explicit LoopUse(TurnQueues& queues) : queues_(queues) {}
  ~LoopUse() {
    leave();
    if (has_asked_) --queues_.askers;
  }
  LoopUse(const LoopUse&) = delete;
  LoopUse& operator=(const LoopUse&) = delete;

  // Whether `message` may take long: it is large, or a batch that is.
  static bool is_slow(std::string_view message);

  // Whether `turn` is to be awaited before `begin`.
  bool must_wait(std::string_view message) const { return is_slow(message) || debt_ > kAhead; }
  // Ends when the turn has come, or when nothing is to be waited for any more (`leave`, a client that is gone);
  // false if that has taken longer than `patience`. `is_gone` is asked now and then.
  boost::asio::awaitable<bool> turn(std::string_view message, std::chrono::milliseconds patience,
                                    std::function<bool()> is_gone);

  // The handling of one message or several, in which nothing is awaited, while the result lives.
  class [[nodiscard]] Handling {
   public:
    explicit Handling(LoopUse& use) : use_(use) {}
    ~Handling() { use_.end(); }
    Handling(const Handling&) = delete;
    Handling& operator=(const Handling&) = delete;

   private:
    LoopUse& use_;
  };
  Handling begin();
  bool is_over() const { return Clock::now() - started_ > kTurn; }  // let others have the loop

  // From `begin_rest` to `end_rest` there is nothing to read. What of that time the loop is idle pays what the
  // connection owes. The time in which others are served does not, or a loop that is full would forgive those who
  // fill it.
  void begin_rest() { rest_began_at_ = queues_.idle.end(); }
  void end_rest();

  // Waits no longer.
  void leave();

 private:
  void end();
  // Whether turns of its queue are followed by pauses.
  bool must_pause() const;

  // A turn of several messages. One message is answered in some 10 µs.
  static constexpr std::chrono::microseconds kTurn{50};
  // What reading and writing takes beside it.
  static constexpr std::chrono::microseconds kCarriage{20};
  static constexpr int kParts = 10;  // of rest, for each part of time that is used
  static constexpr std::chrono::milliseconds kAhead{20};  // so much rest it may owe
  // Who sends nothing for so long is not waited for.
  static constexpr std::chrono::seconds kQuiet{10};
  static constexpr std::chrono::seconds kLongestDebt{1};

  TurnQueues& queues_;
  Clock::duration debt_{};                        // of rest
  std::optional<Clock::duration> rest_began_at_;  // in idle time
  Clock::time_point started_{};
  Clock::time_point slow_at_{};  // when it has sent a slow message
  std::chrono::nanoseconds processor_started_{};
  bool has_asked_ = false;
  bool owes_too_much_ = false;  // as was last told
  TurnQueue* queue_ = nullptr;  // in which it is
  std::multimap<Clock::time_point, LoopUse*>::iterator place_;
  std::unique_ptr<boost::asio::steady_timer> until_turn_;  // while it waits
};

}  // namespace quotad::transport
