// The command that people are shown for a redemption whose outcome is not known.

#include "cli/words.hpp"

#include <gtest/gtest.h>

namespace quotad::cli {
namespace {

std::string command(const std::string& key, const std::optional<std::string>& credit) {
  const auto no_environment = [](const char*) -> const char* { return nullptr; };
  return reset_command(no_environment, "quotad", {"a=b"}, key, credit);
}

TEST(ResetCommand, HandsOnTheKeyTheCreditAndTheConfiguration) {
  EXPECT_EQ(command("it's", std::nullopt), R"(quotad -c 'a=b' reset --key='it'\''s' --yes)");
  EXPECT_EQ(command("k", "a\tb"),
            R"x(quotad -c 'a=b' reset --key='k' --credit="$(printf 'a\011b')" --yes)x");
}

// A key that arrives as another one would spend a second credit.
TEST(ResetCommand, IsNoneWhereNoShellHandsThemOn) {
  for (const std::string& lost :
       {std::string("k\n"), std::string("k\0", 2), std::string("k\0k", 3)}) {
    EXPECT_EQ(command(lost, std::nullopt), "");
    EXPECT_EQ(command("k", lost), "");
  }
}

}  // namespace
}  // namespace quotad::cli
