#include "quotad/backend/client.hpp"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "backend/circuit.hpp"
#include "backend/http.hpp"
#include "backend/lenient.hpp"
#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/json_text.hpp"

namespace quotad::backend {
namespace asio = boost::asio;
using protocol::Error;
using protocol::ErrorData;
using protocol::ErrorKind;

namespace {

constexpr long kUnauthorized = 401;
constexpr long kForbidden = 403;
constexpr long kNotFound = 404;
constexpr long kRequestTimeout = 408;
constexpr long kTooManyRequests = 429;

bool starts_with(const std::string& text, std::string_view prefix) {
  return std::string_view(text).substr(0, prefix.size()) == prefix;
}

// Cuts `text` to `limit` bytes, not within a UTF-8 sequence.
std::string shorten(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  text.resize(limit);
  return text + "…";
}

// The service has been seen to repeat what it was sent; none of that may come back in an error.
void blot_out(std::string& text, const std::string& secret) {
  constexpr std::string_view kBlot = "[redacted]";
  // Shorter ones would tear up ordinary words, and are no secrets.
  if (secret.size() < 8) return;
  for (auto at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kBlot.size())) {
    text.replace(at, secret.size(), kBlot);
  }
}

// "404 Not Found", with the names that the reference's HTTP library gives where Beast's differ.
std::string status_text(long status) {
  switch (status) {
    case 418:
      return "418 I'm a teapot";
    case 425:
      return "425 Too Early";
    case 444:
    case 499:
    case 599:
      return std::to_string(status) + " <unknown status code>";
    default:
      break;
  }
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return std::to_string(status) + " " +
         (reason == "<unknown-status>" ? "<unknown status code>" : std::string(reason));
}

// In the words of the reference, which says no more; `why` is the detail.
Error unreadable_thread_usage(ErrorData data, const std::string& why) {
  data.detail = why;
  return {std::move(data), "Invalid thread usage response."};
}

}  // namespace

void use_ca_environment(ClientOptions& options,
                        const std::function<const char*(const char*)>& getenv) {
  const auto value = [&](const char* name) {
    const char* text = getenv(name);
    return std::string(text == nullptr ? "" : text);
  };
  if (auto file = value("CODEX_CA_CERTIFICATE"); !file.empty()) {
    options.ca_file = std::move(file);
    return;
  }
  options.ca_file = value("SSL_CERT_FILE");
  options.ca_dir = value("SSL_CERT_DIR");
  options.trust_system = options.ca_file.empty() && options.ca_dir.empty();
}

std::string resolve_base_url(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  if ((starts_with(url, "https://chatgpt.com") || starts_with(url, "https://chat.openai.com")) &&
      url.find("/backend-api") == std::string::npos) {
    url += "/backend-api";
  }
  return url;
}

std::string without_user(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t at = url.substr(0, url.find_first_of("/?#", start)).rfind('@');
  return at == std::string::npos ? url : url.substr(0, start) + url.substr(at + 1);
}

bool is_loopback_url(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return false;
  const std::string_view rest = std::string_view(url).substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) return false;
  const std::string_view host = authority.substr(0, 1) == "["
                                    ? authority.substr(0, authority.find(']') + 1)
                                    : authority.substr(0, authority.find(':'));
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

std::optional<std::string> why_not_sent_to(const std::string& url) {
  const auto origin = origin_of(url.c_str());
  const bool is_plain = origin && origin->at(0) == "http";
  if (!origin || (!is_plain && origin->at(0) != "https") || origin->at(1).empty()) {
    return "is no https:// URL, nor http:// to this machine";
  }
  if (is_plain && !is_loopback_url(without_user(url))) {
    return "would send credentials over the network without TLS; use https://, or http:// to this "
           "machine only";
  }
  return std::nullopt;
}

struct Client::Impl {
  Impl(const asio::any_io_executor& executor, ClientOptions options_)
      : options(std::move(options_)),
        http(executor, HttpOptions{.ca_file = options.ca_file,
                                   .ca_dir = options.ca_dir,
                                   .trust_system = options.trust_system,
                                   .user_agent = options.user_agent,
                                   .max_body_bytes = options.max_body_bytes,
                                   .max_connections = options.max_connections}),
        warnings(options.on_warning) {
    if (!options.clock) options.clock = [] { return std::int64_t{std::time(nullptr)}; };
    use(options.base_url);
  }

  void use(const std::string& base_url) {
    if (base == resolve_base_url(base_url)) return;
    base = resolve_base_url(base_url);
    shown_base = without_user(base);
    prefix = base.find("/backend-api") != std::string::npos ? "/wham" : "/api/codex";
    circuits.clear();
  }

  // One endpoint as one call sees it.
  struct Call {
    std::string path;
    std::string_view name;  // of the payload, in warnings
    std::chrono::milliseconds timeout{0};
    std::optional<nlohmann::json> body;
    std::string extra_header;
    bool spends = false;  // whether a lost answer leaves it unknown what has happened
    std::string secret;   // something in the body that must not come back in an error
  };

  std::string url_of(const Call& call) const { return base + prefix + call.path; }
  // For errors.
  std::string shown_url(const Call& call) const { return shown_base + prefix + call.path; }

  static std::vector<std::string> headers_of(const Call& call, const Credentials& credentials) {
    std::vector<std::string> headers{"Authorization: " + credentials.authorization};
    if (!credentials.account_id.empty()) {
      headers.push_back("ChatGPT-Account-Id: " + credentials.account_id);
    }
    if (credentials.fedramp) headers.emplace_back("X-OpenAI-Fedramp: true");
    if (!call.extra_header.empty()) headers.push_back(call.extra_header);
    if (call.body) headers.emplace_back("Content-Type: application/json");
    return headers;
  }

  [[noreturn]] void throw_no_answer(const Call& call, const HttpError& error) const {
    const std::string url = shown_url(call);
    ErrorData data;
    std::string words;
    switch (error.reason()) {
      case HttpError::Reason::kTimeout:
        data.kind = ErrorKind::kTimeout;
        words =
            "timed out after " + std::to_string(call.timeout.count()) + " ms waiting for " + url;
        break;
      case HttpError::Reason::kBadUrl:
        data.kind = ErrorKind::kInternal;
        words = "cannot use the base URL: " + shown_base + " " + error.what();
        break;
      case HttpError::Reason::kTooLarge:
        data.kind = ErrorKind::kBackendPayload;
        words = "Decode error for " + url + ": " + error.what();
        break;
      default:
        data.kind = ErrorKind::kBackendUnreachable;
        data.detail = error.what();
        words = "error sending request for url (" + url + ")";
    }
    data.retryable = protocol::is_retryable(data.kind);
    const bool never_sent = error.reason() == HttpError::Reason::kNotSent ||
                            error.reason() == HttpError::Reason::kBadUrl;
    if (call.spends && !never_sent) data.outcome_unknown = true;
    throw Error(data, words);
  }

  [[noreturn]] void throw_status(const Call& call, const Credentials& credentials,
                                 const HttpResponse& response) const {
    ErrorData data;
    data.http_status = response.status;
    data.retry_after_sec = response.retry_after_sec;
    const bool server_failed = response.status >= 500 || response.status == kRequestTimeout;
    switch (response.status) {
      case kUnauthorized:
        data.kind = ErrorKind::kAuthRequired;
        break;
      case kTooManyRequests:
        data.kind = ErrorKind::kRateLimited;
        data.retryable = true;
        break;
      default:
        data.kind = ErrorKind::kBackendStatus;
        data.retryable = server_failed;
    }
    if (call.spends && server_failed) data.outcome_unknown = true;
    throw Error(data, (call.body ? "POST " : "GET ") + shown_url(call) + " failed: " +
                          status_text(response.status) + description(response, call, credentials));
  }

  static void hide_secrets(std::string& text, const Call& call, const Credentials& credentials) {
    blot_out(text, credentials.authorization);
    blot_out(text, credentials.authorization.substr(credentials.authorization.find(' ') + 1));
    blot_out(text, credentials.account_id);
    for (const std::string& id : credentials.confidential) blot_out(text, id);
    blot_out(text, call.secret);
  }

  // "; content-type=…; body=…", without what was sent in confidence, and of bounded length.
  std::string description(const HttpResponse& response, const Call& call,
                          const Credentials& credentials) const {
    const std::size_t limit = options.max_error_body_bytes;
    std::string text = "; content-type=" + response.content_type.substr(0, limit) + "; body=";
    const std::size_t head = text.size();
    text += response.body;
    hide_secrets(text, call, credentials);
    return shorten(std::move(text), head + limit);
  }

  // Of the endpoint, as far as these credentials have used it.
  std::shared_ptr<Circuit> circuit_of(const Call& call, const Credentials& credentials) {
    const std::size_t who = std::hash<std::string>()(
        credentials.account_id.empty() ? credentials.authorization : credentials.account_id);
    auto& [known, circuit] = circuits[call.path];
    if (!circuit || known != who) circuit = std::make_shared<Circuit>(options.circuit);
    known = who;
    return circuit;
  }

  // Makes the call, unless the service is to be left alone, and reads its answer as a T.
  template <class T>
  asio::awaitable<T> answer_to(Call call, Credentials credentials) {
    // Kept: what comes late tells of the service and the account that were asked.
    const auto circuit = circuit_of(call, credentials);
    circuit->check(Circuit::Clock::now(), call.spends);
    try {
      T payload = co_await ask<T>(call, credentials);
      circuit->succeeded();
      co_return payload;
    } catch (const Error& error) {
      circuit->failed(error, Circuit::Clock::now());
      throw;
    }
  }

  template <class T>
  asio::awaitable<T> ask(const Call& call, const Credentials& credentials) {
    HttpRequest request{.url = url_of(call),
                        .headers = headers_of(call, credentials),
                        .body = std::nullopt,
                        .timeout = call.timeout,
                        .only_once = call.spends};
    if (call.body) request.body = call.body->dump();
    HttpResponse response;
    try {
      response = co_await http.fetch(std::move(request));
    } catch (const HttpError& error) {
      throw_no_answer(call, error);
    }
    if (response.status < 200 || response.status > 299) {
      throw_status(call, credentials, response);
    }
    std::optional<T> payload;
    std::string problem = "expected a JSON object";
    try {
      const auto json = protocol::parse_text(
          response.body,
          {.max_message_bytes = options.max_body_bytes, .max_depth = options.max_depth});
      if (const auto words = error_in(json)) {
        problem = "it holds an error: " + *words;
      } else if (json.is_object()) {
        payload = lenient::read<T>(json, call.name, warnings);
      }
      if constexpr (std::is_same_v<T, ConsumeAnswer>) {
        if (!payload && json.is_object())
          protocol::decode<T>(json, std::string(call.name));  // says why not
      }
    } catch (const protocol::DecodeError& error) {
      problem = error.what();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kInvalidRequest) problem = "it nests too deeply";
    }
    if (!payload) {
      ErrorData data;
      data.kind = ErrorKind::kBackendPayload;
      data.http_status = response.status;
      if (call.spends) data.outcome_unknown = true;
      hide_secrets(problem, call, credentials);
      problem = shorten(std::move(problem), options.max_error_body_bytes);
      throw Error(data, "Decode error for " + shown_url(call) + ": " + problem +
                            description(response, call, credentials));
    }
    co_return std::move(*payload);
  }

  // The error that an answer holds in place of what was asked for, or nullopt.
  static std::optional<std::string> error_in(const nlohmann::json& json) {
    const auto error = json.is_object() ? json.find("error") : json.end();
    if (error == json.end() || error->is_null()) return std::nullopt;
    if (error->is_string()) return error->get<std::string>();
    const auto message = error->is_object() ? error->find("message") : error->end();
    if (message != error->end() && message->is_string()) return message->get<std::string>();
    return "`error`";
  }

  ClientOptions options;
  std::string base;
  std::string shown_base;  // without a password
  std::string prefix;
  HttpClient http;
  Warnings warnings;
  std::map<std::string, std::pair<std::size_t, std::shared_ptr<Circuit>>>
      circuits;  // by path: whose, and its state
};

Client::Client(const asio::any_io_executor& executor, ClientOptions options)
    : impl_(std::make_unique<Impl>(executor, std::move(options))) {}

Client::~Client() = default;

void Client::use_base_url(const std::string& base_url) { impl_->use(base_url); }

asio::awaitable<Usage> Client::usage(Credentials credentials, bool luna_reserve) {
  Impl::Call call{.path = "/usage", .name = "usage", .timeout = impl_->options.usage_timeout};
  if (luna_reserve) call.extra_header = "x-openai-codex-luna-reserve: 1";
  Usage usage = co_await impl_->answer_to<Usage>(std::move(call), std::move(credentials));
  usage.answered_at = impl_->options.clock();
  co_return usage;
}

asio::awaitable<ResetCreditDetails> Client::reset_credit_details(Credentials credentials) {
  return impl_->answer_to<ResetCreditDetails>({.path = "/rate-limit-reset-credits",
                                               .name = "resetCreditDetails",
                                               .timeout = impl_->options.details_timeout},
                                              std::move(credentials));
}

asio::awaitable<TokenUsageProfile> Client::token_usage_profile(Credentials credentials) {
  return impl_->answer_to<TokenUsageProfile>(
      {.path = "/profiles/me", .name = "profile", .timeout = impl_->options.profile_timeout},
      std::move(credentials));
}

asio::awaitable<std::optional<ThreadUsage>> Client::thread_usage(Credentials credentials,
                                                                 std::string thread_id) {
  Impl::Call call{.path = "/usage/thread_usage/query",
                  .name = "threadUsage",
                  .timeout = impl_->options.thread_usage_timeout};
  call.body = nlohmann::json{{"thread_ids", {thread_id}}};
  ThreadUsageReport report;
  try {
    report = co_await impl_->answer_to<ThreadUsageReport>(std::move(call), std::move(credentials));
  } catch (const Error& error) {
    const auto status = error.data().http_status;
    if (status == kForbidden || status == kNotFound) co_return std::nullopt;
    if (error.kind() != ErrorKind::kBackendPayload) throw;
    throw unreadable_thread_usage(error.data(), error.what());
  }
  if (!report.threads) {
    throw unreadable_thread_usage({.kind = ErrorKind::kBackendPayload},
                                  "`threads` is missing, or holds nothing that can be read");
  }
  const auto row =
      std::find_if(report.threads->begin(), report.threads->end(),
                   [&](const ThreadUsage& thread) { return thread.thread_id == thread_id; });
  if (row == report.threads->end()) {
    throw Error(ErrorKind::kBackendPayload, report.threads->empty()
                                                ? "thread usage response omitted requested thread"
                                                : "thread usage returned unexpected threads");
  }
  co_return std::move(*row);
}

asio::awaitable<ConsumeAnswer> Client::consume_reset_credit(
    Credentials credentials, std::string key, std::optional<std::string> credit_id,
    std::optional<std::chrono::milliseconds> time_limit) {
  Impl::Call call{.path = "/rate-limit-reset-credits/consume",
                  .name = "consume",
                  .timeout = time_limit.value_or(impl_->options.consume_timeout),
                  .spends = true};
  call.secret = key;
  call.body = nlohmann::json{{"redeem_request_id", std::move(key)}};
  if (credit_id) (*call.body)["credit_id"] = std::move(*credit_id);
  return impl_->answer_to<ConsumeAnswer>(std::move(call), std::move(credentials));
}

}  // namespace quotad::backend
