#include "cli/simulate.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "daemon/signals.hpp"
#include "quotad/protocol/error.hpp"
#include "simulator/home.hpp"
#include "simulator/http_server.hpp"
#include "simulator/scenario.hpp"
#include "system/clock.hpp"

namespace quotad::cli {
namespace {

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

}  // namespace

int run_simulate(const SimulateOptions& options) {
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

}  // namespace quotad::cli
