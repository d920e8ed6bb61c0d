#include "harness/quotad.hpp"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace quotad::testing {
namespace beast_http = boost::beast::http;

const char* const kInitialize =
    R"({"id":1,"method":"initialize","params":{"clientInfo":{"name":"t","version":"1"}}})";

HttpAnswer http(const std::string& method, std::uint16_t port, const std::string& target,
                const std::string& body, const Environment& headers) {
  using boost::asio::ip::tcp;
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port));
  beast_http::request<beast_http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(beast_http::field::host, "127.0.0.1");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();
  beast_http::write(socket, request);
  boost::beast::flat_buffer buffer;
  beast_http::response_parser<beast_http::string_body> parser;
  parser.body_limit(boost::none);
  if (method == "HEAD") parser.skip(true);
  beast_http::read(socket, buffer, parser);
  HttpAnswer answer;
  answer.status = parser.get().result_int();
  answer.body = parser.get().body();
  for (const auto& field : parser.get()) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    answer.headers[name] = std::string(field.value());
  }
  return answer;
}

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

std::string target_of(const std::string& url) {
  const std::size_t path = url.find('/', url.find("://") + 3);
  return path == std::string::npos ? "/" : url.substr(path);
}

Json request(const Json& id, const std::string& method, const Json& params) {
  Json message = {{"id", id}, {"method", method}};
  if (!params.is_null()) message["params"] = params;
  return message;
}

Simulator::Simulator() { start({}); }

Simulator::Simulator(const Json& scenario, const Arguments& arguments) {
  write_file(folder_.file("scenario.json"), scenario.dump());
  start(arguments);
}

void Simulator::start(const Arguments& more) {
  home_ = folder_.file("home");
  Arguments arguments = {program(), "simulate", "--port", "0", "--write-home", home_};
  if (std::filesystem::exists(folder_.file("scenario.json"))) {
    arguments.insert(arguments.end(), {"--scenario", folder_.file("scenario.json")});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  process_.emplace(arguments);
  const auto line = process_->read_line();
  if (!line) throw std::runtime_error("no simulator: " + process_->read_error_rest());
  url_ = line->substr(line->rfind(' ') + 1);
}

std::uint16_t Simulator::port() const { return port_of(url_); }

Json Simulator::control(const std::string& method, const std::string& target,
                        const Json& body) const {
  const HttpAnswer answer =
      http(method, port(), "/_simulator/" + target, body.is_null() ? "" : body.dump());
  if (answer.status != 200) throw std::runtime_error("simulator: " + answer.body);
  return Json::parse(answer.body);
}

void Simulator::fault(const Json& faults) const { control("PUT", "faults", faults); }
void Simulator::release(const std::string& hold) const { control("POST", "release?hold=" + hold); }
void Simulator::load(const Json& scenario) const { control("PUT", "scenario", scenario); }
Json Simulator::state() const { return control("GET", "state"); }

Json Simulator::calls(const std::string& route, std::size_t at_least,
                      const std::string& state) const {
  return control("GET", "calls?route=" + route + "&state=" + state +
                            "&atLeast=" + std::to_string(at_least))["calls"];
}

namespace {

Arguments command(const Arguments& arguments) {
  Arguments all = {program(), "app-server"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

Environment with_home(const std::string& codex_home, Environment environment) {
  environment["CODEX_HOME"] = codex_home;
  return environment;
}

}  // namespace

Environment at_simulator(const Simulator& simulator, Environment environment) {
  environment.try_emplace("CODEX_REFRESH_TOKEN_URL_OVERRIDE", simulator.url() + "/oauth/token");
  environment.try_emplace("CODEX_AUTHAPI_BASE_URL", simulator.url() + "/authapi");
  return environment;
}

AppServer::AppServer(const std::string& codex_home, const Arguments& arguments,
                     const Environment& environment)
    : process_(command(arguments), with_home(codex_home, environment)) {}

void AppServer::send(const Json& message) { process_.write_line(message.dump()); }

Json AppServer::receive() {
  const auto line = process_.read_line();
  if (!line) throw std::runtime_error("no answer; stderr: " + process_.read_error_rest());
  return Json::parse(*line);
}

Json AppServer::told() { return unstamped(receive()); }

Json unstamped(Json notification) {
  const Json time = notification.value("emittedAtMs", Json());
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  constexpr std::int64_t kDay = 86'400'000;
  EXPECT_TRUE(time.is_number_integer()) << notification;
  if (time.is_number_integer()) {
    EXPECT_LT(std::abs(now - time.get<std::int64_t>()), kDay) << "these are milliseconds";
  }
  notification.erase("emittedAtMs");
  return notification;
}

Json AppServer::ask(const std::string& method, const Json& params) {
  Json message = request(++last_id_, method, params);
  if (v2_) message["jsonrpc"] = "2.0";
  send(message);
  Json answer = receive();
  while (answer.contains("method")) answer = receive();
  EXPECT_EQ(answer.value("id", Json()), last_id_) << answer;
  return answer;
}

void AppServer::initialize(bool v2, const Json& opt_out) {
  v2_ = v2;
  const Json answer =
      ask("initialize", {{"clientInfo", {{"name", "t"}, {"version", "1"}}},
                         {"capabilities", {{"optOutNotificationMethods", opt_out}}}});
  if (!answer.contains("result")) throw std::runtime_error("initialize: " + answer.dump());
  process_.write_line(R"({"method":"initialized"})");
}

std::string AppServer::listening_on() {
  const std::string mark = "listening on: ";
  std::string seen;
  while (const auto line = process_.read_error_line()) {
    const std::size_t at = line->find(mark);
    if (at == std::string::npos) {
      seen += *line + "\n";
      continue;
    }
    const std::string url = line->substr(at + mark.size());
    const bool is_web_socket = url.rfind("ws://", 0) == 0;
    const int more = is_web_socket ? (url.find("/?token=") == std::string::npos ? 3 : 4) : 0;
    for (int i = 0; i < more; ++i) process_.read_error_line();  // what belongs to it
    return url;
  }
  throw std::runtime_error("not listening: " + seen);
}

int AppServer::finish() {
  process_.close_input();
  return process_.wait();
}

}  // namespace quotad::testing
