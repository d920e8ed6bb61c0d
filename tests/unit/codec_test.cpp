#include "quotad/protocol/codec.hpp"

#include <gtest/gtest.h>

#include "quotad/protocol/account.hpp"
#include "quotad/protocol/initialize.hpp"
#include "quotad/protocol/methods.hpp"

namespace quotad::protocol {
namespace {

// What the decoder says of `json` as a T, as "path: words".
template <class T>
std::string complaint(const char* json) {
  try {
    decode<T>(Json::parse(json), "params");
  } catch (const DecodeError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidParams);
    return error.data().path.value_or("?") + ": " + error.what();
  }
  return "no complaint";
}

using Consume = ConsumeAccountRateLimitResetCreditParams;

// The writer and the library that it stands in for must agree.
TEST(Codec, WritesStringsAsTheLibraryDoes) {
  for (const std::string& text :
       {std::string(""), std::string("plain ~!"), std::string("a\"b\\c/d"), std::string("ü€😀"),
        std::string("tab\tline\nbell\a\0zero", 18), std::string("\x7f"), std::string("a\xff")}) {
    std::string written;
    write(text, written);
    EXPECT_EQ(written, to_text(OrderedJson(text)));
  }
  std::string numbers;
  write(std::vector<std::int64_t>{0, -1, std::numeric_limits<std::int64_t>::min(),
                                  std::numeric_limits<std::int64_t>::max()},
        numbers);
  EXPECT_EQ(numbers, "[0,-1,-9223372036854775808,9223372036854775807]");
  std::string nothing;
  write(std::vector<std::int64_t>{}, nothing);
  write(OrderedMap<bool>{}, nothing);
  write(OrderedMap<bool>{{"a b", true}, {"c", false}}, nothing);
  EXPECT_EQ(nothing, R"([]{}{"a b":true,"c":false})");
}

TEST(Codec, DecodesByName) {
  const auto params = decode<Consume>(
      Json::parse(R"({"creditId":"c","idempotencyKey":"k","unknown":[1]})"), "params");
  EXPECT_EQ(params.idempotency_key, "k");
  EXPECT_EQ(params.credit_id, "c");
}

TEST(Codec, DecodesByPosition) {
  const auto params = decode<Consume>(Json::parse(R"(["k",null])"), "params");
  EXPECT_TRUE(
      decode<GetAccountRateLimitsParams>(Json::parse("[true]"), "params").supports_luna_reserve);
  EXPECT_EQ(params.idempotency_key, "k");
  EXPECT_EQ(params.credit_id, std::nullopt);
}

TEST(Codec, NullIsAbsentForOptionalMembers) {
  EXPECT_EQ(
      decode<Consume>(Json::parse(R"({"idempotencyKey":"k","creditId":null})"), "params").credit_id,
      std::nullopt);
}

TEST(Codec, NamesTheMemberThatIsMissing) {
  EXPECT_EQ(complaint<Consume>("{}"), "params.idempotencyKey: missing field `idempotencyKey`");
  EXPECT_EQ(complaint<InitializeParams>(R"({"clientInfo":{"name":"a"}})"),
            "params.clientInfo.version: missing field `version`");
  for (const auto& [json, length] :
       {std::pair{"[]", "0"}, std::pair{R"(["k"])", "1"}, std::pair{R"(["k","c","d"])", "3"}}) {
    EXPECT_EQ(complaint<Consume>(json),
              std::string("params: invalid length ") + length +
                  ", expected struct ConsumeAccountRateLimitResetCreditParams with 2 elements");
  }
}

TEST(Codec, SaysWhatItFoundAndWhatItExpected) {
  const auto of = [](const std::string& value) {
    return complaint<Consume>(("{\"idempotencyKey\":" + value + "}").c_str());
  };
  const std::string at = "params.idempotencyKey: invalid type: ";
  EXPECT_EQ(of("5"), at + "integer `5`, expected a string");
  EXPECT_EQ(of("-5"), at + "integer `-5`, expected a string");
  EXPECT_EQ(of("5.5"), at + "floating point `5.5`, expected a string");
  EXPECT_EQ(of("true"), at + "boolean `true`, expected a string");
  EXPECT_EQ(of("null"), at + "null, expected a string");
  EXPECT_EQ(of("[]"), at + "sequence, expected a string");
  EXPECT_EQ(of("{}"), at + "map, expected a string");
  EXPECT_EQ(complaint<GetAccountRateLimitsParams>(R"({"supportsLunaReserve":"x"})"),
            "params.supportsLunaReserve: invalid type: string \"x\", expected a boolean");
  EXPECT_EQ(complaint<GetAccountTokenUsageParams>("5"),
            "params: invalid type: integer `5`, expected struct GetAccountTokenUsageParams");
  EXPECT_EQ(complaint<InitializeParams>(
                R"({"clientInfo":{"name":"a","version":"1"},
                    "capabilities":{"optOutNotificationMethods":["a",1]}})"),
            "params.capabilities.optOutNotificationMethods[1]: invalid type: integer `1`, "
            "expected a string");
}

TEST(Codec, EchoesOnlyTheBeginningOfALongString) {
  const std::string words = complaint<GetAccountRateLimitsParams>(
      ("{\"supportsLunaReserve\":\"" + std::string(100'000, 'x') + "\"}").c_str());
  EXPECT_LT(words.size(), 400U);
}

TEST(Codec, IntegersMustFit) {
  EXPECT_EQ(complaint<RateLimitWindow>(R"({"usedPercent":2147483648})"),
            "params.usedPercent: invalid value: integer `2147483648`, expected i32");
  EXPECT_EQ(complaint<RateLimitWindow>(R"({"usedPercent":-2147483649})"),
            "params.usedPercent: invalid value: integer `-2147483649`, expected i32");
  EXPECT_EQ(complaint<RateLimitWindow>(R"({"usedPercent":1,"resetsAt":9223372036854775808})"),
            "params.resetsAt: invalid value: integer `9223372036854775808`, expected i64");
  const auto window =
      decode<RateLimitWindow>(Json::parse(R"({"usedPercent":-2147483648})"), "params");
  EXPECT_EQ(window.used_percent, std::numeric_limits<std::int32_t>::min());
}

TEST(Codec, WritesEveryMemberInOrderNullWhereUnknown) {
  EXPECT_EQ(to_text(encode(RateLimitWindow{.used_percent = 7})),
            R"({"usedPercent":7,"windowDurationMins":null,"resetsAt":null})");
  EXPECT_EQ(to_text(encode(GetAccountTokenUsageResponse{})),
            R"({"summary":{"lifetimeTokens":null,"peakDailyTokens":null,)"
            R"("longestRunningTurnSec":null,"currentStreakDays":null,"longestStreakDays":null},)"
            R"("dailyUsageBuckets":null,"threadUsage":null})");
}

TEST(Codec, LeavesOutOptionalMembersThatAreEmpty) {
  EXPECT_EQ(to_text(encode(Consume{.idempotency_key = "k"})), R"({"idempotencyKey":"k"})");
}

TEST(Codec, MapsKeepTheirOrder) {
  GetAccountRateLimitsResponse response;
  auto& map = response.rate_limits_by_limit_id.emplace();
  map.emplace_back("z", RateLimitSnapshot{});
  map.emplace_back("a", RateLimitSnapshot{});
  const OrderedJson json = encode(response);
  EXPECT_EQ(json["rateLimitsByLimitId"].begin().key(), "z");
}

TEST(Codec, UnionsCarryTheirTag) {
  EXPECT_EQ(to_text(encode(Account(ApiKeyAccount{}))), R"({"type":"apiKey"})");
  EXPECT_EQ(to_text(encode(Account(ChatgptAccount{.email = "a@b"}))),
            R"({"type":"chatgpt","email":"a@b","planType":"unknown","workspaceName":null})");
  const auto account = decode<Account>(
      Json::parse(R"({"type":"chatgpt","email":null,"planType":"pro"})"), "account");
  EXPECT_EQ(std::get<ChatgptAccount>(account).plan_type, PlanType::kPro);
  EXPECT_EQ(complaint<Account>(R"({"type":"x"})"),
            "params.type: unknown variant `x`, expected one of `apiKey`, `chatgpt`, "
            "`amazonBedrock`, `gcp`");
  EXPECT_EQ(complaint<Account>("{}"), "params.type: missing field `type`");
}

TEST(Codec, EnumsRefuseNamesTheyDoNotKnow) {
  EXPECT_EQ(complaint<ConsumeAccountRateLimitResetCreditResponse>(R"({"outcome":"lost"})"),
            "params.outcome: unknown variant `lost`, expected one of `reset`, `nothingToReset`, "
            "`noCredit`, `alreadyRedeemed`");
}

TEST(Codec, WritesBytesThatAreNotUtf8AsReplacements) {
  EXPECT_EQ(to_text(encode(std::string("a\xFF"))), "\"a\xEF\xBF\xBD\"");
}

TEST(Codec, WrappersAreWrittenAsWhatTheyWrap) {
  EXPECT_EQ(to_text(encode(AbsolutePathBuf{"/home/me"})), "\"/home/me\"");
  EXPECT_EQ(decode<AbsolutePathBuf>(Json("/a"), "path").path, "/a");
  EXPECT_EQ(complaint<AbsolutePathBuf>("5"),
            "params: invalid type: integer `5`, expected a string");
}

TEST(Codec, SparseMembersAreLeftOutWhereEmpty) {
  EXPECT_EQ(to_text(encode(ErrorData{.kind = ErrorKind::kTimeout, .path = "params"})),
            R"({"kind":"timeout","retryable":false,"path":"params"})");
}

}  // namespace
}  // namespace quotad::protocol
