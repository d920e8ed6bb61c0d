#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "system/wipe.hpp"

namespace quotad::system {
namespace {

TEST(Wipe, LeavesNothingNotEvenOfWhatWasCutOff) {
  for (const std::size_t size : {std::size_t{5}, std::size_t{1'000}}) {
    std::string text(size, 's');
    const char* const place = text.data();
    const std::size_t room = text.capacity();
    text.resize(2);
    wipe(text);
    EXPECT_EQ(text, "");
    ASSERT_EQ(text.data(), place);
    ASSERT_EQ(text.capacity(), room);
    EXPECT_EQ(std::count(place, place + room, 's'), 0);
  }
}

}  // namespace
}  // namespace quotad::system
