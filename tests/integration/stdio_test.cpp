// JSON-RPC over stdin and stdout: both dialects, both framings, order, and the end of input.

#include <gtest/gtest.h>

#include <csignal>
#include <map>

#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

const char* const kUsageRead = "account/usage/read";
const char* const kConsume = "account/rateLimitResetCredit/consume";

TEST(Stdio, TheThreeLinesOfAPipelineAreAllAnswered) {
  const Simulator simulator;
  AppServer server(simulator);
  server.process().write_line(kInitialize);
  server.process().write_line(R"({"method":"initialized"})");
  server.process().write_line(R"({"id":2,"method":"account/usage/read"})");
  server.process().close_input();
  const Json hello = server.receive();
  EXPECT_EQ(hello["id"], 1);
  EXPECT_EQ(hello["result"]["codexHome"], simulator.home());
  EXPECT_EQ(hello["result"]["platformFamily"], "unix");
  EXPECT_EQ(hello["result"]["platformOs"], "linux");
  EXPECT_EQ(hello["result"]["userAgent"].get<std::string>().rfind("t/0.171.0 (", 0), 0U);
  const Json usage = server.receive();
  EXPECT_EQ(usage["id"], 2);
  EXPECT_EQ(usage["result"]["summary"]["longestStreakDays"], 41);
  EXPECT_EQ(server.process().read_rest(), "");
  EXPECT_EQ(server.process().wait(), 0);
}

TEST(Stdio, ALastLineWithoutItsEndCounts) {
  const Simulator simulator;
  AppServer server(simulator);
  server.process().write(kInitialize);
  server.process().close_input();
  EXPECT_EQ(server.receive()["id"], 1);
  EXPECT_EQ(server.process().wait(), 0);
}

TEST(Stdio, EndOfInputFinishesWhatIsInFlight) {
  const Simulator simulator;
  simulator.fault({{"route", "any"}, {"times", 0}, {"hold", "gate"}});
  AppServer server(simulator);
  server.initialize(false, {"account/rateLimits/updated"});  // only answers are counted
  server.send(request(1, kUsageRead));
  server.send(request(2, "account/rateLimits/read"));
  server.send(request(3, kConsume, {{"idempotencyKey", "k"}}));
  server.process().close_input();
  simulator.calls("", 4);
  simulator.release("gate");
  std::map<int, Json> answers;
  for (int i = 0; i < 3; ++i) {
    const Json answer = server.receive();
    answers[answer["id"]] = answer;
  }
  for (int id = 1; id <= 3; ++id) EXPECT_TRUE(answers[id].contains("result")) << answers[id];
  EXPECT_EQ(server.process().wait(), 0);
}

TEST(Stdio, RequestsAreAnsweredAsTheyFinish) {
  const Simulator simulator;
  simulator.fault({{"route", "profile"}, {"hold", "gate"}});
  AppServer server(simulator);
  server.initialize();
  server.send(request("slow", kUsageRead));
  server.send(request("quick", "account/read", Json::object()));
  EXPECT_EQ(server.receive()["id"], "quick");
  simulator.release("gate");
  EXPECT_EQ(server.receive()["id"], "slow");
  EXPECT_EQ(server.finish(), 0);
}

TEST(Stdio, ContentLengthIsAnsweredWithContentLength) {
  const Simulator simulator;
  AppServer server(simulator);
  const std::string body = kInitialize;
  server.process().write("Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto header = server.process().read_line();
  ASSERT_TRUE(header);
  ASSERT_EQ(header->rfind("Content-Length: ", 0), 0U) << *header;
  EXPECT_EQ(server.process().read_line(), "\r");
  const Json answer = Json::parse(server.process().read_bytes(std::stoul(header->substr(16))));
  EXPECT_EQ(answer["id"], 1);
  EXPECT_EQ(server.finish(), 0);
}

TEST(Stdio, EachMessageIsAnsweredInItsDialect) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  server.send({{"jsonrpc", "2.0"}, {"id", "a"}, {"method", "account/read"}, {"params", {}}});
  EXPECT_EQ(server.receive().value("jsonrpc", ""), "2.0");
  server.send({{"id", "b"}, {"method", "getAuthStatus"}, {"params", Json::object()}});
  EXPECT_FALSE(server.receive().contains("jsonrpc"));
}

TEST(Stdio, WhatHasNoDialectUsesThatOfInitialize) {
  const Simulator simulator;
  AppServer server(simulator);
  server.process().write_line("rubbish");
  Json answer = server.receive();
  EXPECT_FALSE(answer.contains("jsonrpc"));
  EXPECT_EQ(answer["error"]["code"], -32600);
  server.initialize(/*v2=*/true);
  server.process().write_line("rubbish");
  answer = server.receive();
  EXPECT_EQ(answer["jsonrpc"], "2.0");
  EXPECT_EQ(answer["id"], nullptr);
  EXPECT_EQ(answer["error"]["code"], -32700);
}

TEST(Stdio, TheHandshake) {
  const Simulator simulator;
  AppServer server(simulator);
  EXPECT_EQ(server.ask("account/read", Json::object())["error"]["message"], "Not initialized");
  // Like the reference, which decodes a request before it looks at the handshake.
  EXPECT_EQ(server.ask(kConsume, Json::object())["error"]["message"],
            "Invalid request: missing field `idempotencyKey`");
  EXPECT_EQ(server.ask("initialize")["error"]["message"],
            "Invalid request: missing field `params`");
  EXPECT_EQ(server.ask("initialize", Json::object())["error"]["data"]["path"], "params.clientInfo");
  server.initialize();
  const Json again = server.ask("initialize", {{"clientInfo", {{"name", "t"}, {"version", "1"}}}});
  EXPECT_EQ(again["error"]["code"], -32600);
  EXPECT_EQ(again["error"]["message"], "Already initialized");
  EXPECT_EQ(again["error"]["data"]["kind"], "notInitialized");
}

TEST(Stdio, ParamsMayBeLeftOutWhereAllTheirMembersMay) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  for (const char* params : {"", R"(,"params":null)", R"(,"params":{})", R"(,"params":[])",
                             R"(,"params":{"unknown":1})"}) {
    server.process().write_line(R"({"id":5,"method":"account/usage/read")" + std::string(params) +
                                "}");
    EXPECT_TRUE(server.receive().contains("result")) << params;
  }
  EXPECT_EQ(server.ask("account/read")["error"]["message"],
            "Invalid request: missing field `params`");
}

TEST(Stdio, Batches) {
  const Simulator simulator;
  AppServer server(simulator);
  server.send(Json::parse(R"([
    {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"clientInfo":{"name":"t","version":"1"}}},
    {"jsonrpc":"2.0","method":"initialized"},
    {"jsonrpc":"2.0","id":2,"method":"account/usage/read"},
    {"jsonrpc":"2.0","id":3,"method":"nope"},
    7])"));
  const Json answers = server.receive();
  ASSERT_TRUE(answers.is_array());
  ASSERT_EQ(answers.size(), 4U);
  std::map<std::string, Json> by_id;
  for (const Json& answer : answers) by_id[answer["id"].dump()] = answer;
  EXPECT_TRUE(by_id["1"].contains("result"));
  EXPECT_TRUE(by_id["2"].contains("result"));
  EXPECT_EQ(by_id["3"]["error"]["code"], -32601);
  EXPECT_EQ(by_id["null"]["error"]["code"], -32600);

  server.process().write_line("[]");
  EXPECT_EQ(server.receive()["error"]["code"], -32600);
  server.process().write_line(R"([{"method":"initialized"}])");  // nothing to answer
  server.send(request("next", "account/read", Json::object()));
  EXPECT_EQ(server.receive()["id"], "next");
}

TEST(Stdio, ABatchIsBounded) {
  const Simulator simulator;
  AppServer server(simulator, {"--max-batch", "2"});
  server.process().write_line("[1,2,3]");
  const Json answer = server.receive();
  EXPECT_NE(answer["error"]["message"].get<std::string>().find("--max-batch"), std::string::npos);
}

TEST(Stdio, ARequestWithoutAnIdSpendsNothing) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  server.send({{"method", kConsume}, {"params", {{"idempotencyKey", "k"}}}});
  server.ask("account/usage/read");
  EXPECT_EQ(server.finish(), 0);
  EXPECT_EQ(simulator.calls("consume").size(), 0U);
}

TEST(Stdio, RequestsInFlightAreBounded) {
  const Simulator simulator;
  simulator.fault({{"route", "profile"}, {"times", 0}, {"hold", "gate"}});
  AppServer server(simulator, {"--max-in-flight", "2"});
  server.initialize();
  for (int id = 1; id <= 3; ++id) server.send(request(id, kUsageRead));
  const Json refused = server.receive();
  EXPECT_EQ(refused["id"], 3);
  EXPECT_EQ(refused["error"]["code"], -32001);
  EXPECT_EQ(refused["error"]["message"], "Server overloaded; retry later.");
  EXPECT_EQ(refused["error"]["data"]["retryable"], true);
  simulator.release("gate");
  EXPECT_TRUE(server.receive().contains("result"));
  EXPECT_TRUE(server.receive().contains("result"));
}

TEST(Stdio, ARegularFileServesAsInput) {
  const Simulator simulator;
  TemporaryFolder folder;
  write_file(folder.file("in"),
             std::string(kInitialize) + "\n" + R"({"id":2,"method":"account/usage/read"})" + "\n");
  Process shell({"sh", "-c", "\"$0\" app-server <\"$1\" >\"$2\"", program(), folder.file("in"),
                 folder.file("out")},
                {{"CODEX_HOME", simulator.home()}});
  EXPECT_EQ(shell.wait(), 0) << shell.read_error_rest();
  const std::string out = read_file(folder.file("out"));
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
  EXPECT_NE(out.find("lifetimeTokens"), std::string::npos);
}

}  // namespace
}  // namespace quotad::testing
