// From the --ws-… flags to who may open a WebSocket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "transport/access.hpp"
#include "transport/listen_address.hpp"

namespace quotad::daemon {

inline constexpr const char* kCapabilityToken = "capability-token";
inline constexpr const char* kSignedBearerToken = "signed-bearer-token";

struct WebSocketOptions {
  std::string auth;  // one of the two above, or empty
  std::string token_file;
  std::string token_sha256;
  std::string shared_secret_file;
  std::optional<std::string> issuer;
  std::optional<std::string> audience;
  std::optional<std::uint32_t> max_clock_skew_sec;
  bool no_token_check = false;
  bool check_is_off =
      false;  // by QUOTAD_WS_TOKEN_CHECK or quotad.toml, where no flag says otherwise
  std::vector<std::string> allowed_origins;
};

struct WebSocketAccess {
  transport::Access access = transport::Access::open();
  std::string url_query;  // "/?token=…" where the token was made here, else empty
};

// Throws protocol::Error that names the flags: where they contradict each other, where a secret
// cannot be used, and where everybody on a network could come in.
WebSocketAccess choose_web_socket_access(const WebSocketOptions& flags,
                                         const std::vector<transport::ListenAddress>& addresses);

}  // namespace quotad::daemon
