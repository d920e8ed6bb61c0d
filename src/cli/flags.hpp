// Flags that several commands share, and the ways in which flags are read.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <string>

#include "daemon/app_server.hpp"

namespace quotad::cli {

void add_milliseconds(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                      const std::string& what);
CLI::Option* add_seconds(CLI::App& app, const std::string& name, std::chrono::seconds& value,
                         const std::string& what);
void add_count(CLI::App& app, const std::string& name, std::size_t& value, const std::string& what);

// How the service is asked: time limits, sizes, and when it is left alone.
void add_service_flags(CLI::App& command, daemon::AppServerOptions& options);

}  // namespace quotad::cli
