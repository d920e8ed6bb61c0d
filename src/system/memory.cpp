#include "system/memory.hpp"

#include <malloc.h>

#include <chrono>

namespace quotad::system {

void keep_heap_small() {
  constexpr int kLargeBytes = 128 * 1024;
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);
  mallopt(M_TRIM_THRESHOLD, 4 * kLargeBytes);
}

void trim_heap() {
  using Clock = std::chrono::steady_clock;
  static Clock::time_point last;
  const auto now = Clock::now();
  if (now - last < std::chrono::seconds(1)) return;
  last = now;
  malloc_trim(0);
}

}  // namespace quotad::system
