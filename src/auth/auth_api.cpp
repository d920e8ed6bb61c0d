#include "auth/auth_api.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "auth/auth_answers.hpp"
#include "quotad/backend/client.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::auth {
namespace asio = boost::asio;
namespace {

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
  co_return read_fresh_tokens(response.body, renewal_.what);
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
  co_return read_person(response.body, person_.what);
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
  co_return read_task_id(response.body, *agent, task_.what);
}

}  // namespace quotad::auth
