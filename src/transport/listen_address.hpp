// Where to serve, as `--listen` says it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quotad::transport {

struct ListenAddress {
  enum class Kind { kStdio, kWebSocket, kUnix, kOff };
  Kind kind = Kind::kStdio;
  std::string host;         // of kWebSocket: an IP address
  std::uint16_t port = 0;   // of kWebSocket: 0 lets the system pick
  std::string path;         // of kUnix: empty means the default
  bool is_private = false;  // of kUnix: its folder is for nobody else's eyes
  // Of a place of earlier versions: the URL that clients should use instead, which those who come are told
  // of in the log. That it cannot be served is no error.
  std::string use_instead;
  int descriptor = -1;  // of a socket that listens there already
};

// `stdio://`, `ws://IP:PORT`, `unix://`, `unix://PATH` or `off`. Throws protocol::Error
// (kInvalidParams) in the reference's words.
ListenAddress parse_listen_address(std::string_view url);

}  // namespace quotad::transport
