// The Retry-After header: what it gives is a time to come.

#include "backend/retry_after.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(quotad::fuzz::text_of(data, size));
  constexpr std::int64_t kNow = 784'111'777;
  const auto now = quotad::backend::parse_retry_after(text, kNow);
  quotad::fuzz::require(!now || *now > 0);
  // Seconds count from whenever it is; a date is nearer a second later.
  const auto later = quotad::backend::parse_retry_after(text, kNow + 1);
  quotad::fuzz::require(now == later || *now - 1 == later.value_or(0));
  return 0;
}
