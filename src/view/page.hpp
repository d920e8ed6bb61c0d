// Text for people: laid out in the columns of a terminal, measured by how wide characters are shown.
//
// Pure functions, used by every view of this folder. They print nothing and know no terminal: what they
// need to know of it, and of the time, stands in a Page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quotad::view {

inline constexpr std::size_t kNarrowest = 40;  // columns that every view can do with

// Whom a view is for.
struct Page {
  std::size_t width = 80;       // columns
  bool colored = false;         // with ANSI's colours
  bool graphic = true;          // bars and shades of Unicode, otherwise ASCII
  bool utc = false;             // times in UTC, otherwise local ones
  std::int64_t now = 0;         // Unix time in seconds
  double credits_per_usd = 25;  // 0: no estimate in dollars
};

enum class Color { kPlain, kBold, kDim, kGreen, kYellow, kRed };

// Lines without their ends.
using Lines = std::vector<std::string>;

std::string to_text(const Lines& lines);

// How many columns `text` takes. Escapes are not known here: measure first, then paint.
std::size_t columns(std::string_view text);

bool is_utf8(std::string_view text);

// `text` as one line that cannot move the cursor or turn its neighbours around: without control
// characters and marks of direction; right-to-left text is isolated from what stands beside it.
std::string printable(std::string_view text);

// At most so many columns of `text`; with an ellipsis if it was longer.
std::string cut(std::string_view text, std::size_t width, const Page& page);

// `text` with spaces behind it, or before it, up to `width` columns.
std::string left(std::string text, std::size_t width);
std::string right(std::string text, std::size_t width);

// `text` in lines of at most `width` columns, broken at spaces where that is possible.
Lines wrap(std::string_view text, std::size_t width);

std::string paint(const std::string& text, Color color, const Page& page);

// How near a limit is, as a colour.
Color alarm(std::int64_t used_percent);

// `used_percent` of `width` columns, filled, the rest shown as left.
std::string bar(std::int64_t used_percent, std::size_t width, const Page& page);

// "1,234,567"; and "1.2M", which takes five columns at most.
std::string grouped(std::int64_t number);
std::string brief(std::int64_t number);

// A decimal number with separators, and with two decimals if it has any: "15,000", "4,012.12". Others are
// given as they are, in one printable line.
std::string amount(std::string_view decimal);

// "$1,234.50", rounded to cents.
std::string dollars(double number);

// "3 h 12 min", "2 d 4 h", "40 s".
std::string duration(std::int64_t seconds);

// "14:30" today, "Tue 14:30" within the days around, otherwise "2026-11-30 14:30"; UTC is named, and so is the
// zone of a local time that differs from that of now, as after a change of the clocks. Up to the year 9999.
std::string moment(std::int64_t unix_time, const Page& page);

// "CET (UTC+01:00)": the zone of local times, as of now.
std::string zone(const Page& page);

// Says in which zone the local times of a page are, below it, if it shows any. UTC stands beside each.
void add_zone(Lines& lines, const Page& page);

// "in 3 h 12 min", or "now" for what is over.
std::string until(std::int64_t unix_time, const Page& page);

}  // namespace quotad::view
