#include "auth/common.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <utility>

#include "system/clock.hpp"

namespace quotad::auth {
namespace {

CommonOptions with_defaults(CommonOptions options) {
  if (!options.clock) options.clock = system::unix_now;
  if (!options.steady_clock) options.steady_clock = std::chrono::steady_clock::now;
  return options;
}

}  // namespace

Common::Common(boost::asio::any_io_executor executor_, CommonOptions options_)
    : executor(std::move(executor_)),
      options(with_defaults(std::move(options_))),
      api(executor, options.api),
      worker(executor),
      refused_tokens(options.refused_tokens_file),
      identifications(executor),
      registrations(executor) {}

// What seems to be odd afterwards is easier to understand with this in the log.
void Common::notice_clock_jump() {
  const auto jump = clock_watch_.look(now(), options.steady_clock());
  if (!jump) return;
  spdlog::warn(
      "the clock has jumped {} s {}: it was set, or the machine slept; what runs out is judged by "
      "the new time",
      std::abs(*jump), *jump > 0 ? "ahead" : "back");
}

}  // namespace quotad::auth
