// The files in which an app-server leaves its WebSocket URLs with their tokens, for local tools to find.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "daemon/config.hpp"
#include "transport/listen_address.hpp"

namespace quotad::daemon {

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

}  // namespace quotad::daemon
