// The method table: for each request a client may send, its wire name, its types and its sentence;
// and the same for requests of the server and for notifications.
//
// Read by the dispatcher (which binds a handler to each) and by the generators. A method is one
// struct here and one row in `Methods`; a method without params has `NoParams`.
#pragma once

#include <string_view>
#include <tuple>

#include "quotad/protocol/account.hpp"
#include "quotad/protocol/catalogue.hpp"
#include "quotad/protocol/initialize.hpp"
#include "quotad/protocol/login.hpp"
#include "quotad/protocol/rate_limits.hpp"
#include "quotad/protocol/redemptions.hpp"
#include "quotad/protocol/reset_credit.hpp"
#include "quotad/protocol/usage.hpp"
#include "quotad/protocol/workspace_messages.hpp"

namespace quotad::protocol {

// Of what takes no params. `null` and `{}` stand for them too.
struct NoParams {};

template <>
struct Description<NoParams> {
  static constexpr std::string_view kName = "NoParams";
  static constexpr std::string_view kDoc = "No params.";
  static constexpr auto kMembers = std::tuple{};
};

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
      "Tells who is signed in, from the credentials alone. Asks the network only to renew tokens, "
      "if "
      "`refreshToken` says so, and once whose personal access token it is.";
};

struct StartLogin {
  using Params = LoginAccountParams;
  using Result = LoginAccountResponse;
  static constexpr std::string_view kName = "account/login/start";
  static constexpr bool kParamsRequired = true;
  static constexpr std::string_view kDoc =
      "Signs this server in with tokens that the client brings. They are kept in memory only; when "
      "the service refuses them, the client that brought them is asked for new ones with "
      "`account/chatgptAuthTokens/refresh`.";
};

struct CancelLogin {
  using Params = CancelLoginAccountParams;
  using Result = CancelLoginAccountResponse;
  static constexpr std::string_view kName = "account/login/cancel";
  static constexpr bool kParamsRequired = true;
  static constexpr std::string_view kDoc =
      "Gives up an attempt to sign in. This server begins none, and so finds none; it is here for "
      "clients that tidy up without asking first.";
};

struct Logout {
  using Params = NoParams;
  using Result = LogoutAccountResponse;
  static constexpr std::string_view kName = "account/logout";
  static constexpr bool kParamsRequired = false;
  static constexpr std::string_view kDoc =
      "Signs this server out until `account/login/start` or its end: tokens that a client brought "
      "are dropped. `auth.json` is left as it is, because other programs share it.";
};

struct GetAuthStatus {
  using Params = GetAuthStatusParams;
  using Result = GetAuthStatusResponse;
  static constexpr std::string_view kName = "getAuthStatus";
  static constexpr bool kParamsRequired = true;
  static constexpr std::string_view kDoc =
      "Tells how the user is signed in, from the credentials alone. Asks the network only to renew "
      "tokens, if `refreshToken` says so, and once whose personal access token it is.";
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

struct ListResetCreditRedemptions {
  using Params = ListAccountRateLimitResetCreditParams;
  using Result = ListAccountRateLimitResetCreditResponse;
  static constexpr std::string_view kName = "account/rateLimitResetCredit/list";
  static constexpr bool kParamsRequired = false;
  static constexpr bool kExtension = true;
  static constexpr std::string_view kDoc =
      "Lists the account's redemptions, newest first, from the record that is kept on this "
      "machine. "
      "An extension: the reference has no such method.";
};

struct ReadWorkspaceMessages {
  using Params = NoParams;
  using Result = GetWorkspaceMessagesResponse;
  static constexpr std::string_view kName = "account/workspaceMessages/read";
  static constexpr bool kParamsRequired = false;
  static constexpr std::string_view kDoc =
      "Tells that there are no messages of the workspace: this server does not ask for them.";
};

struct ListSkills {
  using Params = SkillsListParams;
  using Result = SkillsListResponse;
  static constexpr std::string_view kName = "skills/list";
  static constexpr bool kParamsRequired = true;
  static constexpr std::string_view kDoc =
      "Lists no skills: this server runs none. It is here for clients that ask at their start.";
};

struct ListModels {
  using Params = ModelListParams;
  using Result = ModelListResponse;
  static constexpr std::string_view kName = "model/list";
  static constexpr bool kParamsRequired = true;
  static constexpr std::string_view kDoc =
      "Lists no models: this server runs none. It is here for clients that ask at their start.";
};

// Answered by the session itself, before the handshake too. Its result is an OpenRPC document.
struct Discover {
  using Params = NoParams;
  using Result = Json;
  static constexpr std::string_view kName = "rpc.discover";
  static constexpr bool kParamsRequired = false;
  static constexpr std::string_view kDoc =
      "Gives the OpenRPC document of this server. May be asked before `initialize`.";
};

using Methods =
    std::tuple<Initialize, ReadAccount, StartLogin, CancelLogin, Logout, GetAuthStatus,
               ReadRateLimits, ReadTokenUsage, ConsumeResetCredit, ListResetCreditRedemptions,
               ReadWorkspaceMessages, ListSkills, ListModels, Discover>;

struct RefreshChatgptAuthTokens {
  using Params = ChatgptAuthTokensRefreshParams;
  using Result = ChatgptAuthTokensRefreshResponse;
  static constexpr std::string_view kName = "account/chatgptAuthTokens/refresh";
  static constexpr bool kParamsRequired = true;
  static constexpr std::string_view kDoc =
      "Asks the client that brought tokens for new ones, because the service refused them. Answer "
      "within 10 seconds (`--token-request-timeout-ms`).";
};

// What the server asks a client, which answers with a result or an error.
using ServerRequests = std::tuple<RefreshChatgptAuthTokens>;

struct Initialized {
  using Params = NoParams;
  static constexpr std::string_view kName = "initialized";
  static constexpr std::string_view kDoc =
      "Ends the handshake. Accepted for compatibility; requests are served without it.";
};

// What a client may send without an answer.
using ClientNotifications = std::tuple<Initialized>;

struct AccountLoginCompleted {
  using Params = AccountLoginCompletedNotification;
  static constexpr std::string_view kName = "account/login/completed";
  static constexpr std::string_view kDoc =
      "A sign-in that a client started is over. Sent to every client that is initialized and did "
      "not opt out of it.";
};

struct AccountUpdated {
  using Params = AccountUpdatedNotification;
  static constexpr std::string_view kName = "account/updated";
  static constexpr std::string_view kDoc =
      "Who is signed in has changed: another account, another plan, or nobody any more. Sent to "
      "every client that is initialized and did not opt out of it.";
};

struct AccountRateLimitsUpdated {
  using Params = AccountRateLimitsUpdatedNotification;
  static constexpr std::string_view kName = "account/rateLimits/updated";
  static constexpr std::string_view kDoc =
      "The usage windows have changed: a reset credit was spent. Sent to every client that is "
      "initialized and did not opt out of it. The reference sends it while it runs turns, too.";
};

// What the server may send on its own. Declared so that a client of the reference compiles.
using ServerNotifications =
    std::tuple<AccountLoginCompleted, AccountUpdated, AccountRateLimitsUpdated>;

}  // namespace quotad::protocol
