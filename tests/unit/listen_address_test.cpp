#include "transport/listen_address.hpp"

#include <gtest/gtest.h>

#include "quotad/protocol/error.hpp"

namespace quotad::transport {
namespace {

using Kind = ListenAddress::Kind;

TEST(ListenAddress, Reads) {
  EXPECT_EQ(parse_listen_address("stdio://").kind, Kind::kStdio);
  EXPECT_EQ(parse_listen_address("off").kind, Kind::kOff);
  EXPECT_EQ(parse_listen_address("unix://").path, "");
  EXPECT_EQ(parse_listen_address("unix:///run/q.sock").path, "/run/q.sock");
  EXPECT_EQ(parse_listen_address("unix://q.sock").path, "q.sock");
  const auto v4 = parse_listen_address("ws://127.0.0.1:8080");
  EXPECT_EQ(v4.kind, Kind::kWebSocket);
  EXPECT_EQ(v4.host, "127.0.0.1");
  EXPECT_EQ(v4.port, 8080);
  EXPECT_EQ(parse_listen_address("ws://127.0.0.1:0/").port, 0);
  EXPECT_EQ(parse_listen_address("ws://[::1]:1").host, "::1");
}

TEST(ListenAddress, RefusesInTheWordsOfTheReference) {
  const auto words = [](const char* url) -> std::string {
    try {
      parse_listen_address(url);
    } catch (const protocol::Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(words("bogus"),
            "unsupported --listen URL `bogus`; expected `stdio://`, `unix://`, `unix://PATH`, "
            "`ws://IP:PORT`, or `off`");
  for (const char* url : {"ws://localhost:0", "ws://127.0.0.1", "ws://127.0.0.1:", "ws://:1",
                          "ws://127.0.0.1:65536", "ws://127.0.0.1:-1", "ws://127.0.0.1:1x"}) {
    EXPECT_EQ(words(url),
              "invalid websocket --listen URL `" + std::string(url) + "`; expected `ws://IP:PORT`");
  }
}

}  // namespace
}  // namespace quotad::transport
