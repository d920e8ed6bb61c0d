// `quotad app-server`: serves JSON-RPC.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/flags.hpp"
#include "cli/web_socket_flags.hpp"
#include "daemon/settings.hpp"
#include "daemon/web_socket_access.hpp"
#include "quotad/protocol/error.hpp"
#include "transport/inherited_sockets.hpp"

namespace quotad::cli {
namespace {

struct Options {
  std::vector<std::string> listen;
  bool stdio = false;
  daemon::WebSocketOptions web_socket;
};

void add_client_flags(CLI::App* command, daemon::AppServerOptions& server) {
  add_milliseconds(*command, "--token-request-timeout-ms", server.token_request_time,
                   "Time for a client that has brought tokens to bring new ones");
  add_milliseconds(*command, "--handshake-timeout-ms", server.server.handshake_timeout,
                   "Time for a client to send an HTTP request or to upgrade to WebSocket");
  add_milliseconds(*command, "--message-timeout-ms", server.server.message_timeout,
                   "Time from the first byte of a message to its last, and for a large one to have "
                   "its turn; not over stdin");
  add_milliseconds(
      *command, "--stall-timeout-ms", server.server.stall_timeout,
      "Time for a client to read any of the answers that wait for it; not over stdout");
  add_milliseconds(*command, "--shutdown-grace-ms", server.shutdown_grace,
                   "Time to finish what is in flight after SIGTERM or SIGINT");
  add_count(*command, "--max-message-bytes", server.limits.max_message_bytes,
            "Largest message that a client may send");
  add_count(*command, "--max-depth", server.limits.max_depth,
            "Most arrays and objects inside each other in a message");
  add_count(*command, "--max-id-bytes", server.limits.max_id_bytes,
            "Longest text that a request may have for an id");
  add_count(*command, "--max-batch", server.limits.max_batch, "Most messages in one batch");
  add_count(*command, "--max-in-flight", server.limits.max_in_flight,
            "Most requests in flight on one connection");
  add_count(*command, "--max-in-flight-in-all", server.limits.max_in_flight_in_all,
            "Most requests in flight on all connections");
  add_count(*command, "--max-connections", server.server.max_connections,
            "Most connections at a time");
  add_count(*command, "--max-unread-bytes-in-all", server.server.max_unread_bytes_in_all,
            "Answers that all clients have not read before those with the most are cut off");
  add_count(
      *command, "--max-unfinished-bytes-in-all", server.server.max_unfinished_bytes_in_all,
      "Unfinished messages of all clients before those with the most are cut off; not over stdin");
  add_count(*command, "--max-refusals-per-second", server.server.max_refusals_per_second,
            "WebSockets without a valid token that one address is refused at once; more wait");
  add_count(*command, "--max-unread-bytes", server.limits.max_unread_bytes,
            "Answers that a client has not read before no more of its requests are read");
}

std::vector<transport::ListenAddress> addresses_of(const Options& options,
                                                   const daemon::Config& config,
                                                   const daemon::GetEnv& getenv) {
  std::vector<transport::ListenAddress> addresses = transport::inherited_sockets(getenv);
  for (const std::string& url : options.listen) {
    auto address = transport::parse_listen_address(url);
    if (address.kind == transport::ListenAddress::Kind::kUnix && address.path.empty()) {
      daemon::add_default_socket(addresses, config);
    } else {
      addresses.push_back(std::move(address));
    }
  }
  if (addresses.empty() || options.stdio) addresses.emplace_back();
  return addresses;
}

// Decides who may come in, and notes it in `server` and `serve`.
void choose_access(Program& program, Options& options, daemon::ServeOptions& serve) {
  const daemon::Settings settings = daemon::load_settings(program.settings_file, program.getenv);
  options.web_socket.check_is_off = !settings.ws_token_check.value_or(true);
  auto access = daemon::choose_web_socket_access(options.web_socket, serve.addresses);
  program.server.server.access = std::move(access.access);
  program.server.server.allowed_origins = options.web_socket.allowed_origins;
  serve.url_query = std::move(access.url_query);
}

int serve(Program& program, Options& options) {
  const daemon::Config config = program.configure();
  daemon::ServeOptions serve{.addresses = {},
                             .called_codex = program.called_codex,
                             .getenv = program.getenv,
                             .load_config = [&program] { return program.configure(); }};
  try {
    serve.addresses = addresses_of(options, config, program.getenv);
  } catch (const protocol::Error& error) {
    std::fprintf(stderr, "quotad: %s\n", error.what());
    return kUsage;
  }
  const bool wants_stdio = std::any_of(
      serve.addresses.begin(), serve.addresses.end(),
      [](const auto& address) { return address.kind == transport::ListenAddress::Kind::kStdio; });
  if (wants_stdio && !program.can_serve_stdio) {
    std::fprintf(stderr, "quotad: stdin or stdout is closed; both must be open for stdio://\n");
    return EXIT_FAILURE;
  }
  try {
    choose_access(program, options, serve);
  } catch (const protocol::Error& error) {
    std::fprintf(stderr, "quotad: %s\n", error.what());
    return error.kind() == protocol::ErrorKind::kInvalidParams ? kUsage : EXIT_FAILURE;
  }
  return daemon::run_app_server(config, program.server, serve);
}

}  // namespace

void add_app_server(Program& program) {
  CLI::App* command =
      program.add("app-server", "Serve JSON-RPC to editors, status bars and front ends");
  const auto options = std::make_shared<Options>();
  command
      ->add_option("--listen", options->listen,
                   "Where to serve: stdio:// (default), ws://IP:PORT, unix://, unix://PATH or off; "
                   "may be given several times")
      ->type_name("URL")
      ->allow_extra_args(false);
  command->add_flag("--stdio", options->stdio, "The same as --listen stdio://");
  add_web_socket_flags(*command, options->web_socket);
  add_client_flags(command, program.server);
  add_service_flags(*command, program.server);
  program.app_server = command;
  program.on(command, [&program, options] { return serve(program, *options); });
}

}  // namespace quotad::cli
