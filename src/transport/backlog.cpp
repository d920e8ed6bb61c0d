#include "transport/backlog.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "system/memory.hpp"

namespace quotad::transport {
namespace asio = boost::asio;
namespace {

// So much of one client leaves holes in the heap that are worth looking for.
constexpr std::size_t kBurden = std::size_t{1} << 20U;

}  // namespace

Backlog::Backlog(asio::any_io_executor executor, Limits limits, SharedBytes& all,
                 std::function<void(const std::string&)> give_up)
    : executor_(std::move(executor)), limits_(limits), give_up_(std::move(give_up)) {
  if (!give_up_) return;
  share_.emplace(all, [this, max = all.max()] {
    this->give_up("more than " + std::to_string(max) +
                  " bytes wait for all clients to read, most of them for this one "
                  "(--max-unread-bytes-in-all)");
  });
}

Backlog::~Backlog() {
  drop();
  if (most_ > kBurden) system::trim_heap();
}

void Backlog::queued(std::size_t bytes) {
  if (is_dropped_) return;
  bytes_ += bytes;
  count();
  if (!give_up_ || is_dropped_ || watched_) return;
  watched_ = std::make_unique<asio::steady_timer>(executor_);
  watch();
}

void Backlog::taken(std::size_t bytes) {
  if (is_dropped_) return;
  bytes_ -= bytes;
  taken_ += bytes;
  count();
}

void Backlog::hold(std::size_t bytes) {
  if (is_dropped_) return;
  held_ = bytes;
  count();
}

void Backlog::drop() {
  bytes_ = 0;
  held_ = 0;
  is_dropped_ = true;
  watched_.reset();
  if (share_) share_->drop();
}

void Backlog::count() {
  most_ = std::max(most_, bytes_ + held_);
  if (share_) share_->set(bytes_ + held_);
}

// Set once and not for each answer: whoever takes anything between two looks is no burden.
void Backlog::watch() {
  watched_->expires_after(limits_.stall);
  watched_->async_wait([this, alive = std::weak_ptr<char>(alive_),
                        before = taken_](boost::system::error_code error) {
    if (error || alive.expired() || !watched_) return;
    if (bytes_ == 0) {
      watched_.reset();
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
  drop();
  asio::post(executor_, [alive = std::weak_ptr<char>(alive_), reason = std::move(reason),
                         give_up = std::exchange(give_up_, nullptr)] {
    if (!alive.expired()) give_up(reason);
  });
}

}  // namespace quotad::transport
