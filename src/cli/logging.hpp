// Logs: to stderr, as text or as JSON lines. stdout belongs to the protocol.
#pragma once

#include <string>

namespace quotad::cli {

enum class LogFormat { kText, kJson };

// Sets up spdlog's default logger. `level` is one of trace, debug, info, warn, error, off.
void set_up_logging(const std::string& level, LogFormat format);

}  // namespace quotad::cli
