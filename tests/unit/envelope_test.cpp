#include "quotad/protocol/envelope.hpp"

#include <gtest/gtest.h>

#include "quotad/protocol/json_text.hpp"
#include "quotad/protocol/methods.hpp"
#include "rpc/audience.hpp"
#include "rpc/wire_error.hpp"

namespace quotad::protocol {
namespace {

using rpc::error_answer;
using rpc::to_wire;

Message good(const char* text) {
  auto parsed = parse_message(parse_text(text, {}));
  if (auto* bad = std::get_if<Malformed>(&parsed)) ADD_FAILURE() << text << bad->error.what();
  return std::get<Message>(std::move(parsed));
}

Malformed bad(const char* text) {
  auto parsed = parse_message(parse_text(text, {}));
  if (std::holds_alternative<Message>(parsed)) ADD_FAILURE() << text << " was taken";
  return std::get<Malformed>(std::move(parsed));
}

ErrorKind refusal(const std::string& text, const ParseLimits& limits = {}) {
  try {
    parse_text(text, limits);
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << text.substr(0, 80) << " was taken";
  return ErrorKind::kInternal;
}

TEST(Envelope, TellsRequestsNotificationsAndResponses) {
  EXPECT_EQ(good(R"({"id":1,"method":"a"})").kind, Message::Kind::kRequest);
  EXPECT_EQ(good(R"({"method":"a"})").kind, Message::Kind::kNotification);
  EXPECT_EQ(good(R"({"id":1,"result":null})").kind, Message::Kind::kResponse);
  EXPECT_EQ(good(R"({"id":1,"error":{}})").kind, Message::Kind::kResponse);
}

TEST(Envelope, TakesStringAndSixtyFourBitIds) {
  EXPECT_EQ(good(R"({"id":"x","method":"a"})").id, RequestId("x"));
  EXPECT_EQ(good(R"({"id":"","method":"a"})").id, RequestId(""));
  EXPECT_EQ(good(R"({"id":0,"method":"a"})").id, RequestId(std::int64_t{0}));
  EXPECT_EQ(good(R"({"id":9223372036854775807,"method":"a"})").id,
            RequestId(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(good(R"({"id":-9223372036854775808,"method":"a"})").id,
            RequestId(std::numeric_limits<std::int64_t>::min()));
}

TEST(Envelope, RefusesOtherIds) {
  for (const char* id : {"null", "1.5", "true", "[]", "{}", "9223372036854775808",
                         "-9223372036854775809", "1e3", "123456789012345678901234567890"}) {
    const Malformed malformed = bad(("{\"method\":\"a\",\"id\":" + std::string(id) + "}").c_str());
    EXPECT_EQ(malformed.error.kind(), ErrorKind::kInvalidRequest) << id;
    EXPECT_EQ(malformed.error.data().path, "id") << id;
    EXPECT_EQ(malformed.id, std::nullopt) << id;
  }
}

TEST(Envelope, MalformedKeepsTheIdToAnswerWith) {
  EXPECT_EQ(bad(R"({"id":5})").id, RequestId(std::int64_t{5}));
  EXPECT_EQ(bad(R"({"id":5,"method":7})").id, RequestId(std::int64_t{5}));
  EXPECT_EQ(bad(R"({"id":5,"method":7})").error.data().path, "method");
  EXPECT_EQ(bad("[]").dialect, std::nullopt);
  EXPECT_EQ(bad(R"({"jsonrpc":"2.0","id":5})").dialect, Dialect::kV2);
}

TEST(Envelope, TheDialectIsTheMessagesOwn) {
  EXPECT_EQ(good(R"({"id":1,"method":"a"})").dialect, Dialect::kLite);
  EXPECT_EQ(good(R"({"jsonrpc":"2.0","id":1,"method":"a"})").dialect, Dialect::kV2);
  EXPECT_EQ(good(R"({"jsonrpc":"1.0","id":1,"method":"a"})").dialect, Dialect::kLite);
  EXPECT_EQ(good(R"({"jsonrpc":2.0,"id":1,"method":"a"})").dialect, Dialect::kLite);
}

TEST(Envelope, NullParamsAreNoParams) {
  EXPECT_FALSE(good(R"({"id":1,"method":"a","params":null})").params);
  EXPECT_TRUE(good(R"({"id":1,"method":"a","params":[]})").params);
}

TEST(Envelope, RefusesWhatIsNotJson) {
  for (const char* text : {"", "{", "nul", "{\"a\":1}}", "'a'", "{\"a\":\"\xFF\"}", "1e999999"}) {
    EXPECT_EQ(refusal(text), ErrorKind::kParse) << text;
  }
  EXPECT_EQ(refusal(std::string("{\"a\":\0}", 7)), ErrorKind::kParse);
  EXPECT_EQ(refusal(std::string("{}\0", 3)), ErrorKind::kParse);
  EXPECT_EQ(refusal(std::string("{}\0{}", 5)), ErrorKind::kParse);
}

TEST(Envelope, BoundsSizeAndDepth) {
  const ParseLimits limits{.max_message_bytes = 100, .max_depth = 3};
  EXPECT_EQ(refusal(std::string(101, ' '), limits), ErrorKind::kInvalidRequest);
  EXPECT_EQ(refusal("[[[[]]]]", limits), ErrorKind::kInvalidRequest);
  EXPECT_NO_THROW(parse_text("[[[]],[[]]]", limits));
  EXPECT_NO_THROW(parse_text(R"(["[[[[[[", "\"[[[["])", limits));
}

TEST(Envelope, HalfAMillionBracketsAreRefusedAtOnce) {
  EXPECT_EQ(refusal(std::string(500'000, '[')), ErrorKind::kInvalidRequest);
}

TEST(Envelope, AnswersSpeakTheirDialect) {
  EXPECT_EQ(result_answer(Dialect::kLite, std::int64_t{1}, "null"), R"({"id":1,"result":null})");
  EXPECT_EQ(result_answer(Dialect::kV2, "x\"y", "true"),
            R"({"jsonrpc":"2.0","id":"x\"y","result":true})");
  EXPECT_EQ(to_text(error_answer(Dialect::kLite, std::nullopt, Error(ErrorKind::kInternal, "m"))),
            R"({"id":null,"error":{"code":-32603,"message":"m",)"
            R"("data":{"kind":"internal","retryable":false}}})");
}

TEST(Envelope, CodesByKindAndDialect) {
  struct Row {
    ErrorKind kind;
    int lite;
    int v2;
  };
  for (const Row& row :
       {Row{ErrorKind::kParse, -32600, -32700}, Row{ErrorKind::kInvalidRequest, -32600, -32600},
        Row{ErrorKind::kMethodNotFound, -32600, -32601},
        Row{ErrorKind::kInvalidParams, -32600, -32602},
        Row{ErrorKind::kNotInitialized, -32600, -32600},
        Row{ErrorKind::kAuthRequired, -32600, -32600},
        Row{ErrorKind::kBackendStatus, -32603, -32603},
        Row{ErrorKind::kBackendUnreachable, -32603, -32603},
        Row{ErrorKind::kBackendPayload, -32603, -32603}, Row{ErrorKind::kTimeout, -32603, -32603},
        Row{ErrorKind::kRateLimited, -32603, -32603}, Row{ErrorKind::kOverloaded, -32001, -32001},
        Row{ErrorKind::kIdempotencyMismatch, -32600, -32602},
        Row{ErrorKind::kInternal, -32603, -32603}}) {
    const Error error(row.kind, "m");
    EXPECT_EQ(to_wire(error, Dialect::kLite).code, row.lite) << wire_name(row.kind);
    EXPECT_EQ(to_wire(error, Dialect::kV2).code, row.v2) << wire_name(row.kind);
  }
  const Error refused({.kind = ErrorKind::kAuthRequired, .http_status = 401}, "m");
  EXPECT_EQ(to_wire(refused, Dialect::kLite).code, -32603);
}

TEST(Envelope, DecodeErrorsNameThePathInTheWayOfTheDialect) {
  const DecodeError error("params.a", "missing field `a`");
  EXPECT_EQ(to_wire(error, Dialect::kLite).message, "Invalid request: missing field `a`");
  EXPECT_EQ(to_wire(error, Dialect::kV2).message, "Invalid params: params.a: missing field `a`");
}

// One time for all who are told, from the audience's clock, whatever dialect they speak.
TEST(Notifications, CarryTheTimeAtWhichTheyWereSent) {
  class Listener : public rpc::Hearer {
   public:
    bool wants(std::string_view /*method*/) const override { return true; }
    void notify(std::string_view method, const OrderedJson& params,
                std::int64_t emitted_at_ms) override {
      lite = to_text(notification(Dialect::kLite, method, params, emitted_at_ms));
      v2 = to_text(notification(Dialect::kV2, method, params, emitted_at_ms));
    }
    std::string lite, v2;
  };
  std::int64_t now = 1'795'262'400'123;
  rpc::Audience audience([&] { return now++; });
  Listener one;
  Listener other;
  audience.join(one);
  audience.join(other);
  audience.notify<AccountUpdated>({});
  const std::string rest =
      R"("method":"account/updated","params":{"authMode":null,"planType":null,"reason":null},)"
      R"("emittedAtMs":1795262400123})";
  EXPECT_EQ(one.lite, "{" + rest);
  EXPECT_EQ(one.v2, R"({"jsonrpc":"2.0",)" + rest);
  EXPECT_EQ(other.lite, one.lite);
}

TEST(Errors, OnlySomeKindsAreRetryable) {
  EXPECT_TRUE(Error(ErrorKind::kTimeout, "").data().retryable);
  EXPECT_TRUE(Error(ErrorKind::kOverloaded, "").data().retryable);
  EXPECT_FALSE(Error(ErrorKind::kInvalidParams, "").data().retryable);
}

}  // namespace
}  // namespace quotad::protocol
