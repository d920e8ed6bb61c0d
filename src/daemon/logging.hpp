// Logs: to stderr, as text or as JSON lines. stdout belongs to the protocol.
#pragma once

#include <string>

namespace quotad::daemon {

enum class LogFormat { kText, kJson };

// Sets up spdlog's default logger. `level` is one of trace, debug, info, warn, error, off.
void set_up_logging(const std::string& level, LogFormat format);

// Keeps the log from now on, its last 500 lines at most, so that none of it stands among the lines that
// a person reads.
void hold_log();

// Writes what was kept, as one block, and what is logged from now on at once.
void release_log();

}  // namespace quotad::daemon
