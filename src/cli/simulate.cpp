// `quotad simulate`: the stand-in for the service as a command of its own.

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "cli/commands.hpp"
#include "daemon/signals.hpp"
#include "quotad/protocol/error.hpp"
#include "simulator/home.hpp"
#include "simulator/http_server.hpp"
#include "simulator/scenario.hpp"
#include "system/clock.hpp"

namespace quotad::cli {
namespace {

struct Options {
  std::uint16_t port = 0;
  std::string scenario;             // a file; empty means the built-in one
  std::string write_home;           // a folder to sign in to the simulator; empty means none
  std::optional<std::int64_t> now;  // Unix seconds at which its clock stands; nullopt: it runs
};

simulator::Scenario load_scenario(const std::string& file, std::int64_t now) {
  if (file.empty()) return simulator::default_scenario(now);
  std::ifstream input(file);
  std::ostringstream text;
  text << input.rdbuf();
  if (!input) {
    throw protocol::Error(protocol::ErrorKind::kInternal, "cannot read the scenario " + file);
  }
  return simulator::parse_scenario(text.str());
}

std::string where(const protocol::Error& error) {
  const auto& path = error.data().path;
  return path && !path->empty() ? *path + ": " : "";
}

// Serves until SIGTERM or SIGINT.
int simulate(const Options& options) {
  try {
    const auto now = [&]() -> std::int64_t { return options.now.value_or(system::unix_now()); };
    const simulator::Scenario scenario = load_scenario(options.scenario, now());
    boost::asio::io_context context(1);
    simulator::HttpServer server(context.get_executor(), options.port, scenario, now);
    if (!options.write_home.empty()) {
      if (scenario.accounts.empty()) {
        throw protocol::Error(protocol::ErrorKind::kInternal,
                              "--write-home needs a scenario with an account");
      }
      simulator::write_home(options.write_home, scenario.accounts.front(), server.url());
    }
    std::printf("simulating the service at %s\n", server.url().c_str());
    std::fflush(stdout);
    daemon::StopSignals signals(context.get_executor(), std::chrono::seconds(1), [&] {
      server.stop();
      signals.cancel();
    });
    context.run();
    return EXIT_SUCCESS;
  } catch (const protocol::Error& error) {
    std::fprintf(stderr, "quotad: %s%s\n", where(error).c_str(), error.what());
  } catch (const boost::system::system_error& error) {
    std::fprintf(stderr, "quotad: cannot listen on port %d: %s\n", int{options.port},
                 error.code().message().c_str());
  }
  return EXIT_FAILURE;
}

}  // namespace

void add_simulate(Program& program) {
  CLI::App* command = program.add("simulate", "Serve a stand-in for the ChatGPT usage endpoints");
  const auto options = std::make_shared<Options>();
  command->add_option("--port", options->port, "Port on 127.0.0.1; 0 lets the system pick")
      ->capture_default_str();
  command->add_option("--scenario", options->scenario, "JSON file with accounts and faults")
      ->type_name("FILE");
  command->add_option("--now", options->now, "Let its clock stand at this time")
      ->type_name("UNIX_SECONDS");
  command
      ->add_option("--write-home", options->write_home,
                   "Write auth.json and config.toml to this folder, signed in to the simulator as "
                   "the scenario's first account")
      ->type_name("DIR");
  program.on(command, [options] { return simulate(*options); });
}

}  // namespace quotad::cli
