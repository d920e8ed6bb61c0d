#include "account/thread_id.hpp"

#include <gtest/gtest.h>

#include "quotad/protocol/error.hpp"

namespace quotad::account {
namespace {

constexpr const char* kUuid = "019a0b1c-0000-7000-8000-00000000abcd";

std::string refusal(const char* text) {
  try {
    parse_thread_id(text);
  } catch (const protocol::Error& error) {
    EXPECT_EQ(error.kind(), protocol::ErrorKind::kInvalidParams);
    EXPECT_EQ(error.data().path, "params.threadId");
    return error.what();
  }
  return "taken";
}

TEST(ThreadId, TakesEveryForm) {
  for (const char* text :
       {kUuid, "019A0B1C-0000-7000-8000-00000000ABCD", "019a0b1c00007000800000000000abcd",
        "{019a0b1c-0000-7000-8000-00000000abcd}",
        "urn:uuid:019a0b1c-0000-7000-8000-00000000abcd"}) {
    EXPECT_EQ(parse_thread_id(text), kUuid) << text;
  }
}

// As the reference was seen to say.
TEST(ThreadId, RefusesInTheWordsOfTheReference) {
  const std::string start = "invalid thread id: ";
  const std::string character =
      "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], "
      "found ";
  EXPECT_EQ(refusal("x"), start + character + "`x` at 1");
  EXPECT_EQ(refusal("019a0000-0000-7000-8000-00000000000g"), start + character + "`g` at 36");
  EXPECT_EQ(refusal("0é"), start + character + "`é` at 2");
  EXPECT_EQ(refusal(""), start + "invalid length: expected length 32 for simple format, found 0");
  EXPECT_EQ(refusal("019a000000007000800000000000000"),
            start + "invalid length: expected length 32 for simple format, found 31");
  EXPECT_EQ(refusal("019a-00000000-7000-8000-000000000000"),
            start + "invalid group length in group 0: expected 8, found 4");
  EXPECT_EQ(refusal("019a0000-0000-7000"), start + "invalid group count: expected 5, found 3");
  EXPECT_EQ(refusal("{019a0b1c00007000800000000000abcd}"),
            start + "invalid group count: expected 5, found 1");
}

TEST(LoginId, IsAUuidInAnyForm) {
  const auto refusal_of = [](const std::string& text) -> std::string {
    try {
      check_login_id(text);
    } catch (const protocol::Error& error) {
      EXPECT_EQ(error.kind(), protocol::ErrorKind::kInvalidParams);
      EXPECT_EQ(error.data().path, "params.loginId");
      return error.what();
    }
    return "taken";
  };
  EXPECT_EQ(refusal_of(kUuid), "taken");
  EXPECT_EQ(refusal_of("{" + std::string(kUuid) + "}"), "taken");
  EXPECT_EQ(refusal_of("x"), "invalid login id: x");
  EXPECT_EQ(refusal_of(""), "invalid login id: ");
  EXPECT_LT(refusal_of(std::string(10'000, 'x')).size(), 200U)
      << "a client's mistake, not repeated";
}

}  // namespace
}  // namespace quotad::account
