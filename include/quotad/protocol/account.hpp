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

struct ChatgptAccount {
  std::optional<std::string> email;
  PlanType plan_type = PlanType::kUnknown;
  std::optional<std::string> workspace_name;
};

using Account = std::variant<ApiKeyAccount, ChatgptAccount>;

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

enum class AuthMode { kApiKey, kChatgpt };

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
      nullable("email", &ChatgptAccount::email, "E-mail address of the user, or `null`."),
      required("planType", &ChatgptAccount::plan_type, "The account's plan."),
      nullable("workspaceName", &ChatgptAccount::workspace_name,
               "Name of the workspace, or `null` if unknown."),
  };
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
  static constexpr std::string_view kDoc = "How the user is signed in.";
  static constexpr auto kValues = std::to_array<EnumValue<AuthMode>>({
      {AuthMode::kApiKey, "apikey", "With an API key."},
      {AuthMode::kChatgpt, "chatgpt", "With a ChatGPT account."},
  });
};

template <>
struct Description<GetAuthStatusParams> {
  static constexpr std::string_view kName = "GetAuthStatusParams";
  static constexpr std::string_view kDoc = "What to tell of the sign-in.";
  static constexpr auto kMembers = std::tuple{
      optional("includeToken", &GetAuthStatusParams::include_token,
               "Whether to give the token itself."),
      optional("refreshToken", &GetAuthStatusParams::refresh_token,
               "Whether to get a new access token first."),
  };
};

template <>
struct Description<GetAuthStatusResponse> {
  static constexpr std::string_view kName = "GetAuthStatusResponse";
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
