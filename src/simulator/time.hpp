// Dates as the service writes them.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

namespace quotad::simulator {

inline std::string format_utc(std::int64_t unix_seconds, const char* format) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

inline std::string rfc3339(std::int64_t unix_seconds) {
  return format_utc(unix_seconds, "%Y-%m-%dT%H:%M:%SZ");
}

}  // namespace quotad::simulator
