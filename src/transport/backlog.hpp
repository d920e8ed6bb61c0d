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

#include "transport/shared_bytes.hpp"

namespace quotad::transport {

class Backlog {
 public:
  struct Limits {
    std::size_t bytes = 0;               // beyond, no requests are read
    std::chrono::milliseconds stall{0};  // without taking anything
  };

  // `give_up` is called with the reason, from the event loop, at most once; without it the client is
  // waited for however long, and is not counted in `all`, which must outlive the backlog.
  Backlog(boost::asio::any_io_executor executor, Limits limits, SharedBytes& all,
          std::function<void(const std::string&)> give_up);
  ~Backlog();
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;

  void queued(std::size_t bytes);
  void taken(std::size_t bytes);
  // So much is ready, but cannot be sent yet.
  void hold(std::size_t bytes);
  // Nothing more will be sent: the client is gone.
  void drop();
  bool is_full() const { return bytes_ + held_ > limits_.bytes; }
  // What is queued now is for nobody.
  bool is_dropped() const { return is_dropped_; }

 private:
  void count();
  void watch();
  void give_up(std::string reason);

  boost::asio::any_io_executor executor_;
  Limits limits_;
  std::function<void(const std::string&)> give_up_;
  std::size_t bytes_ = 0;
  std::size_t held_ = 0;
  std::size_t most_ = 0;     // ever
  std::uint64_t taken_ = 0;  // ever
  bool is_dropped_ = false;
  std::unique_ptr<boost::asio::steady_timer> watched_;      // while there is something to watch
  std::shared_ptr<char> alive_ = std::make_shared<char>();  // for handlers that come late
  std::optional<SharedBytes::Share> share_;                 // of a client that may be given up on
};

}  // namespace quotad::transport
