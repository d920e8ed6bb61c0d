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
#include <optional>
#include <string>

namespace quotad::transport {

class Backlog {
 public:
  // Of all connections of a server.
  struct Totals {
    std::size_t bytes = 0;
    std::size_t connections = 0;
  };
  struct Limits {
    std::size_t bytes = 0;         // beyond, no requests are read; beyond twice as much, the end
    std::size_t bytes_in_all = 0;  // beyond, those end that have more than their share of it
    std::chrono::milliseconds stall{0};  // without taking anything
  };

  // `give_up` is called with the reason, from the event loop, at most once; without it the client is
  // waited for however long. `totals` must outlive the backlog.
  Backlog(boost::asio::any_io_executor executor, Limits limits, Totals& totals,
          std::function<void(const std::string&)> give_up);
  ~Backlog();
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;

  void queued(std::size_t bytes);
  void taken(std::size_t bytes);
  bool is_full() const { return bytes_ > limits_.bytes; }

 private:
  void watch();
  void give_up(std::string reason);

  boost::asio::any_io_executor executor_;
  Limits limits_;
  Totals& totals_;
  std::function<void(const std::string&)> give_up_;
  std::size_t bytes_ = 0;
  std::uint64_t taken_ = 0;                                 // ever
  std::optional<boost::asio::steady_timer> stalled_;        // while there is something to watch
  std::shared_ptr<char> alive_ = std::make_shared<char>();  // for handlers that come late
};

}  // namespace quotad::transport
