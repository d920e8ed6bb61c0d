#include "cli/reference_commands.hpp"

#include <cstdio>
#include <string>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"

namespace quotad::cli {
namespace {

constexpr const char* kHidden = "";  // CLI11's way to leave a group out of the help

struct Missing {
  const char* name;
  const char* alias = nullptr;
};

// 0.171.0, --help, without those that quotad has, too.
constexpr Missing kMissing[] = {
    {"agents"},           {"exec", "e"},      {"review"},     {"logout"},  {"mcp"},
    {"plugin"},           {"remote-control"}, {"update"},     {"sandbox"}, {"debug"},
    {"apply", "a"},       {"resume"},         {"queue"},      {"archive"}, {"delete"},
    {"migrate-rollouts"}, {"migrate-nfs-db"}, {"unarchive"},  {"fork"},    {"cloud"},
    {"exec-server"},      {"features"},       {"mcp-server"}, {"proto"}};

}  // namespace

int refuse_missing(const std::string& command) {
  const bool signs = command == "login" || command == "logout";
  std::fprintf(stderr,
               "quotad: there is no `%s` in quotad%s; use the Codex CLI itself: codex %s "
               "(npm install -g @openai/codex)\n",
               command.c_str(), signs ? ", which shares the Codex CLI's sign-in" : "",
               command.c_str());
  return kUsage;
}

void add_reference_commands(Program& program) {
  for (const Missing& missing : kMissing) {
    CLI::App* command = program.app.add_subcommand(missing.name)->group(kHidden);
    if (missing.alias != nullptr) command->alias(missing.alias);
    command->prefix_command();  // whatever follows is not ours to judge
    command->set_help_flag();
    program.on(command, [command] { return refuse_missing(command->get_name()); });
  }
}

}  // namespace quotad::cli
