// What clients have not read: who is given up on, when, and how often.
#include "transport/backlog.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <vector>

namespace quotad::transport {
namespace {

using namespace std::chrono_literals;

class BacklogTest : public ::testing::Test {
 protected:
  std::unique_ptr<Backlog> backlog(const std::string& name, std::chrono::milliseconds stall = 1h) {
    return std::make_unique<Backlog>(
        context_.get_executor(), Backlog::Limits{.bytes = 100, .stall = stall}, all_,
        [this, name](const std::string& reason) { given_up_.push_back(name + ": " + reason); });
  }
  // Runs what is ready, but waits for no timer.
  void poll() {
    context_.restart();
    context_.poll();
  }

  boost::asio::io_context context_;
  SharedBytes all_{1'000};
  std::vector<std::string> given_up_;
};

TEST_F(BacklogTest, IsFullBeyondItsBytesAndEndsNobodyForThat) {
  const auto one = backlog("one");
  one->queued(100);
  EXPECT_FALSE(one->is_full());
  one->queued(900);
  EXPECT_TRUE(one->is_full());
  poll();
  EXPECT_TRUE(given_up_.empty());
  one->taken(900);
  EXPECT_FALSE(one->is_full());
  EXPECT_EQ(all_.bytes(), 100U);
}

TEST_F(BacklogTest, WhoHasTheMostIsGivenUpOnWhenAllHaveTooMuch) {
  const auto most = backlog("most");
  const auto some = backlog("some");
  const auto last = backlog("last");
  most->queued(700);
  some->queued(290);
  last->queued(20);
  EXPECT_TRUE(given_up_.empty()) << "not in the middle of something";
  poll();
  ASSERT_EQ(given_up_.size(), 1U);
  EXPECT_EQ(given_up_[0].rfind("most: more than 1000 bytes wait for all clients", 0), 0U);
  EXPECT_EQ(all_.bytes(), 310U) << "what it had counts no more";
  most->queued(700);
  most->taken(700);
  poll();
  EXPECT_EQ(given_up_.size(), 1U) << "once";
  EXPECT_EQ(all_.bytes(), 310U);
}

TEST_F(BacklogTest, WhoTakesNothingIsGivenUpOn) {
  const auto one = backlog("one", 1ms);
  one->queued(1);
  context_.run();
  ASSERT_EQ(given_up_.size(), 1U);
  EXPECT_EQ(given_up_[0], "one: it has read nothing for 1 ms (--stall-timeout-ms)");
}

TEST_F(BacklogTest, WhoTakesItIsNot) {
  const auto one = backlog("one", 1ms);
  one->queued(1);
  one->taken(1);
  context_.run();
  EXPECT_TRUE(given_up_.empty());
}

TEST_F(BacklogTest, TheWatchThatWasSetDoesNotGiveUpASecondTime) {
  const auto one = backlog("one", 1ms);
  one->queued(10);
  one->queued(2'000);
  context_.run();
  EXPECT_EQ(given_up_.size(), 1U);
}

TEST_F(BacklogTest, WhoIsGoneCountsNoMoreAndIsTold) {
  auto one = backlog("one", 1ms);
  one->queued(500);
  one->drop();
  EXPECT_EQ(all_.bytes(), 0U);
  one->queued(500);
  one->taken(500);
  EXPECT_EQ(all_.bytes(), 0U);
  context_.run();
  EXPECT_TRUE(given_up_.empty());

  auto two = backlog("two");
  two->queued(2'000);
  two.reset();  // before it is told
  poll();
  EXPECT_TRUE(given_up_.empty());
  const auto three = backlog("three");
  three->queued(2'000);
  poll();
  EXPECT_EQ(given_up_.size(), 1U) << "whoever is gone is not asked";
}

TEST_F(BacklogTest, WhatIsHeldBackCountsButStallsNobody) {
  const auto one = backlog("one", 1ms);
  one->hold(90);
  EXPECT_FALSE(one->is_full());
  one->hold(110);
  EXPECT_TRUE(one->is_full());
  EXPECT_EQ(all_.bytes(), 110U);
  context_.run();
  EXPECT_TRUE(given_up_.empty()) << "it cannot be read yet";
  one->hold(0);
  EXPECT_FALSE(one->is_full());
  one->hold(600);
  one->queued(500);
  poll();
  ASSERT_EQ(given_up_.size(), 1U);
  EXPECT_TRUE(one->is_dropped());
  EXPECT_EQ(all_.bytes(), 0U);
}

TEST_F(BacklogTest, AParentIsWaitedFor) {
  Backlog parent(context_.get_executor(), {.bytes = 100, .stall = 1ms}, all_, nullptr);
  parent.queued(5'000);
  const auto other = backlog("other");
  other->queued(10);
  poll();
  EXPECT_TRUE(given_up_.empty()) << "what the parent has not read is not for others to answer for";
  EXPECT_TRUE(parent.is_full());
}

}  // namespace
}  // namespace quotad::transport
