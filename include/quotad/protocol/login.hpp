// `account/login/start`, `account/logout` and what belongs to them: tokens that a client brings, and
// that the server asks it to renew.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

// Ways to sign in that the reference knows and this server refuses: they would change credentials
// that other programs share.
struct ApiKeyLogin {
  std::string api_key;
};
enum class LoginAppBrand { kCodex, kChatgpt };
struct ChatgptLogin {
  bool codex_streamlined_login = false;
  bool use_hosted_login_success_page = false;
  std::optional<LoginAppBrand> app_brand;
};
struct ChatgptDeviceCodeLogin {};
struct AmazonBedrockLogin {
  std::string api_key;
  std::string region;
};
struct AmazonBedrockAccessKeysLogin {
  std::string access_key_id;
  std::string secret_access_key;
  std::optional<std::string> session_token;
  std::string region;
};

struct ChatgptAuthTokensLogin {
  std::string access_token;
  std::string chatgpt_account_id;
  std::optional<std::string> chatgpt_plan_type;
};

using LoginAccountParams =
    std::variant<ApiKeyLogin, ChatgptLogin, ChatgptDeviceCodeLogin, ChatgptAuthTokensLogin,
                 AmazonBedrockLogin, AmazonBedrockAccessKeysLogin>;

struct ApiKeyLoginStarted {};
struct ChatgptLoginStarted {
  std::string login_id;
  std::string auth_url;
};
struct ChatgptDeviceCodeLoginStarted {
  std::string login_id;
  std::string verification_url;
  std::string user_code;
};
struct ChatgptAuthTokensLoginStarted {};
struct AmazonBedrockLoginStarted {};

using LoginAccountResponse =
    std::variant<ApiKeyLoginStarted, ChatgptLoginStarted, ChatgptDeviceCodeLoginStarted,
                 ChatgptAuthTokensLoginStarted, AmazonBedrockLoginStarted>;

struct CancelLoginAccountParams {
  std::string login_id;
};
enum class CancelLoginAccountStatus { kCanceled, kNotFound };
struct CancelLoginAccountResponse {
  CancelLoginAccountStatus status = CancelLoginAccountStatus::kNotFound;
};

struct LogoutAccountResponse {};

enum class DesktopOnboardingEntrypoint { kLifeSciences };

struct AccountLoginCompletedNotification {
  std::optional<std::string> login_id;
  bool success = false;
  std::optional<std::string> error;
  std::optional<DesktopOnboardingEntrypoint> onboarding_entrypoint;
};

enum class ChatgptAuthTokensRefreshReason { kUnauthorized };

struct ChatgptAuthTokensRefreshParams {
  ChatgptAuthTokensRefreshReason reason = ChatgptAuthTokensRefreshReason::kUnauthorized;
  std::optional<std::string> previous_account_id;
};

struct ChatgptAuthTokensRefreshResponse {
  std::string access_token;
  std::string chatgpt_account_id;
  std::optional<std::string> chatgpt_plan_type;
};

template <>
struct Description<ApiKeyLogin> {
  static constexpr std::string_view kName = "ApiKeyLogin";
  static constexpr std::string_view kDoc = "With an API key. Refused: use `codex login`.";
  static constexpr std::string_view kTag = "apiKey";
  static constexpr auto kMembers =
      std::tuple{required("apiKey", &ApiKeyLogin::api_key, "The API key.")};
};

template <>
struct Description<LoginAppBrand> {
  static constexpr std::string_view kName = "LoginAppBrand";
  static constexpr std::string_view kDoc = "Whose name the sign-in page shows.";
  static constexpr auto kValues = std::to_array<EnumValue<LoginAppBrand>>({
      {LoginAppBrand::kCodex, "codex", "Codex."},
      {LoginAppBrand::kChatgpt, "chatgpt", "ChatGPT."},
  });
};

template <>
struct Description<ChatgptLogin> {
  static constexpr std::string_view kName = "ChatgptLogin";
  static constexpr std::string_view kDoc = "In a browser. Refused: use `codex login`.";
  static constexpr std::string_view kTag = "chatgpt";
  static constexpr auto kMembers = std::tuple{
      optional("codexStreamlinedLogin", &ChatgptLogin::codex_streamlined_login,
               "Whether to leave out steps."),
      optional("useHostedLoginSuccessPage", &ChatgptLogin::use_hosted_login_success_page,
               "Whether the service shows the last page."),
      optional("appBrand", &ChatgptLogin::app_brand, "Whose name the page shows."),
  };
};

template <>
struct Description<ChatgptDeviceCodeLogin> {
  static constexpr std::string_view kName = "ChatgptDeviceCodeLogin";
  static constexpr std::string_view kDoc =
      "With a code on another device. Refused: use "
      "`codex login`.";
  static constexpr std::string_view kTag = "chatgptDeviceCode";
  static constexpr auto kMembers = std::tuple{};
};

template <>
struct Description<ChatgptAuthTokensLogin> {
  static constexpr std::string_view kName = "ChatgptAuthTokensLogin";
  static constexpr std::string_view kDoc =
      "With tokens that the client has and keeps fresh. They stay in memory, and every client of "
      "this server then uses them.";
  static constexpr std::string_view kTag = "chatgptAuthTokens";
  static constexpr auto kMembers = std::tuple{
      required("accessToken", &ChatgptAuthTokensLogin::access_token,
               "Access token for the service. Its claims, if it is a JWT, tell e-mail address and "
               "user."),
      required("chatgptAccountId", &ChatgptAuthTokensLogin::chatgpt_account_id,
               "The account that calls are made for."),
      optional("chatgptPlanType", &ChatgptAuthTokensLogin::chatgpt_plan_type,
               "The account's plan; by default what the token says."),
  };
};

template <>
struct Description<AmazonBedrockLogin> {
  static constexpr std::string_view kName = "AmazonBedrockLogin";
  static constexpr std::string_view kDoc = "With an API key of Amazon Bedrock. Refused.";
  static constexpr std::string_view kTag = "amazonBedrock";
  static constexpr auto kMembers = std::tuple{
      required("apiKey", &AmazonBedrockLogin::api_key, "The API key."),
      required("region", &AmazonBedrockLogin::region, "The AWS region."),
  };
};

template <>
struct Description<AmazonBedrockAccessKeysLogin> {
  using T = AmazonBedrockAccessKeysLogin;
  static constexpr std::string_view kName = "AmazonBedrockAccessKeysLogin";
  static constexpr std::string_view kDoc = "With AWS access keys, for Bedrock. Refused.";
  static constexpr std::string_view kTag = "amazonBedrockAccessKeys";
  static constexpr auto kMembers = std::tuple{
      required("accessKeyId", &T::access_key_id, "Id of the access key."),
      required("secretAccessKey", &T::secret_access_key, "The secret access key."),
      optional("sessionToken", &T::session_token, "The session's token, if there is one."),
      required("region", &T::region, "The AWS region."),
  };
};

template <>
struct Description<LoginAccountParams> {
  static constexpr std::string_view kName = "LoginAccountParams";
  static constexpr std::string_view kDoc =
      "How to sign in; `type` tells the way. This server takes `chatgptAuthTokens` only.";
  static constexpr std::string_view kTagName = "type";
};

template <>
struct Description<ApiKeyLoginStarted> {
  static constexpr std::string_view kName = "ApiKeyLoginStarted";
  static constexpr std::string_view kDoc = "Not given by this server.";
  static constexpr std::string_view kTag = "apiKey";
  static constexpr auto kMembers = std::tuple{};
};

template <>
struct Description<ChatgptLoginStarted> {
  static constexpr std::string_view kName = "ChatgptLoginStarted";
  static constexpr std::string_view kDoc = "Not given by this server.";
  static constexpr std::string_view kTag = "chatgpt";
  static constexpr auto kMembers = std::tuple{
      required("loginId", &ChatgptLoginStarted::login_id, "Tells this attempt from others."),
      required("authUrl", &ChatgptLoginStarted::auth_url, "The page to open."),
  };
};

template <>
struct Description<ChatgptDeviceCodeLoginStarted> {
  using T = ChatgptDeviceCodeLoginStarted;
  static constexpr std::string_view kName = "ChatgptDeviceCodeLoginStarted";
  static constexpr std::string_view kDoc = "Not given by this server.";
  static constexpr std::string_view kTag = "chatgptDeviceCode";
  static constexpr auto kMembers = std::tuple{
      required("loginId", &T::login_id, "Tells this attempt from others."),
      required("verificationUrl", &T::verification_url, "The page to open."),
      required("userCode", &T::user_code, "The code to type in there."),
  };
};

template <>
struct Description<ChatgptAuthTokensLoginStarted> {
  static constexpr std::string_view kName = "ChatgptAuthTokensLoginStarted";
  static constexpr std::string_view kDoc =
      "The tokens are in use. `account/login/completed` and `account/updated` follow.";
  static constexpr std::string_view kTag = "chatgptAuthTokens";
  static constexpr auto kMembers = std::tuple{};
};

template <>
struct Description<AmazonBedrockLoginStarted> {
  static constexpr std::string_view kName = "AmazonBedrockLoginStarted";
  static constexpr std::string_view kDoc = "Not given by this server.";
  static constexpr std::string_view kTag = "amazonBedrock";
  static constexpr auto kMembers = std::tuple{};
};

template <>
struct Description<LoginAccountResponse> {
  static constexpr std::string_view kName = "LoginAccountResponse";
  static constexpr std::string_view kDoc = "How the sign-in goes on; `type` is that of the params.";
  static constexpr std::string_view kTagName = "type";
};

template <>
struct Description<CancelLoginAccountParams> {
  static constexpr std::string_view kName = "CancelLoginAccountParams";
  static constexpr std::string_view kDoc = "Which attempt to sign in is given up.";
  static constexpr auto kMembers = std::tuple{
      required("loginId", &CancelLoginAccountParams::login_id,
               "The attempt's id, a UUID, as `account/login/start` gave it."),
  };
};

template <>
struct Description<CancelLoginAccountStatus> {
  static constexpr std::string_view kName = "CancelLoginAccountStatus";
  static constexpr std::string_view kDoc = "What became of an attempt to sign in.";
  static constexpr auto kValues = std::to_array<EnumValue<CancelLoginAccountStatus>>({
      {CancelLoginAccountStatus::kCanceled, "canceled",
       "It was given up. Not given by this server."},
      {CancelLoginAccountStatus::kNotFound, "notFound", "No such attempt is under way."},
  });
};

template <>
struct Description<CancelLoginAccountResponse> {
  static constexpr std::string_view kName = "CancelLoginAccountResponse";
  static constexpr std::string_view kDoc = "What became of the attempt to sign in.";
  static constexpr auto kMembers = std::tuple{
      required("status", &CancelLoginAccountResponse::status,
               "Always `notFound`: this server begins no attempt that could be given up."),
  };
};

template <>
struct Description<LogoutAccountResponse> {
  static constexpr std::string_view kName = "LogoutAccountResponse";
  static constexpr std::string_view kDoc = "Nobody is signed in any more.";
  static constexpr auto kMembers = std::tuple{};
};

template <>
struct Description<DesktopOnboardingEntrypoint> {
  static constexpr std::string_view kName = "DesktopOnboardingEntrypoint";
  static constexpr std::string_view kDoc = "Where a new user begins. Not given by this server.";
  static constexpr auto kValues = std::to_array<EnumValue<DesktopOnboardingEntrypoint>>({
      {DesktopOnboardingEntrypoint::kLifeSciences, "life_sciences", "Life sciences."},
  });
};

template <>
struct Description<AccountLoginCompletedNotification> {
  using T = AccountLoginCompletedNotification;
  static constexpr std::string_view kName = "AccountLoginCompletedNotification";
  static constexpr std::string_view kDoc = "A sign-in is over.";
  static constexpr auto kMembers = std::tuple{
      nullable("loginId", &T::login_id, "Which attempt; `null` for tokens that a client brought."),
      required("success", &T::success, "Whether somebody is signed in now."),
      nullable("error", &T::error, "Why not, or `null`."),
      nullable("onboardingEntrypoint", &T::onboarding_entrypoint, "Always `null`."),
  };
};

template <>
struct Description<ChatgptAuthTokensRefreshReason> {
  static constexpr std::string_view kName = "ChatgptAuthTokensRefreshReason";
  static constexpr std::string_view kDoc = "Why new tokens are asked for.";
  static constexpr auto kValues = std::to_array<EnumValue<ChatgptAuthTokensRefreshReason>>({
      {ChatgptAuthTokensRefreshReason::kUnauthorized, "unauthorized",
       "The service refused the tokens."},
  });
};

template <>
struct Description<ChatgptAuthTokensRefreshParams> {
  using T = ChatgptAuthTokensRefreshParams;
  static constexpr std::string_view kName = "ChatgptAuthTokensRefreshParams";
  static constexpr std::string_view kDoc = "Which tokens are asked for, and why.";
  static constexpr auto kMembers = std::tuple{
      required("reason", &T::reason, "Why."),
      optional("previousAccountId", &T::previous_account_id,
               "The account that the refused tokens are for."),
  };
};

template <>
struct Description<ChatgptAuthTokensRefreshResponse> {
  using T = ChatgptAuthTokensRefreshResponse;
  static constexpr std::string_view kName = "ChatgptAuthTokensRefreshResponse";
  static constexpr std::string_view kDoc = "New tokens, in place of those that were refused.";
  static constexpr auto kMembers = std::tuple{
      required("accessToken", &T::access_token, "Access token for the service."),
      required("chatgptAccountId", &T::chatgpt_account_id, "The account that it is for."),
      nullable("chatgptPlanType", &T::chatgpt_plan_type,
               "The account's plan, or `null` for what the token says."),
  };
};

}  // namespace quotad::protocol
