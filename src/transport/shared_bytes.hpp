// Bytes that all connections of a server may hold together. Beyond that, whoever holds the most is told to let go.
#pragma once

#include <cstddef>
#include <functional>
#include <unordered_set>
#include <utility>

namespace quotad::transport {

class SharedBytes {
 public:
  // What one connection holds of them.
  class Share {
   public:
    // `give_up` is called at most once, from within `set` of this or another share, which is then
    // empty and stays so. `all` must outlive it.
    Share(SharedBytes& all, std::function<void()> give_up)
        : all_(all), give_up_(std::move(give_up)) {
      all_.shares_.insert(this);
    }
    ~Share() {
      drop();
      all_.shares_.erase(this);
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    void set(std::size_t bytes) {
      if (bytes == bytes_ || is_dropped_) return;
      all_.bytes_ += bytes - bytes_;
      bytes_ = bytes;
      if (all_.bytes_ > all_.max_) all_.relieve();
    }
    // From now on it holds nothing.
    void drop() {
      set(0);
      is_dropped_ = true;
    }

   private:
    friend class SharedBytes;
    SharedBytes& all_;
    std::function<void()> give_up_;
    std::size_t bytes_ = 0;
    bool is_dropped_ = false;
  };

  explicit SharedBytes(std::size_t max) : max_(max) {}

  std::size_t bytes() const { return bytes_; }
  std::size_t max() const { return max_; }

 private:
  void relieve();

  std::size_t max_;
  std::size_t bytes_ = 0;
  std::unordered_set<Share*> shares_;
};

}  // namespace quotad::transport
