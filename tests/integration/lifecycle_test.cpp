// How the server ends, and what becomes of requests whose client goes away.

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <thread>

#include "harness/clients.hpp"
#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

const char* const kConsume = "account/rateLimitResetCredit/consume";

class Signals : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Lifecycle, Signals, ::testing::Values(SIGTERM, SIGINT));

TEST_P(Signals, TheFirstFinishesWhatIsInFlight) {
  const Simulator simulator;
  simulator.fault({{"route", "profile"}, {"hold", "gate"}});
  AppServer server(simulator);
  server.initialize();
  server.send(request(1, "account/usage/read"));
  simulator.calls("profile", 1);
  server.process().send_signal(GetParam());
  // Seen once new requests are refused.
  for (Json answer;;) {
    server.send(request("late", "account/read", Json::object()));
    answer = server.receive();
    if (!answer.contains("error")) continue;
    EXPECT_EQ(answer["error"]["code"], -32001);
    break;
  }
  simulator.release("gate");
  const Json answer = server.receive();
  EXPECT_EQ(answer["id"], 1);
  EXPECT_TRUE(answer.contains("result"));
  EXPECT_EQ(server.process().wait(), 0);
}

TEST_P(Signals, TheSecondEndsItAtOnce) {
  const Simulator simulator;
  simulator.fault({{"route", "profile"}, {"hang", true}});
  AppServer server(simulator, {"--shutdown-grace-ms", "600000"});
  server.initialize();
  server.send(request(1, "account/usage/read"));
  simulator.calls("profile", 1);
  server.process().send_signal(GetParam());
  for (Json answer; !answer.contains("error");) {
    server.send(request("late", "account/read", Json::object()));
    answer = server.receive();
  }
  server.process().send_signal(GetParam());
  EXPECT_EQ(server.process().wait(), 128 + GetParam());
}

TEST(Lifecycle, TheGraceIsBoundedAndEveryRequestIsAnswered) {
  const Simulator simulator;
  simulator.fault({{"route", "any"}, {"times", 0}, {"hang", true}});
  AppServer server(simulator, {"--shutdown-grace-ms", "50"});
  server.initialize();
  server.send(request("read", "account/usage/read"));
  server.send(request("consume", kConsume, {{"idempotencyKey", "k"}}));
  simulator.calls("", 2);
  server.process().send_signal(SIGTERM);
  std::map<std::string, Json> answers;
  for (int i = 0; i < 2; ++i) {
    const Json answer = server.receive();
    answers[answer["id"]] = answer["error"];
  }
  EXPECT_EQ(answers["read"]["code"], -32001) << answers["read"];
  EXPECT_FALSE(answers["read"]["data"].contains("outcomeUnknown"));
  EXPECT_EQ(answers["consume"]["data"]["kind"], "timeout") << answers["consume"];
  EXPECT_EQ(answers["consume"]["data"]["outcomeUnknown"], true);
  EXPECT_EQ(server.process().read_rest(), "");
  EXPECT_EQ(server.process().wait(), 0);
}

TEST(Lifecycle, ClosedStandardStreamsAreSaid) {
  const Simulator simulator;
  for (const char* closed : {"<&-", ">&-"}) {
    Process shell({"sh", "-c", std::string("\"$0\" app-server ") + closed, program()},
                  {{"CODEX_HOME", simulator.home()}});
    EXPECT_EQ(shell.wait(), 1) << closed;
    EXPECT_NE(shell.read_error_rest().find("stdin or stdout is closed"), std::string::npos);
  }
  EXPECT_EQ(simulator.calls("").size(), 0U);
}

TEST(Lifecycle, AClientThatOnlyStopsListeningIsNoticed) {
  const Simulator simulator;
  AppServer server(simulator);
  server.initialize();
  server.process().close_output();
  EXPECT_EQ(server.process().wait(), 0);  // although its stdin is still open
}

TEST(Lifecycle, AClientThatReadsLateGetsEveryAnswer) {
  const Simulator simulator;
  AppServer server(simulator, {"--max-unread-bytes", "10000"});
  server.initialize();
  // Far more than fits into the pipes and the limit: the server stops reading, and goes on.
  constexpr int kRequests = 20'000;
  std::thread writer([&] {
    for (int id = 0; id < kRequests; ++id) server.send({{"id", id}, {"method", "x"}});
  });
  for (int id = 0; id < kRequests; ++id) EXPECT_EQ(server.receive()["id"], id);
  writer.join();
  EXPECT_EQ(server.finish(), 0);
}

TEST(Lifecycle, AnIdleServerEndsAtOnce) {
  const Simulator simulator;
  for (const Arguments& arguments :
       {Arguments{}, Arguments{"--listen", "ws://127.0.0.1:0"},
        Arguments{"--listen", "unix://" + simulator.home_file("q.sock"), "--stdio"}}) {
    AppServer server(simulator, arguments);
    if (!arguments.empty()) server.listening_on();
    if (arguments.size() != 2) server.initialize();
    server.process().send_signal(SIGTERM);
    EXPECT_EQ(server.process().wait(), 0);
  }
}

TEST(Lifecycle, AClientThatWentAwayCancelsItsReadsButNotItsConsume) {
  const Simulator simulator;
  simulator.fault({{"route", "any"}, {"times", 0}, {"hold", "gate"}});
  AppServer server(simulator);
  server.initialize();
  server.send(request(1, "account/usage/read"));
  server.send(request(2, "account/rateLimits/read"));
  server.send(request(3, kConsume, {{"idempotencyKey", "k"}}));
  simulator.calls("", 4);
  server.process().close_input();
  server.process().close_output();
  // The service sees three requests dropped, and the redemption still there.
  EXPECT_EQ(simulator.calls("", 3, "aborted").size(), 3U);
  EXPECT_EQ(simulator.calls("consume", 1, "pending").size(), 1U);
  simulator.release("gate");
  EXPECT_EQ(server.process().wait(), 0);
  EXPECT_EQ(simulator.calls("consume", 1, "answered").size(), 1U);
}

TEST(Lifecycle, OneOfTwoClientsGoingAwayDoesNotCancelTheOthersRead) {
  const Simulator simulator;
  const std::string path = simulator.home_file("q.sock");
  simulator.fault({{"route", "profile"}, {"times", 0}, {"hold", "gate"}});
  AppServer server(simulator, {"--listen", "unix://" + path, "--stdio"});
  server.listening_on();
  server.initialize();
  server.send(request(1, "account/usage/read"));
  simulator.calls("profile", 1);
  {
    UnixClient other(path);
    other.ask(Json::parse(kInitialize));
    other.send(request(2, "account/usage/read").dump() + "\n");
    // Answered after the read before it was taken in.
    other.ask(request(3, "account/read", Json::object()));
  }
  simulator.release("gate");
  EXPECT_TRUE(server.receive().contains("result"));
  EXPECT_EQ(simulator.calls("profile").size(), 1U);
}

TEST(Lifecycle, AReaderOfStdoutThatIsGoneIsNotACrash) {
  const Simulator simulator;
  AppServer server(simulator);
  server.process().close_output();
  server.process().write_line(kInitialize);
  EXPECT_EQ(server.process().wait(), 0);
}

TEST(Lifecycle, NothingToServeIsSaid) {
  const Simulator simulator;
  AppServer server(simulator, {"--listen", "off"});
  EXPECT_EQ(server.process().wait(), 1);
  EXPECT_NE(server.process().read_error_rest().find("nothing to serve"), std::string::npos);
}

}  // namespace
}  // namespace quotad::testing
