// Times in RFC 3339: one that is read can be written, read again, and told in other letters and
// another zone.

#include "backend/rfc3339.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "fuzz.hpp"

namespace {

using quotad::backend::format_rfc3339;
using quotad::backend::parse_rfc3339;
using quotad::fuzz::require;

// Years 0000 to 9999; a zone can move a time out of them.
constexpr std::int64_t kFirst = -62'167'219'200;
constexpr std::int64_t kLast = 253'402'300'799;
constexpr std::int64_t kDay = 24 * 60 * 60;

void require_written(std::int64_t time) {
  const std::string text = format_rfc3339(time);
  require(text.size() == std::strlen("2026-11-01T00:00:00Z"));
  require(parse_rfc3339(text) == time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(quotad::fuzz::text_of(data, size));
  std::uint64_t number = 0;
  if (size > 0) std::memcpy(&number, data, std::min(size, sizeof number));
  require_written(kFirst + static_cast<std::int64_t>(number % (kLast - kFirst + 1)));

  const auto time = parse_rfc3339(text);
  if (!time) return 0;
  require(*time > kFirst - kDay && *time < kLast + kDay);
  if (*time >= kFirst && *time <= kLast) require_written(*time);

  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  require(parse_rfc3339(lower) == time);
  if (lower.back() == 'z') {
    lower.pop_back();
    require(parse_rfc3339(lower + "+00:00") == time);
    require(parse_rfc3339(lower + "-01:30") == *time + 90 * 60);
    require(parse_rfc3339(lower) == time);
    require(!parse_rfc3339(text + "Z"));
  }
  require(!parse_rfc3339(" " + text));
  return 0;
}
