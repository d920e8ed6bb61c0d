#include "transport/door.hpp"

#include <spdlog/spdlog.h>

namespace quotad::transport {
namespace {

constexpr int kToldPerSecond = 5;

}  // namespace

void Door::tell_of_end(const std::string& who, const std::string& why) {
  const auto now = std::chrono::steady_clock::now();
  if (now - telling_since_ >= std::chrono::seconds(1)) {
    telling_since_ = now;
    told_ = 0;
  }
  const auto level = ++told_ <= kToldPerSecond ? spdlog::level::warn : spdlog::level::debug;
  spdlog::log(level, "the connection of {} is closed: {}", who, why);
}

protocol::Error overloaded() {
  return {protocol::ErrorKind::kOverloaded, "Server overloaded; retry later."};
}

std::string too_much_unfinished(const ServerOptions& options) {
  return "unfinished messages of all clients have more than " +
         std::to_string(options.max_unfinished_bytes_in_all) +
         " bytes, most of them this one's (--max-unfinished-bytes-in-all)";
}

}  // namespace quotad::transport
