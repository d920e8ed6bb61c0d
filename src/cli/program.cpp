#include "cli/program.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string_view>
#include <utility>

#include "daemon/program.hpp"

namespace quotad::cli {
namespace {

// What a version check of the reference reads, where the program is called by the reference's name.
std::string version_line(bool called_codex) {
  return called_codex ? std::string("codex-cli ") + daemon::kReferenceVersion
                      : "quotad " + daemon::program_version();
}

bool asks_for_server(int argc, char** argv) {
  return std::any_of(argv, argv + argc, [](std::string_view word) { return word == "app-server"; });
}

}  // namespace

Program::Program(int argc, char** argv)
    : app("How much of my Codex allowance is left, what have I used, and can I reset it?",
          "quotad"),
      called(argv[0]),
      called_codex(std::filesystem::path(called).filename() == "codex"),
      serves(asks_for_server(argc, argv)),
      getenv([](const char* name) { return std::getenv(name); }) {
  using daemon::LogFormat;
  app.set_version_flag("-V,--version", version_line(called_codex));
  app.require_subcommand(0, 1);
  app.add_option("-c,--config", overrides,
                 "Override a value of config.toml, for example chatgpt_base_url=URL")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--quotad-config", settings_file,
                 "Settings of quotad's own, in place of $XDG_CONFIG_HOME/quotad/quotad.toml")
      ->type_name("FILE");
  app.add_option("--log-level", log_level, "How much to log to stderr")
      ->envname("QUOTAD_LOG")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  app.add_flag("--allow-core-files", allow_core_files,
               "Let the kernel write core files, and debuggers in: they would see tokens");
  app.add_flag("--allow-exposed-auth-file", server.sign_in.allow_exposed_auth_file,
               "Use an auth.json that others than its owner have access to");
  app.add_option("--log-format", log_format, "How to log: text or json")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, LogFormat>{{"text", LogFormat::kText}, {"json", LogFormat::kJson}}))
      ->type_name("FORMAT");
}

CLI::App* Program::add(const std::string& name, const std::string& what) {
  CLI::App* command = app.add_subcommand(name, what);
  command->fallthrough();
  return command;
}

void Program::on(CLI::App* command, std::function<int()> run) {
  commands_.push_back({command, std::move(run)});
}

int Program::run() const {
  const auto asked = std::find_if(commands_.rbegin(), commands_.rend(),
                                  [](const Command& command) { return command.app->parsed(); });
  return asked == commands_.rend() ? without_command() : asked->run();
}

daemon::Config Program::configure() {
  daemon::Config config = daemon::load_config(daemon::find_codex_home(getenv), overrides);
  config.state_home = daemon::find_state_home(getenv);
  daemon::use_sign_in_environment(server, config, getenv);
  return config;
}

}  // namespace quotad::cli
