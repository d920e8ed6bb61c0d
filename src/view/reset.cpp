#include "view/reset.hpp"

#include <algorithm>

#include "quotad/protocol/limit_status.hpp"
#include "view/limits.hpp"

namespace quotad::view {
namespace {

using protocol::GetAccountRateLimitsResponse;
using protocol::RateLimitResetCredit;

constexpr std::size_t kLongestTitle = 60;  // columns

std::string name_of(const RateLimitResetCredit& credit, const Page& page) {
  using Status = protocol::RateLimitResetCreditStatus;
  std::string words = cut(printable(credit.title.value_or("a reset credit")), kLongestTitle, page);
  if (credit.status == Status::kRedeemed) return words + ", which is spent already";
  if (credit.status == Status::kRedeeming) return words + ", which is being spent right now";
  const auto expires_at = protocol::known_time(credit.expires_at);
  if (expires_at && *expires_at <= page.now) {
    words += ", which has expired";
  } else if (expires_at) {
    words += ", which " + expiry(credit, page);
  }
  return words;
}

std::string what_is_spent(const GetAccountRateLimitsResponse& limits,
                          const std::optional<std::string>& credit_id, const Page& page) {
  const auto& summary = limits.rate_limit_reset_credits;
  if (credit_id) {
    if (summary && summary->credits) {
      for (const RateLimitResetCredit& credit : *summary->credits) {
        if (credit.id == *credit_id) return name_of(credit, page);
      }
    }
    return "the credit " + cut(printable(*credit_id), kLongestTitle, page) +
           ", which the service does not list now";
  }
  if (!summary) return "one reset credit, if there is one; the service chooses";
  const std::string count = std::to_string(summary->available_count);
  const auto listed = spendable(*summary);
  std::string words = "one reset credit of " + count + "; the service chooses";
  if (!listed.empty()) words += ". Soonest to expire: " + name_of(*listed.front(), page);
  return words;
}

// The last four characters of a key, which tell it from others.
std::string key_end(const std::string& key, const Page& page) {
  constexpr std::size_t kShown = 4;
  std::size_t from = key.size() > kShown ? key.size() - kShown : 0;
  // Not from within a character.
  while (from > 0 && (static_cast<unsigned char>(key[from]) & 0xC0U) == 0x80) --from;
  return std::string(from == 0 ? "" : page.graphic ? "…" : "...") + printable(key.substr(from));
}

void add(Lines& lines, const std::string& text, const Page& page) {
  for (const std::string& line : wrap(text, page.width)) lines.push_back(line);
}

}  // namespace

Lines reset_plan(const GetAccountRateLimitsResponse& limits,
                 const std::optional<std::string>& credit_id, const Page& page) {
  Lines lines;
  add(lines, "This spends " + what_is_spent(limits, credit_id, page) + ".", page);
  add(lines, "It starts these windows afresh:", page);
  const protocol::RateLimitSnapshot& ordinary = limits.rate_limits;
  const Lines shown = windows({&ordinary}, page);
  lines.insert(lines.end(), shown.begin(), shown.end());
  if (!protocol::is_worth_a_reset(limits)) {
    lines.emplace_back();
    add(lines, "Nothing of them is used: there is nothing to reset.", page);
  }
  add_zone(lines, page);
  return lines;
}

std::string ago(std::int64_t time, const Page& page) {
  return duration(page.now - std::clamp<std::int64_t>(time, 0, page.now)) + " ago";
}

std::string open_reset(const protocol::Redemption& redemption, const Page& page) {
  const std::string begun = "begun " + moment(redemption.created_at, page) + ", " +
                            ago(redemption.created_at, page) + ",";
  if (redemption.state == protocol::RedemptionState::kPending) {
    return "A reset " + begun + " is under way.";
  }
  return "The outcome of the reset " + begun + " is unknown: a credit may have been spent.";
}

std::string recent_reset(const protocol::Redemption& redemption, const Page& page) {
  return "A reset spent a credit " + ago(redemption.updated_at, page) + " (key " +
         key_end(redemption.idempotency_key, page) + ").";
}

bool is_still_full(const GetAccountRateLimitsResponse& limits) {
  using Reached = protocol::RateLimitReachedType;
  const protocol::RateLimitSnapshot& ordinary = limits.rate_limits;
  if (!protocol::full_windows(ordinary).empty()) return true;
  // Credits and spending limits do not come back with a window.
  const auto type = ordinary.rate_limit_reached_type;
  return type ? *type == Reached::kRateLimitReached : ordinary.limit_reached.value_or(false);
}

Lines after_reset(const GetAccountRateLimitsResponse& limits, const Page& page) {
  Lines lines;
  add(lines,
      is_still_full(limits)
          ? "The service still reports the windows as full. Look again later with "
            "`quotad limits`; do not spend another credit."
          : "The usage windows start afresh:",
      page);
  return lines;
}

std::string outcome(protocol::ConsumeAccountRateLimitResetCreditOutcome outcome) {
  using Outcome = protocol::ConsumeAccountRateLimitResetCreditOutcome;
  switch (outcome) {
    case Outcome::kReset:
      return "Done: a credit was spent.";
    case Outcome::kNothingToReset:
      return "Nothing to reset: no window needs it now. No credit was spent.";
    case Outcome::kNoCredit:
      return "There is no credit to spend. None was spent.";
    case Outcome::kAlreadyRedeemed:
      return "Done before: this key has spent its credit already. No other one was spent.";
  }
  return "";
}

}  // namespace quotad::view
