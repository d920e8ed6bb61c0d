// What every connection of a server shares: the limits that they are held to, and who may come in.
//
// Filled by src/cli from flags. It knows nothing of messages.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "transport/access.hpp"
#include "transport/backlog.hpp"

namespace quotad::transport {

struct ServerOptions {
  // For an HTTP request and the upgrade; over a Unix socket for the first bytes.
  std::chrono::milliseconds handshake_timeout{10'000};
  // From the first byte of a message to its last; not over stdin, where only its parent waits.
  std::chrono::milliseconds message_timeout{30'000};
  // For a client that has answers waiting to take any of them; not over stdout.
  std::chrono::milliseconds stall_timeout{30'000};
  std::size_t max_connections = 8'192;
  std::size_t max_unread_bytes_in_all = std::size_t{64} << 20U;
  std::size_t max_refusals_per_second = 5;   // of one address; more are answered later
  std::vector<std::string> allowed_origins;  // as browsers write them: "https://example.org"
  Access access = Access::open();            // of WebSocket listeners over TCP
};

struct Door {
  explicit Door(ServerOptions given)
      : options(std::move(given)),
        pace(options.max_refusals_per_second, options.handshake_timeout) {}

  // Refusals that wait for their turn keep their connections, but no more than a quarter of all: the others
  // are for clients that may come in.
  bool may_refusal_wait() const { return refusals_waiting * 4 < options.max_connections; }

  // Messages of more bytes than this take the event loop for some time.
  static constexpr std::size_t kLarge = std::size_t{64} * 1024;

  // Waits for the turn of a large message. They are taken one after the other, with pauses three times as long
  // as the last one took: however many clients send them, the others have most of the event loop.
  boost::asio::awaitable<void> turn_for_large(boost::asio::any_io_executor executor);
  template <class Take>
  void take_large(Take take) {
    const auto start = std::chrono::steady_clock::now();
    take();
    large_took_ = std::chrono::steady_clock::now() - start;
  }

  // Says in the log which client was closed for which limit; of very many not each at `warn`.
  void tell_of_end(const std::string& who, const std::string& why);

  ServerOptions options;
  RefusalPace pace;
  std::size_t refusals_waiting = 0;
  Backlog::Totals unread;

 private:
  std::chrono::steady_clock::time_point next_large_{};  // when the next turn is
  std::chrono::steady_clock::duration large_took_{};    // the last one
  std::chrono::steady_clock::time_point telling_since_{};
  int told_ = 0;  // since then
};

}  // namespace quotad::transport
