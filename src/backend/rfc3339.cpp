#include "backend/rfc3339.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace quotad::backend {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes fixed pieces off the front of a text; once one is missing, `ok` stays false.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) ok_ = false;
    for (std::size_t i = 0; ok_ && i < count; ++i) {
      if (!is_digit(rest_[i])) ok_ = false;
      value = value * 10 + (rest_[i] - '0');
    }
    if (ok_) rest_.remove_prefix(count);
    return value;
  }
  char one_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) {
      ok_ = false;
      return '\0';
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void skip_fraction() {
    if (rest_.empty() || rest_.front() != '.') return;
    rest_.remove_prefix(1);
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_digit);
    const auto count = static_cast<std::size_t>(end - rest_.begin());
    if (count == 0) ok_ = false;
    rest_.remove_prefix(count);
  }
  bool ok() const { return ok_; }
  bool finished() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  Cursor cursor(text);
  const int year = cursor.digits(4);
  cursor.one_of("-");
  const int month = cursor.digits(2);
  cursor.one_of("-");
  const int day = cursor.digits(2);
  cursor.one_of("Tt ");
  const int hour = cursor.digits(2);
  cursor.one_of(":");
  const int minute = cursor.digits(2);
  cursor.one_of(":");
  const int second = cursor.digits(2);
  cursor.skip_fraction();
  const char zone = cursor.finished() ? 'Z' : cursor.one_of("Zz+-");
  int offset_minutes = 0;
  if (cursor.ok() && (zone == '+' || zone == '-')) {
    const int offset_hour = cursor.digits(2);
    cursor.one_of(":");
    const int offset_minute = cursor.digits(2);
    if (offset_hour > 23 || offset_minute > 59) return std::nullopt;
    offset_minutes = (offset_hour * 60 + offset_minute) * (zone == '-' ? -1 : 1);
  }
  if (!cursor.finished()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((std::int64_t{days} * 24 + hour) * 60 + minute - offset_minutes) * 60 +
         std::min(second, 59);
}

std::string format_rfc3339(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  // strftime writes no zeros in front of a year.
  std::string text = std::to_string(utc.tm_year + 1900);
  text.insert(0, text.size() < 4 ? 4 - text.size() : 0, '0');
  char rest[24];
  return text.append(rest, std::strftime(rest, sizeof rest, "-%m-%dT%H:%M:%SZ", &utc));
}

}  // namespace quotad::backend
