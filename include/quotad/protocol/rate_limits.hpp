// `account/rateLimits/read`: how much of the allowance is left, and which reset credits there are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

// Plans have names of the service's own; they are the one set of values that is not camelCase.
enum class PlanType {
  kFree,
  kGo,
  kPlus,
  kPro,
  kProlite,
  kPromax,
  kTeam,
  kSelfServeBusinessProlite,
  kSelfServeBusinessUsageBased,
  kBusiness,
  kEnt26,
  kEnterpriseCbpAutomation,
  kEnterpriseCbpUsageBased,
  kEnterprise,
  kEdu,
  kEduPlus,
  kEduPro,
  kSci,
  kSciPlus,
  kUnknown,
};

enum class RateLimitReachedType {
  kRateLimitReached,
  kWorkspaceOwnerCreditsDepleted,
  kWorkspaceMemberCreditsDepleted,
  kWorkspaceOwnerUsageLimitReached,
  kWorkspaceMemberUsageLimitReached,
};

enum class RateLimitResetType { kCodexRateLimits, kUnknown };
enum class RateLimitResetCreditStatus { kAvailable, kRedeeming, kRedeemed, kUnknown };

struct GetAccountRateLimitsParams {
  bool supports_luna_reserve = false;
  bool exclude_reset_credit_details = false;
};

struct RateLimitWindow {
  std::int32_t used_percent = 0;
  std::optional<std::int64_t> window_duration_mins;
  std::optional<std::int64_t> resets_at;
};

struct CreditsSnapshot {
  bool has_credits = false;
  bool unlimited = false;
  std::optional<std::string> balance;
  std::optional<bool> overage_limit_reached;
};

struct SpendControlLimitSnapshot {
  std::string limit;
  std::string used;
  std::int32_t remaining_percent = 0;
  std::int64_t resets_at = 0;
};

struct RateLimitSnapshot {
  std::optional<std::string> limit_id;
  std::optional<std::string> limit_name;
  std::optional<std::string> normal_model_slug;
  std::optional<RateLimitWindow> primary;
  std::optional<RateLimitWindow> secondary;
  std::optional<CreditsSnapshot> credits;
  std::optional<SpendControlLimitSnapshot> individual_limit;
  std::optional<bool> spend_control_reached;
  std::optional<PlanType> plan_type;
  std::optional<RateLimitReachedType> rate_limit_reached_type;
  std::optional<bool> limit_reached;
};

struct RateLimitResetCredit {
  std::string id;
  RateLimitResetType reset_type = RateLimitResetType::kUnknown;
  RateLimitResetCreditStatus status = RateLimitResetCreditStatus::kUnknown;
  std::int64_t granted_at = 0;
  std::optional<std::int64_t> expires_at;
  std::optional<bool> expiry_unknown;
  std::optional<std::string> title;
  std::optional<std::string> description;
};

struct RateLimitResetCreditsSummary {
  std::int64_t available_count = 0;
  std::optional<std::vector<RateLimitResetCredit>> credits;
};

struct GetAccountRateLimitsResponse {
  std::optional<bool> ordinary_usage_allowed;
  RateLimitSnapshot rate_limits;
  std::optional<OrderedMap<RateLimitSnapshot>> rate_limits_by_limit_id;
  std::optional<RateLimitResetCreditsSummary> rate_limit_reset_credits;
  std::optional<std::string> account_id;
  std::optional<Json> rate_limit_upsell;
};

struct AccountRateLimitsUpdatedNotification {
  RateLimitSnapshot rate_limits;
};

template <>
struct Description<PlanType> {
  static constexpr std::string_view kName = "PlanType";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "The plan of the account, by the service's own name.";
  static constexpr auto kValues = std::to_array<EnumValue<PlanType>>({
      {PlanType::kFree, "free", "Free."},
      {PlanType::kGo, "go", "Go."},
      {PlanType::kPlus, "plus", "Plus."},
      {PlanType::kPro, "pro", "Pro."},
      {PlanType::kProlite, "prolite", "Pro, the smaller size."},
      {PlanType::kPromax, "promax", "Pro, the larger size."},
      {PlanType::kTeam, "team", "Team."},
      {PlanType::kSelfServeBusinessProlite, "self_serve_business_prolite",
       "Business bought without a contract, smaller Pro seats."},
      {PlanType::kSelfServeBusinessUsageBased, "self_serve_business_usage_based",
       "Business bought without a contract, billed by usage."},
      {PlanType::kBusiness, "business", "Business."},
      {PlanType::kEnt26, "ent26", "Enterprise, the 2026 contract."},
      {PlanType::kEnterpriseCbpAutomation, "enterprise_cbp_automation",
       "Enterprise with credit-based pricing, for automation."},
      {PlanType::kEnterpriseCbpUsageBased, "enterprise_cbp_usage_based",
       "Enterprise with credit-based pricing, billed by usage."},
      {PlanType::kEnterprise, "enterprise", "Enterprise."},
      {PlanType::kEdu, "edu", "Education; also what the service calls `education`."},
      {PlanType::kEduPlus, "edu_plus", "Education with Plus."},
      {PlanType::kEduPro, "edu_pro", "Education with Pro."},
      {PlanType::kSci, "sci", "Science."},
      {PlanType::kSciPlus, "sci_plus", "Science with Plus."},
      {PlanType::kUnknown, "unknown", "A plan that this version does not know by name."},
  });
};

template <>
struct Description<RateLimitReachedType> {
  static constexpr std::string_view kName = "RateLimitReachedType";
  static constexpr std::string_view kDoc = "Which limit stops the account.";
  static constexpr auto kValues = std::to_array<EnumValue<RateLimitReachedType>>({
      {RateLimitReachedType::kRateLimitReached, "rate_limit_reached",
       "A usage window of the plan is full."},
      {RateLimitReachedType::kWorkspaceOwnerCreditsDepleted, "workspace_owner_credits_depleted",
       "The workspace has no credits left; this account owns it and can buy more."},
      {RateLimitReachedType::kWorkspaceMemberCreditsDepleted, "workspace_member_credits_depleted",
       "The workspace has no credits left; its owner can buy more."},
      {RateLimitReachedType::kWorkspaceOwnerUsageLimitReached,
       "workspace_owner_usage_limit_reached",
       "The workspace's spending limit is reached; this account owns it and can raise it."},
      {RateLimitReachedType::kWorkspaceMemberUsageLimitReached,
       "workspace_member_usage_limit_reached",
       "The workspace's spending limit is reached; its owner can raise it."},
  });
};

template <>
struct Description<RateLimitResetType> {
  static constexpr std::string_view kName = "RateLimitResetType";
  static constexpr std::string_view kDoc = "What a reset credit resets.";
  static constexpr auto kValues = std::to_array<EnumValue<RateLimitResetType>>({
      {RateLimitResetType::kCodexRateLimits, "codexRateLimits", "The Codex usage windows."},
      {RateLimitResetType::kUnknown, "unknown", "Something that this version does not know."},
  });
};

template <>
struct Description<RateLimitResetCreditStatus> {
  static constexpr std::string_view kName = "RateLimitResetCreditStatus";
  static constexpr std::string_view kDoc = "Whether a reset credit can still be spent.";
  static constexpr auto kValues = std::to_array<EnumValue<RateLimitResetCreditStatus>>({
      {RateLimitResetCreditStatus::kAvailable, "available", "It can be spent."},
      {RateLimitResetCreditStatus::kRedeeming, "redeeming", "It is being spent right now."},
      {RateLimitResetCreditStatus::kRedeemed, "redeemed", "It has been spent."},
      {RateLimitResetCreditStatus::kUnknown, "unknown", "A state this version does not know."},
  });
};

template <>
struct Description<GetAccountRateLimitsParams> {
  static constexpr std::string_view kName = "GetAccountRateLimitsParams";
  static constexpr std::string_view kDoc = "What to leave out of the reading, or to add.";
  static constexpr auto kMembers = std::tuple{
      optional("supportsLunaReserve", &GetAccountRateLimitsParams::supports_luna_reserve,
               "Tells the service that the client can show the Luna reserve."),
      optional("excludeResetCreditDetails",
               &GetAccountRateLimitsParams::exclude_reset_credit_details,
               "Skips the second call that lists each reset credit; the count is still given. "
               "For clients that poll: the service limits that call tightly."),
  };
};

template <>
struct Description<RateLimitWindow> {
  static constexpr std::string_view kName = "RateLimitWindow";
  static constexpr std::string_view kDoc = "One usage window.";
  static constexpr auto kMembers = std::tuple{
      required("usedPercent", &RateLimitWindow::used_percent,
               "Used part of the window, in percent; over 100 where the service says so."),
      nullable("windowDurationMins", &RateLimitWindow::window_duration_mins,
               "Length of the window in minutes, rounded up, or `null` if unknown."),
      nullable("resetsAt", &RateLimitWindow::resets_at,
               "When the window starts afresh, Unix time in seconds, or `null` if unknown."),
  };
};

template <>
struct Description<CreditsSnapshot> {
  static constexpr std::string_view kName = "CreditsSnapshot";
  static constexpr std::string_view kDoc = "Bought credits.";
  static constexpr auto kMembers = std::tuple{
      required("hasCredits", &CreditsSnapshot::has_credits, "Whether there are credits to use."),
      required("unlimited", &CreditsSnapshot::unlimited, "Whether credits are not counted."),
      nullable("balance", &CreditsSnapshot::balance,
               "Credits left, a decimal number as a string, or `null` if unknown."),
      sparse("overageLimitReached", &CreditsSnapshot::overage_limit_reached,
             "`true` where the service says that no more credits may be spent now; left out "
             "otherwise. An extension."),
  };
};

template <>
struct Description<SpendControlLimitSnapshot> {
  static constexpr std::string_view kName = "SpendControlLimitSnapshot";
  static constexpr std::string_view kDoc = "The spending limit set for this member.";
  static constexpr auto kMembers = std::tuple{
      required("limit", &SpendControlLimitSnapshot::limit,
               "The limit in credits, a decimal number as a string."),
      required("used", &SpendControlLimitSnapshot::used,
               "Credits used of it, a decimal number as a string."),
      required("remainingPercent", &SpendControlLimitSnapshot::remaining_percent,
               "What is left of it, in percent."),
      required("resetsAt", &SpendControlLimitSnapshot::resets_at,
               "When it starts afresh, Unix time in seconds."),
  };
};

template <>
struct Description<RateLimitSnapshot> {
  static constexpr std::string_view kName = "RateLimitSnapshot";
  static constexpr std::string_view kDoc = "One bucket of usage that is limited on its own.";
  static constexpr auto kMembers = std::tuple{
      nullable("limitId", &RateLimitSnapshot::limit_id,
               "Name of the bucket for programs; `codex` is the ordinary one."),
      nullable("limitName", &RateLimitSnapshot::limit_name,
               "Name of the bucket for people, or `null`."),
      nullable("normalModelSlug", &RateLimitSnapshot::normal_model_slug,
               "The ordinary model that this bucket stands in for, or `null`."),
      nullable("primary", &RateLimitSnapshot::primary,
               "The shorter window, or `null` if there is none."),
      nullable("secondary", &RateLimitSnapshot::secondary,
               "The longer window, or `null` if there is none."),
      nullable("credits", &RateLimitSnapshot::credits, "Bought credits, or `null` if unknown."),
      nullable("individualLimit", &RateLimitSnapshot::individual_limit,
               "This member's spending limit, or `null` if none is set."),
      nullable("spendControlReached", &RateLimitSnapshot::spend_control_reached,
               "Whether a spending limit stops the account, or `null` if unknown."),
      nullable("planType", &RateLimitSnapshot::plan_type, "The account's plan, or `null`."),
      nullable("rateLimitReachedType", &RateLimitSnapshot::rate_limit_reached_type,
               "Which limit stops the account, or `null` if none does or it is not known."),
      sparse("limitReached", &RateLimitSnapshot::limit_reached,
             "`true` where the service says that this bucket is used up or must not be used now, "
             "whatever its windows show; left out otherwise. An extension."),
  };
};

template <>
struct Description<RateLimitResetCredit> {
  static constexpr std::string_view kName = "RateLimitResetCredit";
  static constexpr std::string_view kDoc = "One earned right to reset the usage windows, once.";
  static constexpr auto kMembers = std::tuple{
      required("id", &RateLimitResetCredit::id, "The service's name for it; pass it as creditId."),
      required("resetType", &RateLimitResetCredit::reset_type, "What it resets."),
      required("status", &RateLimitResetCredit::status, "Whether it can still be spent."),
      required("grantedAt", &RateLimitResetCredit::granted_at,
               "When it was granted, Unix time in seconds."),
      nullable("expiresAt", &RateLimitResetCredit::expires_at,
               "When it lapses, Unix time in seconds, or `null` if it does not, or if "
               "`expiryUnknown` is there."),
      sparse("expiryUnknown", &RateLimitResetCredit::expiry_unknown,
             "`true` where the service gave a time to lapse that cannot be read; left out "
             "otherwise. An extension."),
      nullable("title", &RateLimitResetCredit::title, "The service's title for it, or `null`."),
      nullable("description", &RateLimitResetCredit::description,
               "The service's sentence about it, or `null`."),
  };
};

template <>
struct Description<RateLimitResetCreditsSummary> {
  static constexpr std::string_view kName = "RateLimitResetCreditsSummary";
  static constexpr std::string_view kDoc = "The reset credits of the account.";
  static constexpr auto kMembers = std::tuple{
      required("availableCount", &RateLimitResetCreditsSummary::available_count,
               "How many can be spent."),
      nullable("credits", &RateLimitResetCreditsSummary::credits,
               "Each credit; the service may list fewer than it counts. `null` means that the "
               "list was not asked for or could not be had, `[]` that it is empty."),
  };
};

template <>
struct Description<AccountRateLimitsUpdatedNotification> {
  static constexpr std::string_view kName = "AccountRateLimitsUpdatedNotification";
  static constexpr std::string_view kDoc = "The usage windows have changed.";
  static constexpr auto kMembers = std::tuple{
      required("rateLimits", &AccountRateLimitsUpdatedNotification::rate_limits,
               "What is known of the bucket now; `null` members say nothing new."),
  };
};

template <>
struct Description<GetAccountRateLimitsResponse> {
  static constexpr std::string_view kName = "GetAccountRateLimitsResponse";
  static constexpr std::string_view kDoc = "How much of the allowance is left.";
  static constexpr auto kMembers = std::tuple{
      nullable("ordinaryUsageAllowed", &GetAccountRateLimitsResponse::ordinary_usage_allowed,
               "Whether the service lets this account use its plan now. `null` where the answer "
               "is not known to be about the signed-in user; do not infer it from percentages."),
      required("rateLimits", &GetAccountRateLimitsResponse::rate_limits,
               "The ordinary bucket, `codex`, for clients that show one."),
      nullable("rateLimitsByLimitId", &GetAccountRateLimitsResponse::rate_limits_by_limit_id,
               "Every bucket, by `limitId`."),
      nullable("rateLimitResetCredits", &GetAccountRateLimitsResponse::rate_limit_reset_credits,
               "The reset credits, or `null` if nothing is known of them."),
      nullable("accountId", &GetAccountRateLimitsResponse::account_id,
               "The account that the answer is about, or `null` if the service did not say."),
      nullable("rateLimitUpsell", &GetAccountRateLimitsResponse::rate_limit_upsell,
               "The service's banner about limits, as it sent it, or `null`."),
  };
};

}  // namespace quotad::protocol
