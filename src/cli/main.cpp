// The program: its commands are added, one of them is parsed and run.

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "cli/commands.hpp"
#include "cli/program.hpp"
#include "cli/reference_options.hpp"
#include "cli/unknown_word.hpp"
#include "daemon/program.hpp"

namespace quotad::cli {
namespace {

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

void add_commands(Program& program) {
  add_limits(program);
  add_usage(program);
  add_reset(program);
  add_watch(program);
  add_app_server(program);
  add_generate(program);
  add_redemptions(program);
  add_doctor(program);
  add_simulate(program);
  add_login(program);
  add_reference_commands(program);
  add_demo(program);
  add_completion(program);
  add_man_page(program);
  add_help(program);
  program.app.footer("Without a command: limits.");  // not in the commands' help, made by now
  accept_reference_options(program.app, *program.app_server);
}

int run(int argc, char** argv) {
  const bool streams_are_open = hold_standard_streams();
  unsetenv("SSLKEYLOGFILE");  // libcurl would write the keys of connections there
  Program program(argc, argv);
  program.can_serve_stdio = streams_are_open;
  add_commands(program);
  try {
    program.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0 && explain_unknown_word(program.app)) return 2;
    return program.app.exit(error) == 0 ? EXIT_SUCCESS : 2;
  }
  if (!program.allow_core_files) daemon::keep_memory_private();
  daemon::set_up_logging(program.log_level, program.log_format);
  for (const std::string& option : ignored_options(program.app, *program.app_server)) {
    spdlog::debug("{} means nothing here and is ignored", option);
  }
  backend::use_ca_environment(program.server.backend, program.getenv);
  return program.run();
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
