#include "transport/backlog.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace quotad::transport {
namespace asio = boost::asio;
namespace {

// Less than this is no burden, and not watched: an answer or some.
constexpr std::size_t kUnwatchedBytes = std::size_t{64} * 1024;

}  // namespace

Backlog::Backlog(asio::any_io_executor executor, Limits limits, Totals& totals,
                 std::function<void(const std::string&)> give_up)
    : executor_(std::move(executor)),
      limits_(limits),
      totals_(totals),
      give_up_(std::move(give_up)) {
  ++totals_.connections;
}

Backlog::~Backlog() {
  --totals_.connections;
  totals_.bytes -= bytes_;
}

void Backlog::queued(std::size_t bytes) {
  bytes_ += bytes;
  totals_.bytes += bytes;
  if (!give_up_) return;
  if (bytes_ / 2 > limits_.bytes) {
    give_up("more than twice " + std::to_string(limits_.bytes) +
            " bytes wait for it to read (--max-unread-bytes)");
  } else if (totals_.bytes > limits_.bytes_in_all &&
             bytes_ > limits_.bytes_in_all / totals_.connections) {
    give_up("more than " + std::to_string(limits_.bytes_in_all) +
            " bytes wait for all clients to read (--max-unread-bytes-in-all)");
  } else if (bytes_ > kUnwatchedBytes && !stalled_) {
    stalled_.emplace(executor_);
    watch();
  }
}

void Backlog::taken(std::size_t bytes) {
  bytes_ -= bytes;
  totals_.bytes -= bytes;
  taken_ += bytes;
}

void Backlog::watch() {
  stalled_->expires_after(limits_.stall);
  stalled_->async_wait([this, alive = std::weak_ptr<char>(alive_),
                        before = taken_](boost::system::error_code error) {
    if (error || alive.expired()) return;
    if (bytes_ <= kUnwatchedBytes) {
      stalled_.reset();
    } else if (taken_ == before) {
      give_up("it has read nothing for " + std::to_string(limits_.stall.count()) +
              " ms (--stall-timeout-ms)");
    } else {
      watch();
    }
  });
}

// Not at once: whoever is adding to it may be in the middle of something.
void Backlog::give_up(std::string reason) {
  asio::post(executor_, [alive = std::weak_ptr<char>(alive_), reason = std::move(reason),
                         give_up = std::exchange(give_up_, nullptr)] {
    if (!alive.expired()) give_up(reason);
  });
}

}  // namespace quotad::transport
