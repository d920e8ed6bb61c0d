// Bytes of all connections together, and who has to let go.
#include "transport/shared_bytes.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace quotad::transport {
namespace {

class SharedBytesTest : public ::testing::Test {
 protected:
  std::unique_ptr<SharedBytes::Share> share(const std::string& name) {
    return std::make_unique<SharedBytes::Share>(all_, [this, name] { told_.push_back(name); });
  }

  SharedBytes all_{100};
  std::vector<std::string> told_;
};

TEST_F(SharedBytesTest, WhoHoldsTheMostLetsGo) {
  const auto one = share("one");
  const auto two = share("two");
  one->set(60);
  two->set(40);
  EXPECT_TRUE(told_.empty()) << "as many as there may be";
  two->set(41);
  EXPECT_EQ(told_, std::vector<std::string>{"one"});
  EXPECT_EQ(all_.bytes(), 41U);
  one->set(60);
  EXPECT_EQ(all_.bytes(), 41U) << "it is empty and stays so";
  two->set(101);
  EXPECT_EQ(told_, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(all_.bytes(), 0U);
}

TEST_F(SharedBytesTest, SharesThatAreGoneHoldNothing) {
  auto one = share("one");
  one->set(90);
  one.reset();
  EXPECT_EQ(all_.bytes(), 0U);
  const auto two = share("two");
  two->set(90);
  two->set(10);
  EXPECT_EQ(all_.bytes(), 10U);
  two->drop();
  EXPECT_EQ(all_.bytes(), 0U);
  EXPECT_TRUE(told_.empty());
}

}  // namespace
}  // namespace quotad::transport
