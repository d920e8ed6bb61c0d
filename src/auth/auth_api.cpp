#include "auth/auth_api.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "quotad/backend/client.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::auth {
namespace asio = boost::asio;
namespace {

using nlohmann::json;
using protocol::Error;
using protocol::ErrorData;
using protocol::ErrorKind;

// Whom the tokens were made for: the Codex CLI (reference behaviour, section 5).
constexpr const char* kClientId = "app_EMoamEEZ73f0CkXaXp7hrann";

constexpr long kUnauthorized = 401;
constexpr long kForbidden = 403;
constexpr long kTooManyRequests = 429;

// Refusals of a refresh token after which only a new sign-in helps.
constexpr std::array kFinalCodes = {"refresh_token_expired", "refresh_token_reused",
                                    "refresh_token_invalidated"};

json parse(const std::string& text) {
  return json::parse(text, nullptr, /*allow_exceptions=*/false);
}

// The service's name for what is wrong, if it is one.
std::string error_code(const std::string& body) {
  const json answer = parse(body);
  auto code = text_member(answer, "code");
  if (answer.is_object() && answer.contains("error")) {
    const json& error = answer.at("error");
    code = error.is_object() ? text_member(error, "code") : text_member(answer, "error");
  }
  constexpr std::size_t kLongestCode = 64;
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  };
  const bool is_code =
      code && code->size() <= kLongestCode && std::all_of(code->begin(), code->end(), is_word);
  return is_code ? *code : "";
}

Error status_error(const char* what, const backend::HttpResponse& response) {
  ErrorData data{.kind = ErrorKind::kBackendStatus, .retryable = response.status >= 500};
  if (response.status == kTooManyRequests) {
    data.kind = ErrorKind::kRateLimited;
    data.retryable = true;
  }
  data.retry_after_sec = response.retry_after_sec;
  const std::string code = error_code(response.body);
  return {data, std::string(what) + " failed: the service answered " +
                    std::to_string(response.status) + (code.empty() ? "" : " (" + code + ")")};
}

Error unreadable(const char* what) {
  return {ErrorKind::kBackendPayload,
          std::string(what) + " failed: the service's answer cannot be read"};
}

std::string without_slash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

}  // namespace

void use_auth_environment(AuthApiOptions& options, const std::string& base_url,
                          const std::function<const char*(const char*)>& getenv) {
  const auto override_with = [&](std::string& url, const char* name) {
    const char* value = getenv(name);
    if (value != nullptr && *value != '\0') url = without_slash(value);
  };
  override_with(options.token_url, "CODEX_REFRESH_TOKEN_URL_OVERRIDE");
  override_with(options.auth_api_url, "CODEX_AUTHAPI_BASE_URL");
  options.agent_api_url = backend::is_loopback_url(base_url) ? base_url : options.auth_api_url;
  override_with(options.agent_api_url, "CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL");
}

// `endpoint` outlives the call, but by the time of the answer it may serve another subject.
asio::awaitable<backend::HttpResponse> AuthApi::fetch(backend::HttpRequest request,
                                                      Endpoint& endpoint,
                                                      const std::string& subject) {
  using Clock = backend::Circuit::Clock;
  const std::size_t asked = std::hash<std::string>()(subject);
  if (!endpoint.circuit || endpoint.subject != asked) {
    endpoint.circuit.emplace(options_.circuit);
    endpoint.subject = asked;
  }
  endpoint.circuit->check(Clock::now(), endpoint.only_pauses);
  const auto failed = [&](const Error& error) {
    if (endpoint.subject == asked) endpoint.circuit->failed(error, Clock::now());
  };
  const std::string what = endpoint.what;
  if (!http_) http_ = std::make_unique<backend::HttpClient>(executor_, options_.http);
  request.timeout = options_.timeout;
  const std::string url = backend::without_user(request.url);
  try {
    auto response = co_await http_->fetch(std::move(request));
    if (response.status < 200 || response.status > 299) {
      failed(status_error(endpoint.what, response));
    } else if (endpoint.subject == asked) {
      endpoint.circuit->succeeded();
    }
    co_return response;
  } catch (const backend::HttpError& error) {
    if (error.reason() == backend::HttpError::Reason::kBadUrl) {
      throw Error(ErrorKind::kInternal, what + " failed: " + url + " " + error.what());
    }
    const bool is_timeout = error.reason() == backend::HttpError::Reason::kTimeout;
    const std::string why =
        is_timeout ? "no answer within " + std::to_string(options_.timeout.count()) + " ms"
                   : std::string(error.what());
    Error no_answer(is_timeout ? ErrorKind::kTimeout : ErrorKind::kBackendUnreachable,
                    what + " failed: " + why);
    failed(no_answer);
    throw Error(std::move(no_answer));
  }
}

asio::awaitable<FreshTokens> AuthApi::refresh(std::string refresh_token, std::string reason) {
  nlohmann::ordered_json body;
  body["client_id"] = kClientId;
  body["grant_type"] = "refresh_token";
  body["refresh_reason"] = std::move(reason);
  body["refresh_token"] = refresh_token;
  // A refresh token works once: it must not be sent again over a connection that broke.
  backend::HttpRequest request{.url = options_.token_url,
                               .headers = {"Content-Type: application/json"},
                               .body = body.dump(),
                               .only_once = true};
  const auto response = co_await fetch(std::move(request), renewal_, refresh_token);
  if (response.status < 200 || response.status > 299) {
    const std::string code = error_code(response.body);
    const bool is_final =
        response.status == kUnauthorized &&
        std::find(kFinalCodes.begin(), kFinalCodes.end(), code) != kFinalCodes.end();
    if (!is_final) throw status_error(renewal_.what, response);
    throw Error(ErrorKind::kAuthRequired, "the sign-in can no longer be renewed (" + code +
                                              "); sign in again with `codex login`");
  }
  const json answer = parse(response.body);
  // Only the access token goes into a header. A refresh token is kept whatever it looks like: the old
  // one is spent.
  auto access_token = text_member(answer, "access_token");
  if (access_token && !is_token(*access_token)) access_token.reset();
  FreshTokens tokens{.id_token = text_member(answer, "id_token"),
                     .access_token = access_token,
                     .refresh_token = text_member(answer, "refresh_token")};
  if (!tokens.access_token && !tokens.refresh_token) throw unreadable(renewal_.what);
  co_return tokens;
}

asio::awaitable<TokenClaims> AuthApi::whoami(std::string personal_access_token) {
  backend::HttpRequest request{.url = options_.auth_api_url + "/v1/user-auth-credential/whoami",
                               .headers = {"Authorization: Bearer " + personal_access_token},
                               .body = std::nullopt};
  const auto response = co_await fetch(std::move(request), person_, personal_access_token);
  if (response.status == kUnauthorized || response.status == kForbidden) {
    throw Error(ErrorKind::kAuthRequired, "the service refuses the personal access token (" +
                                              std::to_string(response.status) +
                                              "); make a new one");
  }
  if (response.status < 200 || response.status > 299) throw status_error(person_.what, response);
  const json answer = parse(response.body);
  TokenClaims claims;
  claims.email = text_member(answer, "email");
  claims.user_id = text_member(answer, "chatgpt_user_id");
  claims.account_id = text_member(answer, "chatgpt_account_id");
  claims.plan_type = text_member(answer, "chatgpt_plan_type");
  if (!answer.is_object() || !claims.account_id || !is_token(*claims.account_id)) {
    throw unreadable(person_.what);
  }
  const auto fedramp = answer.find("chatgpt_account_is_fedramp");
  claims.fedramp = fedramp != answer.end() && *fedramp == true;
  co_return claims;
}

asio::awaitable<std::string> AuthApi::register_task(std::shared_ptr<const AgentIdentity> agent,
                                                    std::int64_t unix_now) {
  backend::HttpRequest request{
      .url = options_.agent_api_url + "/v1/agent/" + agent->runtime_id() + "/task/register",
      .headers = {"Content-Type: application/json"},
      .body = agent->registration(unix_now)};
  const auto response = co_await fetch(std::move(request), task_, agent->runtime_id());
  if (response.status == kUnauthorized || response.status == kForbidden) {
    throw Error(ErrorKind::kAuthRequired, "the service refuses the agent identity (" +
                                              std::to_string(response.status) +
                                              "); register the agent again");
  }
  if (response.status < 200 || response.status > 299) throw status_error(task_.what, response);
  const json answer = parse(response.body);
  auto task_id = text_member(answer, "task_id");
  if (!task_id) {
    const auto sealed = text_member(answer, "encrypted_task_id");
    if (!sealed) throw unreadable(task_.what);
    task_id = agent->open_task_id(*sealed);
  }
  co_return *task_id;
}

}  // namespace quotad::auth
