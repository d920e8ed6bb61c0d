// One thread for what can block, awaited from the event loop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <utility>

namespace quotad::system {

// The thread starts with the first piece of work. What the work touches, nobody else may touch
// meanwhile.
class Worker {
 public:
  explicit Worker(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  // Runs `work` on the thread, and throws here what it throws there. Waits to its end even if the caller
  // is cancelled, because it works on what is the caller's. An lvalue, because g++ 12 destroys closures
  // twice that are made within a co_await.
  template <class Work>
  boost::asio::awaitable<void> run(Work& work) {
    namespace asio = boost::asio;
    if (!thread_) thread_ = std::make_unique<asio::thread_pool>(1);
    asio::steady_timer done(executor_, asio::steady_timer::time_point::max());
    std::exception_ptr error;
    bool is_done = false;
    asio::post(*thread_, [&work, &done, &error, &is_done, executor = executor_] {
      try {
        work();
      } catch (...) {
        error = std::current_exception();
      }
      asio::post(executor, [&done, &is_done] {
        is_done = true;
        done.cancel();
      });
    });
    // Without this, waiting once more after a cancellation throws.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!is_done) co_await done.async_wait(asio::as_tuple(asio::use_awaitable));
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (error) std::rethrow_exception(error);
  }

 private:
  boost::asio::any_io_executor executor_;
  std::unique_ptr<boost::asio::thread_pool> thread_;
};

}  // namespace quotad::system
