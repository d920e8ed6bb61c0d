// `account/rateLimitResetCredit/list`: what was redeemed, or may have been. An extension: the
// reference keeps no record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quotad/protocol/description.hpp"
#include "quotad/protocol/reset_credit.hpp"

namespace quotad::protocol {

enum class RedemptionState { kPending, kUnknown, kSettled };

struct Redemption {
  std::string idempotency_key;
  std::optional<std::string> credit_id;
  RedemptionState state = RedemptionState::kPending;
  std::optional<ConsumeAccountRateLimitResetCreditOutcome> outcome;
  std::int64_t attempts = 0;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
};

struct ListAccountRateLimitResetCreditParams {
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
};

struct ListAccountRateLimitResetCreditResponse {
  std::vector<Redemption> redemptions;
  std::optional<std::string> next_cursor;
};

template <>
struct Description<RedemptionState> {
  static constexpr std::string_view kName = "RedemptionState";
  static constexpr std::string_view kDoc = "How far a redemption has come. An extension.";
  static constexpr auto kValues = std::to_array<EnumValue<RedemptionState>>({
      {RedemptionState::kPending, "pending", "The service is being asked right now."},
      {RedemptionState::kUnknown, "unknown",
       "The service was asked and its answer was lost: a credit may have been spent. Consume again "
       "with the same key to find out; that spends no second one."},
      {RedemptionState::kSettled, "settled", "It is known what became of it; see `outcome`."},
  });
};

template <>
struct Description<Redemption> {
  static constexpr std::string_view kName = "Redemption";
  static constexpr std::string_view kDoc =
      "What was asked for under one idempotency key. An extension.";
  static constexpr auto kMembers = std::tuple{
      required("idempotencyKey", &Redemption::idempotency_key, "The key."),
      nullable("creditId", &Redemption::credit_id,
               "The credit that the key is bound to, or `null` if the service was to choose."),
      required("state", &Redemption::state, "How far it has come."),
      nullable(
          "outcome", &Redemption::outcome,
          "What the service said last; `null` before it has, and where it refused or could not "
          "be reached, and so spent nothing."),
      required(
          "attempts", &Redemption::attempts,
          "How many times quotad set out to ask the service, with those that got no connection or "
          "that a pause of the service held back."),
      required("createdAt", &Redemption::created_at,
               "When the key was first used, Unix time in seconds."),
      required("updatedAt", &Redemption::updated_at,
               "When the last of this was written, Unix time in seconds."),
  };
};

template <>
struct Description<ListAccountRateLimitResetCreditParams> {
  using T = ListAccountRateLimitResetCreditParams;
  static constexpr std::string_view kName = "ListAccountRateLimitResetCreditParams";
  static constexpr std::string_view kDoc = "Which redemptions to list. An extension.";
  static constexpr auto kMembers = std::tuple{
      optional("limit", &T::limit, "How many to give at most, 1 to 200; 50 if absent."),
      optional("cursor", &T::cursor, "The `nextCursor` of the list that this one goes on from."),
  };
};

template <>
struct Description<ListAccountRateLimitResetCreditResponse> {
  using T = ListAccountRateLimitResetCreditResponse;
  static constexpr std::string_view kName = "ListAccountRateLimitResetCreditResponse";
  static constexpr std::string_view kDoc =
      "Redemptions of the account, newest first. An extension.";
  static constexpr auto kMembers = std::tuple{
      required("redemptions", &T::redemptions, "At most `limit` of them."),
      nullable("nextCursor", &T::next_cursor, "Where to go on, or `null` at the end."),
  };
};

}  // namespace quotad::protocol
