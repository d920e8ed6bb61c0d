#include "cli/reference_commands.hpp"

#include <cstdio>
#include <filesystem>
#include <string>

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

// Of `login`.
constexpr const char* kLoginFlags[] = {"--with-api-key", "--with-access-token", "--device-auth"};

}  // namespace

ReferenceCommands add_reference_commands(CLI::App& app) {
  ReferenceCommands commands;
  CLI::App* login =
      app.add_subcommand("login", "See how the user is signed in; signing in is `codex login`'s");
  login->fallthrough();
  for (const char* flag : kLoginFlags) login->add_flag(flag)->group(kHidden);
  commands.login_status = login->add_subcommand(
      "status", "Tell on stderr how the user is signed in, as `codex login status` does");
  commands.login_status->fallthrough();
  commands.missing.push_back(login);
  for (const Missing& missing : kMissing) {
    CLI::App* command = app.add_subcommand(missing.name)->group(kHidden);
    if (missing.alias != nullptr) command->alias(missing.alias);
    command->prefix_command();  // whatever follows is not ours to judge
    command->set_help_flag();
    commands.missing.push_back(command);
  }
  return commands;
}

int refuse_missing(const ReferenceCommands& commands) {
  if (commands.login_status->parsed()) return kFine;
  for (const CLI::App* command : commands.missing) {
    if (!command->parsed()) continue;
    const std::string& name = command->get_name();
    const bool signs = name == "login" || name == "logout";
    std::fprintf(stderr,
                 "quotad: there is no `%s` in quotad%s; use the Codex CLI itself: codex %s "
                 "(npm install -g @openai/codex)\n",
                 name.c_str(), signs ? ", which shares the Codex CLI's sign-in" : "", name.c_str());
    return kUsage;
  }
  return kFine;
}

bool is_called_codex(std::string_view called) {
  return std::filesystem::path(called).filename() == "codex";
}

}  // namespace quotad::cli
