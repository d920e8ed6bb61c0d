// Unix sockets: lines, headers and HTTP on the same one, and who may own the file.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "harness/clients.hpp"
#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

class UnixSocket : public ::testing::Test {
 protected:
  std::string curl(const Arguments& arguments) const {
    Arguments all = {"curl", "--silent", "--unix-socket", path_, "--write-out", "%{http_code}"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    Process process(all);
    return process.read_rest();
  }
  const Simulator simulator_;
  const std::string path_ = simulator_.home_file("q.sock");
};

TEST_F(UnixSocket, SpeaksLines) {
  AppServer server(simulator_, {"--listen", "unix://" + path_});
  EXPECT_EQ(server.listening_on(), "unix://" + path_);
  UnixClient client(path_);
  EXPECT_TRUE(client.ask(Json::parse(kInitialize)).contains("result"));
  EXPECT_TRUE(client.ask(request(2, "account/usage/read")).contains("result"));
  EXPECT_TRUE(client.ask(request(3, "account/rateLimits/read")).contains("result"));
  EXPECT_EQ(client.ask(request(4, "account/rateLimitResetCredit/consume",
                               {{"idempotencyKey", "k"}}))["result"]["outcome"],
            "reset");
}

// Plain unix:// is the reference's place; the one of the version before this is served, too, and whoever
// uses it is told of in the log.
TEST_F(UnixSocket, TheDefaultIsTheReferencesPlaceAndTheFormerOneServes) {
  AppServer server(simulator_, {"--listen", "unix://"}, {{"QUOTAD_LOG", "warn"}});
  const std::string path = simulator_.home_file("app-server-control/app-server-control.sock");
  EXPECT_EQ(server.listening_on(), "unix://" + path);
  UnixClient client(path);
  EXPECT_TRUE(client.ask(Json::parse(kInitialize)).contains("result"));
  const std::string former = simulator_.home_file("quotad/quotad.sock");
  for (int i = 0; i < 2; ++i) {
    UnixClient old(former);
    EXPECT_TRUE(old.ask(Json::parse(kInitialize)).contains("result"));
  }
  server.process().send_signal(SIGTERM);
  const std::string log = server.process().read_error_rest();
  const std::string words =
      "a client uses " + former + ", which later versions do not serve; use unix://" + path;
  const std::size_t at = log.find(words);
  EXPECT_NE(at, std::string::npos) << log;
  EXPECT_EQ(log.find(words, at + 1), std::string::npos) << "told once";
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(former));
}

// Whoever asks a running server finds it at either place.
TEST_F(UnixSocket, AServerAtTheDefaultPlaceOrTheFormerOneIsFound) {
  const auto ask = [&] {
    Process process({program(), "limits", "--json", "--connect", "unix://"},
                    {{"CODEX_HOME", simulator_.home()}});
    EXPECT_NE(process.read_rest().find("rateLimits"), std::string::npos)
        << process.read_error_rest();
    EXPECT_EQ(process.wait(), 0);
  };
  {
    AppServer server(simulator_, {"--listen", "unix://"});
    server.listening_on();
    ask();
  }
  std::filesystem::remove_all(simulator_.home_file("app-server-control"));
  AppServer former(simulator_,
                   {"--listen", "unix://" + simulator_.home_file("quotad/quotad.sock")});
  former.listening_on();
  ask();
}

// The reference leaves a link to its socket there; one that nobody answers at is in nobody's way.
TEST_F(UnixSocket, ALinkThatTheReferenceLeftIsReplaced) {
  const std::string path = simulator_.home_file("app-server-control/app-server-control.sock");
  const std::string folder = simulator_.home_file("app-server-control");
  std::filesystem::create_directory(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  std::filesystem::create_symlink(simulator_.home_file("gone"), path);
  AppServer server(simulator_, {"--listen", "unix://"});
  EXPECT_EQ(server.listening_on(), "unix://" + path);
  UnixClient client(path);
  EXPECT_TRUE(client.ask(Json::parse(kInitialize)).contains("result"));
  Process second({program(), "app-server", "--listen", "unix://"},
                 {{"CODEX_HOME", simulator_.home()}});
  EXPECT_NE(second.read_error_rest().find("another server answers there"), std::string::npos);
  EXPECT_EQ(second.wait(), 1);
}

TEST_F(UnixSocket, SpeaksContentLength) {
  AppServer server(simulator_, {"--listen", "unix://" + path_});
  server.listening_on();
  UnixClient client(path_);
  const std::string body = kInitialize;
  client.send("Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_EQ(client.read_line().rfind("Content-Length: ", 0), 0U);
}

TEST_F(UnixSocket, AnswersProbesOfCurl) {
  AppServer server(simulator_, {"--listen", "unix://" + path_});
  server.listening_on();
  EXPECT_EQ(curl({"http://localhost/readyz"}), "200");
  EXPECT_EQ(curl({"http://localhost/healthz"}), "200");
  EXPECT_EQ(curl({"--header", "Origin: http://x", "http://localhost/readyz"}), "403");
}

TEST_F(UnixSocket, UpgradesToWebSocket) {
  AppServer server(simulator_, {"--listen", "unix://" + path_});
  server.listening_on();
  boost::asio::io_context context;
  boost::beast::websocket::stream<boost::asio::local::stream_protocol::socket> stream(context);
  stream.next_layer().connect(boost::asio::local::stream_protocol::endpoint(path_));
  stream.handshake("localhost", "/");
  stream.write(boost::asio::buffer(std::string(kInitialize)));
  boost::beast::flat_buffer buffer;
  stream.read(buffer);
  EXPECT_EQ(Json::parse(boost::beast::buffers_to_string(buffer.data()))["id"], 1);
}

TEST_F(UnixSocket, HalfAConnectionIsStillAnswered) {
  simulator_.fault({{"route", "profile"}, {"hold", "gate"}});
  AppServer server(simulator_, {"--listen", "unix://" + path_});
  server.listening_on();
  UnixClient client(path_);
  client.ask(Json::parse(kInitialize));
  client.send(request(2, "account/usage/read").dump() + "\n");
  client.shutdown_send();
  simulator_.calls("profile", 1);
  simulator_.release("gate");
  EXPECT_TRUE(Json::parse(client.read_line()).contains("result"));
  EXPECT_EQ(client.read_line(), "");
}

TEST_F(UnixSocket, AClientThatIsGoneCancelsItsReads) {
  simulator_.fault({{"route", "profile"}, {"hold", "gate"}});
  AppServer server(simulator_, {"--listen", "unix://" + path_});
  server.listening_on();
  {
    UnixClient client(path_);
    client.ask(Json::parse(kInitialize));
    client.send(request(2, "account/usage/read").dump() + "\n");
    simulator_.calls("profile", 1);
  }
  EXPECT_EQ(simulator_.calls("profile", 1, "aborted").size(), 1U);
}

TEST_F(UnixSocket, OnlyItsOwnerMayConnect) {
  AppServer server(simulator_, {"--listen", "unix://" + path_});
  server.listening_on();
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(UnixSocket, GoesWithItsServer) {
  AppServer server(simulator_, {"--listen", "unix://" + path_});
  server.listening_on();
  server.process().send_signal(SIGTERM);
  EXPECT_EQ(server.process().wait(), 0);
  struct stat status {};
  EXPECT_NE(stat(path_.c_str(), &status), 0);
}

TEST_F(UnixSocket, AStaleFileIsReplacedALiveOneIsNot) {
  {
    AppServer killed(simulator_, {"--listen", "unix://" + path_});
    killed.listening_on();
    killed.process().send_signal(SIGKILL);
    killed.process().wait();
  }
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0) << "the killed server left its socket";
  AppServer server(simulator_, {"--listen", "unix://" + path_});
  server.listening_on();
  AppServer second(simulator_, {"--listen", "unix://" + path_});
  EXPECT_EQ(second.process().wait(), 1);
  EXPECT_NE(second.process().read_error_rest().find("another server answers there"),
            std::string::npos);
  UnixClient client(path_);
  EXPECT_TRUE(client.ask(Json::parse(kInitialize)).contains("result"));
}

TEST_F(UnixSocket, AFileThatIsNoSocketIsLeftAlone) {
  write_file(path_, "precious");
  AppServer server(simulator_, {"--listen", "unix://" + path_});
  EXPECT_EQ(server.process().wait(), 1);
  EXPECT_NE(server.process().read_error_rest().find("not a socket"), std::string::npos);
  EXPECT_EQ(read_file(path_), "precious");
}

TEST_F(UnixSocket, APathThatIsTooLongIsSaid) {
  AppServer server(simulator_, {"--listen", "unix:///tmp/" + std::string(200, 'x')});
  EXPECT_EQ(server.process().wait(), 1);
  EXPECT_NE(server.process().read_error_rest().find("cannot listen on unix:///tmp/xxx"),
            std::string::npos);
}

}  // namespace
}  // namespace quotad::testing
