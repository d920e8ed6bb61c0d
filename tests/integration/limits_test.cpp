// What the built program bears: a service that misbehaves, clients that take too much, and a system
// that has run out of something.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <thread>

#include "harness/clients.hpp"
#include "harness/quotad.hpp"
#include "harness/scripted_server.hpp"

namespace quotad::testing {
namespace {

const char* const kAccountRead = "account/read";
const char* const kUsageRead = "account/usage/read";
const char* const kLimitsRead = "account/rateLimits/read";
const char* const kConsume = "account/rateLimitResetCredit/consume";

// Reads the log up to a line with `words`, and gives that line.
std::string logged(AppServer& server, const std::string& words) {
  std::string seen;
  while (const auto line = server.process().read_error_line()) {
    if (line->find(words) != std::string::npos) return *line;
    seen += *line + "\n";
  }
  ADD_FAILURE() << "not in the log: " << words << "\n" << seen;
  return "";
}

// A server with a Unix socket and a WebSocket port.
struct OnBothSockets {
  explicit OnBothSockets(Arguments arguments = {})
      : server(simulator, [&] {
          arguments.insert(arguments.end(),
                           {"--listen", "unix://" + path, "--listen", "ws://127.0.0.1:0"});
          return arguments;
        }()) {}

  const Simulator simulator{};
  const TemporaryFolder folder{};
  const std::string path = folder.file("socket");
  AppServer server;
  const std::string unix_url = server.listening_on();
  const std::string url = server.listening_on();
};

// --- The service ---------------------------------------------------------------------------------

TEST(Service, IsLeftAloneWhereItAsksForIt) {
  const Simulator simulator;
  simulator.fault({{"route", "profile"},
                   {"status", 429},
                   {"headers", {{"Retry-After", "600"}}},
                   {"body", {{"detail", "slow down"}}}});
  AppServer server(simulator);
  server.initialize();
  EXPECT_EQ(server.ask(kUsageRead)["error"]["data"]["retryAfterSec"], 600);
  const Json error = server.ask(kUsageRead)["error"];
  EXPECT_EQ(error["data"]["kind"], "rateLimited");
  EXPECT_EQ(error["data"]["retryable"], true);
  EXPECT_LE(error["data"]["retryAfterSec"], 600);
  EXPECT_GT(error["data"]["retryAfterSec"], 300);
  EXPECT_NE(error.dump().find("not asked again for"), std::string::npos) << error;
  // Clients read what stands behind "body=" as the service's JSON.
  const std::string text = error["message"];
  EXPECT_EQ(Json::parse(text.substr(text.find("; body=") + 7))["detail"], "slow down") << text;
  EXPECT_EQ(simulator.calls("profile").size(), 1U);
  EXPECT_TRUE(server.ask(kLimitsRead).contains("result")) << "other endpoints are asked";
}

TEST(Service, LimitsAreToldWithoutDetailsWhileThoseAreLeftAlone) {
  const Simulator simulator;
  simulator.fault({{"route", "details"}, {"status", 429}, {"headers", {{"Retry-After", "600"}}}});
  AppServer server(simulator);
  server.initialize();
  for (int i = 0; i < 3; ++i) {
    const Json credits = server.ask(kLimitsRead)["result"]["rateLimitResetCredits"];
    EXPECT_GT(credits["availableCount"], 0);
    EXPECT_EQ(credits["credits"], nullptr);
  }
  EXPECT_EQ(simulator.calls("details").size(), 1U);
  EXPECT_EQ(simulator.calls("usage").size(), 3U);
}

TEST(Service, ARedemptionIsHeldBackOnlyWhereTheServiceAsksForIt) {
  const Simulator simulator;
  simulator.fault({{"route", "consume"}, {"status", 429}, {"headers", {{"Retry-After", "600"}}}});
  AppServer server(simulator, {"--max-retry-after-sec", "300"});
  server.initialize();
  EXPECT_EQ(server.ask(kConsume, {{"idempotencyKey", "k"}})["error"]["data"]["kind"],
            "rateLimited");
  const Json error = server.ask(kConsume, {{"idempotencyKey", "k"}})["error"];
  EXPECT_EQ(error["data"]["kind"], "rateLimited") << error;
  EXPECT_FALSE(error["data"].contains("outcomeUnknown")) << "nothing was sent";
  EXPECT_LE(error["data"]["retryAfterSec"], 300) << "no longer than --max-retry-after-sec";
  EXPECT_EQ(simulator.calls("consume").size(), 1U);
}

TEST(Service, ALateAnswerDoesNotEndAPause) {
  const Simulator simulator;
  const auto thread = [](int number) {
    return Json{{"threadId", "019a0000-0000-7000-8000-00000000000" + std::to_string(number)}};
  };
  simulator.fault({{"route", "threadUsage"}, {"hold", "gate"}, {"status", 404}});
  AppServer server(simulator);
  server.initialize();
  server.send(request(1, kUsageRead, thread(1)));
  simulator.calls("threadUsage", 1, "pending");
  simulator.fault(
      {{"route", "threadUsage"}, {"status", 429}, {"headers", {{"Retry-After", "600"}}}});
  server.send(request(2, kUsageRead, thread(2)));
  EXPECT_EQ(server.receive()["error"]["data"]["kind"], "rateLimited");
  simulator.release("gate");
  EXPECT_EQ(server.receive()["id"], 1);
  EXPECT_EQ(server.ask(kUsageRead, thread(3))["error"]["data"]["kind"], "rateLimited");
  EXPECT_EQ(simulator.calls("threadUsage").size(), 2U);
}

TEST(Service, IsNotAskedForAWhileAfterItHasFailedSeveralTimes) {
  const Simulator simulator;
  simulator.fault({{"route", "profile"}, {"times", 0}, {"status", 503}});
  AppServer server(simulator, {"--circuit-failures", "3", "--circuit-delay-ms", "60000"});
  server.initialize();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(server.ask(kUsageRead)["error"]["data"]["httpStatus"], 503);
  }
  const Json error = server.ask(kUsageRead)["error"];
  EXPECT_EQ(error["data"]["httpStatus"], 503) << "the last reason";
  EXPECT_NE(error.dump().find("not asked again for"), std::string::npos) << error;
  EXPECT_GT(error["data"]["retryAfterSec"], 0);
  EXPECT_EQ(simulator.calls("profile").size(), 3U);
}

TEST(Service, IsAskedAgainAfterTheWhile) {
  const Simulator simulator;
  simulator.fault({{"route", "profile"}, {"times", 2}, {"status", 503}});
  AppServer server(simulator, {"--circuit-failures", "1", "--circuit-delay-ms", "1"});
  server.initialize();
  Json answer;
  do answer = server.ask(kUsageRead);
  while (answer.contains("error"));
  EXPECT_EQ(simulator.calls("profile").size(), 3U);
}

TEST(Service, AnErrorThatComesAsASuccessIsAnError) {
  const Simulator simulator;
  for (const Json& body :
       {Json{{"error", {{"message", "no such account"}}}}, Json{{"error", "no such account"}}}) {
    simulator.fault({{"route", "usage"}, {"status", 200}, {"body", body}});
    AppServer server(simulator);
    server.initialize();
    const Json error = server.ask(kLimitsRead)["error"];
    EXPECT_EQ(error["data"]["kind"], "backendPayload") << error;
    EXPECT_NE(error.dump().find("it holds an error: no such account"), std::string::npos) << error;
  }
}

// A hundred million zero bytes through gzip: some hundred kilobytes.
std::string gzip_bomb() {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      popen("head -c 100000000 /dev/zero | gzip -9", "r"), pclose);
  std::string bytes;
  std::array<char, 65536> piece{};
  while (const std::size_t size = fread(piece.data(), 1, piece.size(), pipe.get())) {
    bytes.append(piece.data(), size);
  }
  return bytes;
}

TEST(Service, AnswersWithoutEndAreCutOff) {
  const std::string bomb = gzip_bomb();
  ASSERT_GT(bomb.size(), 50'000U);
  std::string trailers;
  while (trailers.size() < 2U << 20U) trailers += "X-Trailer: " + std::string(1000, 'x') + "\r\n";
  for (const std::string& answer :
       {http_ok(bomb, "Content-Encoding: gzip\r\n"),
        "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + std::string(3U << 20U, ' '),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + trailers}) {
    const ScriptedServer service([&](const std::string&) { return answer; });
    const Home home(url_of(service));
    AppServer server(home.path());
    server.initialize();
    const Json error = server.ask(kUsageRead)["error"];
    EXPECT_EQ(error["data"]["kind"], "backendPayload") << error;
    EXPECT_NE(error.dump().find("larger than 1048576 bytes"), std::string::npos) << error;
  }
}

TEST(Service, TheFlagsOfItsLimitsCount) {
  const ScriptedServer service([](const std::string&) {
    return http_ok(R"({"stats":{"lifetime_tokens":7,"a":{"b":{}}}})");
  });
  const Home home(url_of(service));
  const auto words_with = [&](const Arguments& flags) {
    AppServer server(home.path(), flags);
    server.initialize();
    return server.ask(kUsageRead).dump();
  };
  EXPECT_NE(words_with({}).find("\"lifetimeTokens\":7"), std::string::npos);
  EXPECT_NE(words_with({"--max-body-bytes", "30"}).find("larger than 30 bytes"), std::string::npos);
  EXPECT_NE(words_with({"--max-body-depth", "3"}).find("backendPayload"), std::string::npos);

  const Simulator simulator;
  simulator.fault({{"route", "profile"}, {"times", 0}, {"status", 503}});
  AppServer server(simulator, {"--circuit-failures", "1", "--circuit-delay-ms", "600000",
                               "--circuit-longest-delay-ms", "300000"});
  server.initialize();
  server.ask(kUsageRead);
  const Json wait = server.ask(kUsageRead)["error"]["data"]["retryAfterSec"];
  EXPECT_GT(wait, 200);
  EXPECT_LE(wait, 300);
}

TEST(Service, IsAskedOverSoManyConnections) {
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  const ScriptedServer service([&](const std::string&) {
    opened.wait();
    return std::string("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
  });
  const Home home(url_of(service));
  AppServer server(home.path(), {"--max-upstream-connections", "2"});
  server.initialize();
  constexpr int kCalls = 6;
  for (int i = 0; i < kCalls; ++i) {
    const std::string thread = "019a0000-0000-7000-8000-00000000000" + std::to_string(i);
    server.send(request(i, kUsageRead, {{"threadId", thread}}));
  }
  server.ask(kAccountRead, Json::object());  // by then all of them are with libcurl
  gate.set_value();
  for (int i = 0; i < kCalls; ++i) EXPECT_TRUE(server.receive().contains("error"));
  EXPECT_EQ(service.connections(), 2);
}

// --- Clients -------------------------------------------------------------------------------------

TEST(Clients, RequestsOfAllTogetherAreBounded) {
  const Simulator simulator;
  simulator.fault({{"route", "any"}, {"times", 0}, {"hold", "gate"}});
  AppServer server(simulator, {"--listen", "ws://127.0.0.1:0", "--max-in-flight-in-all", "2"});
  const std::string url = server.listening_on();
  WebSocketClient one(url);
  WebSocketClient two(url);
  one.initialize();
  two.initialize();
  one.send(request(2, kUsageRead).dump());
  one.send(request(3, kLimitsRead).dump());
  simulator.calls("", 2);
  const Json error = two.ask(request(2, kUsageRead))["error"];
  EXPECT_EQ(error["code"], -32001);
  EXPECT_EQ(error["message"], "Server overloaded; retry later.");
  EXPECT_EQ(error["data"]["retryable"], true);
  simulator.release("gate");
  one.receive();
  one.receive();
  EXPECT_TRUE(two.ask(request(3, kUsageRead)).contains("result"));
}

// The sanitizers' own memory grows with every allocation.
#if !defined(PROGRAM_HAS_ASAN) && !defined(PROGRAM_HAS_TSAN)
TEST(Clients, WhatTheyNameIsNotKeptForThem) {
  const Simulator simulator;
  AppServer server(simulator, {"--listen", "ws://127.0.0.1:0"});
  const std::string url = server.listening_on();
  const auto resident_kb = [&] {
    const std::string status =
        read_file("/proc/" + std::to_string(server.process().pid()) + "/status");
    return std::stol(status.substr(status.find("VmRSS:") + 6));
  };
  Json hello = Json::parse(kInitialize);
  Json& names = hello["params"]["capabilities"]["optOutNotificationMethods"];
  for (int i = 0; i < 9'000; ++i) names.push_back(std::to_string(i) + std::string(90, 'x'));
  std::vector<std::unique_ptr<WebSocketClient>> clients;
  long first = 0;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(std::make_unique<WebSocketClient>(url));
    EXPECT_TRUE(clients.back()->ask(hello).contains("result"));
    if (i == 0) first = resident_kb();
  }
  EXPECT_LT(resident_kb() - first, 10'000) << "26 MB of names";
}
#endif

TEST(Clients, WhoDoesNotReadIsNotReadFrom) {
  const Simulator simulator;
  const TemporaryFolder folder;
  // All answers together are more than may wait, were they not held back.
  AppServer server(simulator, {"--listen", "unix://" + folder.file("socket"), "--max-unread-bytes",
                               "1000", "--max-unread-bytes-in-all", "500000"});
  server.listening_on();
  constexpr int kRequests = 30'000;
  boost::asio::io_context context;
  boost::asio::local::stream_protocol::socket socket(context);
  socket.connect(boost::asio::local::stream_protocol::endpoint(folder.file("socket")));
  std::string text = std::string(kInitialize) + "\n";
  const std::string line = request(2, kAccountRead, Json::object()).dump() + "\n";
  for (int i = 0; i < kRequests; ++i) text += line;
  std::thread writer([&text, descriptor = socket.native_handle()] {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t sent = ::send(descriptor, text.data() + done, text.size() - done, MSG_NOSIGNAL);
      if (sent <= 0) return;
      done += static_cast<std::size_t>(sent);
    }
  });
  UnixClient other(folder.file("socket"));
  other.ask(Json::parse(kInitialize));
  for (int i = 0; i < 2'000; ++i) other.ask(request(2, kAccountRead, Json::object()));
  int answers = 0;
  boost::system::error_code error;
  std::string buffer;
  while (answers <= kRequests && !error) {
    buffer.erase(0,
                 boost::asio::read_until(socket, boost::asio::dynamic_buffer(buffer), '\n', error));
    if (!error) ++answers;
  }
  writer.join();
  EXPECT_EQ(answers, kRequests + 1) << error;
}

TEST(Clients, ConnectionsAreBounded) {
  const Simulator simulator;
  AppServer server(simulator, {"--listen", "ws://127.0.0.1:0", "--max-connections", "2"});
  const std::string url = server.listening_on();
  WebSocketClient one(url);
  auto two = std::make_unique<WebSocketClient>(url);
  EXPECT_EQ(http("GET", port_of(url), "/readyz").status, 503);
  EXPECT_NE(logged(server, "no more connections are taken").find("--max-connections"),
            std::string::npos);
  one.initialize();
  two.reset();
  // There is room again as soon as the server has seen it go.
  int status = 503;
  while (status == 503) status = http("GET", port_of(url), "/readyz").status;
  EXPECT_EQ(status, 200);
}

TEST(Clients, AMessageThatIsNeverFinishedEndsTheConnection) {
  OnBothSockets at({"--message-timeout-ms", "50"});
  {
    UnixClient client(at.path);
    client.send(std::string(kInitialize) + "\n" + R"({"id": 2, "meth)");
    EXPECT_TRUE(Json::parse(client.read_line()).contains("result"));
    const Json error = Json::parse(client.read_line())["error"];
    EXPECT_NE(error.dump().find("--message-timeout-ms"), std::string::npos) << error;
    EXPECT_EQ(client.read_line(), "") << "closed";
    logged(at.server,
           "the connection of a client of the Unix socket is closed: the message was not");
  }
  using namespace std::string_literals;
  const std::string frame = "\x01\x85\0\0\0\0{\"id\""s;
  const std::string ping = "\x89\x80\0\0\0\0"s;
  for (const std::string& bytes :
       {frame, frame.substr(0, 1), frame.substr(0, 5), ping + frame.substr(0, 1)}) {
    WebSocketClient client(at.url);
    client.initialize();
    client.send_bytes(bytes);
    const auto reason = client.wait_for_close();
    EXPECT_EQ(reason.code, boost::beast::websocket::close_code::policy_error);
    EXPECT_EQ(std::string(reason.reason.c_str()),
              "message not finished within 50 ms (--message-timeout-ms)");
    logged(at.server, "the connection of a client at 127.0.0.1 is closed: message not finished");
  }
}

TEST(Clients, WhoOnlyPingsOrSaysNothingMayStay) {
  const Simulator simulator;
  AppServer server(simulator, {"--listen", "ws://127.0.0.1:0", "--message-timeout-ms", "50"});
  const std::string url = server.listening_on();
  WebSocketClient quiet(url);
  quiet.initialize();
  WebSocketClient other(url);
  other.initialize();
  quiet.send_bytes(std::string("\x89\x80\0\0\0\0", 6));
  // For longer than a message may take.
  other.send_bytes("\x01");
  other.wait_for_close();
  EXPECT_TRUE(quiet.ask(request(2, kAccountRead, Json::object())).contains("result"));
}

TEST(Clients, WhatCameBeforeAMessageThatIsNeverFinishedIsAnswered) {
  OnBothSockets at({"--message-timeout-ms", "50"});
  at.simulator.fault({{"route", "profile"}, {"hold", "gate"}});
  {
    UnixClient client(at.path);
    std::string text = std::string(kInitialize) + "\n" + request(2, kUsageRead).dump() + "\n";
    for (int id = 3; id < 9; ++id) text += request(id, kAccountRead, Json::object()).dump() + "\n";
    client.send(text + R"({"id": 9, "meth)");
    std::set<Json> answered;
    for (std::string line = client.read_line(); !line.empty(); line = client.read_line()) {
      const Json answer = Json::parse(line);
      EXPECT_EQ(answer.contains("result"), !answer["id"].is_null()) << answer;
      answered.insert(answer["id"]);
      // One is still in flight when the client is told.
      if (answer["id"].is_null()) at.simulator.release("gate");
    }
    EXPECT_EQ(answered, (std::set<Json>{nullptr, 1, 2, 3, 4, 5, 6, 7, 8}));
  }
  WebSocketClient client(at.url);
  client.initialize();
  for (int id = 2; id < 9; ++id) client.send(request(id, kAccountRead, Json::object()).dump());
  client.send_part(R"({"id": 9, "meth)");
  for (int id = 2; id < 9; ++id) EXPECT_EQ(client.receive()["id"], id);
  EXPECT_EQ(client.wait_for_close().code, boost::beast::websocket::close_code::policy_error);
}

constexpr std::chrono::milliseconds kMessageTimeout{300};
const Arguments kShortMessageTimeout = {"--message-timeout-ms",
                                        std::to_string(kMessageTimeout.count())};

// Sends the end of each message together with the beginning of the next, by `send`, for several times as long
// as a message may take, and takes each answer by `receive`. The last one is left unfinished. False if the
// system has held this process up, so that one before was left unfinished, too.
bool pipeline(const std::function<void(const std::string& end, const std::string& beginning)>& send,
              const std::function<Json()>& receive) {
  using Clock = std::chrono::steady_clock;
  const auto text = [](int id) { return request(id, kAccountRead, Json::object()).dump(); };
  constexpr std::size_t kHalf = 10;
  send("", text(2).substr(0, kHalf));
  auto sent_at = Clock::now();
  const auto end_at = sent_at + 4 * kMessageTimeout;
  for (int id = 2; sent_at < end_at; ++id) {
    // Half of the time limit, because the last bytes went out at some time before `sent_at`.
    const auto is_late = [&] { return Clock::now() - sent_at > kMessageTimeout / 2; };
    if (is_late()) return false;
    send(text(id).substr(kHalf), text(id + 1).substr(0, kHalf));
    if (is_late()) return false;
    sent_at = Clock::now();
    const Json answer = receive();
    EXPECT_TRUE(answer.contains("result")) << answer;
    EXPECT_EQ(answer["id"], id);
    if (::testing::Test::HasFailure()) return true;
  }
  return true;
}

TEST(Clients, WhoAlwaysHasALineUnderWayIsNotCutOff) {
  OnBothSockets at(kShortMessageTimeout);
  for (bool is_done = false; !is_done;) {
    UnixClient client(at.path);
    client.ask(Json::parse(kInitialize));
    is_done = pipeline(
        [&](const std::string& end, const std::string& beginning) {
          client.send((end.empty() ? "" : end + "\n") + beginning);
        },
        [&] { return Json::parse(client.read_line()); });
    if (!is_done) continue;
    EXPECT_NE(client.read_line().find("--message-timeout-ms"), std::string::npos);
    EXPECT_EQ(client.read_line(), "") << "closed over the one that was left";
  }
}

TEST(Clients, WhoAlwaysHasAWebSocketMessageUnderWayIsNotCutOff) {
  OnBothSockets at(kShortMessageTimeout);
  for (bool is_done = false; !is_done;) {
    WebSocketClient client(at.url);
    client.initialize();
    is_done = pipeline(
        [&](const std::string& end, const std::string& beginning) {
          if (!end.empty()) client.send_end(end);
          client.send_part(beginning);
        },
        [&] { return client.receive(); });
    if (!is_done) continue;
    EXPECT_EQ(client.wait_for_close().code, boost::beast::websocket::close_code::policy_error);
  }
}

TEST(Clients, WhoSaysNothingOnAUnixSocketIsCutOff) {
  const Simulator simulator;
  const TemporaryFolder folder;
  AppServer server(simulator,
                   {"--listen", "unix://" + folder.file("socket"), "--handshake-timeout-ms", "50"});
  server.listening_on();
  UnixClient client(folder.file("socket"));
  EXPECT_EQ(client.read_line(), "");
}

TEST(Clients, ALargeBatchIsAnsweredToWhoReadsIt) {
  const Simulator simulator;
  const TemporaryFolder folder;
  AppServer server(simulator, {"--listen", "unix://" + folder.file("socket")});
  server.listening_on();
  UnixClient client(folder.file("socket"));
  EXPECT_TRUE(client.ask(Json::parse(kInitialize)).contains("result"));
  Json batch = Json::array();
  for (int i = 0; i < 256; ++i) batch.push_back(request(i, "rpc.discover"));
  // Some 15 MB: far more than --max-unread-bytes.
  EXPECT_EQ(client.ask(batch).size(), 256U);
}

// Requests with large answers, which are never read.
std::string many_questions(int count) {
  std::string text = std::string(kInitialize) + "\n";
  for (int i = 0; i < count; ++i) text += request(i, "rpc.discover").dump() + "\n";
  return text;
}

TEST(Clients, WhoReadsNothingIsGivenUpOn) {
  const Simulator simulator;
  const TemporaryFolder folder;
  AppServer server(simulator,
                   {"--listen", "unix://" + folder.file("socket"), "--stall-timeout-ms", "100"});
  server.listening_on();
  UnixClient client(folder.file("socket"));
  client.send(many_questions(40));
  EXPECT_NE(logged(server, "the connection of a client of the Unix socket is closed")
                .find("--stall-timeout-ms"),
            std::string::npos);
  UnixClient other(folder.file("socket"));
  EXPECT_TRUE(other.ask(Json::parse(kInitialize)).contains("result"));
}

TEST(Clients, WhatWaitsForAllTogetherIsBounded) {
  const Simulator simulator;
  const TemporaryFolder folder;
  AppServer server(simulator, {"--listen", "unix://" + folder.file("socket"),
                               "--max-unread-bytes-in-all", "1000000"});
  server.listening_on();
  UnixClient first(folder.file("socket"));
  first.send(many_questions(40));
  UnixClient second(folder.file("socket"));
  second.send(many_questions(40));
  EXPECT_NE(logged(server, "the connection of a client of the Unix socket is closed")
                .find("--max-unread-bytes-in-all"),
            std::string::npos);
}

// A request that may be large, but for its end.
const std::string kWithoutEnd =
    R"({"id":2,"method":"account/read","params":{"pad":")" + std::string(1'000'000, 'x');
const std::string kItsEnd = R"("}})";

// Five clients begin a message of a megabyte where not even four may be begun; how many could finish it.
template <class Client>
int finished(AppServer& server, const std::string& name, const std::string& address,
             const std::string& after_end) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<Client>(address));
    clients.back()->initialize();
    try {
      clients.back()->send_part(kWithoutEnd);
    } catch (const boost::system::system_error&) {
      // It was this one that had the most.
    }
  }
  EXPECT_NE(logged(server, name + " is closed: unfinished messages of all clients have more than "
                                  "4000000 bytes")
                .find("--max-unfinished-bytes-in-all"),
            std::string::npos);
  int count = 0;
  for (const auto& client : clients) {
    try {
      client->send_end(kItsEnd + after_end);
      if (client->receive().contains("result")) ++count;
    } catch (const std::exception&) {
      // Closed.
    }
  }
  Client other(address);
  other.initialize();
  EXPECT_TRUE(other.ask(request(2, kAccountRead, Json::object())).contains("result"));
  return count;
}

TEST(Clients, UnfinishedMessagesOfAllTogetherAreBounded) {
  OnBothSockets at({"--max-unfinished-bytes-in-all", "4000000"});
  const auto is_right = [](int count) { return count > 0 && count < 5; };
  EXPECT_PRED1(is_right, finished<UnixClient>(at.server, "the Unix socket", at.path, "\n"));
  EXPECT_PRED1(is_right, finished<WebSocketClient>(at.server, "127.0.0.1", at.url, ""));
}

Json large_request(std::size_t size) {
  return request(2, kAccountRead, {{"pad", std::string(size, 'x')}});
}

// Sends large messages while somebody else asks for something, until one of them has to wait.
template <class Client>
void check_that_large_ones_wait(AppServer& server, const std::string& address, std::size_t size) {
  Client large(address);
  Client other(address);
  large.initialize();
  other.initialize();
  const Json message = large_request(size);
  const std::string words =
      "a message of " + std::to_string(message.dump().size()) + " bytes waits";
  auto waits = std::async(std::launch::async, [&] { return logged(server, words); });
  constexpr int kMost =
      2'000;  // which takes far more than a twentieth of a second of the processor
  int answered = 0;
  while (waits.wait_for(std::chrono::seconds(0)) != std::future_status::ready && answered < kMost) {
    EXPECT_TRUE(other.ask(request(2, kAccountRead, Json::object())).contains("result"));
    const Json answer = large.ask(message);
    // A sanitized program is so slow that it may be refused after half a minute.
    EXPECT_TRUE(answer.contains("result") || answer["error"]["code"] == -32001) << answer;
    ++answered;
  }
  EXPECT_LT(answered, kMost);
  if (answered == kMost) server.process().send_signal(SIGTERM);  // nothing more will be logged
  EXPECT_NE(waits.get(), "");
}

TEST(Clients, LargeMessagesWaitWhileOthersAsk) {
  OnBothSockets at;
  check_that_large_ones_wait<UnixClient>(at.server, at.path, 900'000);
  check_that_large_ones_wait<WebSocketClient>(at.server, at.url, 800'000);
}

// A client asks so much at once that its messages wait for their turn; when it has rested they do not.
template <class Client>
void check_that_rest_pays(AppServer& server, const std::string& address) {
  Client client(address);
  client.initialize();
  Json batch = Json::array();
  for (int id = 1; id <= 60; ++id) batch.push_back(request(id, kAccountRead, Json::object()));
  // They keep the processor for far more than two milliseconds, and there is room for them in the socket.
  constexpr int kMany = 20;
  server.process().send_signal(SIGSTOP);
  for (int i = 0; i < kMany; ++i) {
    client.send_part(batch.dump());
    client.send_end("\n");
  }
  server.process().send_signal(SIGCONT);
  for (int i = 0; i < kMany; ++i) EXPECT_EQ(client.receive().size(), batch.size());
  ASSERT_NE(logged(server, "asks for so much"), "");
  // Nobody owes more than a second, and there is nothing else to do.
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_TRUE(client.ask(request(2, kAccountRead, Json::object())).contains("result"));
  ASSERT_NE(logged(server, "has rested"), "");
}

TEST(Clients, WhoAsksForMuchWaitsForTurnsUntilItHasRested) {
  OnBothSockets at({"--log-level", "debug"});
  check_that_rest_pays<UnixClient>(at.server, at.path);
  check_that_rest_pays<WebSocketClient>(at.server, at.url);
}

// Many send large messages at once, until there are some for which that takes too long.
template <class Client>
void check_that_nobody_waits_for_ever(const std::string& address) {
  std::vector<std::unique_ptr<Client>> crowd;
  for (int i = 0; i < 20; ++i) {
    crowd.push_back(std::make_unique<Client>(address));
    crowd.back()->initialize();
  }
  Client other(address);
  other.initialize();
  int too_late = 0;
  int in_time = 0;
  for (int round = 0; round < 100 && too_late == 0; ++round) {
    for (const auto& client : crowd) {
      EXPECT_TRUE(other.ask(request(2, kAccountRead, Json::object())).contains("result"));
      client->send_part(large_request(300'000).dump());
      client->send_end("\n");
    }
    for (const auto& client : crowd) {
      const Json answer = client->receive();
      ++(answer.contains("result") ? in_time : too_late);
      if (answer.contains("result")) continue;
      EXPECT_EQ(answer["error"]["code"], -32001) << answer;
      EXPECT_EQ(answer["error"]["data"]["retryable"], true) << answer;
    }
  }
  EXPECT_GT(in_time, 0);
  EXPECT_GT(too_late, 0);
  EXPECT_TRUE(other.ask(request(2, kAccountRead, Json::object())).contains("result"));
}

TEST(Clients, NoMessageWaitsForEverForItsTurn) {
  const Arguments arguments = {"--message-timeout-ms", "1000"};
  check_that_nobody_waits_for_ever<UnixClient>(OnBothSockets(arguments).path);
  check_that_nobody_waits_for_ever<WebSocketClient>(OnBothSockets(arguments).url);
}

// One of several whose large messages wait for their turn is answered when the server is told to stop.
template <class Client>
void check_that_who_waits_is_answered_first(AppServer& server, const std::string& address) {
  check_that_large_ones_wait<Client>(server, address, 800'000);
  constexpr int kSize = 900'000;
  const int rest = static_cast<int>(large_request(0).dump().size());
  std::vector<std::unique_ptr<Client>> crowd;
  for (int i = 0; i < 8; ++i) {
    crowd.push_back(std::make_unique<Client>(address));
    crowd.back()->initialize();
    crowd.back()->send_part(large_request(kSize + 2 * i).dump());
    crowd.back()->send_end("\n");
  }
  // Behind two others. Its size says whose it is; one transport counts the end of the line.
  const std::string words = "a message of ";
  std::string line;
  for (int i = 0; i < 3; ++i) line = logged(server, words + "90");
  const int size = std::stoi(line.substr(line.find(words) + words.size()));
  const int whose = (size - rest - kSize) / 2;
  server.process().send_signal(SIGTERM);
  EXPECT_EQ(crowd.at(whose)->receive()["id"], 2);
}

TEST(Clients, WhoWaitsForItsTurnIsAnsweredBeforeTheServerStops) {
  OnBothSockets one;
  check_that_who_waits_is_answered_first<UnixClient>(one.server, one.path);
  OnBothSockets two;
  check_that_who_waits_is_answered_first<WebSocketClient>(two.server, two.url);
}

TEST(Clients, WhoHangsUpWhileItsBatchWaitsSpendsNothing) {
  const Simulator simulator;
  AppServer server(simulator, {"--listen", "ws://127.0.0.1:0"});
  const std::string url = server.listening_on();
  {
    WebSocketClient client(url);
    client.initialize();
    Json batch = Json::array({request(2, kConsume, {{"idempotencyKey", "key"}})});
    for (int id = 3; id < 200; ++id) batch.push_back(request(id, kAccountRead, Json::object()));
    server.process().send_signal(SIGSTOP);
    client.send(batch.dump());
  }
  server.process().send_signal(SIGCONT);
  WebSocketClient other(url);
  other.initialize();
  EXPECT_EQ(other.ask(request(2, kConsume, {{"idempotencyKey", "other"}}))["result"]["outcome"],
            "reset");
  EXPECT_EQ(simulator.calls("consume").size(), 1U);
}

// One that has to wait for the service, and others with large answers.
Json batch_that_waits() {
  Json batch = Json::array({request(1, kUsageRead)});
  for (int id = 2; id <= 256; ++id) batch.push_back(request(id, "rpc.discover"));
  return batch;
}

TEST(Clients, AnswersThatWaitForTheirBatchCountAsUnread) {
  OnBothSockets at({"--max-unread-bytes-in-all", "10000000"});
  at.simulator.fault({{"route", "profile"}, {"hold", "gate"}});
  UnixClient one(at.path);
  one.initialize();
  one.send(batch_that_waits().dump() + "\n");
  EXPECT_NE(logged(at.server, "the connection of a client of the Unix socket is closed")
                .find("--max-unread-bytes-in-all"),
            std::string::npos);
  WebSocketClient two(at.url);
  two.initialize();
  two.send(batch_that_waits().dump());
  EXPECT_NE(logged(at.server, "the connection of a client at 127.0.0.1 is closed")
                .find("--max-unread-bytes-in-all"),
            std::string::npos);
  at.simulator.release("gate");
}

TEST(Clients, WhoHasMuchWaitingInABatchIsNotReadFromUntilItIsSent) {
  OnBothSockets at;
  UnixClient one(at.path);
  WebSocketClient two(at.url);
  const auto check = [&](auto& client, const std::string& end_of_message, const char* gate) {
    at.simulator.fault({{"route", "profile"}, {"hold", gate}});
    const std::size_t before = at.simulator.calls("profile").size();
    client.initialize();
    client.send(batch_that_waits().dump() + end_of_message);
    client.send(request(999, kAccountRead, Json::object()).dump() + end_of_message);
    at.simulator.calls("profile", before + 1);
    at.simulator.release(gate);
    EXPECT_EQ(client.receive().size(), 256U);
    EXPECT_EQ(client.receive()["id"], 999);
  };
  check(one, "\n", "first");
  check(two, "", "second");
}

TEST(Clients, AFloodIsAnsweredWholeAndInOrderBesideOthers) {
  const Simulator simulator;
  const TemporaryFolder folder;
  AppServer server(simulator, {"--listen", "unix://" + folder.file("socket")});
  server.listening_on();
  UnixClient flood(folder.file("socket"));
  UnixClient other(folder.file("socket"));
  EXPECT_TRUE(flood.ask(Json::parse(kInitialize)).contains("result"));
  EXPECT_TRUE(other.ask(Json::parse(kInitialize)).contains("result"));
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += request(i, "no/such/method").dump() + "\n";
  flood.send(text);
  EXPECT_TRUE(other.ask(request(2, "account/read", Json::object())).contains("result"));
  for (int i = 0; i < 2'000; ++i) EXPECT_EQ(Json::parse(flood.read_line())["id"], i);
}

// --- The system ----------------------------------------------------------------------------------

// UndefinedBehaviorSanitizer opens a pipe to look at objects with virtual functions, and takes them for
// broken when it cannot: out of descriptors, its programs end.
#ifndef PROGRAM_HAS_ASAN
TEST(System, OutOfDescriptorsItGoesOn) {
  const Simulator simulator;
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  Process process({"/bin/sh", "-c", R"(ulimit -n 40; exec "$0" app-server --listen "$1")",
                   program(), "unix://" + path},
                  at_simulator(simulator, {{"CODEX_HOME", simulator.home()}}));
  const auto wait_for = [&](const std::string& words) {
    while (const auto line = process.read_error_line()) {
      if (line->find(words) != std::string::npos) return true;
    }
    return false;
  };
  ASSERT_TRUE(wait_for("listening on"));
  {
    std::vector<std::unique_ptr<UnixClient>> clients;
    for (int i = 0; i < 60; ++i) clients.push_back(std::make_unique<UnixClient>(path));
    EXPECT_TRUE(wait_for("cannot accept a connection: Too many open files"));
  }
  UnixClient client(path);
  EXPECT_TRUE(client.ask(Json::parse(kInitialize)).contains("result"));
  EXPECT_TRUE(client.ask(request(2, kUsageRead)).contains("result"));
}
#endif

TEST(System, ALogThatCannotBeWrittenStopsNothing) {
  const Simulator simulator;
  for (const char* redirection : {"2>&-", "2>/dev/full"}) {
    Process process(
        {"/bin/sh", "-c", std::string(R"(exec "$0" --log-level trace app-server )") + redirection,
         program()},
        at_simulator(simulator, {{"CODEX_HOME", simulator.home()}}));
    process.write_line(kInitialize);
    process.write_line(request(2, kUsageRead).dump());
    EXPECT_TRUE(Json::parse(process.read_line().value()).contains("result"));
    EXPECT_TRUE(Json::parse(process.read_line().value()).contains("result"));
    process.close_input();
    EXPECT_EQ(process.wait(), 0);
  }
}

TEST(System, ALogThatNobodyReadsStopsNothing) {
  const Simulator simulator;
  const TemporaryFolder folder;
  // A pipe that stays open because the program holds its other end, too.
  Process process(
      {"/bin/sh", "-c", R"(mkfifo "$1"; exec 3<>"$1"; exec "$0" --log-level trace app-server 2>&3)",
       program(), folder.file("pipe")},
      at_simulator(simulator, {{"CODEX_HOME", simulator.home()}}));
  process.write_line(kInitialize);
  EXPECT_TRUE(process.read_line());
  for (int i = 0; i < 2'000; ++i) {
    process.write_line(request(i, std::string(100, 'x')).dump());
    const auto answer = process.read_line();
    ASSERT_TRUE(answer);
    ASSERT_EQ(Json::parse(*answer)["id"], i);
  }
  process.close_input();
  EXPECT_EQ(process.wait(), 0);
}

TEST(System, AHangUpReadsTheConfigurationAgain) {
  const Simulator first;
  const Simulator second;
  AppServer server(first, {"--log-level", "info"});
  server.initialize();
  EXPECT_TRUE(server.ask(kUsageRead).contains("result"));
  EXPECT_EQ(first.calls("profile").size(), 1U);

  for (const char* value : {"5", "\"http://service.example\"", "\"127.0.0.1:9\""}) {
    write_file(first.home_file("config.toml"), std::string("chatgpt_base_url = ") + value);
    server.process().send_signal(SIGHUP);
    logged(server, "the configuration stays as it was");
    EXPECT_TRUE(server.ask(kUsageRead).contains("result")) << value;
  }
  EXPECT_EQ(first.calls("profile").size(), 4U);

  write_file(first.home_file("config.toml"), read_file(second.home_file("config.toml")));
  server.process().send_signal(SIGHUP);
  logged(server, "the configuration was read again");
  EXPECT_TRUE(server.ask(kUsageRead).contains("result"));
  EXPECT_EQ(first.calls("profile").size(), 4U);
  EXPECT_EQ(second.calls("profile").size(), 1U);
  EXPECT_EQ(server.finish(), 0);
}

}  // namespace
}  // namespace quotad::testing
