// The calls to the sign-in service: renew tokens, ask whose a personal access token is, register an
// agent's task (reference behaviour, section 5).
//
// Called by CredentialStore. It remembers nothing but who asked to be left alone, and repeats nothing. Every call throws
// protocol::Error: kAuthRequired where the service's refusal is final, and for what passes
// kBackendUnreachable, kTimeout, kRateLimited, kBackendStatus, kBackendPayload. No error repeats
// what the service said, because that may hold tokens.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/agent_identity.hpp"
#include "auth/auth_json.hpp"
#include "auth/jwt.hpp"
#include "backend/circuit.hpp"
#include "backend/http.hpp"
#include "quotad/backend/client.hpp"

namespace quotad::auth {

struct AuthApiOptions {
  std::string token_url = "https://auth.openai.com/oauth/token";
  std::string auth_api_url = "https://auth.openai.com/api/accounts";
  std::string agent_api_url = auth_api_url;
  std::chrono::milliseconds timeout{30'000};  // of each call
  backend::HttpOptions http;
  backend::CircuitOptions circuit;  // of each endpoint
};

// Takes CODEX_REFRESH_TOKEN_URL_OVERRIDE, CODEX_AUTHAPI_BASE_URL and
// CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL; an agent registers at a `base_url` (resolved) on loopback,
// unless the last one says otherwise.
void use_auth_environment(AuthApiOptions& options, const std::string& base_url,
                          const std::function<const char*(const char*)>& getenv);

class AuthApi {
 public:
  AuthApi(boost::asio::any_io_executor executor, AuthApiOptions options)
      : executor_(std::move(executor)), options_(std::move(options)) {}

  const AuthApiOptions& options() const { return options_; }
  void use_agent_api(const std::string& url) { options_.agent_api_url = url; }

  // Spends the refresh token. `reason` is a word of the reference's, for the service's statistics.
  boost::asio::awaitable<FreshTokens> refresh(std::string refresh_token, std::string reason);

  // Whose it is.
  boost::asio::awaitable<TokenClaims> whoami(std::string personal_access_token);

  // A task id for the agent's calls.
  boost::asio::awaitable<std::string> register_task(std::shared_ptr<const AgentIdentity> agent,
                                                    std::int64_t unix_now);

 private:
  // When an endpoint may be asked again for the same subject.
  struct Endpoint {
    const char* what;          // it does, for errors
    bool only_pauses = false;  // as the service asks; after failures its caller backs off
    std::size_t subject = 0;
    std::optional<backend::Circuit> circuit = std::nullopt;
  };

  boost::asio::awaitable<backend::HttpResponse> fetch(backend::HttpRequest request,
                                                      Endpoint& endpoint,
                                                      const std::string& subject);

  boost::asio::any_io_executor executor_;
  AuthApiOptions options_;
  Endpoint renewal_{.what = "renewing the tokens", .only_pauses = true};
  Endpoint person_{.what = "asking whose the personal access token is"};
  Endpoint task_{.what = "registering the agent's task"};
  std::unique_ptr<backend::HttpClient> http_;  // made by the first call: most processes make none
};

}  // namespace quotad::auth
