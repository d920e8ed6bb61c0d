// The generate commands: typings and documents for client authors, from the protocol's descriptions.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "cli/commands.hpp"
#include "cli/generated_folder.hpp"
#include "daemon/program.hpp"
#include "protocol/json_schema.hpp"
#include "protocol/openrpc.hpp"
#include "protocol/reference_page.hpp"
#include "protocol/typescript.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::cli {
namespace {

struct Options {
  std::string out;       // a folder; of generate-docs a file
  std::string prettier;  // program that formats TypeScript, "" for none
  bool experimental = false;
};

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

int generate_json_schema(const Options& options) {
  write_generated_folder(options.out, "generate-json-schema",
                         protocol::json_schema_files(protocol::model(options.experimental)));
  return EXIT_SUCCESS;
}

int generate_ts(const Options& options) {
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

int generate_openrpc(const Options& options) {
  const protocol::OrderedJson document = protocol::openrpc_document(
      protocol::model(options.experimental), protocol::examples(), daemon::program_version());
  write_generated_folder(options.out, "generate-openrpc", protocol::openrpc_files(document));
  return EXIT_SUCCESS;
}

int generate_docs(const Options& options) {
  write_generated_file(
      options.out, "generate-docs",
      protocol::reference_page(protocol::model(options.experimental), protocol::examples()));
  return EXIT_SUCCESS;
}

}  // namespace

void add_generate(Program& program) {
  const auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* what, const char* out_type,
                       int (*run)(const Options&)) {
    CLI::App* command = program.app_server->add_subcommand(name, what);
    command->fallthrough();
    command->add_option("-o,--out", options->out, "Where to write")
        ->required()
        ->type_name(out_type);
    command->add_flag("--experimental", options->experimental, "Include what is experimental");
    program.on(command, [options, run] { return run(*options); });
    return command;
  };
  add("generate-json-schema", "Write JSON Schema of the protocol", "DIR", generate_json_schema);
  add("generate-ts", "Write TypeScript types of the protocol", "DIR", generate_ts)
      ->add_option("-p,--prettier", options->prettier, "Format the files with this Prettier")
      ->type_name("BIN");
  add("generate-openrpc", "Write an OpenRPC document of the protocol", "DIR", generate_openrpc);
  add("generate-docs", "Write the protocol's reference page (Markdown)", "FILE", generate_docs);
}

}  // namespace quotad::cli
