// Who may talk to the built program: tokens of WebSockets, pages of browsers, users of Unix sockets,
// files that others can read.

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/asio/read.hpp>
#include <csignal>
#include <filesystem>
#include <sstream>

#include "auth/jwt.hpp"
#include "harness/clients.hpp"
#include "harness/quotad.hpp"
#include "harness/scripted_server.hpp"
#include "system/clock.hpp"

namespace quotad::testing {
namespace {

const Arguments kWebSocket = {"--listen", "ws://127.0.0.1:0"};

Arguments with(const Arguments& more) {
  Arguments all = kWebSocket;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// The answer to an upgrade with these headers beside those of every upgrade.
HttpAnswer upgrade(std::uint16_t port, const std::string& target, Environment headers = {}) {
  headers.insert({{"Connection", "Upgrade"},
                  {"Upgrade", "websocket"},
                  {"Sec-WebSocket-Version", "13"},
                  {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}});
  return http("GET", port, target, "", headers);
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(lstat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

// What the program says when it does not start, and with which exit code.
struct Refusal {
  int exit_code = 0;
  std::string words;
};
Refusal refusal(const Simulator& simulator, const Arguments& arguments,
                const Environment& environment = {}) {
  AppServer server(simulator, arguments, environment);
  const int exit_code = server.process().wait();
  return {exit_code, server.process().read_error_rest()};
}

TEST(Access, ATokenIsMadeAndPrintedAndAskedFor) {
  const Simulator simulator;
  AppServer server(simulator, kWebSocket);
  const std::string url = server.listening_on();
  const std::uint16_t port = port_of(url);
  ASSERT_EQ(target_of(url).rfind("/?token=", 0), 0U) << url;
  const std::string token = target_of(url).substr(8);
  EXPECT_EQ(token.size(), 43U) << "32 bytes";

  const HttpAnswer missing = upgrade(port, "/");
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(missing.body,
            "missing websocket token: connect to the URL that the server printed, or start it with "
            "QUOTAD_WS_TOKEN_CHECK=off");
  EXPECT_EQ(missing.headers.at("www-authenticate"), "Bearer");
  EXPECT_EQ(upgrade(port, "/?token=" + std::string(43, 'x')).body, "invalid websocket token");
  EXPECT_EQ(upgrade(port, "/", {{"Authorization", "Bearer " + token}}).status, 101);
  EXPECT_EQ(http("GET", port, "/readyz").status, 200) << "who only asks whether it lives";
  WebSocketClient client(url);
  client.initialize();
  EXPECT_TRUE(client.ask(request(2, "account/read", Json::object())).contains("result"));

  AppServer other(simulator, kWebSocket);
  EXPECT_NE(target_of(other.listening_on()), target_of(url)) << "every start has its own";
}

TEST(Access, LocalToolsFindTheUrlInAFile) {
  const Simulator simulator;
  const TemporaryFolder runtime;
  const Environment environment{{"XDG_RUNTIME_DIR", runtime.path()}};
  AppServer server(simulator, kWebSocket, environment);
  const std::string url = server.listening_on();
  const std::string folder = runtime.file("quotad");
  const std::string file = folder + "/ws-127.0.0.1-" + std::to_string(port_of(url)) + ".url";
  EXPECT_EQ(read_file(file), url + "\n");
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(mode_of(folder), 0700U);
  server.process().send_signal(SIGTERM);
  EXPECT_EQ(server.process().wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(file));

  chmod(folder.c_str(), 0777);
  AppServer wary(simulator, kWebSocket, environment);
  const std::string next = wary.listening_on();
  EXPECT_TRUE(std::filesystem::is_empty(folder)) << "others could put a file there, too";
}

TEST(Access, TheCheckCanBeTurnedOff) {
  const Simulator simulator;
  AppServer server(simulator, with({"--no-token-check"}));
  const std::string url = server.listening_on();
  EXPECT_EQ(target_of(url), "/");
  EXPECT_EQ(upgrade(port_of(url), "/").status, 101);
}

// A client that picks the port passes nothing else: whoever starts it says it from outside.
TEST(Access, TheCheckCanBeTurnedOffFromOutside) {
  const Simulator simulator;
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.file("quotad"));
  const std::string settings = folder.file("quotad/quotad.toml");
  const auto is_open = [&](const Arguments& arguments, const Environment& environment) {
    AppServer server(simulator, with(arguments), environment);
    const std::string url = server.listening_on();
    const unsigned status = upgrade(port_of(url), "/").status;
    EXPECT_EQ(status, target_of(url) == "/" ? 101 : 401) << "it prints what is needed";
    return status == 101;
  };
  EXPECT_FALSE(is_open({}, {}));
  EXPECT_TRUE(is_open({}, {{"QUOTAD_WS_TOKEN_CHECK", "off"}}));
  EXPECT_FALSE(is_open({}, {{"QUOTAD_WS_TOKEN_CHECK", "on"}}));
  write_file(settings, "ws_token_check = \"off\"\n");
  const Environment usual{{"XDG_CONFIG_HOME", folder.path()}};
  EXPECT_TRUE(is_open({}, usual));
  EXPECT_TRUE(is_open({"--quotad-config", settings}, {}));
  // A flag counts before a variable, and that before the file.
  Environment both = usual;
  both["QUOTAD_WS_TOKEN_CHECK"] = "on";
  EXPECT_FALSE(is_open({}, both));
  EXPECT_TRUE(is_open({"--no-token-check"}, both));
}

TEST(Access, ATurnedOffCheckNeverOpensANetworkOrAFlagsAuthentication) {
  const Simulator simulator;
  const Environment off{{"QUOTAD_WS_TOKEN_CHECK", "off"}};
  Process process({program(), "app-server", "--listen", "ws://0.0.0.0:0"},
                  at_simulator(simulator, {{"CODEX_HOME", simulator.home()},
                                           {"QUOTAD_WS_TOKEN_CHECK", "off"}}));
  EXPECT_NE(process.read_error_rest().find("refusing to start non-loopback websocket listener"),
            std::string::npos);
  EXPECT_EQ(process.wait(), 2);
  const TemporaryFolder folder;
  write_file(folder.file("token"), "a-token-that-is-long-enough");
  chmod(folder.file("token").c_str(), 0600);
  AppServer server(simulator,
                   with({"--ws-auth", "capability-token", "--ws-token-file", folder.file("token")}),
                   off);
  EXPECT_EQ(upgrade(port_of(server.listening_on()), "/").status, 401);
}

TEST(Access, SettingsThatCannotBeUsedAreNamed) {
  const Simulator simulator;
  const TemporaryFolder folder;
  const std::string file = folder.file("quotad.toml");
  const auto words_of = [&](const Environment& environment) {
    const Refusal found = refusal(simulator, with({"--quotad-config", file}), environment);
    EXPECT_EQ(found.exit_code, 2);
    return found.words;
  };
  EXPECT_NE(words_of({}).find("cannot use " + file + ": there is no such file"), std::string::npos);
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"ws_token_chek = \"off\"\n",
       "line 1, column 1: `ws_token_chek` is no setting; there is: ws_token_check"},
      {"\nws_token_check = false\n",
       "line 2, column 18: `ws_token_check` must be \"on\" or \"off\""},
      {"ws_token_check = \"no\"\n", "`ws_token_check` must be \"on\" or \"off\""},
      {"ws_token_check\n", "line 1, column"}};
  for (const auto& [text, words] : wrong) {
    write_file(file, text);
    EXPECT_NE(words_of({}).find(words), std::string::npos) << words_of({});
  }
  write_file(file, "");
  EXPECT_NE(words_of({{"QUOTAD_WS_TOKEN_CHECK", "nope"}})
                .find("QUOTAD_WS_TOKEN_CHECK must be \"on\" or \"off\""),
            std::string::npos);
  chmod(file.c_str(), 0666);
  EXPECT_NE(words_of({}).find("everybody may write to it"), std::string::npos);
}

TEST(Access, CapabilityTokenFromAFileOrItsDigest) {
  const Simulator simulator;
  const TemporaryFolder folder;
  write_file(folder.file("token"), "  a capability of some length\n");
  // SHA-256 of "a capability of some length".
  const std::string digest = [] {
    std::array<unsigned char, 32> bytes{};
    EVP_Digest("a capability of some length", 27, bytes.data(), nullptr, EVP_sha256(), nullptr);
    std::string hex;
    for (const unsigned char byte : bytes) {
      hex += "0123456789ABCDEF"[byte >> 4U];
      hex += "0123456789ABCDEF"[byte & 15U];
    }
    return hex;
  }();
  for (const Arguments& source : {Arguments{"--ws-token-file", folder.file("token")},
                                  Arguments{"--ws-token-sha256", digest}}) {
    Arguments arguments = with({"--ws-auth", "capability-token"});
    arguments.insert(arguments.end(), source.begin(), source.end());
    AppServer server(simulator, arguments);
    const std::string url = server.listening_on();
    const std::uint16_t port = port_of(url);
    EXPECT_EQ(target_of(url), "/");
    EXPECT_EQ(upgrade(port, "/").body, "missing websocket bearer token");
    EXPECT_EQ(upgrade(port, "/", {{"Authorization", "Bearer a capability of some length"}}).status,
              101);
    EXPECT_EQ(upgrade(port, "/", {{"Authorization", "Bearer another"}}).body,
              "invalid websocket bearer token");
    EXPECT_EQ(upgrade(port, "/", {{"Authorization", "Basic YTpi"}}).body,
              "invalid authorization header");
  }
}

TEST(Access, SignedBearerTokens) {
  const Simulator simulator;
  const TemporaryFolder folder;
  const std::string secret(32, 'k');
  write_file(folder.file("secret"), secret + "\n");
  AppServer server(simulator, with({"--ws-auth", "signed-bearer-token", "--ws-shared-secret-file",
                                    folder.file("secret"), "--ws-audience", "quotad"}));
  const std::uint16_t port = port_of(server.listening_on());
  const auto answer = [&](const Json& claims) {
    const std::string text =
        auth::encode_base64url(R"({"alg":"HS256"})") + "." + auth::encode_base64url(claims.dump());
    std::array<unsigned char, 32> mac{};
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), nullptr);
    const std::string signature =
        auth::encode_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
    const HttpAnswer found =
        upgrade(port, "/", {{"Authorization", "Bearer " + text + "." + signature}});
    return found.status == 101 ? "welcome" : found.body;
  };
  const std::int64_t now = system::unix_now();
  EXPECT_EQ(answer({{"exp", now + 60}, {"aud", "quotad"}}), "welcome");
  EXPECT_EQ(answer({{"exp", now + 60}}), "websocket jwt audience mismatch");
  EXPECT_EQ(answer({{"exp", now - 60}, {"aud", "quotad"}}), "expired websocket jwt");
}

TEST(Access, FlagsThatContradictEachOtherAreNamed) {
  const Simulator simulator;
  const TemporaryFolder folder;
  write_file(folder.file("short"), "short");
  write_file(folder.file("empty"), "\n");
  write_file(folder.file("long"), std::string(40, 'l'));
  write_file(folder.file("open"), std::string(40, 'o'));
  chmod(folder.file("open").c_str(), 0644);
  const std::string file = folder.file("short");
  struct Case {
    Arguments arguments;
    int exit_code;
    std::string words;
  };
  for (const Case& at : std::vector<Case>{
           {{"--ws-auth", "capability-token"},
            2,
            "`--ws-token-file` or `--ws-token-sha256` is required when `--ws-auth "
            "capability-token` is set"},
           {{"--ws-auth", "capability-token", "--ws-token-file", file, "--ws-token-sha256", "00"},
            2,
            "`--ws-token-file` and `--ws-token-sha256` are mutually exclusive"},
           {{"--ws-auth", "capability-token", "--ws-token-sha256", "00"},
            2,
            "--ws-token-sha256 must be a 64-character hex SHA-256 digest"},
           {{"--ws-auth", "capability-token", "--ws-token-file", file},
            1,
            "must be at least 22 characters"},
           {{"--ws-auth", "capability-token", "--ws-shared-secret-file", file},
            2,
            "require `--ws-auth signed-bearer-token`"},
           {{"--ws-auth", "signed-bearer-token"},
            2,
            "`--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set"},
           {{"--ws-auth", "signed-bearer-token", "--ws-token-file", file},
            2,
            "require `--ws-auth capability-token`, not `signed-bearer-token`"},
           {{"--ws-token-file", file}, 2, "websocket auth flags require `--ws-auth"},
           {{"--ws-max-clock-skew-seconds", "5"}, 2, "websocket auth flags require `--ws-auth"},
           {{"--ws-auth", "nonsense"}, 2, "--ws-auth"},
           {{"--ws-auth", "capability-token", "--ws-token-file", file, "--no-token-check"},
            2,
            "`--no-token-check` and `--ws-auth` are mutually exclusive"},
           {{"--allow-origin", "https://example.org/page"}, 2, "is no origin"},
           {{"--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", folder.file("long"),
             "--ws-issuer", ""},
            2,
            "`--ws-issuer` must not be empty"},
           {{"--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", file},
            1,
            "must be at least 32 bytes"},
           {{"--ws-auth", "capability-token", "--ws-token-file", folder.file("empty")},
            1,
            "must not be empty"},
           {{"--ws-auth", "capability-token", "--ws-token-file", folder.file("none")},
            1,
            "No such file or directory"},
           {{"--ws-auth", "capability-token", "--ws-token-file", folder.file("open")},
            1,
            "run: chmod 600 '" + folder.file("open") + "'"}}) {
    const Refusal found = refusal(simulator, with(at.arguments));
    EXPECT_EQ(found.exit_code, at.exit_code) << found.words;
    EXPECT_NE(found.words.find(at.words), std::string::npos) << found.words;
  }
}

TEST(Access, WithoutAuthenticationNobodyListensToANetwork) {
  const Simulator simulator;
  for (const Arguments& more : {Arguments{}, Arguments{"--no-token-check"}}) {
    Arguments arguments{"--listen", "ws://0.0.0.0:0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Refusal found = refusal(simulator, arguments);
    EXPECT_EQ(found.exit_code, 2);
    EXPECT_NE(found.words.find("refusing to start non-loopback websocket listener 0.0.0.0:0 "
                               "without auth; configure `--ws-auth capability-token`"),
              std::string::npos)
        << found.words;
  }
}

TEST(Access, HeadersThatComeTwiceAreRefused) {
  const Simulator simulator;
  AppServer server(simulator, with({"--allow-origin", "https://page.example"}));
  const std::string url = server.listening_on();
  const std::uint16_t port = port_of(url);
  // The status line of the answer to an upgrade with these headers.
  const auto answer = [&](const std::string& target, const std::string& headers) {
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket socket(context);
    socket.connect({boost::asio::ip::address_v4::loopback(), port});
    boost::asio::write(socket,
                       boost::asio::buffer("GET " + target + " HTTP/1.1\r\n" + headers +
                                           "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                           "Sec-WebSocket-Version: 13\r\n"
                                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    std::array<char, 12> line{};
    boost::asio::read(socket, boost::asio::buffer(line));
    return std::string(line.begin(), line.end());
  };
  const std::string host = "Host: localhost\r\n";
  const std::string page = "Origin: https://page.example\r\n";
  const std::string target = target_of(url);
  const std::string token =
      "Authorization: Bearer " + target.substr(target.find("token=") + 6) + "\r\n";
  EXPECT_EQ(answer("/", host + token), "HTTP/1.1 101");
  EXPECT_EQ(answer("/", host + token + token), "HTTP/1.1 401");
  EXPECT_EQ(answer("/", host + "Authorization: Bearer wrong\r\n" + token), "HTTP/1.1 401");
  EXPECT_EQ(answer(target, host + page), "HTTP/1.1 101");
  EXPECT_EQ(answer(target, host + page + "Origin: https://other.example\r\n"), "HTTP/1.1 403");
  EXPECT_EQ(answer(target, host + "Host: other.example\r\n"), "HTTP/1.1 403");
  EXPECT_EQ(answer(target, ""), "HTTP/1.1 403");
}

// Asks so many times at once for a WebSocket without a token, and counts what comes of it.
struct Guesses {
  int refused = 0;
  int unanswered = 0;
};
Guesses guess(std::uint16_t port, int times) {
  boost::asio::io_context context;
  std::vector<boost::asio::ip::tcp::socket> sockets;
  for (int i = 0; i < times; ++i) {
    sockets.emplace_back(context).connect({boost::asio::ip::address_v4::loopback(), port});
    boost::asio::write(sockets.back(), boost::asio::buffer(std::string(
                                           "GET / HTTP/1.1\r\nHost: localhost\r\n"
                                           "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                           "Sec-WebSocket-Version: 13\r\n"
                                           "Sec-WebSocket-Key: "
                                           "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")));
  }
  Guesses guesses;
  for (auto& socket : sockets) {
    std::string answer;
    boost::system::error_code error;
    boost::asio::read(socket, boost::asio::dynamic_buffer(answer), error);
    if (answer.rfind("HTTP/1.1 401 ", 0) == 0) ++guesses.refused;
    if (answer.empty()) ++guesses.unanswered;
  }
  return guesses;
}

TEST(Access, WhoGuessesTooOftenWaits) {
  const Simulator simulator;
  AppServer server(simulator,
                   with({"--max-refusals-per-second", "1", "--handshake-timeout-ms", "900"}));
  const std::string url = server.listening_on();
  const Guesses guesses = guess(port_of(url), 20);
  EXPECT_GE(guesses.refused, 1);
  EXPECT_GE(guesses.unanswered, 1) << "whoever would wait for long gets no answer";
  WebSocketClient client(url);
  client.initialize();  // whoever has the token does not wait
}

TEST(Access, WhoWaitsLeavesMostConnectionsToOthers) {
  const Simulator simulator;
  // One may wait, and it may for minutes.
  AppServer server(simulator, with({"--max-refusals-per-second", "1", "--handshake-timeout-ms",
                                    "600000", "--max-connections", "4"}));
  const std::uint16_t port = port_of(server.listening_on());
  Guesses guesses;
  // One after the other would all be answered, in time: they may have come like that.
  for (int i = 0; i < 5 && guesses.unanswered == 0; ++i) guesses = guess(port, 4);
  EXPECT_GE(guesses.unanswered, 1);
}

TEST(Access, PagesOfBrowsersAreRefusedUnlessTheyAreNamed) {
  const Simulator simulator;
  AppServer server(simulator, with({"--allow-origin", "https://dash.example:8443", "--allow-origin",
                                    "http://localhost:3000"}));
  const std::string url = server.listening_on();
  const std::uint16_t port = port_of(url);
  const auto status = [&](const Environment& headers) {
    return upgrade(port, target_of(url), headers).status;
  };
  EXPECT_EQ(status({{"Origin", "https://dash.example:8443"}}), 101);
  EXPECT_EQ(status({{"Origin", "http://localhost:3000"}}), 101);
  for (const char* origin : {"https://dash.example", "http://dash.example:8443", "null", "",
                             "https://dash.example:84430", "https://evil.example",
                             "HTTPS://dash.example:8443", "https://dash.example:8443/"}) {
    EXPECT_EQ(status({{"Origin", origin}}), 403) << origin;
  }
}

TEST(Access, NamesThatPointHereFromElsewhereAreRefused) {
  const Simulator simulator;
  AppServer server(simulator, with({"--allow-origin", "https://dash.example"}));
  const std::string url = server.listening_on();
  const std::uint16_t port = port_of(url);
  for (const char* host : {"127.0.0.1", "127.0.0.1:80", "localhost", "LOCALHOST:1", "[::1]:9",
                           "[::1]", "127.0.0.2", "dash.example"}) {
    EXPECT_EQ(upgrade(port, target_of(url), {{"Host", host}}).status, 101) << host;
    EXPECT_EQ(http("GET", port, "/readyz", "", {{"Host", host}}).status, 200) << host;
  }
  for (const char* host : {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "",
                           "localhost.evil.example", "192.0.2.1", "dash.example:1", "127.1"}) {
    EXPECT_EQ(upgrade(port, target_of(url), {{"Host", host}}).status, 403) << host;
    EXPECT_EQ(http("GET", port, "/readyz", "", {{"Host", host}}).status, 403) << host;
  }
}

TEST(Access, AUnixSocketIsForItsUserAlone) {
  const Simulator simulator;
  AppServer server(simulator, {"--listen", "unix://"});
  const std::string path = server.listening_on().substr(7);
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(mode_of(std::filesystem::path(path).parent_path()), 0700U);
  if (geteuid() != 0) GTEST_SKIP() << "skipped: only root can be somebody else";
  // Even where somebody has opened the door to everybody.
  chmod(path.c_str(), 0666);
  const auto home = std::filesystem::path(simulator.home());
  for (const auto& folder : {home / "app-server-control", home, home.parent_path()}) {
    chmod(folder.c_str(), 0755);
  }
  Process stranger({"setpriv", "--reuid", "65534", "--clear-groups", "/usr/bin/python3", "-c",
                    "import socket, sys\n"
                    "s = socket.socket(socket.AF_UNIX)\n"
                    "s.connect(sys.argv[1])\n"
                    "try:\n"
                    "    s.sendall(sys.argv[2].encode() + b'\\n')\n"
                    "    print(repr(s.recv(1000)))\n"
                    "except ConnectionError:\n"
                    "    print(repr(b''))\n",
                    path, kInitialize},
                   {});
  EXPECT_EQ(stranger.read_line().value_or("no line"), "b''") << stranger.read_error_rest();
  UnixClient own(path);
  EXPECT_TRUE(own.ask(Json::parse(kInitialize)).contains("result"));
}

TEST(Access, AFolderThatOthersMayWriteToHoldsNoSocket) {
  const Simulator simulator;
  const TemporaryFolder folder;
  chmod(folder.path().c_str(), 0777);
  const Refusal found = refusal(simulator, {"--listen", "unix://" + folder.file("socket")});
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_NE(found.words.find("run: chmod 700 '" + folder.path() + "'"), std::string::npos)
      << found.words;
}

TEST(Access, ASocketsFolderIsItsUsers) {
  const Simulator simulator;
  const std::string usual = simulator.home() + "/app-server-control";
  std::filesystem::create_directory(usual);
  chmod(usual.c_str(), 0755);
  const Refusal open = refusal(simulator, {"--listen", "unix://"});
  EXPECT_EQ(open.exit_code, 1);
  EXPECT_NE(open.words.find("others may enter its folder; run: chmod 700 '" + usual + "'"),
            std::string::npos)
      << open.words;
  if (geteuid() != 0) GTEST_SKIP() << "skipped: only root can be somebody else";
  const TemporaryFolder folder;
  ASSERT_EQ(chown(folder.path().c_str(), 65534, 65534), 0);
  const Refusal foreign = refusal(simulator, {"--listen", "unix://" + folder.file("socket")});
  EXPECT_EQ(foreign.exit_code, 1);
  EXPECT_NE(foreign.words.find("its folder belongs to user 65534"), std::string::npos)
      << foreign.words;
}

TEST(Access, AnAuthFileThatOthersCanReadIsNotUsed) {
  const Simulator simulator;
  for (const mode_t mode : {0644, 0640, 0604, 0666}) {
    chmod(simulator.home_file("auth.json").c_str(), mode);
    AppServer server(simulator);
    server.initialize();
    const Json error = server.ask("account/usage/read")["error"];
    EXPECT_EQ(error["data"]["kind"], "authRequired") << error;
    EXPECT_NE(error.dump().find("run: chmod 600 '" + simulator.home_file("auth.json") + "'"),
              std::string::npos)
        << error;
    chmod(simulator.home_file("auth.json").c_str(), 0600);
    EXPECT_TRUE(server.ask("account/usage/read").contains("result")) << "mended";
  }
  chmod(simulator.home_file("auth.json").c_str(), 0644);
  AppServer server(simulator, {"--allow-exposed-auth-file"});
  server.initialize();
  EXPECT_TRUE(server.ask("account/usage/read").contains("result"));
}

TEST(Access, CredentialsDoNotCrossANetworkWithoutTls) {
  const Simulator simulator;
  for (const char* url : {"http://192.0.2.1/backend-api", "http://chat.example/backend-api",
                          "http://localhost.example", "http://127.0.0.1@192.0.2.1/"}) {
    AppServer server(simulator, {"-c", std::string("chatgpt_base_url=") + url});
    server.initialize();
    const Json error = server.ask("account/usage/read")["error"];
    EXPECT_EQ(error["data"]["kind"], "internal") << url;
    EXPECT_NE(error.dump().find("without TLS"), std::string::npos) << error;
  }
}

TEST(Access, AUrlWithoutASchemeGetsNoCredentials) {
  const Simulator simulator;
  simulator.fault({{"route", "profile"}, {"times", 0}, {"status", 401}});
  const ScriptedServer listener([](const std::string&) { return http_ok("{}"); });
  const std::string host = "127.0.0.1:" + std::to_string(listener.port());
  for (const std::string& url : {host + "/backend-api", "user:hidden@" + host, "http:" + host}) {
    AppServer server(simulator, {"-c", "chatgpt_base_url=" + url});
    server.initialize();
    const Json error = server.ask("account/usage/read")["error"];
    EXPECT_NE(error.dump().find("127.0.0.1"), std::string::npos) << error;
    EXPECT_NE(error.dump().find("is no https:// URL"), std::string::npos) << error;
    EXPECT_EQ(error.dump().find("hidden"), std::string::npos) << error;
  }
  AppServer server(simulator, {}, {{"CODEX_REFRESH_TOKEN_URL_OVERRIDE", host + "/oauth/token"}});
  server.initialize();
  const Json error = server.ask("account/usage/read")["error"];
  EXPECT_NE(error.dump().find("is no https:// URL"), std::string::npos) << error;
  EXPECT_EQ(listener.connections(), 0);
}

TEST(Access, NoProcessOfItsUserCanLookIntoItUnlessItIsTold) {
  if (geteuid() != 0) GTEST_SKIP() << "skipped: only root can be somebody else";
  const TemporaryFolder home;
  chmod(home.path().c_str(), 0777);
  // The build may be where nobody else gets to.
  const std::string copy = home.file("quotad");
  std::filesystem::copy_file(program(), copy);
  // To whom /proc says that its memory belongs: to root, where it may be neither attached to nor dumped.
  const auto owner_of_memory = [&](const std::string& flag) {
    Process process({"setpriv", "--reuid", "65534", "--clear-groups", "/bin/sh", "-c",
                     R"(exec "$0" $1 app-server)", copy, flag},
                    {{"CODEX_HOME", home.path()}});
    process.write_line(kInitialize);
    EXPECT_TRUE(process.read_line()) << process.read_error_rest();
    struct stat status {};
    EXPECT_EQ(stat(("/proc/" + std::to_string(process.pid()) + "/environ").c_str(), &status), 0);
    return status.st_uid;
  };
  EXPECT_EQ(owner_of_memory(""), 0U);
  EXPECT_EQ(owner_of_memory("--allow-core-files"), 65534U);
}

TEST(Access, TheProcessWritesNoCoreFileUnlessItIsTold) {
  const TemporaryFolder home;
  const auto core_limit = [&](const std::string& flag) {
    Process process(
        {"/bin/sh", "-c", R"(ulimit -c 1000; exec "$0" $1 app-server)", program(), flag},
        // AddressSanitizer has a limit of its own, unless it is told not to.
        {{"CODEX_HOME", home.path()}, {"ASAN_OPTIONS", "disable_coredump=0"}});
    process.write_line(kInitialize);
    EXPECT_TRUE(process.read_line());
    const std::string limits = read_file("/proc/" + std::to_string(process.pid()) + "/limits");
    std::istringstream row(limits.substr(limits.find("Max core file size") + 18));
    std::string soft;
    row >> soft;
    return soft;
  };
  EXPECT_EQ(core_limit(""), "0");
#ifndef PROGRAM_HAS_TSAN  // whose programs have that limit in any case
  EXPECT_NE(core_limit("--allow-core-files"), "0");
#endif
}

}  // namespace
}  // namespace quotad::testing
