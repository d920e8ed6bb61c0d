// From what the service says to what the protocol says: pure functions, one per message
// (reference behaviour, section 3, is the table they follow).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/sign_in.hpp"
#include "ledger/ledger.hpp"
#include "quotad/backend/payloads.hpp"
#include "quotad/protocol/account.hpp"
#include "quotad/protocol/rate_limits.hpp"
#include "quotad/protocol/redemptions.hpp"
#include "quotad/protocol/reset_credit.hpp"
#include "quotad/protocol/usage.hpp"

namespace quotad::account {

// `education` is `edu`; a name that is not known is kUnknown.
protocol::PlanType to_plan_type(std::string_view name);

// `details` is empty where the call was left out or failed.
protocol::GetAccountRateLimitsResponse to_rate_limits(const backend::Usage& usage,
                                                      const backend::ResetCreditDetails* details,
                                                      const auth::SignIn& sign_in);

protocol::GetAccountTokenUsageResponse to_token_usage(const backend::TokenUsageProfile& profile);

protocol::GetAccountTokenUsageResponse to_thread_usage(
    const std::optional<backend::ThreadUsage>& usage);

protocol::ConsumeAccountRateLimitResetCreditResponse to_consume_response(
    const backend::ConsumeAnswer& answer);

// An entry that was refused is settled, without an outcome.
protocol::Redemption to_redemption(const ledger::Entry& entry);

protocol::GetAccountResponse to_account(const auth::SignIn& sign_in);

protocol::AccountUpdatedNotification to_account_updated(const auth::SignIn& sign_in);

protocol::GetAuthStatusResponse to_auth_status(const auth::SignIn& sign_in, bool include_token);

}  // namespace quotad::account
