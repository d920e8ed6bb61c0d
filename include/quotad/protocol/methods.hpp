// The method table: for each request a client may send, its wire name, its types and its sentence.
//
// Read by the dispatcher (which binds a handler to each) and by the generators. A method is one
// struct here and one row in `Methods`.
#pragma once

#include <string_view>
#include <tuple>

#include "quotad/protocol/account.hpp"
#include "quotad/protocol/initialize.hpp"
#include "quotad/protocol/rate_limits.hpp"
#include "quotad/protocol/reset_credit.hpp"
#include "quotad/protocol/usage.hpp"

namespace quotad::protocol {

struct Initialize {
  using Params = InitializeParams;
  using Result = InitializeResponse;
  static constexpr std::string_view kName = "initialize";
  static constexpr bool kParamsRequired = true;
  static constexpr std::string_view kDoc =
      "Opens the connection. Must be the first request, and is sent once.";
};

struct ReadAccount {
  using Params = GetAccountParams;
  using Result = GetAccountResponse;
  static constexpr std::string_view kName = "account/read";
  static constexpr bool kParamsRequired = true;
  static constexpr std::string_view kDoc =
      "Tells who is signed in, from the credentials alone, without the network.";
};

struct GetAuthStatus {
  using Params = GetAuthStatusParams;
  using Result = GetAuthStatusResponse;
  static constexpr std::string_view kName = "getAuthStatus";
  static constexpr bool kParamsRequired = true;
  static constexpr std::string_view kDoc =
      "Tells how the user is signed in, from the credentials alone, without the network.";
};

struct ReadRateLimits {
  using Params = GetAccountRateLimitsParams;
  using Result = GetAccountRateLimitsResponse;
  static constexpr std::string_view kName = "account/rateLimits/read";
  static constexpr bool kParamsRequired = false;
  static constexpr std::string_view kDoc =
      "Reads how much of the allowance is left, with credits, spending limits and reset credits.";
};

struct ReadTokenUsage {
  using Params = GetAccountTokenUsageParams;
  using Result = GetAccountTokenUsageResponse;
  static constexpr std::string_view kName = "account/usage/read";
  static constexpr bool kParamsRequired = false;
  static constexpr std::string_view kDoc =
      "Reads the account's token usage, or, with `threadId`, what one thread has cost.";
};

struct ConsumeResetCredit {
  using Params = ConsumeAccountRateLimitResetCreditParams;
  using Result = ConsumeAccountRateLimitResetCreditResponse;
  static constexpr std::string_view kName = "account/rateLimitResetCredit/consume";
  static constexpr bool kParamsRequired = true;
  static constexpr std::string_view kDoc =
      "Spends one reset credit. Scarce and final: make the key once, keep it, and retry with it.";
};

using Methods = std::tuple<Initialize, ReadAccount, GetAuthStatus, ReadRateLimits, ReadTokenUsage,
                           ConsumeResetCredit>;

}  // namespace quotad::protocol
