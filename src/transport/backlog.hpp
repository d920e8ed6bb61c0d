// What a client was sent and has not taken: counted, bounded, and watched.
//
// Each socket connection has one. It tells when to read no further requests, and when to give the
// client up; how a connection ends is the connection's.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

namespace quotad::transport {

class Backlog {
 public:
  // Of all connections of a server.
  struct Totals {
    std::size_t bytes = 0;
    std::unordered_set<Backlog*> backlogs;
  };
  struct Limits {
    std::size_t bytes = 0;               // beyond, no requests are read
    std::size_t bytes_in_all = 0;        // beyond, whoever has the most is given up on
    std::chrono::milliseconds stall{0};  // without taking anything
  };

  // `give_up` is called with the reason, from the event loop, at most once; without it the client is
  // waited for however long, and is not counted in `totals`, which must outlive the backlog.
  Backlog(boost::asio::any_io_executor executor, Limits limits, Totals& totals,
          std::function<void(const std::string&)> give_up);
  ~Backlog();
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;

  void queued(std::size_t bytes);
  void taken(std::size_t bytes);
  // Nothing more will be sent: the client is gone.
  void drop();
  bool is_full() const { return bytes_ > limits_.bytes; }

 private:
  void watch();
  void relieve();
  void give_up(std::string reason);

  boost::asio::any_io_executor executor_;
  Limits limits_;
  Totals& totals_;
  std::function<void(const std::string&)> give_up_;
  std::size_t bytes_ = 0;
  std::size_t most_ = 0;     // ever
  std::uint64_t taken_ = 0;  // ever
  bool is_dropped_ = false;
  std::unique_ptr<boost::asio::steady_timer> watched_;      // while there is something to watch
  std::shared_ptr<char> alive_ = std::make_shared<char>();  // for handlers that come late
};

}  // namespace quotad::transport
