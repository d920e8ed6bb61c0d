#include "view/facts.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "quotad/protocol/limit_status.hpp"
#include "view/limits.hpp"

namespace quotad::view {
namespace {

using protocol::GetAccountRateLimitsResponse;
using protocol::RateLimitSnapshot;
using protocol::RateLimitWindow;

// "about $1.70" for a decimal number of credits; empty if it is none, or nobody wants to know.
std::string in_dollars(const std::string& credits, const Page& page) {
  if (page.credits_per_usd <= 0) return "";
  double number = 0;
  const char* const end = credits.data() + credits.size();
  const auto [stop, error] = std::from_chars(credits.data(), end, number);
  if (error != std::errc() || stop != end || !std::isfinite(number)) return "";
  return "about " + dollars(number / page.credits_per_usd);
}

// "Name    words", the words in as many lines as they need.
void add_fact(Lines& lines, const std::string& name, const std::string& words, const Page& page,
              Color color = Color::kPlain) {
  constexpr std::size_t kNames = 10;  // columns for the longest of them
  bool is_first = true;
  for (const std::string& line : wrap(words, page.width - kNames - 2)) {
    lines.push_back(left(is_first ? name : "", kNames) + "  " +
                    paint(cut(line, page.width - kNames - 2, page), color, page));
    is_first = false;
  }
}

// "715, about $28.60".
std::string balance_words(const std::string& balance, const Page& page) {
  const std::string estimate = in_dollars(balance, page);
  return amount(balance) + (estimate.empty() ? "" : ", " + estimate);
}

void add_credits(Lines& lines, const protocol::CreditsSnapshot& credits, const Page& page) {
  std::string words = "there are some";
  if (credits.unlimited) {
    words = "not limited";
  } else if (!credits.has_credits) {
    words = "none";
  } else if (credits.balance) {
    words = balance_words(*credits.balance, page);
  }
  if (credits.overage_limit_reached.value_or(false)) words += "; no more may be spent now";
  add_fact(lines, "Credits", words, page);
}

void add_spending(Lines& lines, const protocol::SpendControlLimitSnapshot& limit,
                  const Page& page) {
  const std::int64_t used = 100 - std::int64_t{limit.remaining_percent};
  std::string words = amount(limit.used) + " of " + amount(limit.limit) + " credits used, " +
                      left_percent(limit.remaining_percent);
  const std::string reset = reset_words(limit.resets_at, page);
  if (!reset.empty()) words += "; " + reset;
  add_fact(lines, "Spending", words, page, used >= 90 ? Color::kRed : Color::kPlain);
}

// "5-hour window", as part of a sentence.
std::string adjective_name(const RateLimitWindow& window) {
  std::string name = window_name(window);
  if (!window.window_duration_mins) return "usage window";
  if (name.back() == 's') name.pop_back();
  std::replace(name.begin(), name.end(), ' ', '-');
  return name + " window";
}

// "The 5-hour window is full until 18:42, in 3 h."
std::string full_words(const RateLimitWindow& window, const Page& page) {
  const std::string begin = "The " + adjective_name(window) + " is full";
  const auto resets_at = protocol::known_time(window.resets_at);
  if (!resets_at) return begin + "; when it resets is not known.";
  if (*resets_at <= page.now) return begin + "; " + reset_words(resets_at, page) + ".";
  return begin + " until " + moment(*resets_at, page) + ", " + until(*resets_at, page) + ".";
}

// Every full window, and what else the service says of it.
std::string why_full(const GetAccountRateLimitsResponse& limits, const Page& page) {
  using Reached = protocol::RateLimitReachedType;
  const RateLimitSnapshot& ordinary = limits.rate_limits;
  std::string words;
  const auto add = [&](const std::string& sentence) {
    words += (words.empty() ? "" : " ") + sentence;
  };
  for (const RateLimitWindow* window : protocol::full_windows(ordinary)) {
    add(full_words(*window, page));
  }
  const auto type = ordinary.rate_limit_reached_type;
  if (type && (words.empty() || *type != Reached::kRateLimitReached))
    add(std::string(protocol::doc_of(*type)));
  const bool is_told = type && *type != Reached::kRateLimitReached;
  if (!is_told && protocol::is_spending_stopped(ordinary)) add("The spending limit is reached.");
  if (!words.empty()) return words;
  return limits.ordinary_usage_allowed.value_or(true)
             ? "The service says that the limit is reached."
             : "The service does not let this account use its plan now.";
}

// When the included usage goes on; "" where nothing is known of it.
std::string when_it_goes_on(const GetAccountRateLimitsResponse& limits, const Page& page) {
  const RateLimitSnapshot& ordinary = limits.rate_limits;
  const auto in_words = [&](const std::string& what, std::int64_t time) {
    if (time <= page.now) return what + " was due " + duration(page.now - time) + " ago";
    return what + " " + until(time, page) + " (" + moment(time, page) + ")";
  };
  if (const auto time = protocol::goes_on_at(ordinary)) {
    if (*time <= page.now) return in_words("the reset", *time);
    const bool carries_on = protocol::status_of(limits) == protocol::LimitStatus::kOnCredits;
    return in_words(carries_on ? "the included usage goes on" : "it goes on", *time);
  }
  if (!protocol::full_windows(ordinary).empty()) return "when it goes on is not known";
  // Only spending stops it: a window that is free has nothing to do with that.
  if (protocol::is_spending_stopped(ordinary) && ordinary.individual_limit) {
    const auto time = protocol::known_time(ordinary.individual_limit->resets_at);
    if (time && *time > page.now) return in_words("the spending limit starts afresh", *time);
  }
  return "";
}

// Whether bought credits carry on while the windows are full; "" where the rest of the page says it.
std::string about_bought_credits(const GetAccountRateLimitsResponse& limits, const Page& page) {
  const RateLimitSnapshot& ordinary = limits.rate_limits;
  const auto& credits = ordinary.credits;
  if (protocol::has_usable_credits(ordinary)) {
    const std::string begin = "bought credits carry on meanwhile: ";
    if (credits->unlimited) return begin + "they are not limited";
    return begin + balance_words(*credits->balance, page);
  }
  const auto type = ordinary.rate_limit_reached_type;
  const bool is_told = type && *type != protocol::RateLimitReachedType::kRateLimitReached;
  if (is_told || !credits) return "";
  if (!credits->has_credits) return "there are no bought credits to carry on with";
  if (protocol::is_spending_stopped(ordinary)) return "bought credits may not be spent meanwhile";
  if (!credits->balance) return "whether bought credits carry on meanwhile is not known";
  return "the bought credits are used up";
}

// Credits and spending limits do not come back with a window, and a reset does not touch them.
bool helps_to_reset(const GetAccountRateLimitsResponse& limits) {
  const auto type = limits.rate_limits.rate_limit_reached_type;
  return !protocol::full_windows(limits.rate_limits).empty() ||
         (type ? *type == protocol::RateLimitReachedType::kRateLimitReached
               : !protocol::is_spending_stopped(limits.rate_limits));
}

void add_what_to_do(Lines& lines, const GetAccountRateLimitsResponse& limits, const Resets& resets,
                    const Page& page) {
  const auto status = protocol::status_of(limits);
  const bool is_full = protocol::is_full(limits);
  if (status == protocol::LimitStatus::kLimited) {
    add_fact(lines, "Stopped", why_full(limits, page), page, Color::kRed);
  } else if (is_full) {
    add_fact(lines, "Full", why_full(limits, page), page, Color::kYellow);
  } else if (protocol::is_spending_stopped(limits.rate_limits)) {
    add_fact(lines, "Limit", "The spending limit is reached; the included usage goes on.", page,
             Color::kYellow);
  }
  if (!is_full && status != protocol::LimitStatus::kLimited) return;
  std::string advice;
  const auto add = [&](const std::string& words) {
    if (!words.empty()) advice += (advice.empty() ? "" : "; ") + words;
  };
  add(when_it_goes_on(limits, page));
  if (is_full) add(about_bought_credits(limits, page));
  const auto& credits = limits.rate_limit_reset_credits;
  if (resets.recent && helps_to_reset(limits)) {
    add("a reset spent a credit " + ago(resets.recent->updated_at, page) +
        ": look again later before you spend another");
  } else if (!resets.open && credits && credits->available_count > 0 && helps_to_reset(limits)) {
    add("`quotad reset` spends a reset credit and starts the windows afresh");
  }
  if (!advice.empty()) add_fact(lines, "Next", advice, page);
}

}  // namespace

Lines facts(const GetAccountRateLimitsResponse& limits, const Page& page, const Resets& resets) {
  Lines lines;
  const RateLimitSnapshot& ordinary = limits.rate_limits;
  if (ordinary.plan_type) {
    add_fact(lines, "Plan", std::string(protocol::wire_name(*ordinary.plan_type)), page);
  }
  if (ordinary.credits) add_credits(lines, *ordinary.credits, page);
  if (ordinary.individual_limit) add_spending(lines, *ordinary.individual_limit, page);
  add_what_to_do(lines, limits, resets, page);
  if (resets.open) {
    add_fact(lines, "Reset",
             open_reset(*resets.open, page) +
                 " `quotad reset` spends no other one: it prints the command that finds out.",
             page, Color::kYellow);
  }
  return lines;
}

}  // namespace quotad::view
