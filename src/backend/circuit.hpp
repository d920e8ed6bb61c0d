// When an endpoint may be asked again: after the service has asked to be left alone, and after it has
// failed several times in a row.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "quotad/backend/client.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::backend {

class Circuit {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Circuit(const CircuitOptions& options) : options_(&options) {}

  // Throws what the service failed with, and says for how long it is left alone. With `only_pause`
  // failures are passed over: only what the service itself asked for counts.
  void check(Clock::time_point now, bool only_pause) const;

  // A pause that the service has asked for lasts all the same.
  void succeeded();
  void failed(const protocol::Error& error, Clock::time_point now);

 private:
  const CircuitOptions* options_;
  std::size_t failures_ = 0;          // in a row
  Clock::time_point closed_again_{};  // after failures
  Clock::time_point pause_over_{};    // as the service asked
  std::optional<protocol::Error> failure_;
  std::optional<protocol::Error> pause_;
};

}  // namespace quotad::backend
