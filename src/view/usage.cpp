#include "view/usage.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

namespace quotad::view {
namespace {

using protocol::AccountTokenUsageSummary;
using protocol::GetAccountTokenUsageResponse;
using protocol::ThreadUsageBreakdownGroup;

constexpr std::int64_t kChartDays = 30;
constexpr std::int64_t kChartHeight = 8;
constexpr std::int64_t kWeek = 7;
constexpr std::int64_t kDay = 86'400;  // in seconds

std::chrono::year_month_day date_of(std::int64_t day) {
  return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(day)));
}

std::string date(std::int64_t day) {
  const auto date = date_of(day);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

// 0 is Monday. 1970-01-01 was a Thursday.
std::int64_t weekday(std::int64_t day) { return ((day + 3) % kWeek + kWeek) % kWeek; }

// What is known of each day.
class Days {
 public:
  Days(const GetAccountTokenUsageResponse& usage, const Page& page) : last_(page.now / kDay) {
    if (!usage.daily_usage_buckets) return;
    for (const auto& bucket : *usage.daily_usage_buckets) {
      const auto day = parse_day(bucket.start_date);
      if (!day) continue;
      tokens_[*day] = std::max<std::int64_t>(bucket.tokens, 0);
    }
    // The service's day may have begun when ours has not.
    if (!tokens_.empty() && tokens_.rbegin()->first == last_ + 1) ++last_;
  }

  bool empty() const { return tokens_.empty(); }
  std::int64_t last() const { return last_; }

  std::optional<std::int64_t> on(std::int64_t day) const {
    const auto found = tokens_.find(day);
    if (found == tokens_.end()) return std::nullopt;
    return found->second;
  }

  std::int64_t most(std::int64_t first, std::int64_t last) const {
    std::int64_t most = 0;
    for (auto at = tokens_.lower_bound(first); at != tokens_.end() && at->first <= last; ++at) {
      most = std::max(most, at->second);
    }
    return most;
  }

 private:
  std::map<std::int64_t, std::int64_t> tokens_;
  std::int64_t last_;
};

struct Shade {
  const char* graphic;
  const char* plain;
  Color color;
};

constexpr Shade kUnknown{"·", ".", Color::kDim};
constexpr std::array kShades{
    Shade{"▁", "0", Color::kDim},   Shade{"░", "1", Color::kGreen}, Shade{"▒", "2", Color::kGreen},
    Shade{"▓", "3", Color::kGreen}, Shade{"█", "4", Color::kGreen},
};

std::string show(const Shade& shade, std::size_t times, const Page& page) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += page.graphic ? shade.graphic : shade.plain;
  return paint(text, shade.color, page);
}

const Shade& shade_of(std::optional<std::int64_t> tokens, std::int64_t most) {
  if (!tokens) return kUnknown;
  if (*tokens == 0 || most == 0) return kShades.front();
  const double part = static_cast<double>(*tokens) / static_cast<double>(most);
  const auto quarter = static_cast<std::size_t>(part * 4);
  return kShades.at(std::clamp<std::size_t>(quarter + 1, 1, 4));
}

// Names of months above the weeks in which they begin, where there is room.
std::string month_names(std::int64_t first_monday, std::int64_t weeks, std::size_t cell) {
  constexpr std::array kNames{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::string line;
  for (std::int64_t week = 0; week < weeks; ++week) {
    const std::size_t at = static_cast<std::size_t>(week) * cell;
    const auto sunday = date_of(first_monday + week * kWeek + kWeek - 1);
    const bool begins = static_cast<unsigned>(sunday.day()) <= kWeek;
    const bool fits = at + 3 <= static_cast<std::size_t>(weeks) * cell;
    if (!begins || !fits || (line.size() > at)) continue;
    line.resize(at, ' ');
    line += kNames.at(static_cast<unsigned>(sunday.month()) - 1);
    line += ' ';
  }
  return line;
}

void add_calendar(Lines& lines, const Days& days, std::int64_t wanted, const Page& page) {
  constexpr std::size_t kNames = 4;  // columns for those of the weekdays
  const std::int64_t first_wanted = days.last() - wanted + 1;
  const std::int64_t last_monday = days.last() - weekday(days.last());
  std::int64_t first_monday = first_wanted - weekday(first_wanted);
  std::int64_t weeks = (last_monday - first_monday) / kWeek + 1;
  const auto room = static_cast<std::int64_t>(page.width - kNames);
  const std::size_t cell = weeks * 2 <= room ? 2 : 1;
  const bool is_cut = weeks > room;
  if (is_cut) {
    weeks = room;
    first_monday = last_monday - (weeks - 1) * kWeek;
  }
  const std::int64_t first = std::max(first_wanted, first_monday);
  const std::int64_t most = days.most(first, days.last());
  lines.push_back(paint("By day (UTC)", Color::kBold, page) + "  " + date(first) + " to " +
                  date(days.last()));
  if (is_cut) lines.emplace_back("(a wider terminal shows more)");
  lines.push_back(std::string(kNames, ' ') + month_names(first_monday, weeks, cell));
  constexpr std::array kWeekdays{"Mon", "", "Wed", "", "Fri", "", "Sun"};
  for (std::int64_t row = 0; row < kWeek; ++row) {
    std::string line = left(kWeekdays.at(static_cast<std::size_t>(row)), kNames);
    for (std::int64_t week = 0; week < weeks; ++week) {
      const std::int64_t day = first_monday + week * kWeek + row;
      if (day < first || day > days.last()) {
        line.append(cell, ' ');
      } else {
        line += show(shade_of(days.on(day), most), cell, page);
      }
    }
    lines.push_back(line);
  }
  std::string legend = std::string(kNames, ' ') + show(kUnknown, 1, page) + " unknown  " +
                       show(kShades.front(), 1, page) + " none  ";
  for (std::size_t i = 1; i < kShades.size(); ++i) legend += show(kShades.at(i), 1, page);
  lines.push_back(legend + " up to " + brief(most));
}

// The top of a bar that is `part` of a row high.
std::string top_of_bar(std::int64_t eighths, const Page& page) {
  constexpr std::array kEighths{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (!page.graphic) return eighths >= 4 ? "#" : (eighths > 0 ? "." : " ");
  return kEighths.at(static_cast<std::size_t>(std::clamp<std::int64_t>(eighths, 0, 8)));
}

void add_chart(Lines& lines, const Days& days, const Page& page) {
  constexpr std::size_t kNames = 6;  // columns for the numbers beside the chart
  const std::int64_t first = days.last() - kChartDays + 1;
  const std::int64_t most = days.most(first, days.last());
  const std::size_t each = page.width >= kNames + 1 + 2 * kChartDays ? 2 : 1;
  lines.push_back(paint("Last 30 days", Color::kBold, page));
  for (std::int64_t row = kChartHeight - 1; row >= 0; --row) {
    std::string bars;
    for (std::int64_t day = first; day <= days.last(); ++day) {
      const auto tokens = days.on(day);
      std::string top = " ";
      if (tokens && *tokens > 0) {
        const double height = static_cast<double>(*tokens) / static_cast<double>(most) *
                              static_cast<double>(kChartHeight * 8);
        // What is there shows, however little it is beside the most.
        const auto eighths = std::max<std::int64_t>(static_cast<std::int64_t>(height), 1);
        top = top_of_bar(eighths - row * 8, page);
      } else if (!tokens && row == 0) {
        top = page.graphic ? kUnknown.graphic : "?";
      }
      bars += top;
      if (each == 2) bars += top == " " || top == kUnknown.graphic || top == "?" ? " " : top;
    }
    const std::string number = row == kChartHeight - 1 ? brief(most) : (row == 0 ? "0" : "");
    lines.push_back(right(number, kNames - 1) + " " + paint(bars, Color::kGreen, page));
  }
  const std::string begin = date(first).substr(5);
  const std::string end = date(days.last()).substr(5);
  lines.push_back(std::string(kNames, ' ') + left(begin, kChartDays * each - end.size()) + end);
}

void add_totals(Lines& lines, const AccountTokenUsageSummary& summary, const Page& page) {
  const auto add = [&](const char* name, std::optional<std::int64_t> number, auto words) {
    const std::string shown = number ? words(*number) : std::string("unknown");
    lines.push_back(cut(left(name, 16) + shown, page.width, page));
  };
  const auto tokens = [](std::int64_t number) { return grouped(number) + " tokens"; };
  const auto days = [](std::int64_t number) {
    return grouped(number) + (number == 1 ? " day" : " days");
  };
  lines.push_back(paint("Token usage", Color::kBold, page));
  add("In all", summary.lifetime_tokens, tokens);
  add("Busiest day", summary.peak_daily_tokens, tokens);
  add("Longest turn", summary.longest_running_turn_sec, duration);
  add("Streak", summary.current_streak_days, days);
  add("Longest streak", summary.longest_streak_days, days);
}

// "1,234.57" of millionths.
std::string decimal(std::int64_t millionths) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%s%lld.%06lld", millionths < 0 ? "-" : "",
                std::llabs(static_cast<long long>(millionths / 1'000'000)),
                std::llabs(static_cast<long long>(millionths % 1'000'000)));
  return amount(text.data());
}

// "$1,234.57" of millionths; "less than $0.01".
std::string in_dollars(std::int64_t millionths) {
  if (millionths > 0 && millionths < 5'000) return "less than $0.01";
  return dollars(static_cast<double>(millionths) / 1e6);
}

// "2026-11-22", or "2026-11-22 14:30 UTC": a day or time as the service writes it. What is neither stays as it is.
std::string as_of(const std::string& text) {
  const std::string_view day = std::string_view(text).substr(0, 10);
  if (!parse_day(day) || text.size() < 16) return printable(text);
  const std::size_t end = std::min(text.find_first_not_of("0123456789:.", 11), text.size());
  const std::string zone = text.substr(end);
  const bool is_utc = zone.empty() || zone == "Z" || zone == "z" || zone == "+00:00";
  return printable(text.substr(0, 10) + " " + text.substr(11, 5) + " UTC" + (is_utc ? "" : zone));
}

// As of when the numbers are, and what went wrong with them.
void add_notes(Lines& lines, const GetAccountTokenUsageResponse& usage, const Page& page) {
  if (usage.stats_as_of) {
    lines.push_back(cut(left("As of", 16) + as_of(*usage.stats_as_of), page.width, page));
  }
  if (!usage.stats_error) return;
  constexpr std::size_t kLongest = 200;  // columns
  const std::string words = "The service says that it could not make these numbers: " +
                            cut(printable(*usage.stats_error), kLongest, page);
  for (const std::string& line : wrap(words, page.width)) {
    lines.push_back(paint(line, Color::kYellow, page));
  }
}

void add_group(Lines& lines, const ThreadUsageBreakdownGroup& group, const Page& page) {
  std::string name = printable(group.model.value_or("unknown model"));
  if (group.reasoning_effort) name += ", " + printable(*group.reasoning_effort);
  if (group.speed) name += ", " + printable(*group.speed);
  lines.push_back("  " + cut(name, page.width - 2, page));
  std::string words = decimal(group.estimated_usage_credits_micros) + " credits";
  const auto add = [&](std::optional<std::int64_t> number, const char* what) {
    if (number) words += "; " + grouped(*number) + " " + what;
  };
  add(group.input_tokens, "tokens in");
  add(group.cached_input_tokens, "of them cached");
  add(group.output_tokens, "tokens out");
  add(group.total_tokens, "in all");
  for (const std::string& line : wrap(words, page.width - 4)) lines.push_back("    " + line);
}

}  // namespace

std::optional<std::int64_t> parse_day(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const auto number = [&](std::size_t at, std::size_t length, auto& value) {
    const char* const end = text.data() + at + length;
    const auto [stop, error] = std::from_chars(text.data() + at, end, value);
    return error == std::errc() && stop == end;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (!number(0, 4, year) || !number(5, 2, month) || !number(8, 2, day)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

Lines usage(const GetAccountTokenUsageResponse& usage, std::int64_t days, const Page& page) {
  Lines lines;
  add_totals(lines, usage.summary, page);
  add_notes(lines, usage, page);
  lines.emplace_back();
  const Days known(usage, page);
  if (known.empty()) {
    for (const std::string& line :
         wrap("The service does not tell the usage by day.", page.width)) {
      lines.push_back(line);
    }
    return lines;
  }
  add_calendar(lines, known, days, page);
  lines.emplace_back();
  add_chart(lines, known, page);
  return lines;
}

Lines thread_usage(const GetAccountTokenUsageResponse& usage, const Page& page) {
  if (!usage.thread_usage) {
    return wrap("The service does not know this thread, or does not bill it to this account.",
                page.width);
  }
  const protocol::ThreadUsage& thread = *usage.thread_usage;
  Lines lines{
      paint(cut("Thread " + printable(thread.thread_id), page.width, page), Color::kBold, page)};
  std::string words = decimal(thread.estimated_usage_credits_micros) + " credits";
  if (thread.estimated_usage_usd_micros) {
    words += ", about " + in_dollars(*thread.estimated_usage_usd_micros);
  }
  if (thread.native_usage_usd_micros) {
    words += "; billed in dollars: " + in_dollars(*thread.native_usage_usd_micros);
  }
  for (const std::string& line : wrap(words, page.width)) lines.push_back(line);
  for (const ThreadUsageBreakdownGroup& group : thread.groups) add_group(lines, group, page);
  return lines;
}

}  // namespace quotad::view
