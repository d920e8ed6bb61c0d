// `account/rateLimitResetCredit/consume`: spends one reset credit.
#pragma once

#include <optional>
#include <string>

#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

enum class ConsumeAccountRateLimitResetCreditOutcome {
  kReset,
  kNothingToReset,
  kNoCredit,
  kAlreadyRedeemed,
};

struct ConsumeAccountRateLimitResetCreditParams {
  std::string idempotency_key;
  std::optional<std::string> credit_id;
};

struct ConsumeAccountRateLimitResetCreditResponse {
  ConsumeAccountRateLimitResetCreditOutcome outcome =
      ConsumeAccountRateLimitResetCreditOutcome::kNothingToReset;
};

template <>
struct Description<ConsumeAccountRateLimitResetCreditOutcome> {
  using Outcome = ConsumeAccountRateLimitResetCreditOutcome;
  static constexpr std::string_view kName = "ConsumeAccountRateLimitResetCreditOutcome";
  static constexpr std::string_view kDoc = "What became of the redemption.";
  static constexpr auto kValues = std::to_array<EnumValue<Outcome>>({
      {Outcome::kReset, "reset", "A credit was spent and the usage windows start afresh."},
      {Outcome::kNothingToReset, "nothingToReset",
       "No usage window needs a reset now; no credit was spent."},
      {Outcome::kNoCredit, "noCredit", "There is no credit to spend; none was spent."},
      {Outcome::kAlreadyRedeemed, "alreadyRedeemed",
       "This idempotency key has spent its credit before; no other one was spent."},
  });
};

template <>
struct Description<ConsumeAccountRateLimitResetCreditParams> {
  static constexpr std::string_view kName = "ConsumeAccountRateLimitResetCreditParams";
  static constexpr std::string_view kDoc = "Which reset to make.";
  static constexpr auto kMembers = std::tuple{
      required("idempotencyKey", &ConsumeAccountRateLimitResetCreditParams::idempotency_key,
               "Names one reset. Should be a UUID, made once for each reset that a person asks "
               "for, and used again for every retry of that same reset. Must not be empty.")
          .as_not_empty(),
      optional("creditId", &ConsumeAccountRateLimitResetCreditParams::credit_id,
               "The credit to spend, by its `id`; absent or `null` lets the service choose. Must "
               "not be empty.")
          .as_not_empty(),
  };
};

template <>
struct Description<ConsumeAccountRateLimitResetCreditResponse> {
  static constexpr std::string_view kName = "ConsumeAccountRateLimitResetCreditResponse";
  static constexpr std::string_view kDoc = "What became of the redemption.";
  static constexpr auto kMembers = std::tuple{
      required("outcome", &ConsumeAccountRateLimitResetCreditResponse::outcome,
               "What became of the redemption."),
  };
};

}  // namespace quotad::protocol
