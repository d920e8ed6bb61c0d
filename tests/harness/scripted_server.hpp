// An HTTP server that answers what it is told to, byte for byte, and remembers who asked: for what
// the simulator, which is well behaved underneath, cannot show.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "harness/process.hpp"

namespace quotad::testing {

class ScriptedServer {
 public:
  // Gives the bytes of the answer to a request, head and body; "" hangs up.
  using Script = std::function<std::string(const std::string& request)>;

  // On 127.0.0.1. With `certificate` and `key` (PEM files) it speaks TLS.
  explicit ScriptedServer(Script script, const std::string& certificate = "",
                          const std::string& key = "");
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  std::vector<std::string> requests() const;
  // Refuses connections from now on, and ends those that there are.
  void stop();

 private:
  void serve();
  template <class Stream>
  void talk(Stream& stream);

  Script script_;
  std::string certificate_;
  std::string key_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<int> open_;  // descriptors, to be shut down at the end
  std::vector<std::thread> talkers_;
  std::thread thread_;
};

// "http://127.0.0.1:PORT".
std::string url_of(const ScriptedServer& server);

// A Codex home that is signed in, with "secret-token", and points to `url`.
class Home {
 public:
  explicit Home(const std::string& url);
  const std::string& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

// "HTTP/1.1 200 OK" with a length, and `headers` (each with its line end).
std::string http_ok(const std::string& body, const std::string& headers = "");

}  // namespace quotad::testing
