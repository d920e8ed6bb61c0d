// Everybody who is connected, to be told what nobody asked for.
//
// A session joins when it is made and leaves when it ends; whether it passes a notification on, its
// client has decided at `initialize`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/json_text.hpp"

namespace quotad::rpc {

class Hearer {
 public:
  Hearer() = default;
  Hearer(const Hearer&) = delete;
  Hearer& operator=(const Hearer&) = delete;
  virtual ~Hearer() = default;
  virtual bool wants(std::string_view method) const = 0;
  // Passes on only what it wants, with the time at which it was sent to all. Queues it: nobody joins or
  // leaves meanwhile.
  virtual void notify(std::string_view method, const protocol::OrderedJson& params,
                      std::int64_t emitted_at_ms) = 0;
};

class Audience {
 public:
  using Clock = std::function<std::int64_t()>;  // Unix time in milliseconds

  explicit Audience(Clock clock) : clock_(std::move(clock)) {}

  void join(Hearer& hearer) { hearers_.insert(&hearer); }
  void leave(Hearer& hearer) { hearers_.erase(&hearer); }

  // Whether anybody would be told of it.
  bool wants(std::string_view method) const {
    return std::any_of(hearers_.begin(), hearers_.end(),
                       [&](const Hearer* hearer) { return hearer->wants(method); });
  }

  // Tells every initialized client that has not opted out of it.
  template <class Notification>
  void notify(const typename Notification::Params& params) {
    if (hearers_.empty()) return;
    const protocol::OrderedJson encoded = protocol::encode(params);
    const std::int64_t now = clock_();
    for (Hearer* hearer : hearers_) hearer->notify(Notification::kName, encoded, now);
  }

 private:
  Clock clock_;
  std::unordered_set<Hearer*> hearers_;
};

}  // namespace quotad::rpc
