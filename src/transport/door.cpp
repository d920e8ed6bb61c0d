#include "transport/door.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace quotad::transport {
namespace asio = boost::asio;
namespace {

constexpr int kToldPerSecond = 5;

}  // namespace

asio::awaitable<void> Door::turn_for_large(asio::any_io_executor executor) {
  const auto now = std::chrono::steady_clock::now();
  const auto turn = std::max(next_large_, now);
  // As if this one took as long as the last.
  next_large_ = turn + 4 * large_took_;
  if (turn == now) co_return;
  asio::steady_timer timer(std::move(executor), turn);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

void Door::tell_of_end(const std::string& who, const std::string& why) {
  const auto now = std::chrono::steady_clock::now();
  if (now - telling_since_ >= std::chrono::seconds(1)) {
    telling_since_ = now;
    told_ = 0;
  }
  const auto level = ++told_ <= kToldPerSecond ? spdlog::level::warn : spdlog::level::debug;
  spdlog::log(level, "the connection of {} is closed: {}", who, why);
}

}  // namespace quotad::transport
