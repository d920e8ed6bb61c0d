// WebSocket on loopback: probes, upgrades, messages, and the end of a connection.

#include <gtest/gtest.h>

#include <boost/asio/read.hpp>
#include <csignal>

#include "harness/clients.hpp"
#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

const char* const kUsageRead = "account/usage/read";

class WebSocket : public ::testing::Test {
 protected:
  std::uint16_t port() const { return port_of(url_); }
  const Simulator simulator_;
  AppServer server_{simulator_, {"--listen", "ws://127.0.0.1:0"}};
  const std::string url_ = server_.listening_on();
};

TEST_F(WebSocket, PicksAPortAndTellsIt) {
  EXPECT_EQ(url_.rfind("ws://127.0.0.1:", 0), 0U);
  EXPECT_NE(port(), 0);
}

// What stands on stderr, letter by letter, for clients that look for it.
TEST(WebSocketListener, SaysWhereItListensAsTheReferenceDoes) {
  const TemporaryFolder home;
  for (const char* check : {"off", "on"}) {
    AppServer server(home.path(), {"--listen", "ws://127.0.0.1:0"},
                     {{"QUOTAD_WS_TOKEN_CHECK", check}, {"QUOTAD_LOG", "warn"}});
    std::vector<std::string> lines;
    for (int i = 0; i < 5; ++i) lines.push_back(server.process().read_error_line().value_or(""));
    const std::string port = std::to_string(port_of(lines[2].substr(0, lines[2].rfind('/'))));
    EXPECT_EQ(lines[0], "quotad app-server (WebSockets)");
    const std::string url = "  listening on: ws://127.0.0.1:" + port;
    EXPECT_EQ(lines[1].substr(0, url.size()), url) << "the URL can be cut behind the port";
    EXPECT_EQ(lines[2], "  readyz: http://127.0.0.1:" + port + "/readyz");
    EXPECT_EQ(lines[3], "  healthz: http://127.0.0.1:" + port + "/healthz");
    EXPECT_EQ(lines[4], "  note: binds localhost only (use SSH port-forwarding for remote access)");
    server.process().send_signal(SIGTERM);
    const std::string rest = server.process().read_error_rest();
    if (check == std::string("off")) {
      EXPECT_EQ(lines[1], url);
      EXPECT_EQ(rest, "");
    } else {
      EXPECT_NE(rest.find("QUOTAD_WS_TOKEN_CHECK=off"), std::string::npos) << rest;
    }
  }
}

TEST_F(WebSocket, Probes) {
  for (const char* path : {"/readyz", "/healthz"}) {
    const HttpAnswer answer = http("GET", port(), path);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(http("HEAD", port(), path).status, 200);
  }
  EXPECT_EQ(http("GET", port(), "/").status, 400);
  EXPECT_EQ(http("GET", port(), "/other").status, 400);
  EXPECT_EQ(http("POST", port(), "/readyz", "body").status, 405);
}

TEST_F(WebSocket, AnyOriginIsRefusedUpgradesIncluded) {
  EXPECT_EQ(http("GET", port(), "/readyz", "", {{"Origin", "http://127.0.0.1"}}).status, 403);
  EXPECT_EQ(http("GET", port(), "/", "",
                 {{"Origin", "http://evil.example"},
                  {"Connection", "Upgrade"},
                  {"Upgrade", "websocket"},
                  {"Sec-WebSocket-Version", "13"},
                  {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}})
                .status,
            403);
}

TEST_F(WebSocket, TheThreeCalls) {
  WebSocketClient client(url_);
  client.initialize();
  client.send(R"({"method":"initialized"})");
  EXPECT_EQ(client.ask(request("a", kUsageRead))["id"], "a");
  EXPECT_TRUE(client.ask(request(2, "account/rateLimits/read")).contains("result"));
  EXPECT_EQ(client.ask(request(3, "account/rateLimitResetCredit/consume",
                               {{"idempotencyKey", "k"}}))["result"]["outcome"],
            "reset");
  client.close();
}

TEST_F(WebSocket, TheSameIdsOnTwoConnectionsDoNotMix) {
  simulator_.fault({{"route", "profile"}, {"hold", "gate"}});
  WebSocketClient one(url_);
  WebSocketClient two(url_);
  one.initialize();
  EXPECT_EQ(two.ask(request(5, "account/read", Json::object()))["error"]["message"],
            "Not initialized");
  two.initialize();
  one.send(request(5, kUsageRead).dump());
  simulator_.calls("profile", 1);
  EXPECT_TRUE(two.ask(request(5, "account/read", Json::object()))["result"].contains("account"));
  simulator_.release("gate");
  EXPECT_TRUE(one.receive()["result"].contains("summary"));
}

TEST_F(WebSocket, AMessageThatIsTooLargeIsRefusedAndTheConnectionLives) {
  WebSocketClient client(url_);
  client.send(std::string((1U << 20U) + 1, ' '));
  const Json answer = client.receive();
  EXPECT_EQ(answer["id"], nullptr);
  EXPECT_EQ(answer["error"]["code"], -32600);
  client.send(R"({"id":1,"method":"x","params":")" + std::string(100'000, 'x') + "\"}");
  EXPECT_EQ(client.receive()["id"], 1);
  client.initialize();
  EXPECT_TRUE(client.ask(request(2, kUsageRead)).contains("result"));
}

TEST_F(WebSocket, AClientThatDropsOffCancelsItsReads) {
  simulator_.fault({{"route", "any"}, {"times", 0}, {"hold", "gate"}});
  WebSocketClient client(url_);
  client.initialize();
  client.send(request(1, kUsageRead).dump());
  client.send(request(2, "account/rateLimitResetCredit/consume", {{"idempotencyKey", "k"}}).dump());
  simulator_.calls("", 2);
  client.drop();
  EXPECT_EQ(simulator_.calls("profile", 1, "aborted").size(), 1U);
  EXPECT_EQ(simulator_.calls("consume", 1, "pending").size(), 1U);
  simulator_.release("gate");
  EXPECT_EQ(simulator_.calls("consume", 1, "answered").size(), 1U);
}

TEST_F(WebSocket, SigtermFinishesAndSaysGoodbye) {
  simulator_.fault({{"route", "profile"}, {"hold", "gate"}});
  WebSocketClient client(url_);
  client.initialize();
  client.send(request(1, kUsageRead).dump());
  simulator_.calls("profile", 1);
  server_.process().send_signal(SIGTERM);
  simulator_.release("gate");
  EXPECT_TRUE(client.receive().contains("result"));
  EXPECT_EQ(client.wait_for_close().code, boost::beast::websocket::close_code::going_away);
  EXPECT_EQ(server_.process().wait(), 0);
}

TEST(WebSocketListener, SeveralAtOnceAndStdioToo) {
  const Simulator simulator;
  AppServer server(simulator, {"--listen", "ws://127.0.0.1:0", "--listen", "ws://127.0.0.1:0",
                               "--listen", "stdio://"});
  const std::string first = server.listening_on();
  const std::string second = server.listening_on();
  EXPECT_NE(first, second);
  server.initialize();
  WebSocketClient one(first);
  one.initialize();
  WebSocketClient two(second);
  two.initialize();
  EXPECT_TRUE(server.ask(kUsageRead).contains("result"));
}

TEST(WebSocketListener, APortThatIsTakenIsSaid) {
  const Simulator simulator;
  AppServer server(simulator, {"--listen", "ws://127.0.0.1:" + std::to_string(simulator.port())});
  EXPECT_EQ(server.process().wait(), 1);
  EXPECT_NE(server.process().read_error_rest().find("cannot listen on ws://127.0.0.1:"),
            std::string::npos);
}

TEST(WebSocketListener, AClientThatNeverFinishesItsRequestIsCutOff) {
  const Simulator simulator;
  AppServer server(simulator, {"--listen", "ws://127.0.0.1:0", "--handshake-timeout-ms", "50"});
  const std::uint16_t port = port_of(server.listening_on());
  boost::asio::io_context context;
  boost::asio::ip::tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  boost::asio::write(socket, boost::asio::buffer(std::string("GET / HT")));
  char byte = 0;
  boost::system::error_code error;
  socket.read_some(boost::asio::buffer(&byte, 1), error);
  EXPECT_TRUE(error);
  const auto told = server.process().read_error_line();
  EXPECT_NE(
      told.value_or("").find("a client at 127.0.0.1 is closed: within 50 ms there was no whole"),
      std::string::npos)
      << told.value_or("nothing");
}

TEST(WebSocketListener, WhoOnlyProbesDoesNotKeepAConnection) {
  const Simulator simulator;
  AppServer server(simulator, {"--listen", "ws://127.0.0.1:0"});
  const std::uint16_t port = port_of(server.listening_on());
  boost::asio::io_context context;
  boost::asio::ip::tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  boost::asio::write(
      socket, boost::asio::buffer(std::string("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")));
  std::string answer;
  boost::system::error_code error;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), error);
  EXPECT_EQ(error, boost::asio::error::eof);
  EXPECT_EQ(answer.rfind("HTTP/1.1 200 OK\r\n", 0), 0U) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
}

}  // namespace
}  // namespace quotad::testing
