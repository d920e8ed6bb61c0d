// When a watch reads again for the sake of a reset.
#include "cli/reset_pace.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace quotad::cli {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kNow = 1'800'000'000;
const ResetPace::Clock::time_point kStart = ResetPace::Clock::time_point(seconds(10'000));

TEST(ResetPace, AResetIsReadSoonAfterItPasses) {
  EXPECT_EQ(ResetPace().pause(kStart, kNow, std::nullopt, seconds(60), 3), seconds(60));
  EXPECT_EQ(ResetPace().pause(kStart, kNow, kNow + 20, seconds(60), 3), seconds(23));
  EXPECT_EQ(ResetPace().pause(kStart, kNow, kNow + 58, seconds(60), 3), seconds(60));
  EXPECT_EQ(ResetPace().pause(kStart, kNow, kNow + 90, seconds(60), 3), seconds(60));
  const auto never = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(ResetPace().pause(kStart, kNow, never, seconds(60), 3), seconds(60));
}

TEST(ResetPace, AServiceThatMovesItsResetOnIsNotAskedAllTheTime) {
  ResetPace pace;
  std::int64_t readings = 0;
  seconds passed{0};
  for (; passed < seconds(3'600); ++readings) {
    passed += pace.pause(kStart + passed, kNow + passed.count(), kNow + passed.count() + 1,
                         seconds(600), kSoonestAfterReset);
  }
  EXPECT_LE(readings, 3'600 / kBetweenResets.count() + 1);
  EXPECT_GE(readings, 100);
}

}  // namespace
}  // namespace quotad::cli
