// The program: its commands, the flags of all of them, and what the environment says.
//
// Every command is a file of its own with a function `add_…(Program&)`, declared in commands.hpp: it adds
// its flags to `app` and says what runs. main.cpp adds them all, parses, and runs the one that was asked
// for.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "daemon/app_server.hpp"
#include "daemon/config.hpp"
#include "daemon/logging.hpp"

namespace quotad::cli {

// Outlives every command; commands keep references to it.
struct Program {
  Program(int argc, char** argv);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Adds a command. Options of the program may stand before it or after it.
  CLI::App* add(const std::string& name, const std::string& what);

  // `command`, once it is parsed, runs `run`, which gives the exit code.
  void on(CLI::App* command, std::function<int()> run);

  // What the innermost command that was parsed runs, or, without any, what `without_command` does.
  int run() const;

  // The configuration, read now; the sign-in's part of `server` follows it.
  daemon::Config configure();

  CLI::App app;
  std::string called;           // the program, as it was called
  bool called_codex = false;    // by the reference's name, in place of our own
  bool serves = false;          // app-server was asked for: flags of other commands are not needed
  bool can_serve_stdio = true;  // stdin and stdout were open
  daemon::GetEnv getenv;

  // Flags of all commands.
  std::vector<std::string> overrides;
  std::string log_level = "warn";
  daemon::LogFormat log_format = daemon::LogFormat::kText;
  std::string settings_file;
  bool allow_core_files = false;
  daemon::AppServerOptions server;

  CLI::App* app_server = nullptr;
  std::function<int()> without_command;

 private:
  struct Command {
    CLI::App* app;
    std::function<int()> run;
  };
  std::vector<Command> commands_;  // a command stands before those in it
};

}  // namespace quotad::cli
