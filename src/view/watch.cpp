#include "view/watch.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "view/facts.hpp"
#include "view/limits.hpp"

namespace quotad::view {
namespace {

using protocol::GetAccountRateLimitsResponse;

constexpr std::size_t kSparkline = 16;  // columns
constexpr std::size_t kProblemLines = 3;

// The windows of a reading, each with one percentage.
std::vector<Watched::History> percentages(const GetAccountRateLimitsResponse& limits) {
  std::vector<Watched::History> found;
  for (const auto* bucket : buckets(limits)) {
    for (const auto* window : {&bucket->primary, &bucket->secondary}) {
      if (!*window) continue;
      const std::string place = window == &bucket->primary ? " 1 " : " 2 ";
      const std::string length = std::to_string((*window)->window_duration_mins.value_or(0));
      found.push_back({bucket->limit_id.value_or("") + place + length, {(*window)->used_percent}});
    }
  }
  return found;
}

std::string sparkline(const std::vector<std::int64_t>& history, const Page& page) {
  constexpr std::array kGraphic{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::array kPlain{"_", "_", ".", ".", "-", "-", "=", "#"};
  std::string line;
  const std::size_t shown = std::min(history.size(), kSparkline);
  for (std::size_t i = history.size() - shown; i < history.size(); ++i) {
    const std::int64_t used = std::clamp<std::int64_t>(history[i], 0, 100);
    const auto level = static_cast<std::size_t>(used * 7 / 100);
    line += page.graphic ? kGraphic.at(level) : kPlain.at(level);
  }
  return line;
}

std::string change(const std::vector<std::int64_t>& history) {
  const std::int64_t by = history.back() - history.front();
  return (by > 0 ? "+" : "") + std::to_string(by) + " %";
}

std::string state_line(const Watched& watched, const Page& page) {
  if (watched.is_reading) return "reading …";
  const std::string next = until(watched.next_at, page);
  if (watched.was_asked_to_wait) return "the service asked to wait; next reading " + next;
  return "next reading " + next;
}

void add(Lines& lines, const std::string& text, Color color, const Page& page) {
  for (const std::string& line : wrap(text, page.width)) lines.push_back(paint(line, color, page));
}

}  // namespace

void remember(Watched& watched, GetAccountRateLimitsResponse limits, std::int64_t now) {
  std::vector<Watched::History> histories = percentages(limits);
  for (Watched::History& now_known : histories) {
    const auto before = std::find_if(watched.history.begin(), watched.history.end(),
                                     [&](const auto& h) { return h.window == now_known.window; });
    if (before == watched.history.end()) continue;
    std::vector<std::int64_t> longer = std::move(before->used_percent);
    // The first stays: the change since the start is told by it.
    if (longer.size() == kLongestHistory) longer.erase(longer.begin() + 1);
    longer.push_back(now_known.used_percent.front());
    now_known.used_percent = std::move(longer);
  }
  watched.history = std::move(histories);
  watched.limits = std::move(limits);
  watched.read_at = now;
}

Lines watch(const Watched& watched, std::size_t height, const Page& page) {
  Lines head;
  const std::string here = page.utc ? "" : " " + zone(page);
  head.push_back(paint("quotad watch", Color::kBold, page) + "  " + moment(page.now, page) + here);
  Lines body;
  if (watched.limits) {
    Lines notes;
    for (const auto& history : watched.history) {
      notes.push_back(sparkline(history.used_percent, page) + " " + change(history.used_percent));
    }
    body = windows(buckets(*watched.limits), page, notes);
    for (const Lines& part :
         {facts(*watched.limits, page, watched.resets), reset_credits(*watched.limits, page)}) {
      if (!part.empty()) body.emplace_back();
      body.insert(body.end(), part.begin(), part.end());
    }
  }
  Lines foot;
  if (watched.problem) {
    // The rest of a long one is not worth the countdown.
    add(foot, cut(*watched.problem, kProblemLines * page.width * 4 / 5, page), Color::kRed, page);
  }
  std::string state = state_line(watched, page);
  if (watched.limits) state += "; read " + duration(page.now - watched.read_at) + " ago";
  if (!page.graphic) {
    if (const std::size_t dots = state.find("…"); dots != std::string::npos) {
      state.replace(dots, std::string("…").size(), "...");
    }
  }
  add(foot, state, Color::kDim, page);
  add(foot, "r refresh   q quit", Color::kDim, page);
  // What does not fit is cut from the middle: the credits before the windows.
  const std::size_t kept = head.size() + foot.size() + 2;
  const std::size_t room = height > kept ? height - kept : 0;
  if (body.size() > room) body.resize(room);
  Lines lines = std::move(head);
  lines.emplace_back();
  lines.insert(lines.end(), body.begin(), body.end());
  if (!body.empty()) lines.emplace_back();
  lines.insert(lines.end(), foot.begin(), foot.end());
  if (lines.size() > height) lines.resize(height);
  return lines;
}

}  // namespace quotad::view
