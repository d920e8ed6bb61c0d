#include "transport/framing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace quotad::transport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kMax = 64;

void drain(Framer& framer, std::vector<std::string>& items) {
  while (const auto item = framer.next()) {
    switch (item->kind) {
      case Framer::Item::Kind::kMessage:
        items.emplace_back(item->text);
        break;
      case Framer::Item::Kind::kTooLarge:
        items.emplace_back("<too large>");
        break;
      case Framer::Item::Kind::kCutOff:
        items.emplace_back("<cut off>");
        break;
      case Framer::Item::Kind::kBadHeader:
        items.emplace_back("<bad header>");
        break;
    }
  }
}

// What comes out of `bytes` when they arrive `piece` at a time.
std::vector<std::string> items_of(const std::string& bytes, std::size_t piece) {
  Framer framer(kMax);
  std::vector<std::string> items;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    framer.append(bytes.substr(at, piece));
    drain(framer, items);
  }
  framer.finish();
  drain(framer, items);
  return items;
}

// The same items however the bytes are cut.
std::vector<std::string> items_of(const std::string& bytes) {
  const auto whole = items_of(bytes, bytes.size() + 1);
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 50U}) EXPECT_EQ(items_of(bytes, piece), whole);
  return whole;
}

std::string with_header(const std::string& body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(Framing, Lines) {
  EXPECT_THAT(items_of("{}\n[1]\r\n\n  \n{\"a\":1}"), ElementsAre("{}", "[1]", "{\"a\":1}"));
  EXPECT_THAT(items_of(""), IsEmpty());
  EXPECT_THAT(items_of("\n\n"), IsEmpty());
}

TEST(Framing, AByteOrderMarkIsPassedOver) {
  EXPECT_THAT(items_of("\xEF\xBB\xBF{}\n"), ElementsAre("{}"));
  EXPECT_THAT(items_of(" \xEF\xBB\xBF{}\n"), ElementsAre("\xEF\xBB\xBF{}"));
}

TEST(Framing, Headers) {
  EXPECT_THAT(items_of(with_header("{}") + with_header("{\n}")), ElementsAre("{}", "{\n}"));
  EXPECT_THAT(items_of("content-length: 2\n\n{}"), ElementsAre("{}"));
  EXPECT_THAT(items_of("Content-Type: application/json; charset=utf-8\r\n" + with_header("{}")),
              ElementsAre("{}"));
  EXPECT_THAT(items_of(with_header("{}") + "\r\n" + with_header("[]")), ElementsAre("{}", "[]"));
}

TEST(Framing, TheFirstBytesDecide) {
  Framer lines(kMax);
  lines.append("C");
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_EQ(lines.framing(), Framing::kUnknown);
  lines.append("at\n");
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.framing(), Framing::kLines);

  EXPECT_THAT(items_of("Content"), ElementsAre("Content"));
  EXPECT_THAT(items_of("{}\nContent-Length: 2\n"), ElementsAre("{}", "Content-Length: 2"));
}

TEST(Framing, ALineThatIsTooLargeIsToldOnceAndPassedOver) {
  const std::string exact = "\"" + std::string(kMax - 2, 'x') + "\"";
  EXPECT_THAT(items_of(exact + "\n{}\n"), ElementsAre(exact, "{}"));
  EXPECT_THAT(items_of(exact + "x\n{}\n"), ElementsAre("<too large>", "{}"));
  EXPECT_THAT(items_of(std::string(100 * kMax, 'x') + "\n{}\n"), ElementsAre("<too large>", "{}"));
  EXPECT_THAT(items_of(std::string(100 * kMax, 'x')), ElementsAre("<too large>"));
}

TEST(Framing, TheEndOfALineAndTheSpaceInFrontOfItDoNotCount) {
  const std::string exact = "\"" + std::string(kMax - 2, 'x') + "\"";
  EXPECT_THAT(items_of(exact + "\r\n{}\r\n"), ElementsAre(exact, "{}"));
  EXPECT_THAT(items_of(exact + "\r\r\n{}\n"), ElementsAre("<too large>", "{}"));
  EXPECT_THAT(items_of(std::string(kMax, ' ') + "{}\n{}\n"), ElementsAre("{}", "{}"));
  EXPECT_THAT(items_of("{}" + std::string(kMax, ' ') + "\n{}\n"), ElementsAre("<too large>", "{}"));
}

TEST(Framing, AHeaderThatIsTooLongIsToldOnceAndPassedOver) {
  const std::string header = "Content-Type: " + std::string(5000, 'x') + "\r\n";
  EXPECT_THAT(items_of(header + with_header("{}") + with_header("[]")),
              ElementsAre("<too large>", "{}", "[]"));
  EXPECT_THAT(items_of("Content-Length: 2\r\n" + header + "\r\n{}"),
              ElementsAre("<too large>", "{}"));
  EXPECT_THAT(items_of("Content-Length: 2\r\n" + header), ElementsAre("<too large>", "<cut off>"));
}

TEST(Framing, ABodyThatIsTooLargeIsToldOnceAndPassedOver) {
  EXPECT_THAT(items_of(with_header(std::string(3 * kMax, 'x')) + with_header("{}")),
              ElementsAre("<too large>", "{}"));
}

TEST(Framing, BadHeadersAreToldAndPassedOver) {
  EXPECT_THAT(items_of(with_header("{}") + "rubbish\r\n" + with_header("[]")),
              ElementsAre("{}", "<bad header>", "[]"));
  for (const char* bad : {"Content-Length: x", "Content-Length: -1", "Content-Length:",
                          "Content-Length: 1 2", "Content-Length: 99999999999999999999999"}) {
    EXPECT_THAT(items_of(std::string(bad) + "\r\n\r\n" + with_header("{}")),
                ElementsAre("<bad header>", "{}"))
        << bad;
  }
}

TEST(Framing, HeadersWithoutALengthSwallowNothing) {
  EXPECT_THAT(items_of("Content-Type: a\r\n\r\n" + with_header("{}")),
              ElementsAre("<bad header>", "{}"));
  // Lines of JSON from a client that began with headers.
  EXPECT_THAT(items_of(with_header("{}") + "{\"id\":1}\n" + with_header("[]")),
              ElementsAre("{}", "<bad header>", "[]"));
}

TEST(Framing, TheEndInsideAMessageIsTold) {
  EXPECT_THAT(items_of(with_header("{}") + "Content-Length: 9\r\n"),
              ElementsAre("{}", "<cut off>"));
  EXPECT_THAT(items_of("Content-Length: 9\r\n\r\n{\"id\""), ElementsAre("<cut off>"));
  EXPECT_THAT(items_of("Content-Length: 9\r\n\r\n"), ElementsAre("<cut off>"));
}

TEST(Framing, AnswersUseTheClientsFraming) {
  EXPECT_EQ(frame(Framing::kLines, "{}"), "{}\n");
  EXPECT_EQ(frame(Framing::kUnknown, "{}"), "{}\n");
  EXPECT_EQ(frame(Framing::kHeaders, "{}"), "Content-Length: 2\r\n\r\n{}");
}

}  // namespace
}  // namespace quotad::transport
