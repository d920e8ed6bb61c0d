// From the --ws-… flags to who may open a WebSocket, and the file in which local tools find the URL.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/config.hpp"
#include "transport/access.hpp"
#include "transport/listen_address.hpp"

namespace quotad::cli {

struct WebSocketFlags {
  std::string auth;  // capability-token, signed-bearer-token, or empty
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

void add_web_socket_flags(CLI::App& app_server, WebSocketFlags& flags);

struct WebSocketAccess {
  transport::Access access = transport::Access::open();
  std::string url_query;  // "/?token=…" where the token was made here, else empty
};

// Throws protocol::Error that names the flags: where they contradict each other, where a secret
// cannot be used, and where everybody on a network could come in.
WebSocketAccess choose_web_socket_access(const WebSocketFlags& flags,
                                         const std::vector<transport::ListenAddress>& addresses);

// "/?token=…" of the app-server that listens there and has left its URL in a file, or "".
std::string find_url_query(const std::string& host, std::uint16_t port, const GetEnv& getenv);

// URLs with their tokens, each in a file that is for its user only, until the program ends:
// $XDG_RUNTIME_DIR/quotad/ws-IP-PORT.url.
class UrlFiles {
 public:
  explicit UrlFiles(const GetEnv& getenv);
  ~UrlFiles();
  UrlFiles(const UrlFiles&) = delete;
  UrlFiles& operator=(const UrlFiles&) = delete;

  // Without XDG_RUNTIME_DIR, nothing; what goes wrong is a warning, as the URL is printed, too.
  void add(const transport::ListenAddress& address, const std::string& url);
  void remove();

 private:
  std::filesystem::path folder_;
  struct File {
    std::filesystem::path path;
    ino_t inode = 0;
  };
  std::vector<File> files_;
};

}  // namespace quotad::cli
