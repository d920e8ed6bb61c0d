// `quotad simulate`: the stand-in for the service as a command of its own.
#pragma once

#include <cstdint>
#include <string>

namespace quotad::cli {

struct SimulateOptions {
  std::uint16_t port = 0;
  std::string scenario;    // a file; empty means the built-in one
  std::string write_home;  // a folder to sign in to the simulator; empty means none
};

// Serves until SIGTERM or SIGINT. Gives the exit code of the program.
int run_simulate(const SimulateOptions& options);

}  // namespace quotad::cli
