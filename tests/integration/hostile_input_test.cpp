// Ten thousand lines that no client should send: each is answered, and the next good one too.

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <thread>

#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

constexpr int kLines = 10'000;

std::string random_bytes(std::mt19937& random) {
  std::uniform_int_distribution<int> length(1, 60);
  std::uniform_int_distribution<int> byte(0, 255);
  std::string text(static_cast<std::size_t>(length(random)), '\0');
  for (char& c : text) {
    do c = static_cast<char>(byte(random));
    while (c == '\n' || c == '\r' || c == ' ' || c == '\t');
  }
  return "x" + text;  // never a number or a whole JSON text, never blank
}

// A line with exactly one error for an answer.
std::string hostile_line(int number, std::mt19937& random) {
  const std::string id = std::to_string(number);
  switch (number % 16) {
    case 0:
      return random_bytes(random);
    case 1:
      return "{\"id\":" + id + ",\"method\":";
    case 2:
      return "{\"id\":" + id + ",\"method\":5}";
    case 3:
      return "{\"id\":" + id + ",\"method\":\"account/usage/read\",\"params\":" + id + "}";
    case 4:
      return std::string(5000, '[');
    case 5:
      return "{\"id\":" + id + ",\"method\":\"x\",\"params\":" + std::string(500, '[') +
             std::string(500, ']') + "}";
    case 6:
      return "{\"id\":" + std::string(400, '9') + ",\"method\":\"account/usage/read\"}";
    case 7:
      return "{\"id\":1e400,\"method\":\"account/usage/read\"}";
    case 8:
      return "{\"id\":\"\xC3\x28\",\"method\":\"account/usage/read\"}";
    case 9:
      return std::string("{\"id\":\"\0\",\"method\":\"x\"}", 23);
    case 10:
      return "{\"id\":null,\"method\":\"account/usage/read\"}";
    case 11:
      return "[]";
    case 12:
      return "\"" + std::string(10'000, 'a') + "\"";
    case 13:
      return "{\"id\":" + id + ",\"method\":\"" + std::string(9000, 'm') + "\"}";
    case 14:
      return "{\"jsonrpc\":\"2.0\",\"id\":" + id + "}";
    default:
      return "{\"id\":" + id +
             ",\"method\":\"account/rateLimitResetCredit/consume\",\"params\":{"
             "\"idempotencyKey\":[]}}";
  }
}

// The id that the answer to such a line must carry: its own where one can be known.
Json expected_id(int number) {
  switch (number % 16) {
    case 2:
    case 3:
    case 13:
    case 14:
    case 15:
      return number;
    default:
      return nullptr;
  }
}

TEST(HostileInput, EveryLineIsAnsweredAndTheNextGoodRequestToo) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  constexpr unsigned kSeed = 20261121;
  // Answers are read while lines are written: neither side may wait for the other for ever.
  std::thread writer([&] {
    std::mt19937 random(kSeed);
    for (int number = 0; number < kLines; ++number) {
      server.process().write_line(hostile_line(number, random));
    }
  });
  for (int number = 0; number < kLines; ++number) {
    const Json answer = server.receive();
    EXPECT_TRUE(answer.contains("error")) << answer;
    EXPECT_EQ(answer.value("id", Json("none")), expected_id(number)) << number << answer;
    EXPECT_TRUE(answer["error"]["data"].contains("kind")) << answer;
    EXPECT_LT(answer.dump().size(), 2000U);
    if (HasFailure()) break;
  }
  writer.join();
  EXPECT_TRUE(server.ask("account/usage/read").contains("result"));
  EXPECT_EQ(server.finish(), 0);
  EXPECT_EQ(simulator.calls("consume").size(), 0U);
}

TEST(HostileInput, ALineOfFiveMebibytesIsRefusedByTheNameOfTheLimit) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  std::thread writer([&] {
    server.process().write_line("{\"id\":7,\"method\":\"" + std::string(5U << 20U, 'x') + "\"}");
  });
  const Json answer = server.receive();
  writer.join();
  EXPECT_EQ(answer["id"], nullptr);
  EXPECT_EQ(answer["error"]["code"], -32600);
  EXPECT_NE(answer["error"]["message"].get<std::string>().find("1048576 bytes"), std::string::npos);
  EXPECT_TRUE(server.ask("account/usage/read").contains("result"));
}

TEST(HostileInput, TheLimitIsExact) {
  const Simulator simulator;
  AppServer server(simulator, {"--max-message-bytes", "200"});
  server.initialize();
  const auto line_of = [](std::size_t size) {
    const std::string empty = R"({"id":9,"method":"getAuthStatus","params":{"pad":""}})";
    std::string line = empty;
    line.insert(line.size() - 3, std::string(size - empty.size(), 'x'));
    return line;
  };
  ASSERT_EQ(line_of(200).size(), 200U);
  server.process().write_line(line_of(200));
  EXPECT_TRUE(server.receive().contains("result"));
  server.process().write_line(line_of(201));
  EXPECT_EQ(server.receive()["error"]["code"], -32600);
}

TEST(HostileInput, TheDepthIsBounded) {
  const Simulator simulator;
  AppServer server(simulator, {"--max-depth", "4"});
  server.process().write_line(kInitialize);
  server.receive();
  server.process().write_line(R"({"id":2,"method":"getAuthStatus","params":{"pad":[[]]}})");
  EXPECT_TRUE(server.receive().contains("result"));
  server.process().write_line(R"({"id":2,"method":"getAuthStatus","params":{"pad":[[[]]]}})");
  const Json answer = server.receive();
  EXPECT_NE(answer["error"].dump().find("4 levels (--max-depth)"), std::string::npos) << answer;
}

TEST(HostileInput, AnIdIsBounded) {
  const Simulator simulator;
  AppServer server(simulator, {"--max-id-bytes", "10"});
  server.initialize();
  server.process().write_line(R"({"id":"0123456789","method":"getAuthStatus"})");
  EXPECT_EQ(server.receive()["id"], "0123456789");
  server.process().write_line(R"({"id":"0123456789a","method":"getAuthStatus"})");
  const Json answer = server.receive();
  EXPECT_EQ(answer["id"], nullptr);
  EXPECT_EQ(answer["error"]["message"],
            "Invalid request: an `id` of 11 bytes; the limit is 10 (--max-id-bytes)");
  EXPECT_EQ(answer["error"]["data"]["path"], "id");
}

TEST(HostileInput, ManyMembersDoNotCostSquareTime) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  std::string members;
  for (int i = 0; i < 80'000; ++i) members += ",\"k" + std::to_string(i) + "\":1";
  std::thread writer(
      [&] { server.process().write_line("{\"id\":1,\"method\":\"x\"" + members + "}"); });
  EXPECT_EQ(server.receive()["id"], 1);
  writer.join();
}

}  // namespace
}  // namespace quotad::testing
