#include "backend/rfc3339.hpp"

#include <gtest/gtest.h>

namespace quotad::backend {
namespace {

TEST(Rfc3339, ReadsTimes) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("2026-11-01T00:00:00Z"), 1793491200);
  EXPECT_EQ(parse_rfc3339("2026-11-01t00:00:00z"), 1793491200);
  EXPECT_EQ(parse_rfc3339("2026-11-01 00:00:00Z"), 1793491200);
  EXPECT_EQ(parse_rfc3339("2026-11-01T01:30:00.123456+01:30"), 1793491200);
  EXPECT_EQ(parse_rfc3339("2026-10-31T19:00:00-05:00"), 1793491200);
  EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00Z"), 1709164800);
  EXPECT_EQ(parse_rfc3339("2026-11-01T00:00:00"), 1793491200) << "without a zone it is UTC";
  EXPECT_EQ(parse_rfc3339("2026-11-01 00:00:00.5"), 1793491200);
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59Z"), -1);
  EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59Z"), 253402300799);
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2016-12-31T23:59:59Z"));
}

TEST(Rfc3339, RefusesAnythingElse) {
  for (const char* text :
       {"", "2026-11-01", "2026-11-01T00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-11-01T24:00:00Z", "2026-11-01T00:60:00Z",
        "2026-11-01T00:00:61Z", "2026-11-01T00:00:00.Z", "2026-11-01T00:00:00+24:00",
        "2026-11-01T00:00:00+01:60", "2026-11-01T00:00:00+0100", "2026-11-01T00:00:00ZZ",
        "26-11-01T00:00:00Z", "-026-11-01T00:00:00Z", " 2026-11-01T00:00:00Z", "1793491200"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Rfc3339, WritesTimesThatItReads) {
  for (const char* text : {"0000-01-01T00:00:00Z", "0999-12-31T23:59:59Z", "1970-01-01T00:00:00Z",
                           "2024-02-29T12:30:01Z", "9999-12-31T23:59:59Z"}) {
    EXPECT_EQ(format_rfc3339(parse_rfc3339(text).value()), text);
  }
}

}  // namespace
}  // namespace quotad::backend
