// One test for each row of what the service has been seen to send (reference behaviour, section 4).

#include "backend/lenient.hpp"

#include <gtest/gtest.h>

namespace quotad::backend {
namespace {

using nlohmann::json;

struct Reading {
  Usage usage;
  std::vector<std::string> warnings;
};

Reading read_usage(const json& payload) {
  Reading reading;
  Warnings warnings([&](std::string_view words) { reading.warnings.emplace_back(words); });
  reading.usage = lenient::read<Usage>(payload, "usage", warnings).value();
  return reading;
}

std::optional<std::int64_t> used_percent(const json& value) {
  const auto usage =
      read_usage({{"rate_limit", {{"primary_window", {{"used_percent", value}}}}}}).usage;
  if (!usage.rate_limit || !usage.rate_limit->primary_window) return std::nullopt;
  return usage.rate_limit->primary_window->used_percent.whole;
}

std::optional<std::string> balance(const json& value) {
  const auto usage = read_usage({{"credits", {{"balance", value}}}}).usage;
  if (!usage.credits || !usage.credits->balance) return std::nullopt;
  return usage.credits->balance->text;
}

TEST(Lenient, FractionsOfAPercentAreRoundedHalfUp) {
  EXPECT_EQ(used_percent(12), 12);
  EXPECT_EQ(used_percent(12.4), 12);
  EXPECT_EQ(used_percent(12.5), 13);
  EXPECT_EQ(used_percent(13.5), 14);
  EXPECT_EQ(used_percent(-0.5), 0);
  EXPECT_EQ(used_percent(0.49999999999999994), 0);
  EXPECT_EQ(used_percent("42"), 42);
  EXPECT_EQ(used_percent("42.5"), 43);
}

TEST(Lenient, AWindowThatIsNotFullIsNotTakenForFull) {
  EXPECT_EQ(used_percent(99.6), 99);
  EXPECT_EQ(used_percent("99.99"), 99);
  EXPECT_EQ(used_percent(100), 100);
  EXPECT_EQ(used_percent(100.0), 100);
  EXPECT_EQ(used_percent(100.2), 100);
  EXPECT_EQ(used_percent(100.5), 101);
}

TEST(Lenient, ALittleThatIsLeftIsNotNothing) {
  const auto left = [](const json& value) {
    return read_usage({{"spend_control",
                        {{"individual_limit",
                          {{"limit", "10"},
                           {"used", "9.97"},
                           {"reset_at", 5},
                           {"remaining_percent", value}}}}}})
        .usage.spend_control->individual_limit->remaining_percent->whole;
  };
  EXPECT_EQ(left(0.3), 1);
  EXPECT_EQ(left("0.3"), 1);
  EXPECT_EQ(left(0), 0);
  EXPECT_EQ(left(-0.3), 0);
  EXPECT_EQ(left(74.5), 75);
}

TEST(Lenient, ATimeToLapseThatCannotBeReadIsNotTakenForNone) {
  std::vector<std::string> told;
  Warnings warnings([&](std::string_view words) { told.emplace_back(words); });
  const auto expiry = [&](const json& value) {
    const json row = {{"id", "a"}, {"granted_at", "2026-11-20T06:12:25Z"}, {"expires_at", value}};
    return lenient::read<ResetCredit>(row, "credit", warnings)->expires_at;
  };
  EXPECT_FALSE(expiry(nullptr));
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(expiry("2026-12-07T00:57:00.123456")->unix_seconds, 1796605020);
  EXPECT_TRUE(told.empty()) << "without a zone it is UTC";
  EXPECT_EQ(expiry(1796605020)->unix_seconds, 1796605020);
  for (const json& odd : {json("soon"), json("2026-12-07"), json(true), json(0), json::object()}) {
    ASSERT_TRUE(expiry(odd)) << odd;
    EXPECT_FALSE(expiry(odd)->unix_seconds) << odd;
  }
  EXPECT_NE(told.back().find("cannot be read"), std::string::npos) << told.back();
}

TEST(Lenient, AWindowWithoutItsPercentIsLeftOut) {
  EXPECT_EQ(used_percent("a lot"), std::nullopt);
  EXPECT_EQ(used_percent(""), std::nullopt);
  EXPECT_EQ(used_percent(nullptr), std::nullopt);
  EXPECT_EQ(used_percent(json::array()), std::nullopt);
  EXPECT_EQ(used_percent(1e300), std::nullopt);
  EXPECT_EQ(used_percent(std::uint64_t{1} << 63U), std::nullopt);
}

TEST(Lenient, ANumberWhereADecimalStringIsDueIsItsShortestDecimalString) {
  EXPECT_EQ(balance("5.390"), "5.390");
  EXPECT_EQ(balance(5.39), "5.39");
  EXPECT_EQ(balance(5), "5");
  EXPECT_EQ(balance(0.1), "0.1");
  EXPECT_EQ(balance(1e21), "1000000000000000000000");
  EXPECT_EQ(balance(1e-7), "0.0000001");
  EXPECT_EQ(balance(-2.5), "-2.5");
  EXPECT_EQ(balance(true), std::nullopt);
}

TEST(Lenient, ResetAtMayBePast2038) {
  const auto usage =
      read_usage(
          json::parse(
              R"({"rate_limit":{"primary_window":{"used_percent":1,"reset_at":4102444800}}})"))
          .usage;
  EXPECT_EQ(usage.rate_limit->primary_window->reset_at, 4102444800);
}

TEST(Lenient, MembersThatTheReferenceRequiresMayBeMissing) {
  const Reading reading = read_usage(json::parse(R"({
    "rate_limit": {"primary_window": {"used_percent": 1}},
    "credits": {},
    "additional_rate_limits": [{"metered_feature": "f"}],
    "spend_control": {"individual_limit": {"limit": "10", "used": "1", "reset_at": 5,
                                           "remaining_percent": 90}}
  })"));
  EXPECT_TRUE(reading.warnings.empty());
  EXPECT_FALSE(reading.usage.plan_type);
  EXPECT_TRUE(reading.usage.credits);
  EXPECT_FALSE(reading.usage.rate_limit->allowed);
  EXPECT_EQ(reading.usage.additional_rate_limits.size(), 1U);
  EXPECT_EQ(reading.usage.spend_control->individual_limit->remaining_percent->whole, 90);
}

TEST(Lenient, ReachedTypeIsAnObjectOrAString) {
  const auto name = [](const json& value) -> std::optional<std::string> {
    const auto usage = read_usage({{"rate_limit_reached_type", value}}).usage;
    if (!usage.rate_limit_reached_type) return std::nullopt;
    return usage.rate_limit_reached_type->name;
  };
  EXPECT_EQ(name({{"type", "rate_limit_reached"}}), "rate_limit_reached");
  EXPECT_EQ(name("rate_limit_reached"), "rate_limit_reached");
  EXPECT_EQ(name(5), std::nullopt);
  EXPECT_EQ(name(json::object()), std::nullopt);
}

TEST(Lenient, CountsMayBeStrings) {
  EXPECT_EQ(read_usage({{"rate_limit_reset_credits", {{"available_count", "3"}}}})
                .usage.rate_limit_reset_credits->available_count,
            3);
}

TEST(Lenient, OneBadRowDoesNotLoseTheOthers) {
  Warnings warnings(nullptr);
  const auto details =
      lenient::read<ResetCreditDetails>(json::parse(R"({"available_count": 3, "credits": [
        {"id": "a", "granted_at": "2026-11-01T00:00:00Z"},
        {"id": "b"},
        {"id": "c", "granted_at": 1793491200},
        {"granted_at": "2026-11-01T00:00:00Z"},
        "row", null,
        {"id": "d", "granted_at": "2026-11-01T00:00:00Z", "expires_at": "soon"}
      ]})"),
                                        "details", warnings);
  ASSERT_TRUE(details && details->credits);
  ASSERT_EQ(details->credits->size(), 3U);
  EXPECT_EQ((*details->credits)[0].granted_at.unix_seconds, 1793491200);
  EXPECT_EQ((*details->credits)[1].id, "c");
  EXPECT_EQ((*details->credits)[1].granted_at.unix_seconds, 1793491200);
  ASSERT_TRUE((*details->credits)[2].expires_at);
  EXPECT_FALSE((*details->credits)[2].expires_at->unix_seconds);
}

TEST(Lenient, WarnsOncePerKindAndWithoutValues) {
  std::vector<std::string> told;
  Warnings warnings([&](std::string_view words) { told.emplace_back(words); });
  const json payload = json::parse(
      R"({"plan_type": {"secret": "value"}, "additional_rate_limits": [{"x": "secret"}, {}]})");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(lenient::read<Usage>(payload, "usage", warnings));
  }
  ASSERT_EQ(told.size(), 2U);
  EXPECT_NE(told[0].find("`usage.plan_type`"), std::string::npos);
  EXPECT_NE(told[1].find("`usage.additional_rate_limits[]`"), std::string::npos);
  for (const std::string& words : told) EXPECT_EQ(words.find("secret"), std::string::npos);
}

TEST(Lenient, AListOfWhichNothingCanBeReadIsUnknownAndNotEmpty) {
  Warnings warnings(nullptr);
  const auto credits = [&](const json& rows) {
    return lenient::read<ResetCreditDetails>({{"credits", rows}}, "details", warnings)->credits;
  };
  EXPECT_FALSE(credits(json::array({5, "x"})));
  ASSERT_TRUE(credits(json::array()));
  EXPECT_TRUE(credits(json::array())->empty());
}

TEST(Lenient, OnlyAnObjectIsAnAnswer) {
  Warnings warnings(nullptr);
  EXPECT_TRUE(lenient::read<Usage>(json::object(), "usage", warnings));
  EXPECT_FALSE(lenient::read<Usage>(json::array(), "usage", warnings));
  EXPECT_FALSE(lenient::read<Usage>("text", "usage", warnings));
  EXPECT_FALSE(lenient::read<ConsumeAnswer>(json::object(), "consume", warnings));
  EXPECT_FALSE(lenient::read<ConsumeAnswer>({{"code", "lost"}}, "consume", warnings));
  EXPECT_TRUE(lenient::read<ConsumeAnswer>({{"code", "no_credit"}}, "consume", warnings));
}

}  // namespace
}  // namespace quotad::backend
