// What every connection of a server shares: the limits that they are held to, and who may come in.
//
// Filled by src/cli from flags. It knows nothing of messages.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "quotad/protocol/error.hpp"
#include "transport/access.hpp"
#include "transport/fairness.hpp"
#include "transport/shared_bytes.hpp"

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
  std::size_t max_unfinished_bytes_in_all = std::size_t{64} << 20U;  // of messages; not over stdin
  std::size_t max_refusals_per_second = 5;   // of one address; more are answered later
  std::vector<std::string> allowed_origins;  // as browsers write them: "https://example.org"
  Access access = Access::open();            // of WebSocket listeners over TCP
};

struct Door {
  explicit Door(ServerOptions given)
      : options(std::move(given)),
        pace(options.max_refusals_per_second, options.handshake_timeout),
        unread(options.max_unread_bytes_in_all),
        unfinished(options.max_unfinished_bytes_in_all) {}

  // Refusals that wait for their turn keep their connections, but no more than a quarter of all: the others
  // are for clients that may come in.
  bool may_refusal_wait() const { return refusals_waiting * 4 < options.max_connections; }

  // Says in the log which client was closed for which limit; of very many not each at `warn`.
  void tell_of_end(const std::string& who, const std::string& why);

  ServerOptions options;
  RefusalPace pace;
  std::size_t refusals_waiting = 0;
  SharedBytes unread;      // answers
  SharedBytes unfinished;  // messages that are not there as a whole, or wait for their turn
  TurnQueues turns;

 private:
  std::chrono::steady_clock::time_point telling_since_{};
  int told_ = 0;  // since then
};

// What is told to whoever has waited in vain for its turn.
protocol::Error overloaded();

// Why the connection ends of whoever has the most.
std::string too_much_unfinished(const ServerOptions& options);

}  // namespace quotad::transport
