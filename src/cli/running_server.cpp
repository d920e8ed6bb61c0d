#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <memory>
#include <utility>

#include "cli/account_client.hpp"
#include "cli/web_socket_client.hpp"
#include "daemon/program.hpp"
#include "daemon/url_files.hpp"
#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/envelope.hpp"
#include "quotad/protocol/json_text.hpp"
#include "quotad/protocol/methods.hpp"
#include "system/secret_file.hpp"
#include "transport/listen_address.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

using protocol::Error;
using protocol::ErrorData;
using protocol::ErrorKind;
using protocol::Json;

constexpr std::int64_t kHelloId = 0;
constexpr unsigned kUnauthorized = 401;

struct Target {
  WebSocketTarget web_socket;
  std::string name;  // of the server, for errors: without its token
};

Error refuse(const std::string& url) {
  return {ErrorKind::kInvalidParams, "--connect: `" + url.substr(0, url.find('?')) +
                                         "` is none of `unix://`, `unix://PATH` and "
                                         "`ws://IP:PORT`, with `/?token=TOKEN` or without"};
}

Target parse_target(const RunningServer& server, const daemon::Config& config,
                    const daemon::GetEnv& getenv) {
  const std::string& url = server.url;
  Target target;
  target.web_socket.connect_time = server.connect_time;
  target.web_socket.answer_time = server.answer_time;
  using Kind = transport::ListenAddress::Kind;
  const std::size_t query = url.find("/?");
  const std::string address_part = url.substr(0, query);
  transport::ListenAddress address;
  try {
    address = transport::parse_listen_address(address_part);
  } catch (const Error&) {
    throw refuse(url);
  }
  if (address.kind == Kind::kUnix) {
    if (address.path.empty()) {
      const auto is_there = [](const std::string& path) {
        std::error_code error;
        return std::filesystem::exists(path, error);
      };
      const std::string former = daemon::former_default_socket(config);
      address.path = daemon::default_socket(config);
      // A server of the version before this one may still run.
      if (!is_there(address.path) && is_there(former)) address.path = former;
    }
    if (address.path.size() >= sizeof(sockaddr_un::sun_path)) throw refuse(url);
    target.web_socket.endpoint = asio::local::stream_protocol::endpoint(address.path);
    target.web_socket.host = "localhost";
    target.name = "unix://" + address.path;
    return target;
  }
  if (address.kind != Kind::kWebSocket || address.port == 0) throw refuse(url);
  target.name = address_part;
  target.web_socket.endpoint =
      asio::ip::tcp::endpoint(asio::ip::make_address(address.host), address.port);
  const std::string authority = address_part.substr(std::string("ws://").size());
  target.web_socket.host = authority.substr(0, authority.find('/'));
  std::string path = query == std::string::npos ? "" : url.substr(query);
  if (path.empty()) path = daemon::find_url_query(address.host, address.port, getenv);
  if (!path.empty()) target.web_socket.path = path;
  return target;
}

// Whether a server that tells no kind does not have the method. The reference calls it a request of an
// unknown variant, as it decodes the method and its params at once.
bool is_unknown_method(const Json& fault, const std::string& words) {
  constexpr int kMethodNotFound = -32601;
  return fault.value("code", Json()) == Json(kMethodNotFound) ||
         words.find("unknown variant `" +
                    std::string(protocol::ListResetCreditRedemptions::kName)) != std::string::npos;
}

// The error that the server has answered with; `spends` if it was asked to redeem.
Error error_from(const Json& fault, bool spends) {
  ErrorData data;
  bool is_told = false;
  try {
    if (fault.contains("data")) {
      data = protocol::decode<ErrorData>(fault["data"], "error.data");
      is_told = true;
    }
  } catch (const protocol::DecodeError&) {
    // A kind of a later version: its words will do.
  }
  // A server that does not say whether anything was spent may have spent it.
  if (!is_told && spends) data.outcome_unknown = true;
  const auto message = fault.find("message");
  const std::string words = message != fault.end() && message->is_string()
                                ? message->get<std::string>()
                                : "the server sent an error";
  if (!is_told && is_unknown_method(fault, words)) data.kind = ErrorKind::kMethodNotFound;
  return {data, words};
}

class ServerSession : public AccountClient {
 public:
  ServerSession(asio::any_io_executor executor, Target target, RunningServer server)
      : executor_(std::move(executor)), target_(std::move(target)), server_(std::move(server)) {}

  asio::awaitable<protocol::GetAccountRateLimitsResponse> read_rate_limits(
      protocol::GetAccountRateLimitsParams params) override {
    return call<protocol::ReadRateLimits>(params);
  }
  asio::awaitable<protocol::GetAccountTokenUsageResponse> read_token_usage(
      protocol::GetAccountTokenUsageParams params) override {
    return call<protocol::ReadTokenUsage>(std::move(params));
  }
  asio::awaitable<protocol::ConsumeAccountRateLimitResetCreditResponse> consume_reset_credit(
      protocol::ConsumeAccountRateLimitResetCreditParams params) override {
    return call<protocol::ConsumeResetCredit>(std::move(params));
  }
  asio::awaitable<protocol::ListAccountRateLimitResetCreditResponse> list_redemptions(
      protocol::ListAccountRateLimitResetCreditParams params) override {
    return call<protocol::ListResetCreditRedemptions>(std::move(params));
  }
  asio::awaitable<void> settled() override { co_return; }

 private:
  template <class Method>
  asio::awaitable<typename Method::Result> call(typename Method::Params params) {
    const std::string_view method = Method::kName;
    const bool spends = method == protocol::ConsumeResetCredit::kName;
    // A connection from before may have ended meanwhile; that is no reason to give up.
    bool may_be_stale = stream_ != nullptr && !spends;
    for (;;) {
      bool is_sent = false;
      try {
        if (!stream_) co_await connect();
        const std::int64_t id = ++last_id_;
        is_sent = true;
        co_await send(id, method, protocol::encode(params));
        const Json result = co_await receive(id, spends);
        co_return protocol::decode<typename Method::Result>(result, "result");
      } catch (const boost::system::system_error& error) {
        stream_.reset();
        const bool is_late = error.code() == asio::error::operation_aborted;
        if (!std::exchange(may_be_stale, false) || is_late) {
          throw lost(error.code(), spends && is_sent);
        }
      } catch (const protocol::DecodeError& error) {
        ErrorData data{.kind = ErrorKind::kBackendPayload};
        if (spends) data.outcome_unknown = true;
        throw Error(data, "the server at " + target_.name + " sent what cannot be read: " +
                              error.what() + " (" + error.data().path.value_or("") + ")");
      }
    }
  }

  Error lost(const boost::system::error_code& code, bool may_have_spent) const {
    ErrorData data{.kind = ErrorKind::kBackendUnreachable, .retryable = true};
    if (may_have_spent) data.outcome_unknown = true;
    std::string words = "the server at " + target_.name + " cannot be asked: ";
    if (refused_with_ != 0) {
      data.kind = ErrorKind::kInternal;
      data.retryable = false;
      words += "it answered with HTTP status " + std::to_string(refused_with_);
      if (refused_with_ == kUnauthorized) {
        words +=
            "; the token that a server makes itself is found where XDG_RUNTIME_DIR is the "
            "server's, for another there is --token-file";
      }
    } else if (code == asio::error::operation_aborted) {
      data.kind = ErrorKind::kTimeout;
      words += "it does not answer";
    } else {
      words += code.message();
    }
    return {data, words};
  }

  asio::awaitable<void> connect() {
    if (!server_.token_file.empty()) target_.web_socket.bearer_token = read_token();
    stream_ = std::make_unique<WebSocketClient>(executor_);
    refused_with_ = 0;
    try {
      co_await say_hello();
    } catch (...) {
      refused_with_ = stream_->refused_with();
      stream_.reset();
      throw;
    }
  }

  asio::awaitable<void> say_hello() {
    co_await stream_->connect(target_.web_socket);
    protocol::InitializeParams hello;
    hello.client_info.name = "quotad";
    hello.client_info.version = daemon::program_version();
    co_await send(kHelloId, protocol::Initialize::kName, protocol::encode(hello));
    co_await receive(kHelloId, /*spends=*/false);
  }

  std::string read_token() const {
    try {
      return system::read_secret_file(server_.token_file);
    } catch (const std::exception& error) {
      throw Error(ErrorKind::kInternal, "--token-file " + server_.token_file + ": " + error.what());
    }
  }

  asio::awaitable<void> send(std::int64_t id, std::string_view method,
                             protocol::OrderedJson params) {
    const std::string text = protocol::to_text(
        protocol::request(protocol::Dialect::kLite, id, method, std::move(params)));
    co_await stream_->send(text);
  }

  // The result of the request `id`; what the server says on its own is passed over.
  asio::awaitable<Json> receive(std::int64_t id, bool spends) {
    for (;;) {
      const std::string text = co_await stream_->receive();
      Json message = parse(text, spends);
      if (!message.is_object() || message.value("id", Json()) != Json(id)) continue;
      if (message.contains("error")) throw error_from(message["error"], spends);
      if (message.contains("result")) co_return std::move(message["result"]);
    }
  }

  Json parse(const std::string& text, bool spends) const {
    protocol::ParseLimits limits;
    limits.max_message_bytes = text.size();
    try {
      return protocol::parse_text(text, limits);
    } catch (const Error& error) {
      ErrorData data{.kind = ErrorKind::kBackendPayload};
      if (spends) data.outcome_unknown = true;
      throw Error(data,
                  "the server at " + target_.name + " sent what cannot be read: " + error.what());
    }
  }

  asio::any_io_executor executor_;
  Target target_;
  RunningServer server_;
  std::unique_ptr<WebSocketClient> stream_;  // while there is a connection
  std::int64_t last_id_ = kHelloId;
  unsigned refused_with_ = 0;  // HTTP status, of the newest attempt to connect
};

}  // namespace

std::unique_ptr<AccountClient> connect_to_server(const asio::any_io_executor& executor,
                                                 const daemon::Config& config,
                                                 const daemon::GetEnv& getenv,
                                                 RunningServer server) {
  Target target = parse_target(server, config, getenv);
  return std::make_unique<ServerSession>(executor, std::move(target), std::move(server));
}

}  // namespace quotad::cli
