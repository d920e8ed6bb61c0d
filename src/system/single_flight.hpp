// Joining identical reads: while one is on its way, later askers wait for its answer.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace quotad::system {

// One for each kind of answer T. Must outlive every Ticket. For one thread.
template <class T>
class SingleFlight {
  struct Flight {
    explicit Flight(const boost::asio::any_io_executor& executor)
        : landed(executor, boost::asio::steady_timer::time_point::max()) {}
    boost::asio::steady_timer landed;  // cancelled when `value` or `error` is there
    std::shared_ptr<const T> value;
    std::exception_ptr error;
    boost::asio::cancellation_signal cancel;
    int passengers = 0;
  };

 public:
  explicit SingleFlight(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  // A place on a flight. When the last one is given up before landing, the flight is cancelled.
  class Ticket {
   public:
    Ticket(SingleFlight& owner, std::string key, std::shared_ptr<Flight> flight)
        : owner_(&owner), key_(std::move(key)), flight_(std::move(flight)) {
      ++flight_->passengers;
    }
    Ticket(Ticket&& other) noexcept = default;
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (!flight_ || --flight_->passengers > 0 || flight_->value || flight_->error) return;
      owner_->forget(key_, flight_);  // later askers must not join a flight that is called off
      flight_->cancel.emit(boost::asio::cancellation_type::terminal);
    }

    // The answer, or the exception that the flight ended with.
    boost::asio::awaitable<std::shared_ptr<const T>> wait() {
      while (!flight_->value && !flight_->error) {
        co_await flight_->landed.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none) {
          throw boost::system::system_error(boost::asio::error::operation_aborted);
        }
      }
      if (flight_->error) std::rethrow_exception(flight_->error);
      co_return flight_->value;
    }

   private:
    SingleFlight* owner_;
    std::string key_;
    std::shared_ptr<Flight> flight_;
  };

  // A place on the flight of that key, which `start` sets off if none is on its way.
  Ticket join(const std::string& key, std::function<boost::asio::awaitable<T>()> start) {
    if (const auto at = flights_.find(key); at != flights_.end()) {
      return Ticket(*this, key, at->second);
    }
    auto flight = std::make_shared<Flight>(executor_);
    flights_[key] = flight;
    Ticket ticket(*this, key, flight);
    boost::asio::co_spawn(
        executor_, fly(std::move(start), flight),
        boost::asio::bind_cancellation_slot(flight->cancel.slot(),
                                            [this, key, flight](const std::exception_ptr& error) {
                                              flight->error = error;
                                              forget(key, flight);
                                              flight->landed.cancel();
                                            }));
    return ticket;
  }

 private:
  static boost::asio::awaitable<void> fly(std::function<boost::asio::awaitable<T>()> start,
                                          std::shared_ptr<Flight> flight) {
    flight->value = std::make_shared<const T>(co_await start());
  }

  void forget(const std::string& key, const std::shared_ptr<Flight>& flight) {
    if (const auto at = flights_.find(key); at != flights_.end() && at->second == flight) {
      flights_.erase(at);
    }
  }

  boost::asio::any_io_executor executor_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace quotad::system
