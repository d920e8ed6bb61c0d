#include "simulator/http_server.hpp"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <chrono>
#include <deque>
#include <list>
#include <set>
#include <sstream>
#include <utility>

#include "quotad/protocol/error.hpp"

namespace quotad::simulator {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using protocol::Json;
using protocol::OrderedJson;

namespace {

// Calls that are remembered; the oldest go first.
constexpr std::size_t kMaxCalls = 10'000;
constexpr std::uint64_t kMaxBodyBytes = std::uint64_t{4} << 20U;

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

auto await_result() { return asio::as_tuple(asio::use_awaitable); }

// Waits that many coroutines share: each `notify` lets all of them look again.
class Condition {
 public:
  explicit Condition(const asio::any_io_executor& executor)
      : timer_(executor, asio::steady_timer::time_point::max()) {}
  void notify() { timer_.cancel(); }
  template <class Predicate>
  asio::awaitable<void> wait(Predicate predicate) {
    while (!predicate()) {
      co_await timer_.async_wait(await_result());
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return;
    }
  }

 private:
  asio::steady_timer timer_;
};

struct Call {
  std::string method;
  std::string path;
  Route route = Route::kAny;
  OrderedJson headers;
  std::string body;
  std::string state = "pending";  // then "answered" or "aborted"
};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// "ID" of "…/v1/agent/ID/task/register", or "".
std::string agent_of(std::string_view path) {
  constexpr std::string_view kBefore = "/v1/agent/";
  constexpr std::string_view kAfter = "/task/register";
  const std::size_t at = path.find(kBefore);
  if (at == std::string_view::npos || !ends_with(path, kAfter)) return "";
  const std::string_view id = path.substr(at + kBefore.size());
  return std::string(id.substr(0, id.size() - std::min(id.size(), kAfter.size())));
}

// The route of a path in either style, whatever stands in front of it.
std::optional<Route> route_of(std::string_view method, std::string_view path) {
  if (method == "POST" && ends_with(path, "/oauth/token")) return Route::kRefresh;
  if (method == "GET" && ends_with(path, "/v1/user-auth-credential/whoami")) return Route::kWhoami;
  if (method == "POST" && !agent_of(path).empty()) return Route::kRegisterTask;
  for (const std::string_view style : {"/wham/", "/api/codex/"}) {
    const std::size_t at = path.find(style);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = path.substr(at + style.size());
    const bool get = method == "GET";
    const bool post = method == "POST";
    if (get && rest == "usage") return Route::kUsage;
    if (get && rest == "rate-limit-reset-credits") return Route::kDetails;
    if (post && rest == "rate-limit-reset-credits/consume") return Route::kConsume;
    if (get && rest == "profiles/me") return Route::kProfile;
    if (get && rest == "accounts/check") return Route::kAccountsCheck;
    if (post && rest == "usage/thread_usage/query") return Route::kThreadUsage;
  }
  return std::nullopt;
}

// "a=1&b=2" → the value of `name`, or "".
std::string query_value(std::string_view target, std::string_view name) {
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos) return "";
  std::istringstream pairs{std::string(target.substr(question + 1))};
  for (std::string pair; std::getline(pairs, pair, '&');) {
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != std::string::npos) {
      return pair.substr(equals + 1);
    }
  }
  return "";
}

Response respond(const Request& request, int status, std::string body,
                 const std::string& content_type = "application/json") {
  Response response(static_cast<http::status>(status), 11);
  if (!content_type.empty()) response.set(http::field::content_type, content_type);
  response.body() = std::move(body);
  response.keep_alive(request.keep_alive());
  response.prepare_payload();
  return response;
}

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  Impl(const asio::any_io_executor& executor, std::uint16_t port, Scenario scenario, Clock clock_)
      : acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), port)),
        clock(std::move(clock_)),
        service(scenario, clock),
        faults(scenario.faults.begin(), scenario.faults.end()),
        changed(executor) {}

  asio::awaitable<void> accept_all() {
    while (acceptor.is_open()) {
      auto [error, socket] = co_await acceptor.async_accept(await_result());
      if (error) continue;
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      asio::co_spawn(
          acceptor.get_executor(),
          [self = shared_from_this(), shared = std::make_shared<tcp::socket>(std::move(socket))] {
            return self->serve(shared);
          },
          asio::detached);
    }
  }

  asio::awaitable<void> serve(std::shared_ptr<tcp::socket> socket) {
    const auto place = sockets.insert(sockets.end(), socket);
    beast::flat_buffer buffer;
    bool keep_alive = true;
    while (keep_alive) {
      http::request_parser<http::string_body> parser;
      parser.body_limit(kMaxBodyBytes);
      const auto [error, count] =
          co_await http::async_read(*socket, buffer, parser, await_result());
      if (error) break;
      Request request = parser.release();
      const std::string target(request.target());
      if (target.rfind("/_simulator/", 0) == 0) {
        keep_alive = co_await send(*socket, co_await control(*socket, request));
      } else {
        keep_alive = co_await answer(*socket, request);
      }
    }
    error_code ignored;
    socket->close(ignored);
    sockets.erase(place);
  }

  static asio::awaitable<bool> send(tcp::socket& socket, Response response) {
    const auto [error, count] = co_await http::async_write(socket, response, await_result());
    co_return !error && response.keep_alive();
  }

  // --- The service's routes ----------------------------------------------------------------------

  asio::awaitable<bool> answer(tcp::socket& socket, const Request& request) {
    const std::string target(request.target());
    const std::string path = target.substr(0, target.find('?'));
    const auto route = route_of(std::string(request.method_string()), path);
    if (!route) {
      co_return co_await send(socket, respond(request, 404, R"({"detail":"no such route"})"));
    }
    const auto call = remember(request, path, *route);
    const bool kept = co_await answer_route(socket, request, *route, *call);
    changed.notify();
    co_return kept;
  }

  asio::awaitable<bool> answer_route(tcp::socket& socket, const Request& request, Route route,
                                     Call& call) {
    const Fault fault = take_fault(route);
    const bool replaced = fault.status || fault.body;
    const bool lost = fault.hang || fault.reset;
    Answer answer;
    if ((!replaced && !lost) || fault.applied) {
      answer = service.ask({.route = route,
                            .authorization = std::string(request[http::field::authorization]),
                            .account_id = std::string(request["ChatGPT-Account-Id"]),
                            .body = request.body(),
                            .agent_runtime_id = agent_of(call.path)});
    }
    if (!co_await linger(socket, fault)) {
      call.state = "aborted";
      co_return false;
    }
    call.state = lost ? "aborted" : "answered";
    if (fault.reset) {
      error_code ignored;
      socket.set_option(asio::socket_base::linger(true, 0), ignored);  // closing sends a reset
      co_return false;
    }
    co_return co_await send_with_fault(socket, dress(request, answer, fault), fault);
  }

  // Waits as the fault says; false if the client went away meanwhile.
  asio::awaitable<bool> linger(tcp::socket& socket, const Fault& fault) {
    using asio::experimental::awaitable_operators::operator||;
    if (fault.delay_ms) {
      asio::steady_timer timer(socket.get_executor(), std::chrono::milliseconds(*fault.delay_ms));
      const auto first = co_await (timer.async_wait(asio::use_awaitable) || client_gone(socket));
      if (first.index() == 1) co_return false;
    }
    if (fault.hold || fault.hang) {
      const auto is_released = [this, &fault] {
        return !fault.hang && released.count(*fault.hold) > 0;
      };
      const auto first = co_await (changed.wait(is_released) || client_gone(socket));
      if (first.index() == 1) co_return false;
    }
    co_return true;
  }

  static asio::awaitable<void> client_gone(tcp::socket& socket) {
    for (;;) {
      const auto [error] = co_await socket.async_wait(tcp::socket::wait_read, await_result());
      if (error) co_return;
      char byte = 0;
      if (recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) co_return;
      // Another request is waiting behind this one; whether its sender is still there shows later.
      asio::steady_timer pause(socket.get_executor(), std::chrono::milliseconds(50));
      co_await pause.async_wait(await_result());
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return;
    }
  }

  static Response dress(const Request& request, const Answer& answer, const Fault& fault) {
    std::string body = protocol::to_text(answer.body);
    if (fault.body) {
      body = fault.body->is_string() ? fault.body->get<std::string>() : fault.body->dump();
    } else if (fault.status) {
      body = R"({"detail":"simulated fault"})";
    }
    Response response = respond(request, static_cast<int>(fault.status.value_or(answer.status)),
                                std::move(body), fault.content_type.value_or("application/json"));
    if (fault.headers) {
      for (const auto& [name, value] : *fault.headers) response.set(name, value);
    }
    return response;
  }

  static asio::awaitable<bool> send_with_fault(tcp::socket& socket, Response response,
                                               const Fault& fault) {
    if (!fault.truncate_at_bytes && !fault.trickle_ms) {
      co_return co_await send(socket, std::move(response));
    }
    std::ostringstream head;
    head << response.base();
    const auto [head_error, head_count] =
        co_await asio::async_write(socket, asio::buffer(head.str()), await_result());
    if (head_error) co_return false;
    std::string body = response.body();
    if (fault.truncate_at_bytes) {
      body.resize(std::min(body.size(), static_cast<std::size_t>(*fault.truncate_at_bytes)));
    }
    const std::size_t piece = fault.trickle_ms ? 1 : std::max<std::size_t>(body.size(), 1);
    for (std::size_t at = 0; at < body.size(); at += piece) {
      const auto [error, count] = co_await asio::async_write(
          socket, asio::buffer(body.data() + at, std::min(piece, body.size() - at)),
          await_result());
      if (error) co_return false;
      if (!fault.trickle_ms) continue;
      asio::steady_timer pause(socket.get_executor(), std::chrono::milliseconds(*fault.trickle_ms));
      co_await pause.async_wait(await_result());
    }
    co_return !fault.truncate_at_bytes;
  }

  Fault take_fault(Route route) {
    for (auto fault = faults.begin(); fault != faults.end(); ++fault) {
      if (fault->route != route && fault->route != Route::kAny) continue;
      Fault taken = *fault;
      if (fault->times > 0 && --fault->times == 0) faults.erase(fault);
      return taken;
    }
    return {};
  }

  std::shared_ptr<Call> remember(const Request& request, const std::string& path, Route route) {
    auto call = std::make_shared<Call>();
    call->method = std::string(request.method_string());
    call->path = path;
    call->route = route;
    call->headers = OrderedJson::object();
    for (const auto& field : request) {
      std::string name(field.name_string());
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      call->headers[name] = std::string(field.value());
    }
    call->body = request.body();
    if (calls.size() == kMaxCalls) calls.pop_front();
    calls.push_back(call);
    changed.notify();
    return call;
  }

  // --- Steering ----------------------------------------------------------------------------------

  asio::awaitable<Response> control(tcp::socket& socket, const Request& request) {
    const std::string target(request.target());
    const std::string path = target.substr(0, target.find('?'));
    const http::verb method = request.method();
    std::string problem;
    try {
      if (path == "/_simulator/calls" && method == http::verb::get) {
        co_return co_await list_calls(socket, request);
      }
      if (path == "/_simulator/calls" && method == http::verb::delete_) {
        calls.clear();
        co_return respond(request, 200, "{}");
      }
      if (path == "/_simulator/faults" && method == http::verb::put) {
        const auto parsed = parse_faults(request.body());
        faults.assign(parsed.begin(), parsed.end());
      }
      if (path == "/_simulator/faults" && method == http::verb::delete_) faults.clear();
      if (path == "/_simulator/faults") {
        co_return respond(request, 200, list_faults());
      }
      if (path == "/_simulator/release" && method == http::verb::post) {
        released.insert(query_value(target, "hold"));
        changed.notify();
        co_return respond(request, 200, "{}");
      }
      if (path == "/_simulator/scenario" && method == http::verb::put) {
        const Scenario scenario = parse_scenario(request.body());
        service = Service(scenario, clock);
        faults.assign(scenario.faults.begin(), scenario.faults.end());
        released.clear();
        calls.clear();
        co_return respond(request, 200, "{}");
      }
      if (path == "/_simulator/state" && method == http::verb::get) {
        co_return respond(request, 200, protocol::to_text(service.state()));
      }
    } catch (const protocol::DecodeError& error) {
      problem = error.data().path.value_or("") + ": " + error.what();
    } catch (const protocol::Error& error) {
      problem = error.what();
    }
    if (!problem.empty()) {
      co_return respond(request, 400, detail(problem));
    }
    co_return respond(request, 404, R"({"detail":"no such control; see docs/simulator.md"})");
  }

  std::string list_faults() const {
    OrderedJson list = OrderedJson::array();
    for (const Fault& fault : faults) list.push_back(protocol::encode(fault));
    return protocol::to_text(list);
  }

  static std::string describe(const std::vector<std::shared_ptr<Call>>& found) {
    OrderedJson list = OrderedJson::array();
    for (const auto& call : found) {
      list.push_back({{"method", call->method},
                      {"path", call->path},
                      {"route", protocol::wire_name(call->route)},
                      {"state", call->state},
                      {"headers", call->headers},
                      {"body", call->body}});
    }
    return protocol::to_text({{"calls", list}});
  }

  static std::string detail(const std::string& problem) {
    return protocol::to_text({{"detail", problem}});
  }

  // Those of a route and a state, once there are as many as asked for.
  asio::awaitable<Response> list_calls(tcp::socket& socket, const Request& request) {
    using asio::experimental::awaitable_operators::operator||;
    const std::string target(request.target());
    const std::string route = query_value(target, "route");
    const std::string state = query_value(target, "state");
    const std::string at_least = query_value(target, "atLeast");
    std::size_t wanted = 0;
    std::from_chars(at_least.data(), at_least.data() + at_least.size(), wanted);
    const auto matching = [this, route, state] {
      std::vector<std::shared_ptr<Call>> found;
      for (const auto& call : calls) {
        if (!route.empty() && route != protocol::wire_name(call->route)) continue;
        if (!state.empty() && state != call->state) continue;
        found.push_back(call);
      }
      return found;
    };
    const auto enough = [matching, wanted] { return matching().size() >= wanted; };
    co_await (changed.wait(enough) || client_gone(socket));
    co_return respond(request, 200, describe(matching()));
  }

  void stop() {
    error_code ignored;
    acceptor.close(ignored);
    for (const auto& socket : sockets) socket->close(ignored);
  }

  using error_code = boost::system::error_code;
  tcp::acceptor acceptor;
  Clock clock;
  Service service;
  std::deque<Fault> faults;
  std::deque<std::shared_ptr<Call>> calls;
  std::set<std::string> released;
  std::list<std::shared_ptr<tcp::socket>> sockets;
  Condition changed;  // a call came or ended, or a hold was released
};

HttpServer::HttpServer(const asio::any_io_executor& executor, std::uint16_t port, Scenario scenario,
                       Clock clock)
    : impl_(std::make_shared<Impl>(executor, port, std::move(scenario), std::move(clock))) {
  asio::co_spawn(
      executor, [impl = impl_] { return impl->accept_all(); }, asio::detached);
}

HttpServer::~HttpServer() { stop(); }

std::string HttpServer::url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint().port());
}

void HttpServer::stop() { impl_->stop(); }

}  // namespace quotad::simulator
