#include "view/page.hpp"

#include <algorithm>
#include <array>
#include <boost/locale/utf.hpp>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <cwchar>
#include <utility>

namespace quotad::view {
namespace {

namespace utf = boost::locale::utf;
using Traits = utf::utf_traits<char>;

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

// The end of the year 9999, which four digits can show.
constexpr std::int64_t kLastTime = 253'402'300'799;

std::int64_t in_calendar(std::int64_t unix_time) {
  return std::clamp<std::int64_t>(unix_time, 0, kLastTime);
}

constexpr utf::code_point kReplacement = 0xFFFD;
// FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9).
constexpr utf::code_point kIsolate = 0x2068;
constexpr utf::code_point kEndOfIsolate = 0x2069;

std::string encoded(utf::code_point point) {
  std::string text;
  Traits::encode(point, std::back_inserter(text));
  return text;
}

// The C library's widths, whatever locale the user has.
class CharacterWidths {
 public:
  CharacterWidths() : before_(uselocale(utf8())) {}
  ~CharacterWidths() { uselocale(before_); }
  CharacterWidths(const CharacterWidths&) = delete;
  CharacterWidths& operator=(const CharacterWidths&) = delete;

  std::size_t of(utf::code_point point) const {
    return static_cast<std::size_t>(std::max(wcwidth(static_cast<wchar_t>(point)), 0));
  }

 private:
  static locale_t utf8() {
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale == nullptr ? LC_GLOBAL_LOCALE : locale;
  }

  locale_t before_;
};

// Calls take(point, where it begins, where it ends) for each character.
template <class Take>
void for_each_character(std::string_view text, const Take& take) {
  for (const char* at = text.data(); at != text.data() + text.size();) {
    const char* const begin = at;
    utf::code_point point = Traits::decode(at, text.data() + text.size());
    if (point == utf::illegal || point == utf::incomplete) point = kReplacement;
    if (!take(point, static_cast<std::size_t>(begin - text.data()),
              static_cast<std::size_t>(at - text.data()))) {
      return;
    }
  }
}

bool is_control(utf::code_point point) { return point < 0x20 || (point >= 0x7F && point < 0xA0); }

// Separators of lines, and marks that turn the text around them.
bool changes_layout(utf::code_point point) {
  return point == 0x061C || (point >= 0x200E && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
         point == 0xFEFF;
}

// Hebrew, Arabic and their neighbours.
bool is_right_to_left(utf::code_point point) {
  return (point >= 0x0590 && point <= 0x08FF) || (point >= 0xFB1D && point <= 0xFDFF) ||
         (point >= 0xFE70 && point <= 0xFEFC) || (point >= 0x10800 && point <= 0x10FFF) ||
         (point >= 0x1E800 && point <= 0x1EFFF);
}

// Where the characters end that take `width` columns together.
std::size_t end_of_columns(std::string_view text, std::size_t width) {
  const CharacterWidths widths;
  std::size_t end = 0;
  for_each_character(text, [&](utf::code_point point, std::size_t, std::size_t after) {
    const std::size_t needed = widths.of(point);
    if (needed > width) return false;
    width -= needed;
    end = after;
    return true;
  });
  return end;
}

// Where the first word ends, together with a unit behind it: "27 d" stays on one line.
std::size_t end_of_word(std::string_view text) {
  constexpr std::array<std::string_view, 5> kUnits{"d", "h", "min", "s", "%"};
  std::size_t end = std::min(text.find(' '), text.size());
  while (end < text.size()) {
    const std::size_t next = std::min(text.find(' ', end + 1), text.size());
    std::string_view unit = text.substr(end + 1, next - end - 1);
    while (!unit.empty() && (unit.back() == ',' || unit.back() == ';' || unit.back() == '.'))
      unit.remove_suffix(1);
    if (std::find(kUnits.begin(), kUnits.end(), unit) == kUnits.end()) break;
    end = next;
  }
  return end;
}

// In UTC or local, as the page has it.
std::tm parts_of(std::int64_t unix_time, const Page& page) {
  const std::time_t seconds = in_calendar(unix_time);
  std::tm parts{};
  if (page.utc) {
    gmtime_r(&seconds, &parts);
  } else {
    localtime_r(&seconds, &parts);
  }
  return parts;
}

// Whether a time of the day stands in it: "14:30".
bool shows_time(std::string_view line) {
  const auto is_digit = [&](std::size_t at) { return line[at] >= '0' && line[at] <= '9'; };
  for (std::size_t at = 2; at + 2 < line.size(); ++at) {
    if (line[at] == ':' && is_digit(at - 2) && is_digit(at - 1) && is_digit(at + 1) &&
        is_digit(at + 2)) {
      return true;
    }
  }
  return false;
}

// "1,234,567" for digits.
std::string with_separators(std::string digits) {
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string formatted(const std::tm& time, const char* format) {
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &time)};
}

}  // namespace

std::string to_text(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) (text += line) += '\n';
  return text;
}

std::size_t columns(std::string_view text) {
  const CharacterWidths widths;
  std::size_t sum = 0;
  for_each_character(text, [&](utf::code_point point, std::size_t, std::size_t) {
    sum += widths.of(point);
    return true;
  });
  return sum;
}

bool is_utf8(std::string_view text) {
  for (const char* at = text.data(); at != text.data() + text.size();) {
    const utf::code_point point = Traits::decode(at, text.data() + text.size());
    if (point == utf::illegal || point == utf::incomplete) return false;
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string clean;
  bool turns = false;
  for_each_character(text, [&](utf::code_point point, std::size_t, std::size_t) {
    if (changes_layout(point)) return true;
    turns = turns || is_right_to_left(point);
    Traits::encode(is_control(point) ? U' ' : point, std::back_inserter(clean));
    return true;
  });
  return turns ? encoded(kIsolate) + clean + encoded(kEndOfIsolate) : clean;
}

std::string cut(std::string_view text, std::size_t width, const Page& page) {
  if (columns(text) <= width) return std::string(text);
  const std::string ellipsis = page.graphic ? "…" : "...";
  if (width <= columns(ellipsis)) return std::string(width, '.');
  const std::size_t end = end_of_columns(text, width - columns(ellipsis));
  std::string shortened = std::string(text.substr(0, end)) + ellipsis;
  if (text.starts_with(encoded(kIsolate))) shortened += encoded(kEndOfIsolate);
  return shortened;
}

std::string left(std::string text, std::size_t width) {
  const std::size_t taken = columns(text);
  if (taken < width) text.append(width - taken, ' ');
  return text;
}

std::string right(std::string text, std::size_t width) {
  const std::size_t taken = columns(text);
  if (taken < width) text.insert(0, width - taken, ' ');
  return text;
}

Lines wrap(std::string_view text, std::size_t width) {
  Lines lines;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = end_of_word(text);
    std::string word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    while (columns(word) > width) {  // no line has room for it
      if (!line.empty()) lines.push_back(std::exchange(line, ""));
      const std::size_t fits = end_of_columns(word, width);
      lines.push_back(word.substr(0, fits));
      word.erase(0, fits);
    }
    if (!line.empty() && columns(line) + 1 + columns(word) > width) {
      lines.push_back(std::exchange(line, ""));
    }
    line += line.empty() ? word : " " + word;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

std::string paint(const std::string& text, Color color, const Page& page) {
  constexpr std::array kCodes{"", "1", "2", "32", "33", "31"};  // ECMA-48, section 8.3.117
  if (!page.colored || color == Color::kPlain || text.empty()) return text;
  return std::string("\x1b[") + kCodes.at(static_cast<std::size_t>(color)) + "m" + text + "\x1b[0m";
}

Color alarm(std::int64_t used_percent) {
  if (used_percent >= 90) return Color::kRed;
  return used_percent >= 70 ? Color::kYellow : Color::kGreen;
}

std::string bar(std::int64_t used_percent, std::size_t width, const Page& page) {
  constexpr std::array kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto used = static_cast<std::size_t>(std::clamp<std::int64_t>(used_percent, 0, 100));
  const Color color = alarm(used_percent);
  if (!page.graphic) {
    const std::size_t inside = width - std::min<std::size_t>(width, 2);
    // What is used shows, and so does what is left.
    std::size_t filled = (used * inside + 50) / 100;
    if (used > 0) filled = std::max<std::size_t>(filled, 1);
    if (used < 100) filled = std::min(filled, inside - 1);
    return "[" + paint(std::string(filled, '#'), color, page) + std::string(inside - filled, '-') +
           "]";
  }
  std::size_t eighths = used * width * 8 / 100;
  if (used > 0) eighths = std::max<std::size_t>(eighths, 1);
  std::string filled;
  for (std::size_t i = 0; i < eighths / 8; ++i) filled += "█";
  const std::string partial = kEighths.at(eighths % 8);
  filled += partial;
  std::string rest;
  for (std::size_t i = eighths / 8 + (partial.empty() ? 0 : 1); i < width; ++i) rest += "░";
  return paint(filled, color, page) + paint(rest, Color::kDim, page);
}

std::string grouped(std::int64_t number) {
  const std::string digits = std::to_string(number);
  return number < 0 ? "-" + with_separators(digits.substr(1)) : with_separators(digits);
}

std::string amount(std::string_view decimal) {
  constexpr std::string_view kDigits = "0123456789";
  std::string_view rest = decimal;
  const bool is_negative = rest.substr(0, 1) == "-";
  if (is_negative) rest.remove_prefix(1);
  const std::size_t point = std::min(rest.find_first_not_of(kDigits), rest.size());
  std::string whole(rest.substr(0, point));
  rest.remove_prefix(point);
  const bool has_fraction = rest.size() > 1 && rest.front() == '.';
  if (has_fraction) rest.remove_prefix(1);
  if (whole.empty() || rest.find_first_not_of(kDigits) != std::string_view::npos) {
    return printable(decimal);
  }
  const bool is_zero = whole.find_first_not_of('0') == std::string::npos &&
                       rest.find_first_not_of('0') == std::string_view::npos;
  if (has_fraction) {
    std::string cents(rest.substr(0, 2));
    cents.resize(2, '0');
    whole += cents;
    // Half up: what is carried may need a digit more.
    bool carries = rest.size() > 2 && rest[2] >= '5';
    for (std::size_t at = whole.size(); carries && at-- > 0;) {
      carries = whole[at] == '9';
      whole[at] = carries ? '0' : static_cast<char>(whole[at] + 1);
    }
    if (carries) whole.insert(0, "1");
  }
  std::string cents;
  if (has_fraction) {
    cents = "." + whole.substr(whole.size() - 2);
    whole.resize(whole.size() - 2);
  }
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  if (!is_zero && whole == "0" && cents == ".00") return is_negative ? "-0.00" : "less than 0.01";
  return (is_negative && !is_zero ? "-" : "") + with_separators(whole) + cents;
}

std::string dollars(double number) {
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), "%.2f", std::fabs(number));
  return (number <= -0.005 ? "-$" : "$") + amount(text.data());
}

std::string brief(std::int64_t number) {
  constexpr std::array<std::pair<std::int64_t, const char*>, 5> kUnits{{
      {1'000'000'000'000'000, "Q"},
      {1'000'000'000'000, "T"},
      {1'000'000'000, "B"},
      {1'000'000, "M"},
      {1'000, "k"},
  }};
  for (const auto& [unit, name] : kUnits) {
    if (number < unit) continue;
    const std::int64_t tenths = number / (unit / 10);
    if (tenths >= 100) return std::to_string(tenths / 10) + name;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + name;
  }
  return std::to_string(number);
}

std::string duration(std::int64_t seconds) {
  const auto two = [](std::int64_t major, const char* unit, std::int64_t minor,
                      const char* smaller) {
    std::string words = std::to_string(major) + " " + unit;
    if (minor > 0) words += " " + std::to_string(minor) + " " + smaller;
    return words;
  };
  seconds = std::max<std::int64_t>(seconds, 0);
  if (seconds < kMinute) return std::to_string(seconds) + " s";
  if (seconds < kHour) return std::to_string(seconds / kMinute) + " min";
  if (seconds < kDay) return two(seconds / kHour, "h", seconds % kHour / kMinute, "min");
  return two(seconds / kDay, "d", seconds % kDay / kHour, "h");
}

std::string moment(std::int64_t unix_time, const Page& page) {
  const std::tm then = parts_of(unix_time, page);
  const std::tm now = parts_of(page.now, page);
  const char* format = "%Y-%m-%d %H:%M";
  if (then.tm_year == now.tm_year && then.tm_yday == now.tm_yday) {
    format = "%H:%M";
  } else if (std::llabs(in_calendar(unix_time) - in_calendar(page.now)) < 6 * kDay) {
    format = "%a %H:%M";
  }
  std::string words = formatted(then, format);
  if (page.utc) return words + " UTC";
  if (then.tm_gmtoff != now.tm_gmtoff) words += " " + printable(formatted(then, "%Z"));
  return words;
}

std::string zone(const Page& page) {
  const std::tm now = parts_of(page.now, page);
  const std::string name = printable(formatted(now, "%Z"));
  std::string offset = formatted(now, "%z");  // "+0530"
  if (page.utc || offset.size() != 5 || name == "UTC") return "UTC";
  offset = "UTC" + offset.insert(3, ":");
  // Zones without an abbreviation are called by their offset.
  const bool is_named = !name.empty() && name.front() != '+' && name.front() != '-';
  return is_named ? name + " (" + offset + ")" : offset;
}

void add_zone(Lines& lines, const Page& page) {
  if (page.utc || std::none_of(lines.begin(), lines.end(), shows_time)) return;
  lines.emplace_back();
  lines.push_back(paint("Times are in " + zone(page) + ".", Color::kDim, page));
}

std::string until(std::int64_t unix_time, const Page& page) {
  const std::int64_t left = in_calendar(unix_time) - in_calendar(page.now);
  return left <= 0 ? "now" : "in " + duration(left);
}

}  // namespace quotad::view
