// `quotad demo`: the main job, played against the simulator over a real connection.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "cli/commands.hpp"
#include "cli/web_socket_client.hpp"
#include "daemon/config.hpp"
#include "daemon/signals.hpp"
#include "quotad/protocol/codec.hpp"
#include "simulator/home.hpp"
#include "simulator/http_server.hpp"
#include "system/clock.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
using asio::ip::tcp;
using protocol::OrderedJson;

namespace {

// A folder of its own under the system's temporary one, gone with this object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "quotad-demo-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), "cannot make a temporary folder");
    }
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A client as one would write it: one request, then its answer.
class Client {
 public:
  explicit Client(const asio::any_io_executor& executor) : stream_(executor) {}

  // `url` is ws://127.0.0.1:PORT.
  asio::awaitable<void> connect(const std::string& url) {
    const std::size_t colon = url.rfind(':');
    const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1)));
    WebSocketTarget target;
    target.endpoint = tcp::endpoint(asio::ip::address_v4::loopback(), port);
    target.host = url.substr(std::string("ws://").size());
    co_await stream_.connect(target);
  }

  // Shows the request under a headline, and the answer to it.
  asio::awaitable<void> play(std::string headline, std::string method, OrderedJson params) {
    OrderedJson request = OrderedJson::object();
    request["id"] = ++last_id_;
    request["method"] = std::move(method);
    if (!params.is_null()) request["params"] = std::move(params);
    const std::string text = protocol::to_text(request);
    std::printf("\n%s\n  > %s\n", headline.c_str(), text.c_str());
    co_await stream_.send(text);
    OrderedJson answer;
    do {  // what is told without having been asked for is shown, too
      answer = OrderedJson::parse(co_await stream_.receive());
      show(answer);
    } while (answer.contains("method"));
    if (!answer.contains("result")) failed_ = true;
  }

  asio::awaitable<void> notify(std::string method) {
    OrderedJson notification = OrderedJson::object();
    notification["method"] = std::move(method);
    const std::string text = protocol::to_text(notification);
    std::printf("  > %s\n", text.c_str());
    co_await stream_.send(text);
  }

  asio::awaitable<void> close() { return stream_.close(); }

  bool failed() const { return failed_; }

 private:
  static void show(const OrderedJson& message) {
    const std::string shown = message.dump(2);
    std::size_t begin = 0;
    for (const char* mark = "  < "; begin < shown.size(); mark = "    ") {
      const std::size_t end = std::min(shown.find('\n', begin), shown.size());
      std::printf("%s%s\n", mark, shown.substr(begin, end - begin).c_str());
      begin = end + 1;
    }
  }

  WebSocketClient stream_;
  int last_id_ = 0;
  bool failed_ = false;
};

OrderedJson hello_params() { return {{"clientInfo", {{"name", "demo"}, {"version", "1.0"}}}}; }

OrderedJson consume_params() {
  return {{"idempotencyKey", "7f6d2f0a-5e0c-4b44-9a55-0c6f3c1f9e01"}};
}

asio::awaitable<bool> play_main_job(std::string url) {
  const char* const consume = "account/rateLimitResetCredit/consume";

  Client client(co_await asio::this_coro::executor);
  co_await client.connect(url);
  co_await client.play("Say hello.", "initialize", hello_params());
  co_await client.notify("initialized");
  co_await client.play("How much is left?", "account/rateLimits/read", nullptr);
  co_await client.play("What have I used?", "account/usage/read", nullptr);
  co_await client.play("Spend a reset credit, under a key of our own.", consume, consume_params());
  co_await client.play("The same again, as after a lost answer: the key spends nothing twice.",
                       consume, consume_params());
  co_await client.play("How much is left now?", "account/rateLimits/read", nullptr);
  co_await client.close();
  co_return !client.failed();
}

void print_how_to_connect(const std::string& web_socket, const std::string& unix_socket,
                          const std::string& simulator, const std::filesystem::path& home) {
  std::printf(
      "\nBoth are still running; Ctrl-C ends them.\n"
      "  WebSocket    %s\n"
      "  Unix socket  %s\n"
      "  simulator    %s\n"
      "  your own     CODEX_HOME=%s QUOTAD_STATE_HOME=%s/state quotad app-server\n",
      web_socket.c_str(), unix_socket.c_str(), simulator.c_str(), home.c_str(), home.c_str());
}

// Starts simulator and app-server in this process, on loopback, with throw-away credentials, and
// prints what a client asks and gets. `keep` leaves both running until SIGTERM or SIGINT. Gives
// the exit code of the program.
int run_demo(const daemon::AppServerOptions& options, bool keep) {
  const TemporaryFolder home;
  asio::io_context context(1);
  const auto clock = system::unix_now;
  const simulator::Scenario scenario = simulator::default_scenario(clock());
  simulator::HttpServer simulator(context.get_executor(), 0, scenario, clock);
  simulator::write_home(home.path(), scenario.accounts.front(), simulator.url());

  daemon::Config config = daemon::load_config(home.path(), {});
  config.state_home = home.path() / "state";
  daemon::AppServerOptions server = options;
  server.sign_in.api.token_url = simulator.url() + "/oauth/token";
  daemon::AppServer app(context.get_executor(), config, server);
  using Kind = transport::ListenAddress::Kind;
  const std::string web_socket =
      app.server().listen({.kind = Kind::kWebSocket, .host = "127.0.0.1"});
  const std::string unix_socket =
      app.server().listen({.kind = Kind::kUnix, .path = (home.path() / "quotad.sock").string()});
  std::printf("A simulated service at %s, and quotad in front of it at %s.\n",
              simulator.url().c_str(), web_socket.c_str());

  int exit_code = EXIT_FAILURE;
  std::unique_ptr<daemon::StopSignals> signals;
  const auto stop = [&] {
    app.server().stop();
    simulator.stop();
    signals->cancel();
  };
  signals =
      std::make_unique<daemon::StopSignals>(context.get_executor(), options.shutdown_grace, stop);
  asio::co_spawn(context, play_main_job(web_socket),
                 [&](const std::exception_ptr& error, bool answered) {
                   if (!error && answered) exit_code = EXIT_SUCCESS;
                   if (keep) {
                     print_how_to_connect(web_socket, unix_socket, simulator.url(), home.path());
                     std::fflush(stdout);
                   } else {
                     stop();
                   }
                   if (error) std::rethrow_exception(error);
                 });
  app.server().run(context);
  return exit_code;
}

}  // namespace

void add_demo(Program& program) {
  CLI::App* command = program.add(
      "demo", "Play the main job against a simulator, on loopback, with throw-away credentials");
  const auto keep = std::make_shared<bool>(false);
  command->add_flag("--keep", *keep, "Leave simulator and server running afterwards");
  program.on(command, [&program, keep] { return run_demo(program.server, *keep); });
}

}  // namespace quotad::cli
