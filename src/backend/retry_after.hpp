// The Retry-After header of an HTTP answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace quotad::backend {

// Seconds to wait (RFC 9110, section 10.2.3: seconds, or a date), or nullopt if `text` holds
// neither, or a time that is over. A year at most.
std::optional<std::int64_t> parse_retry_after(const std::string& text, std::int64_t unix_now);

}  // namespace quotad::backend
