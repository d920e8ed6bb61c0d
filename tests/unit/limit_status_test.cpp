// When an account goes on, on credits or not at all, by what the service says of it.
#include "quotad/protocol/limit_status.hpp"

#include <gtest/gtest.h>

namespace quotad::protocol {
namespace {

GetAccountRateLimitsResponse used(std::int32_t primary, std::int32_t secondary) {
  GetAccountRateLimitsResponse limits;
  limits.rate_limits.primary = {
      .used_percent = primary, .window_duration_mins = 300, .resets_at = 1'000};
  limits.rate_limits.secondary = {
      .used_percent = secondary, .window_duration_mins = 10'080, .resets_at = 2'000};
  return limits;
}

CreditsSnapshot bought(const std::optional<std::string>& balance) {
  return {.has_credits = true, .unlimited = false, .balance = balance};
}

TEST(LimitStatus, AWindowThatIsFullLimits) {
  EXPECT_EQ(status_of(used(99, 99)), LimitStatus::kActive);
  EXPECT_EQ(status_of(used(100, 0)), LimitStatus::kLimited);
  EXPECT_EQ(status_of(used(0, 101)), LimitStatus::kLimited);
  EXPECT_EQ(full_windows(used(100, 37).rate_limits).size(), 1U);
}

TEST(LimitStatus, TheServicesWordCountsWhateverTheWindowsShow) {
  auto limits = used(50, 50);
  limits.rate_limits.limit_reached = true;
  EXPECT_EQ(status_of(limits), LimitStatus::kLimited);
  limits = used(50, 50);
  limits.ordinary_usage_allowed = false;
  EXPECT_EQ(status_of(limits), LimitStatus::kLimited);
  limits = used(50, 50);
  limits.rate_limits.rate_limit_reached_type = RateLimitReachedType::kWorkspaceOwnerCreditsDepleted;
  EXPECT_EQ(status_of(limits), LimitStatus::kLimited);
}

TEST(LimitStatus, UsableCreditsCarryOn) {
  auto limits = used(100, 37);
  limits.rate_limits.rate_limit_reached_type = RateLimitReachedType::kRateLimitReached;
  const auto with = [&](const CreditsSnapshot& credits) {
    limits.rate_limits.credits = credits;
    return status_of(limits);
  };
  EXPECT_EQ(with(bought("715")), LimitStatus::kOnCredits);
  EXPECT_EQ(with(bought("0.01")), LimitStatus::kOnCredits);
  EXPECT_EQ(with({.has_credits = true, .unlimited = true, .balance = std::nullopt}),
            LimitStatus::kOnCredits);
  for (const char* balance : {"0", "0.00", "-5", "", "lots", "1e3", "."}) {
    EXPECT_EQ(with(bought(balance)), LimitStatus::kLimited) << balance;
  }
  EXPECT_EQ(with(bought(std::nullopt)), LimitStatus::kLimited)
      << "that there are some is not enough";
  EXPECT_EQ(with({.has_credits = false, .unlimited = false, .balance = "5"}),
            LimitStatus::kLimited);
}

TEST(LimitStatus, ASpendingLimitKeepsCreditsFromBeingSpent) {
  auto limits = used(100, 37);
  limits.rate_limits.credits = bought("715");
  limits.rate_limits.credits->overage_limit_reached = true;
  EXPECT_EQ(status_of(limits), LimitStatus::kLimited);
  limits.rate_limits.credits->overage_limit_reached.reset();
  limits.rate_limits.spend_control_reached = true;
  EXPECT_EQ(status_of(limits), LimitStatus::kLimited);
  limits.rate_limits.spend_control_reached = false;
  limits.rate_limits.individual_limit = {"10", "10", 0, 3'000};
  EXPECT_EQ(status_of(limits), LimitStatus::kLimited);
  limits.rate_limits.individual_limit->remaining_percent = 1;
  EXPECT_EQ(status_of(limits), LimitStatus::kOnCredits);
  limits.rate_limits.rate_limit_reached_type =
      RateLimitReachedType::kWorkspaceMemberCreditsDepleted;
  EXPECT_EQ(status_of(limits), LimitStatus::kLimited);
}

TEST(LimitStatus, ASpendingLimitDoesNotStopIncludedUsage) {
  auto limits = used(50, 50);
  limits.rate_limits.spend_control_reached = true;
  EXPECT_EQ(status_of(limits), LimitStatus::kActive);
}

TEST(LimitStatus, APlanWithoutWindowsLivesOnCredits) {
  GetAccountRateLimitsResponse limits;
  EXPECT_EQ(status_of(limits), LimitStatus::kActive) << "nothing says that it is limited";
  limits.rate_limits.credits = bought("5");
  EXPECT_EQ(status_of(limits), LimitStatus::kOnCredits);
  limits.rate_limits.spend_control_reached = true;
  EXPECT_EQ(status_of(limits), LimitStatus::kLimited);
}

TEST(LimitStatus, ItGoesOnWithTheLastResetOfWhatIsFull) {
  EXPECT_EQ(goes_on_at(used(100, 100).rate_limits), 2'000);
  EXPECT_EQ(goes_on_at(used(100, 99).rate_limits), 1'000);
  EXPECT_EQ(goes_on_at(used(99, 99).rate_limits), std::nullopt);
  auto limits = used(100, 100);
  for (const auto unknown : {std::optional<std::int64_t>(), std::optional<std::int64_t>(0)}) {
    limits.rate_limits.primary->resets_at = unknown;
    EXPECT_EQ(goes_on_at(limits.rate_limits), std::nullopt);
  }
}

TEST(LimitStatus, AResetNeedsSomethingToReset) {
  EXPECT_FALSE(is_worth_a_reset(used(0, 0)));
  EXPECT_TRUE(is_worth_a_reset(used(0, 1)));
  auto limits = used(0, 0);
  limits.rate_limits.limit_reached = true;
  EXPECT_TRUE(is_worth_a_reset(limits));
  limits.rate_limits.rate_limit_reached_type =
      RateLimitReachedType::kWorkspaceMemberCreditsDepleted;
  EXPECT_FALSE(is_worth_a_reset(limits)) << "it brings no credits back";
}

}  // namespace
}  // namespace quotad::protocol
