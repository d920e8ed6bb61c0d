// The program: its commands and flags.

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/completion.hpp"
#include "cli/demo.hpp"
#include "cli/doctor.hpp"
#include "cli/flags.hpp"
#include "cli/generate.hpp"
#include "cli/login_status.hpp"
#include "cli/man_page.hpp"
#include "cli/people.hpp"
#include "cli/redemptions.hpp"
#include "cli/reference_commands.hpp"
#include "cli/reference_options.hpp"
#include "cli/simulate.hpp"
#include "cli/web_socket_flags.hpp"
#include "daemon/app_server.hpp"
#include "daemon/config.hpp"
#include "daemon/logging.hpp"
#include "daemon/program.hpp"
#include "daemon/settings.hpp"
#include "daemon/web_socket_access.hpp"
#include "quotad/protocol/error.hpp"
#include "transport/inherited_sockets.hpp"

namespace quotad::cli {
namespace {

struct Flags {
  std::string called;  // the program, as it was called
  std::vector<std::string> overrides;
  std::string log_level = "warn";
  daemon::LogFormat log_format = daemon::LogFormat::kText;
  std::vector<std::string> listen;
  bool stdio = false;
  std::string settings_file;
  daemon::AppServerOptions server;
  daemon::WebSocketOptions web_socket;
  bool allow_core_files = false;
  PeopleOptions people;
  DoctorOptions doctor;
  RedemptionsOptions redemptions;
  SimulateOptions simulate;
  GenerateOptions generate;
  bool keep = false;
  Shell shell = Shell::kBash;
  std::vector<std::string> help_about;
};

void add_common_flags(CLI::App& app, Flags& flags) {
  app.add_option("-c,--config", flags.overrides,
                 "Override a value of config.toml, for example chatgpt_base_url=URL")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--quotad-config", flags.settings_file,
                 "Settings of quotad's own, in place of $XDG_CONFIG_HOME/quotad/quotad.toml")
      ->type_name("FILE");
  app.add_option("--log-level", flags.log_level, "How much to log to stderr")
      ->envname("QUOTAD_LOG")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  app.add_flag("--allow-core-files", flags.allow_core_files,
               "Let the kernel write core files, and debuggers in: they would see tokens");
  app.add_flag("--allow-exposed-auth-file", flags.server.sign_in.allow_exposed_auth_file,
               "Use an auth.json that others than its owner have access to");
  app.add_option("--log-format", flags.log_format, "How to log: text or json")
      ->transform(CLI::CheckedTransformer(std::map<std::string, daemon::LogFormat>{
          {"text", daemon::LogFormat::kText}, {"json", daemon::LogFormat::kJson}}))
      ->type_name("FORMAT");
}

CLI::App* add_app_server(CLI::App& app, Flags& flags) {
  CLI::App* command =
      app.add_subcommand("app-server", "Serve JSON-RPC to editors, status bars and front ends");
  command->fallthrough();
  command
      ->add_option("--listen", flags.listen,
                   "Where to serve: stdio:// (default), ws://IP:PORT, unix://, unix://PATH or off; "
                   "may be given several times")
      ->type_name("URL")
      ->allow_extra_args(false);
  command->add_flag("--stdio", flags.stdio, "The same as --listen stdio://");
  add_web_socket_flags(*command, flags.web_socket);

  daemon::AppServerOptions& server = flags.server;
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
  add_service_flags(*command, server);
  return command;
}

// A command that is run in place of the server; which one is found by its name.
struct GenerateCommand {
  CLI::App* command;
  int (*run)(const GenerateOptions&);
};

std::vector<GenerateCommand> add_generate_commands(CLI::App& app_server, Flags& flags) {
  GenerateOptions& options = flags.generate;
  const auto add = [&](const char* name, const char* what, const char* out_type) {
    CLI::App* command = app_server.add_subcommand(name, what);
    command->fallthrough();
    command->add_option("-o,--out", options.out, "Where to write")->required()->type_name(out_type);
    command->add_flag("--experimental", options.experimental, "Include what is experimental");
    return command;
  };
  CLI::App* schema = add("generate-json-schema", "Write JSON Schema of the protocol", "DIR");
  CLI::App* ts = add("generate-ts", "Write TypeScript types of the protocol", "DIR");
  ts->add_option("-p,--prettier", options.prettier, "Format the files with this Prettier")
      ->type_name("BIN");
  CLI::App* openrpc = add("generate-openrpc", "Write an OpenRPC document of the protocol", "DIR");
  CLI::App* docs = add("generate-docs", "Write the protocol's reference page (Markdown)", "FILE");
  return {{schema, run_generate_json_schema},
          {ts, run_generate_ts},
          {openrpc, run_generate_openrpc},
          {docs, run_generate_docs}};
}

CLI::App* add_doctor(CLI::App& app, Flags& flags) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Tell whether a reading would work, and what it would be made with");
  command->fallthrough();
  command->add_flag("--json", flags.doctor.json, "Print JSON");
  command->add_flag("--offline", flags.doctor.offline, "Do not ask the service");
  return command;
}

CLI::App* add_redemptions(CLI::App& app, Flags& flags) {
  CLI::App* command = app.add_subcommand(
      "redemptions", "List what was redeemed, and what may have been, with the way to find out");
  command->fallthrough();
  command->add_flag("--json", flags.redemptions.json, "Print JSON");
  add_count(*command, "--limit", flags.redemptions.limit,
            "How many at most of those that are over");
  return command;
}

CLI::App* add_simulate(CLI::App& app, Flags& flags) {
  CLI::App* command =
      app.add_subcommand("simulate", "Serve a stand-in for the ChatGPT usage endpoints");
  command->fallthrough();
  command->add_option("--port", flags.simulate.port, "Port on 127.0.0.1; 0 lets the system pick")
      ->capture_default_str();
  command->add_option("--scenario", flags.simulate.scenario, "JSON file with accounts and faults")
      ->type_name("FILE");
  command->add_option("--now", flags.simulate.now, "Let its clock stand at this time")
      ->type_name("UNIX_SECONDS");
  command
      ->add_option("--write-home", flags.simulate.write_home,
                   "Write auth.json and config.toml to this folder, signed in to the simulator as "
                   "the scenario's first account")
      ->type_name("DIR");
  return command;
}

std::vector<transport::ListenAddress> addresses_of(const Flags& flags, const daemon::Config& config,
                                                   const daemon::GetEnv& getenv) {
  std::vector<transport::ListenAddress> addresses = transport::inherited_sockets(getenv);
  for (const std::string& url : flags.listen) {
    auto address = transport::parse_listen_address(url);
    if (address.kind == transport::ListenAddress::Kind::kUnix && address.path.empty()) {
      daemon::add_default_socket(addresses, config);
    } else {
      addresses.push_back(std::move(address));
    }
  }
  if (addresses.empty() || flags.stdio) addresses.emplace_back();
  return addresses;
}

// Opens /dev/null in place of standard streams that are closed, so that nothing else gets their
// numbers, and tells whether stdin and stdout were open. What is written to a closed stdout still fails.
bool hold_standard_streams() {
  bool open_for_protocol = true;
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    if (number != STDERR_FILENO) open_for_protocol = false;
    // Takes the lowest free number.
    open("/dev/null", number == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  }
  return open_for_protocol;
}

// What a version check of the reference reads, where the program is called by the reference's name.
std::string version_line(const char* called) {
  const std::string own = "quotad " + daemon::program_version();
  return is_called_codex(called) ? std::string("codex-cli ") + daemon::kReferenceVersion : own;
}

// "a, b": the commands of `app`.
std::string commands_of(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  return names;
}

// Names the word that nobody knows, and what there is in its place; false if there is none.
bool explain_unknown_word(const CLI::App& app) {
  const std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty()) return false;
  const CLI::App* asked = &app;
  std::string path = "quotad";
  while (!asked->get_subcommands().empty()) {
    asked = asked->get_subcommands().front();
    path += " " + asked->get_name();
  }
  const std::string& word = unknown.front();
  const std::string commands = commands_of(*asked);
  if (word.front() == '-' || commands.empty()) {
    std::fprintf(stderr, "quotad: `%s` does not know `%s`; see `%s --help`\n", path.c_str(),
                 word.c_str(), path.c_str());
  } else {
    std::fprintf(stderr, "quotad: `%s` has no command `%s`; it has: %s\n", path.c_str(),
                 word.c_str(), commands.c_str());
  }
  return true;
}

// The help of the program, or of the command that `path` leads to.
int run_help(const CLI::App& app, const std::vector<std::string>& path) {
  const CLI::App* asked = &app;
  std::string name = app.get_name();
  for (const std::string& word : path) {
    const auto commands = asked->get_subcommands({});
    const auto found = std::find_if(commands.begin(), commands.end(), [&](const CLI::App* command) {
      return command->get_name() == word;
    });
    if (found == commands.end()) {
      std::fprintf(stderr, "quotad: there is no command `%s`; there are: %s\n", word.c_str(),
                   commands_of(*asked).c_str());
      return 2;
    }
    asked = *found;
    name += " " + word;
  }
  // App::help would tell of the command that was parsed, which is `help`.
  const std::string text =
      asked->get_formatter()->make_help(asked, name, CLI::AppFormatMode::Normal);
  std::printf("%s", text.c_str());
  return EXIT_SUCCESS;
}

bool asks_for_server(int argc, char** argv) {
  return std::any_of(argv, argv + argc, [](std::string_view word) { return word == "app-server"; });
}

int run_for_person(const PeopleCommand& command, const Flags& flags, const daemon::Config& config,
                   const daemon::GetEnv& getenv) {
  const Person person{config, flags.server, flags.people, getenv, flags.overrides, flags.called};
  // The log stands below what was asked for, not among it.
  daemon::hold_log();
  int exit_code = EXIT_FAILURE;
  try {
    exit_code = command.run(person);
  } catch (const protocol::Error& error) {
    exit_code = report(error, person);
    if (flags.people.names_help) {
      std::fprintf(stderr, "`quotad help` lists what else there is.\n");
    }
  }
  daemon::release_log();
  return exit_code;
}

int run(int argc, char** argv) {
  const bool can_serve_stdio = hold_standard_streams();
  unsetenv(
      "SSLKEYLOGFILE");  // where libcurl would write the keys of connections, for anybody to read
  Flags flags;
  flags.called = flags.redemptions.called = argv[0];
  CLI::App app("How much of my Codex allowance is left, what have I used, and can I reset it?",
               "quotad");
  app.set_version_flag("-V,--version", version_line(argv[0]));
  app.require_subcommand(0, 1);
  add_common_flags(app, flags);
  const std::vector<PeopleCommand> people =
      add_people_commands(app, flags.people, flags.server, !asks_for_server(argc, argv));
  CLI::App* app_server = add_app_server(app, flags);
  const std::vector<GenerateCommand> generate_commands = add_generate_commands(*app_server, flags);
  CLI::App* redemptions = add_redemptions(app, flags);
  CLI::App* doctor = add_doctor(app, flags);
  CLI::App* simulate = add_simulate(app, flags);
  const ReferenceCommands reference_commands = add_reference_commands(app);
  CLI::App* demo = app.add_subcommand(
      "demo", "Play the main job against a simulator, on loopback, with throw-away credentials");
  demo->fallthrough();
  demo->add_flag("--keep", flags.keep, "Leave simulator and server running afterwards");
  CLI::App* completion =
      app.add_subcommand("completion", "Print a script that completes commands and options");
  completion->add_option("shell", flags.shell, "bash (default), zsh or fish")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Shell>{
          {"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}}))
      ->type_name("SHELL");
  CLI::App* manual = app.add_subcommand("man-page", "Print the manual page, for man(1)");
  CLI::App* help = app.add_subcommand("help", "Print the help of the program or of a command");
  help->add_option("command", flags.help_about, "Which one")->type_name("COMMAND");
  app.footer("Without a command: limits.");  // not a part of their help, which exists by now
  accept_reference_options(app, *app_server);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0 && explain_unknown_word(app)) return 2;
    return app.exit(error) == 0 ? EXIT_SUCCESS : 2;
  }
  if (help->parsed()) return run_help(app, flags.help_about);
  if (manual->parsed()) return run_man_page(app);
  if (completion->parsed()) {
    std::printf("%s", completion_script(app, flags.shell).c_str());
    return EXIT_SUCCESS;
  }
  if (const int code = refuse_missing(reference_commands); code != EXIT_SUCCESS) return code;

  if (!flags.allow_core_files) daemon::keep_memory_private();
  daemon::set_up_logging(flags.log_level, flags.log_format);
  for (const std::string& option : ignored_options(app, *app_server)) {
    spdlog::debug("{} means nothing here and is ignored", option);
  }
  const daemon::GetEnv getenv = [](const char* name) { return std::getenv(name); };
  const auto configure = [&] {
    daemon::Config config = daemon::load_config(daemon::find_codex_home(getenv), flags.overrides);
    config.state_home = daemon::find_state_home(getenv);
    daemon::use_sign_in_environment(flags.server.sign_in, config, getenv);
    return config;
  };
  backend::use_ca_environment(flags.server.backend, getenv);
  for (const GenerateCommand& generate : generate_commands) {
    if (generate.command->parsed()) return generate.run(flags.generate);
  }
  if (app_server->parsed()) {
    const daemon::Config config = configure();
    std::vector<transport::ListenAddress> addresses;
    try {
      addresses = addresses_of(flags, config, getenv);
    } catch (const protocol::Error& error) {
      std::fprintf(stderr, "quotad: %s\n", error.what());
      return 2;
    }
    const bool wants_stdio = std::any_of(
        addresses.begin(), addresses.end(),
        [](const auto& address) { return address.kind == transport::ListenAddress::Kind::kStdio; });
    if (wants_stdio && !can_serve_stdio) {
      std::fprintf(stderr, "quotad: stdin or stdout is closed; both must be open for stdio://\n");
      return EXIT_FAILURE;
    }
    daemon::ServeOptions serve{.addresses = std::move(addresses),
                               .called_codex = is_called_codex(flags.called),
                               .getenv = getenv,
                               .load_config = configure};
    try {
      const daemon::Settings settings = daemon::load_settings(flags.settings_file, getenv);
      flags.web_socket.check_is_off = !settings.ws_token_check.value_or(true);
      auto access = daemon::choose_web_socket_access(flags.web_socket, serve.addresses);
      flags.server.server.access = std::move(access.access);
      flags.server.server.allowed_origins = flags.web_socket.allowed_origins;
      serve.url_query = std::move(access.url_query);
    } catch (const protocol::Error& error) {
      std::fprintf(stderr, "quotad: %s\n", error.what());
      return error.kind() == protocol::ErrorKind::kInvalidParams ? 2 : EXIT_FAILURE;
    }
    return daemon::run_app_server(config, flags.server, serve);
  }
  // Without a command: what most people want to know.
  flags.people.names_help = app.get_subcommands().empty();
  if (flags.people.names_help) return run_for_person(people.front(), flags, configure(), getenv);
  for (const PeopleCommand& command : people) {
    if (command.command->parsed()) return run_for_person(command, flags, configure(), getenv);
  }
  if (reference_commands.login_status->parsed()) {
    return run_login_status(configure(), flags.server, getenv);
  }
  if (doctor->parsed()) {
    const daemon::Config config = configure();
    return run_doctor(config, flags.server, flags.doctor, getenv);
  }
  if (redemptions->parsed()) {
    const daemon::Config config = configure();
    flags.redemptions.overrides = flags.overrides;
    return run_redemptions(config, flags.server, flags.redemptions, getenv);
  }
  if (simulate->parsed()) return run_simulate(flags.simulate);
  if (demo->parsed()) return run_demo(flags.server, flags.keep);
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace quotad::cli

int main(int argc, char** argv) {
  // A reader that goes away is an error of the write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  // A file that may not grow is an error of the write, too.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return quotad::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "quotad: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
