#include "cli/generate.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>
#include <vector>

#include "cli/generated_folder.hpp"
#include "daemon/program.hpp"
#include "protocol/json_schema.hpp"
#include "protocol/openrpc.hpp"
#include "protocol/reference_page.hpp"
#include "protocol/typescript.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::cli {
namespace {

// Runs a program to its end; what it prints goes to our stderr. Throws unless it exits with 0.
void run_program(std::vector<std::string> arguments) {
  const std::string& program = arguments.front();
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t child = -1;
  const int error = posix_spawnp(&child, program.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw protocol::Error(protocol::ErrorKind::kInternal,
                          "cannot run " + program + ": " + std::generic_category().message(error));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  throw protocol::Error(protocol::ErrorKind::kInternal, program + " failed; nothing was changed");
}

}  // namespace

int run_generate_json_schema(const GenerateOptions& options) {
  write_generated_folder(options.out, "generate-json-schema",
                         protocol::json_schema_files(protocol::model(options.experimental)));
  return EXIT_SUCCESS;
}

int run_generate_ts(const GenerateOptions& options) {
  Finish finish;
  if (!options.prettier.empty()) {
    finish = [&](const std::vector<std::string>& paths) {
      std::vector<std::string> words = {options.prettier, "--write", "--log-level", "warn"};
      words.insert(words.end(), paths.begin(), paths.end());
      run_program(std::move(words));
    };
  }
  write_generated_folder(options.out, "generate-ts",
                         protocol::typescript_files(protocol::model(options.experimental)), finish);
  return EXIT_SUCCESS;
}

int run_generate_openrpc(const GenerateOptions& options) {
  const protocol::OrderedJson document = protocol::openrpc_document(
      protocol::model(options.experimental), protocol::examples(), daemon::program_version());
  write_generated_folder(options.out, "generate-openrpc", protocol::openrpc_files(document));
  return EXIT_SUCCESS;
}

int run_generate_docs(const GenerateOptions& options) {
  write_generated_file(
      options.out, "generate-docs",
      protocol::reference_page(protocol::model(options.experimental), protocol::examples()));
  return EXIT_SUCCESS;
}

}  // namespace quotad::cli
