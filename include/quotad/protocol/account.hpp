// `account/read` and `getAuthStatus`: who is signed in, from the credentials alone.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/description.hpp"
#include "quotad/protocol/rate_limits.hpp"

namespace quotad::protocol {

struct GetAccountParams {
  bool refresh_token = false;
};

struct ApiKeyAccount {};

// Kinds that the reference knows and this server never gives.
struct AmazonBedrockAccount {
  bool uses_codex_managed_credentials = false;
};
struct GcpAccount {};

struct ChatgptAccount {
  std::optional<std::string> email;
  PlanType plan_type = PlanType::kUnknown;
  std::optional<std::string> workspace_name;
};

using Account = std::variant<ApiKeyAccount, ChatgptAccount, AmazonBedrockAccount, GcpAccount>;

struct GetAccountResponse {
  std::optional<Account> account;
  std::optional<std::string> user_id;
  bool requires_openai_auth = true;
  std::optional<Json> workspace_routing;
};

struct GetAuthStatusParams {
  std::optional<bool> include_token;
  std::optional<bool> refresh_token;
};

enum class AuthMode {
  kApiKey,
  kChatgpt,
  kChatgptAuthTokens,
  kHeaders,
  kAgentIdentity,
  kPersonalAccessToken,
  kBedrockApiKey,
  kBedrockAccessKeys,
};

enum class AccountUpdateReason { kWorkspaceRoutingReady, kUnknown };

struct AccountUpdatedNotification {
  std::optional<AuthMode> auth_mode;
  std::optional<PlanType> plan_type;
  std::optional<AccountUpdateReason> reason;
};

struct GetAuthStatusResponse {
  std::optional<AuthMode> auth_method;
  std::optional<std::string> auth_token;
  bool requires_openai_auth = true;
};

template <>
struct Description<GetAccountParams> {
  static constexpr std::string_view kName = "GetAccountParams";
  static constexpr std::string_view kDoc = "How to read the account.";
  static constexpr auto kMembers = std::tuple{
      optional("refreshToken", &GetAccountParams::refresh_token,
               "Whether to get a new access token first."),
  };
};

template <>
struct Description<ApiKeyAccount> {
  static constexpr std::string_view kName = "ApiKeyAccount";
  static constexpr std::string_view kDoc =
      "Signed in with an API key, which has no allowance to read.";
  static constexpr std::string_view kTag = "apiKey";
  static constexpr auto kMembers = std::tuple{};
};

template <>
struct Description<ChatgptAccount> {
  static constexpr std::string_view kName = "ChatgptAccount";
  static constexpr std::string_view kDoc = "Signed in with a ChatGPT account.";
  static constexpr std::string_view kTag = "chatgpt";
  static constexpr auto kMembers = std::tuple{
      required("email", &ChatgptAccount::email, "E-mail address of the user, or `null`."),
      required("planType", &ChatgptAccount::plan_type, "The account's plan."),
      nullable("workspaceName", &ChatgptAccount::workspace_name,
               "Name of the workspace, or `null` if unknown."),
  };
};

template <>
struct Description<AmazonBedrockAccount> {
  static constexpr std::string_view kName = "AmazonBedrockAccount";
  static constexpr std::string_view kDoc = "Amazon Bedrock. Not given by this server.";
  static constexpr std::string_view kTag = "amazonBedrock";
  static constexpr auto kMembers = std::tuple{
      optional("usesCodexManagedCredentials", &AmazonBedrockAccount::uses_codex_managed_credentials,
               "Whether Codex keeps the credentials."),
  };
};

template <>
struct Description<GcpAccount> {
  static constexpr std::string_view kName = "GcpAccount";
  static constexpr std::string_view kDoc = "Google Cloud Vertex AI. Not given by this server.";
  static constexpr std::string_view kTag = "gcp";
  static constexpr auto kMembers = std::tuple{};
};

template <>
struct Description<Account> {
  static constexpr std::string_view kName = "Account";
  static constexpr std::string_view kDoc = "Who is signed in; `type` tells the kind.";
  static constexpr std::string_view kTagName = "type";
};

template <>
struct Description<GetAccountResponse> {
  static constexpr std::string_view kName = "GetAccountResponse";
  static constexpr std::string_view kDoc = "Who is signed in.";
  static constexpr auto kMembers = std::tuple{
      nullable("account", &GetAccountResponse::account,
               "The account, or `null` if nobody is signed in."),
      nullable("userId", &GetAccountResponse::user_id, "The user's id at ChatGPT, or `null`."),
      required("requiresOpenaiAuth", &GetAccountResponse::requires_openai_auth,
               "Always true: the calls of this server need a ChatGPT sign-in."),
      nullable("workspaceRouting", &GetAccountResponse::workspace_routing,
               "Always `null`: this server reads the account from the credentials alone.")
          .as_experimental(),
  };
};

template <>
struct Description<AuthMode> {
  static constexpr std::string_view kName = "AuthMode";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc =
      "How the user is signed in. This server gives `apikey`, `chatgpt`, `chatgptAuthTokens`, "
      "`agentIdentity` and `personalAccessToken`; the others are the reference's.";
  static constexpr auto kValues = std::to_array<EnumValue<AuthMode>>({
      {AuthMode::kApiKey, "apikey", "With an API key."},
      {AuthMode::kChatgpt, "chatgpt", "With a ChatGPT account."},
      {AuthMode::kChatgptAuthTokens, "chatgptAuthTokens",
       "With ChatGPT tokens that a client brought and keeps fresh."},
      {AuthMode::kHeaders, "headers", "With request headers that stand for a sign-in."},
      {AuthMode::kAgentIdentity, "agentIdentity", "As a registered agent, with its own key."},
      {AuthMode::kPersonalAccessToken, "personalAccessToken", "With a personal access token."},
      {AuthMode::kBedrockApiKey, "bedrockApiKey", "With an API key of Amazon Bedrock."},
      {AuthMode::kBedrockAccessKeys, "bedrockAccessKeys", "With AWS access keys, for Bedrock."},
  });
};

template <>
struct Description<GetAuthStatusParams> {
  static constexpr std::string_view kName = "GetAuthStatusParams";
  static constexpr Folder kFolder = Folder::kV1;
  static constexpr std::string_view kDoc = "What to tell of the sign-in.";
  static constexpr auto kMembers = std::tuple{
      optional("includeToken", &GetAuthStatusParams::include_token,
               "Whether to give the token itself."),
      optional("refreshToken", &GetAuthStatusParams::refresh_token,
               "Whether to get a new access token first."),
  };
};

template <>
struct Description<AccountUpdateReason> {
  static constexpr std::string_view kName = "AccountUpdateReason";
  static constexpr std::string_view kDoc =
      "Why clients are told of the account though the sign-in is the same. Not given by this "
      "server.";
  static constexpr auto kValues = std::to_array<EnumValue<AccountUpdateReason>>({
      {AccountUpdateReason::kWorkspaceRoutingReady, "workspaceRoutingReady",
       "It is known where the workspace is served."},
      {AccountUpdateReason::kUnknown, "unknown", "A reason of a later version."},
  });
};

template <>
struct Description<AccountUpdatedNotification> {
  static constexpr std::string_view kName = "AccountUpdatedNotification";
  static constexpr std::string_view kDoc = "Who is signed in has changed.";
  static constexpr auto kMembers = std::tuple{
      nullable("authMode", &AccountUpdatedNotification::auth_mode,
               "How the user is signed in now, or `null` if nobody is."),
      nullable("planType", &AccountUpdatedNotification::plan_type,
               "The account's plan, or `null` if it is not known."),
      nullable("reason", &AccountUpdatedNotification::reason,
               "Always `null`: the sign-in itself has changed."),
  };
};

template <>
struct Description<GetAuthStatusResponse> {
  static constexpr std::string_view kName = "GetAuthStatusResponse";
  static constexpr Folder kFolder = Folder::kV1;
  static constexpr std::string_view kDoc = "How the user is signed in.";
  static constexpr auto kMembers = std::tuple{
      nullable("authMethod", &GetAuthStatusResponse::auth_method,
               "How, or `null` if nobody is signed in."),
      nullable("authToken", &GetAuthStatusResponse::auth_token,
               "The access token or API key, or `null` unless `includeToken` asked for it."),
      required("requiresOpenaiAuth", &GetAuthStatusResponse::requires_openai_auth,
               "Always true: the calls of this server need a ChatGPT sign-in."),
  };
};

}  // namespace quotad::protocol
