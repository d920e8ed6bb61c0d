#include "view/limits.hpp"

#include <algorithm>
#include <limits>

#include "quotad/protocol/limit_status.hpp"
#include "view/facts.hpp"

namespace quotad::view {
namespace {

using protocol::GetAccountRateLimitsResponse;
using protocol::RateLimitResetCredit;
using protocol::RateLimitSnapshot;
using protocol::RateLimitWindow;

constexpr std::size_t kWidestBar = 50;
constexpr std::size_t kNarrowestBar = 10;
constexpr std::int64_t kShortestPart = 20;  // of a window, that tells a pace
const char* const kIndent = "  ";

std::string percent(std::int64_t number) { return std::to_string(number) + " %"; }

// What one window's line is made of.
struct Row {
  const RateLimitWindow* window;
  std::string name;
  std::string used;   // "62 % used"
  std::string left;   // "38 % left"
  std::string reset;  // "resets 18:42, in 3 h 12 min"
  std::string note;
};

Row row_of(const RateLimitWindow& window, const Page& page) {
  const std::int64_t used = window.used_percent;
  return {&window,
          window_name(window),
          percent(std::max<std::int64_t>(used, 0)) + " used",
          left_percent(100 - used),
          reset_words(window.resets_at, page),
          ""};
}

// Widths that are the same for all rows.
struct Table {
  std::size_t name = 0;
  std::size_t used = 0;
  std::size_t left = 0;
  std::size_t reset = 0;
  std::size_t note = 0;
  std::size_t bar = 0;
  bool shows_left = true;
  bool is_stacked = false;  // several lines for each window
};

Table table_for(const std::vector<Row>& rows, const Page& page) {
  Table table;
  for (const Row& row : rows) {
    table.name = std::max(table.name, columns(row.name));
    table.used = std::max(table.used, columns(row.used));
    table.left = std::max(table.left, columns(row.left));
    table.reset = std::max(table.reset, columns(row.reset));
    table.note = std::max(table.note, columns(row.note));
  }
  const auto bar_beside = [&](bool shows_left) {
    std::size_t taken = 2 + table.name + 2 + 2 + table.used + 2 + table.reset;
    if (shows_left) taken += 2 + table.left;
    if (table.note > 0) taken += 2 + table.note;
    return page.width > taken ? page.width - taken : 0;
  };
  for (const bool shows_left : {true, false}) {
    table.shows_left = shows_left;
    table.bar = std::min(bar_beside(shows_left), kWidestBar);
    if (table.bar >= kNarrowestBar) return table;
  }
  table.is_stacked = true;
  table.bar = std::min(page.width - 4, kWidestBar);
  return table;
}

std::optional<std::string> pace_of(const RateLimitWindow& window, const Page& page) {
  const auto empty = empty_at(window, page.now);
  if (!empty) return std::nullopt;
  return "at this pace used up " + until(*empty, page) + ", " +
         duration(*window.resets_at - *empty) + " before the reset";
}

void add_window(Lines& lines, const Row& row, const Table& table, const Page& page) {
  const std::int64_t used = row.window->used_percent;
  const std::string shown = bar(used, table.bar, page);
  if (table.is_stacked) {
    std::string headline = kIndent + row.name + ": " + row.used;
    if (columns(headline + ", " + row.left) <= page.width) headline += ", " + row.left;
    lines.push_back(cut(headline, page.width, page));
    lines.push_back(std::string("    ") + shown);
    if (!row.note.empty()) lines.push_back("    " + row.note);
    for (const std::string& line : wrap(row.reset, page.width - 4)) lines.push_back("    " + line);
  } else {
    std::string line = kIndent + left(row.name, table.name) + "  " + shown + "  " +
                       paint(right(row.used, table.used), alarm(used), page);
    if (table.shows_left) line += "  " + right(row.left, table.left);
    if (table.note > 0) line += "  " + left(row.note, table.note);
    if (!row.reset.empty()) line += "  " + row.reset;
    lines.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
  }
  if (const auto pace = pace_of(*row.window, page)) {
    const std::size_t indent = table.is_stacked ? 4 : 2 + table.name + 2;
    for (const std::string& line : wrap(*pace, page.width - indent)) {
      lines.push_back(std::string(indent, ' ') + paint(line, Color::kYellow, page));
    }
  }
}

void add_reset_credit(Lines& lines, const RateLimitResetCredit& credit, bool is_of_use,
                      const Page& page) {
  const bool is_spendable = credit.status == protocol::RateLimitResetCreditStatus::kAvailable;
  const std::string name = printable(credit.title.value_or("Reset credit"));
  const std::string words = is_spendable ? expiry(credit, page) : "being redeemed";
  const bool is_soon = is_spendable && credit.expires_at && *credit.expires_at > page.now &&
                       *credit.expires_at - page.now <= kExpiryWarning;
  const Color color = is_soon ? Color::kYellow : Color::kPlain;
  const std::size_t names = std::min<std::size_t>(page.width / 3, 24);
  const bool fits = names + 2 + 2 + columns(words) <= page.width;
  if (fits && columns(name) <= names) {
    lines.push_back(kIndent + left(name, names) + paint(words, color, page));
  } else {
    lines.push_back(kIndent + cut(name, page.width - 2, page));
    for (const std::string& line : wrap(words, page.width - 4)) {
      lines.push_back("    " + paint(line, color, page));
    }
  }
  if (!is_spendable) return;
  if (is_soon) {
    const std::string warning = is_of_use ? "! expires soon: use it or lose it" : "! expires soon";
    for (const std::string& line : wrap(warning, page.width - 4)) {
      lines.push_back("    " + paint(line, color, page));
    }
  }
  const std::string id = "--credit " + printable(credit.id);
  lines.push_back("    " + paint(cut(id, page.width - 4, page), Color::kDim, page));
}

}  // namespace

std::string left_percent(std::int64_t number) {
  return percent(std::clamp<std::int64_t>(number, 0, 100)) + " left";
}

std::string reset_words(std::optional<std::int64_t> resets_at, const Page& page) {
  const auto time = protocol::known_time(resets_at);
  if (!time) return "";
  if (*time < page.now) return "reset was due " + duration(page.now - *time) + " ago";
  return "resets " + moment(*time, page) + ", " + until(*time, page);
}

std::optional<std::int64_t> next_reset(const GetAccountRateLimitsResponse& limits,
                                       std::int64_t now) {
  std::optional<std::int64_t> next;
  const auto look_at = [&](std::optional<std::int64_t> time) {
    if (time && *time > now) next = std::min(next.value_or(*time), *time);
  };
  for (const RateLimitSnapshot* bucket : buckets(limits)) {
    for (const RateLimitWindow* window : protocol::windows_of(*bucket)) look_at(window->resets_at);
  }
  if (limits.rate_limits.individual_limit) look_at(limits.rate_limits.individual_limit->resets_at);
  return next;
}

std::string expiry(const RateLimitResetCredit& credit, const Page& page) {
  const auto time = protocol::known_time(credit.expires_at);
  if (!time) {
    const bool is_unknown = credit.expires_at || credit.expiry_unknown.value_or(false);
    return is_unknown ? "expiry not known" : "does not expire";
  }
  if (*time <= page.now) return "expired " + moment(*time, page);
  return "expires " + moment(*time, page) + ", " + until(*time, page);
}

std::vector<const RateLimitSnapshot*> buckets(const GetAccountRateLimitsResponse& limits) {
  std::vector<const RateLimitSnapshot*> found{&limits.rate_limits};
  if (!limits.rate_limits_by_limit_id) return found;
  for (const auto& [id, bucket] : *limits.rate_limits_by_limit_id) {
    if (id != limits.rate_limits.limit_id.value_or("codex")) found.push_back(&bucket);
  }
  return found;
}

std::string bucket_name(const RateLimitSnapshot& bucket) {
  const std::string name = bucket.limit_name.value_or(bucket.limit_id.value_or("codex"));
  return name == "codex" ? "Codex" : printable(name);
}

std::string window_name(const RateLimitWindow& window) {
  if (!window.window_duration_mins) return "window";
  const std::int64_t minutes = *window.window_duration_mins;
  const auto in = [&](std::int64_t unit, const char* name) {
    const std::int64_t count = minutes / unit;
    return std::to_string(count) + " " + name + (count == 1 ? "" : "s");
  };
  if (minutes > 0 && minutes % 1440 == 0) return in(1440, "day");
  if (minutes > 0 && minutes % 60 == 0) return in(60, "hour");
  return std::to_string(minutes) + " min";
}

std::optional<std::int64_t> empty_at(const RateLimitWindow& window, std::int64_t now) {
  if (!window.window_duration_mins || !window.resets_at) return std::nullopt;
  const std::int64_t minutes = *window.window_duration_mins;
  constexpr std::int64_t kLongest = std::numeric_limits<std::int32_t>::max();
  if (minutes <= 0 || minutes > kLongest || *window.resets_at <= now) return std::nullopt;
  const std::int64_t to_come = *window.resets_at - now;
  const std::int64_t passed = minutes * 60 - to_come;
  const std::int64_t used = window.used_percent;
  // A window has hardly begun: whatever was used at once says nothing of the rest.
  if (passed < minutes * 60 / kShortestPart) return std::nullopt;
  if (used <= 0 || used >= 100) return std::nullopt;
  const std::int64_t needed = passed * (100 - used) / used;
  if (needed >= to_come) return std::nullopt;
  return now + needed;
}

std::vector<const RateLimitResetCredit*> spendable(
    const protocol::RateLimitResetCreditsSummary& credits) {
  std::vector<const RateLimitResetCredit*> found;
  if (!credits.credits) return found;
  for (const RateLimitResetCredit& credit : *credits.credits) {
    if (credit.status == protocol::RateLimitResetCreditStatus::kAvailable) found.push_back(&credit);
  }
  const auto end_of = [](const RateLimitResetCredit& credit) {
    return protocol::known_time(credit.expires_at)
        .value_or(std::numeric_limits<std::int64_t>::max());
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const auto* a, const auto* b) { return end_of(*a) < end_of(*b); });
  return found;
}

Lines windows(const std::vector<const RateLimitSnapshot*>& shown, const Page& page,
              const Lines& notes) {
  struct Block {
    const RateLimitSnapshot* bucket;
    std::size_t begin;  // of its rows
    std::size_t end;
  };
  std::vector<Block> blocks;
  std::vector<Row> rows;
  for (const RateLimitSnapshot* bucket : shown) {
    const std::size_t begin = rows.size();
    for (const auto* window : {&bucket->primary, &bucket->secondary}) {
      if (!*window) continue;
      rows.push_back(row_of(**window, page));
      if (rows.size() <= notes.size()) rows.back().note = notes[rows.size() - 1];
    }
    blocks.push_back({bucket, begin, rows.size()});
  }
  const Table table = table_for(rows, page);
  Lines lines;
  for (const Block& block : blocks) {
    lines.push_back(paint(cut(bucket_name(*block.bucket), page.width, page), Color::kBold, page));
    if (block.begin == block.end) lines.emplace_back("  no usage windows");
    for (std::size_t i = block.begin; i < block.end; ++i) {
      add_window(lines, rows[i], table, page);
    }
    const bool is_ordinary = block.bucket == shown.front();  // what stops it is told below
    std::string stop;
    if (block.bucket->rate_limit_reached_type) {
      stop = protocol::doc_of(*block.bucket->rate_limit_reached_type);
    } else if (block.bucket->limit_reached.value_or(false)) {
      stop = "The service says that the limit is reached.";
    }
    if (is_ordinary || stop.empty()) continue;
    for (const std::string& line : wrap("stopped: " + stop, page.width - 2)) {
      lines.push_back(kIndent + paint(line, Color::kRed, page));
    }
  }
  return lines;
}

Lines reset_credits(const GetAccountRateLimitsResponse& limits, const Page& page) {
  Lines lines;
  const auto& summary = limits.rate_limit_reset_credits;
  if (!summary) return lines;
  const auto listed = spendable(*summary);
  const bool is_of_use = protocol::is_worth_a_reset(limits);
  std::string headline = grouped(summary->available_count) + " available";
  if (!is_of_use) headline += ", none of use now";
  if (summary->available_count <= 0) headline = "none";
  if (!summary->credits && summary->available_count > 0) headline += ", not listed";
  std::string name = paint("Reset credits", Color::kBold, page);
  const std::size_t indent = columns("Reset credits") + 2;
  for (const std::string& line : wrap(headline, page.width - indent)) {
    lines.push_back(name.empty() ? std::string(indent, ' ') + line : name + "  " + line);
    name.clear();
  }
  for (const auto* credit : listed) add_reset_credit(lines, *credit, is_of_use, page);
  if (summary->credits) {
    for (const RateLimitResetCredit& credit : *summary->credits) {
      if (credit.status != protocol::RateLimitResetCreditStatus::kRedeeming) continue;
      add_reset_credit(lines, credit, is_of_use, page);
    }
  }
  const auto counted = std::max<std::int64_t>(summary->available_count, 0) -
                       static_cast<std::int64_t>(listed.size());
  if (summary->credits && counted > 0) {
    const std::string words = "and " + std::to_string(counted) + " that the service does not list";
    for (const std::string& line : wrap(words, page.width - 2)) lines.push_back(kIndent + line);
  }
  return lines;
}

Lines limits(const GetAccountRateLimitsResponse& limits, const Page& page, const Resets& resets) {
  Lines lines = windows(buckets(limits), page);
  for (const Lines& part : {facts(limits, page, resets), reset_credits(limits, page)}) {
    if (!part.empty()) lines.emplace_back();
    lines.insert(lines.end(), part.begin(), part.end());
  }
  add_zone(lines, page);
  return lines;
}

}  // namespace quotad::view
