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

std::string outcome(protocol::ConsumeAccountRateLimitResetCreditOutcome outcome) {
  using Outcome = protocol::ConsumeAccountRateLimitResetCreditOutcome;
  switch (outcome) {
    case Outcome::kReset:
      return "Done: a credit was spent, and the usage windows start afresh.";
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
