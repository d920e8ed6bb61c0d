// `quotad simulate`: the stand-in for the service as a command of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace quotad::cli {

struct SimulateOptions {
  std::uint16_t port = 0;
  std::string scenario;             // a file; empty means the built-in one
  std::string write_home;           // a folder to sign in to the simulator; empty means none
  std::optional<std::int64_t> now;  // Unix seconds at which its clock stands; nullopt: it runs
};

// Serves until SIGTERM or SIGINT. Gives the exit code of the program.
int run_simulate(const SimulateOptions& options);

}  // namespace quotad::cli
