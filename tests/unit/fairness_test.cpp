// Who has the event loop when: turns, and pauses between those that take long.
#include "transport/fairness.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace quotad::transport {
namespace {

using namespace std::chrono_literals;
using Clock = TurnQueue::Clock;

const std::string kSmall = R"({"id":1,"method":"account/read"})";
const std::string kLarge(100'000, ' ');

TEST(LargeMessages, AreSlowAndSoAreBatches) {
  EXPECT_FALSE(LoopUse::is_slow(kSmall));
  EXPECT_TRUE(LoopUse::is_slow(kLarge));
  const std::string many(5'000, '1');
  EXPECT_FALSE(LoopUse::is_slow(many));
  EXPECT_TRUE(LoopUse::is_slow("[" + many));
  EXPECT_TRUE(LoopUse::is_slow(" \r\n\t[" + many));
  EXPECT_FALSE(LoopUse::is_slow("[" + kSmall + "]"));
}

TEST(Turns, TakeTheirPartOfTheTime) {
  const Clock::time_point start = Clock::now();
  TurnQueue queue(100, 10s);
  EXPECT_LE(queue.next(), start) << "the first need not wait";
  queue.note(start, 50ms);
  EXPECT_LE(queue.next(), start) << "a tenth of a second was saved";
  queue.note(start, 50ms);
  EXPECT_EQ(queue.next(), start);
  queue.note(start, 30ms);
  EXPECT_EQ(queue.next(), start + 3s);
  queue.note(start + 3s, 1ms);
  EXPECT_EQ(queue.next(), start + 3s + 100ms);
  queue.note(start + 1h, 100ms);
  EXPECT_EQ(queue.next(), start + 1h) << "no more is saved than that";

  TurnQueue without_pauses(1, 0s);
  without_pauses.note(start, 1ms);
  EXPECT_EQ(without_pauses.next(), start + 1ms);
}

class LoopUseTest : public ::testing::Test {
 protected:
  struct Client {
    Client(TurnQueues& queues, std::chrono::milliseconds its_patience)
        : use(queues), patience(its_patience) {}
    // Handles nothing.
    void handle() { const auto handling = use.begin(); }

    LoopUse use;
    std::chrono::milliseconds patience;
    bool is_gone = false;
    bool waits_no_longer = false;
    bool has_turn = false;
  };

  std::unique_ptr<Client> client(std::chrono::milliseconds patience = 1h) {
    return std::make_unique<Client>(queues_, patience);
  }
  void wait(Client& client, const std::string& message) {
    boost::asio::co_spawn(
        context_,
        [](Client& waiting, std::string text) -> boost::asio::awaitable<void> {
          const auto is_gone = [&waiting] { return waiting.is_gone; };
          waiting.has_turn = co_await waiting.use.turn(text, waiting.patience, is_gone);
          waiting.waits_no_longer = true;
        }(client, message),
        boost::asio::detached);
    poll();
  }
  // Handles something that takes so much of the processor's time.
  static void use(Client& client, std::chrono::milliseconds time) {
    const auto handling = client.use.begin();
    const auto start = processor_time();
    while (processor_time() - start < time) {
    }
  }
  static std::chrono::nanoseconds processor_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
  static void pass(std::chrono::milliseconds time) {
    const Clock::time_point start = Clock::now();
    while (Clock::now() - start < time) {
    }
  }
  void idle(std::chrono::milliseconds time) {
    queues_.idle.begin();
    pass(time);
    queues_.idle.end();
  }
  // Runs what is ready, but waits for no timer.
  void poll() {
    context_.restart();
    context_.poll();
  }

  boost::asio::io_context context_;
  TurnQueues queues_{.busy = TurnQueue(0, {})};  // without pauses
};

TEST_F(LoopUseTest, WhoUsesLittleDoesNotWait) {
  const auto one = client();
  EXPECT_FALSE(one->use.must_wait(kSmall));
  EXPECT_TRUE(one->use.must_wait(kLarge));
  one->handle();
  EXPECT_FALSE(one->use.must_wait(kSmall));
}

TEST_F(LoopUseTest, WhoUsesMuchDoes) {
  const auto one = client();
  use(*one, 15ms);
  EXPECT_TRUE(one->use.is_over());
  EXPECT_TRUE(one->use.must_wait(kSmall));
  EXPECT_FALSE(client()->use.must_wait(kSmall)) << "others do not";
}

TEST_F(LoopUseTest, OneHasATurnAtATimeAndTheFirstIsFirst) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(client());
  for (const auto& each : clients) wait(*each, kSmall);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_TRUE(clients[i]->has_turn);
    EXPECT_FALSE(i + 1 < clients.size() && clients[i + 1]->has_turn);
    clients[i]->handle();
    poll();
  }
}

TEST_F(LoopUseTest, WhoHasUsedLeastIsNext) {
  for (bool is_done = false; !is_done;) {
    const auto first = client();
    wait(*first, kSmall);
    const auto busy = client();
    const Clock::time_point start = Clock::now();
    use(*busy, 15ms);
    wait(*busy, kSmall);
    const auto light = client();
    wait(*light, kSmall);
    // Else the system has held this process up for longer than `busy` owes.
    is_done = Clock::now() - start < 100ms;
    first->handle();
    poll();
    EXPECT_TRUE(!is_done || (light->has_turn && !busy->has_turn));
    light->handle();
    poll();
    EXPECT_TRUE(busy->has_turn);
    busy->handle();
    poll();
  }
}

TEST_F(LoopUseTest, WhoComesLaterDoesNotPassByWithoutEnd) {
  const auto first = client();
  wait(*first, kSmall);
  const auto busy = client();
  busy->handle();
  wait(*busy, kSmall);
  pass(100ms);  // far more than it owes
  const auto light = client();
  wait(*light, kSmall);
  first->handle();
  poll();
  EXPECT_TRUE(busy->has_turn);
  EXPECT_FALSE(light->has_turn);
}

TEST_F(LoopUseTest, RestPaysWhileNobodyHasAnythingToDo) {
  const auto busy = client();
  use(*busy, 5ms);
  idle(60ms);
  EXPECT_TRUE(busy->use.must_wait(kSmall)) << "it waits for others";
  busy->use.begin_rest();
  pass(60ms);
  busy->use.end_rest();
  EXPECT_TRUE(busy->use.must_wait(kSmall)) << "others are served";
  busy->use.begin_rest();
  idle(60ms);
  busy->use.end_rest();
  EXPECT_FALSE(busy->use.must_wait(kSmall));
  use(*busy, 5ms);
  busy->use.end_rest();
  EXPECT_TRUE(busy->use.must_wait(kSmall)) << "a rest is over once";
  for (int i = 0; i < 200; ++i) use(*busy, 1ms);
  busy->use.begin_rest();
  idle(1s);
  busy->use.end_rest();
  EXPECT_FALSE(busy->use.must_wait(kSmall)) << "nobody owes more than a second";
}

TEST_F(LoopUseTest, IdleIsTheTimeInWhichTheLoopWaits) {
  Clock::duration first{};
  Clock::duration second{};
  // Again if the system has held this process up until a timer was over.
  for (int i = 0; i < 100 && (first < 1ms || second < 1ms); ++i) {
    IdleTime idle;
    const Clock::time_point start = Clock::now();
    boost::asio::steady_timer timer(context_, 30ms);
    timer.async_wait([&](boost::system::error_code) {
      first = idle.end();
      pass(20ms);
      EXPECT_EQ(idle.end(), first) << "it has ended";
      boost::asio::post(context_, [] { pass(20ms); });
      boost::asio::post(context_, [&] {
        pass(20ms);
        EXPECT_EQ(idle.end(), first) << "whoever is ready has not been waited for";
        timer.expires_after(30ms);
        timer.async_wait([](boost::system::error_code) {});
      });
    });
    context_.restart();
    idle.run(context_);
    second = idle.end() - first;
    EXPECT_LE(idle.end(), Clock::now() - start - 60ms);
  }
  EXPECT_GE(first, 1ms);
  EXPECT_GE(second, 1ms) << "nobody has ended it";
}

TEST_F(LoopUseTest, TheLoopIsNotIdleWhileAMessageIsHandled) {
  const auto one = client();
  const Clock::time_point start = Clock::now();
  queues_.idle.begin();
  use(*one, 20ms);
  pass(20ms);
  EXPECT_LE(queues_.idle.end(), Clock::now() - start - 40ms);
}

TEST_F(LoopUseTest, BusyOnesLeaveHalfOfTheTimeToOthersIfThereAreAny) {
  const TurnQueues usual;
  queues_.busy = usual.busy;
  const auto busy = client();
  wait(*busy, kSmall);
  use(*busy, 2ms);
  EXPECT_LE(queues_.busy.next(), Clock::now()) << "it is alone";
  auto other = client();
  wait(*busy, kSmall);
  use(*busy, 2ms);
  EXPECT_LE(queues_.busy.next(), Clock::now()) << "the other has not asked for anything";
  other->handle();
  wait(*busy, kSmall);
  const Clock::time_point start = Clock::now();
  const auto processor_start = processor_time();
  use(*busy, 2ms);
  const auto took = processor_time() - processor_start;
  EXPECT_GE(queues_.busy.next(), start + 4ms);
  EXPECT_LE(queues_.busy.next(), Clock::now() + 2 * took + 1ms) << "what reading takes counts, too";
  other.reset();
  const Clock::time_point before = queues_.busy.next();
  wait(*busy, kSmall);
  use(*busy, 2ms);
  EXPECT_EQ(queues_.busy.next(), before) << "it is alone again";
}

TEST_F(LoopUseTest, SlowOnesDoNotHoldUpBusyOnes) {
  const auto slow = client();
  wait(*slow, kLarge);
  const auto busy = client();
  wait(*busy, kSmall);
  EXPECT_TRUE(slow->has_turn && busy->has_turn);
}

TEST_F(LoopUseTest, SlowOnesWaitWhenTheirTimeIsSpent) {
  queues_.slow.note(Clock::now(), 1h);
  const auto one = client();
  wait(*one, kLarge);
  EXPECT_FALSE(one->has_turn);
  one->use.leave();
  poll();
  EXPECT_TRUE(one->has_turn) << "who is gone waits no longer";
}

TEST_F(LoopUseTest, SlowOnesPauseForOthersOnly) {
  const auto slow = client();
  const auto handle = [&](const std::string& message) {
    if (slow->use.must_wait(message)) wait(*slow, message);
    const auto handling = slow->use.begin();
    const std::clock_t start = std::clock();
    while (std::clock() == start) {
    }
  };
  const auto next = [&] { return queues_.slow.next(); };
  handle(kSmall);
  handle(kLarge);
  const auto before = next();
  handle(kLarge);
  EXPECT_GT(next(), before) << "it began as one of those who send small ones";
  queues_.quick_at = {};
  const auto alone = next();
  handle(kLarge);
  handle(kSmall);
  handle(kLarge);
  EXPECT_EQ(next(), alone) << "its own small ones do not count";
  const auto quick = client();
  quick->handle();
  handle(kLarge);
  EXPECT_GT(next(), alone);
}

TEST_F(LoopUseTest, NobodyWaitsForEver) {
  queues_.slow.note(Clock::now(), 1h);
  const auto one = client(1ms);
  wait(*one, kLarge);
  const auto two = client();
  two->is_gone = true;
  wait(*two, kLarge);
  context_.restart();
  context_.run();
  EXPECT_TRUE(one->waits_no_longer);
  EXPECT_FALSE(one->has_turn);
  EXPECT_TRUE(two->waits_no_longer) << "it is gone";
}

TEST_F(LoopUseTest, WhoLeavesMakesRoomForTheNext) {
  const auto first = client();
  auto second = client();
  const auto third = client();
  for (Client* each : {first.get(), second.get(), third.get()}) wait(*each, kSmall);
  second->use.leave();
  poll();
  EXPECT_FALSE(third->has_turn);
  first->use.leave();
  poll();
  EXPECT_TRUE(third->has_turn);
  third->handle();
  wait(*first, kSmall);
  EXPECT_TRUE(first->has_turn);
}

}  // namespace
}  // namespace quotad::transport
