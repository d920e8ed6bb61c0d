#include "auth/attempts.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "quotad/protocol/error.hpp"

namespace quotad::auth {
namespace asio = boost::asio;
using protocol::Error;
using protocol::ErrorKind;

asio::awaitable<void> Attempts::join(SignInPointer subject,
                                     std::function<asio::awaitable<void>()> work) {
  const auto found = std::find_if(under_way_.begin(), under_way_.end(),
                                  [&](const auto& other) { return other->subject == subject; });
  std::shared_ptr<Attempt> attempt;
  if (found != under_way_.end()) {
    attempt = *found;
  } else {
    attempt = std::make_shared<Attempt>(common_.executor, std::move(subject));
    under_way_.push_back(attempt);
    // May be over before this returns.
    asio::co_spawn(common_.executor, run(attempt, std::move(work)), asio::detached);
  }
  while (!attempt->is_over) {
    co_await attempt->over.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
  if (attempt->error) std::rethrow_exception(attempt->error);
}

asio::awaitable<void> Attempts::run(std::shared_ptr<Attempt> attempt,
                                    std::function<asio::awaitable<void>()> work) {
  try {
    co_await work();
  } catch (const Error& error) {
    spdlog::warn("{}", error.what());
    attempt->error = std::current_exception();
  } catch (const std::exception& error) {
    spdlog::error("renewing the tokens failed inside: {}", error.what());
    attempt->error = std::make_exception_ptr(
        Error(ErrorKind::kInternal, "renewing the tokens failed; the server's log says more"));
  }
  attempt->is_over = true;
  under_way_.remove(attempt);
  attempt->over.cancel();
}

asio::awaitable<void> Attempts::settled() {
  while (!under_way_.empty()) {
    const auto attempt = under_way_.front();
    co_await attempt->over.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace quotad::auth
