#include "backend/retry_after.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <charconv>

namespace quotad::backend {
namespace {

constexpr std::int64_t kMost = std::int64_t{365} * 24 * 3600;

}  // namespace

std::optional<std::int64_t> parse_retry_after(const std::string& text, std::int64_t unix_now) {
  const std::string value =
      boost::algorithm::trim_copy_if(text, boost::algorithm::is_any_of(" \t\r\n"));
  if (value.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  if (value.find_first_not_of("0123456789") == std::string::npos) {
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error != std::errc()) seconds = kMost;
  } else {
    const std::int64_t date = curl_getdate(value.c_str(), nullptr);
    if (date < 0 || unix_now < 0) return std::nullopt;
    seconds = date - unix_now;
  }
  if (seconds <= 0) return std::nullopt;
  return std::min(seconds, kMost);
}

}  // namespace quotad::backend
