#include "cli/reference_options.hpp"

namespace quotad::cli {
namespace {

constexpr const char* kHidden = "";  // CLI11's way to leave a group out of the help

// Of the program, before or after its command; and of its app-server command (0.171.0, --help).
// Left out, and so refused, is what must not be passed over: --ws-… (who may connect),
// --startup-sign-out, and what prints and ends.
constexpr const char* kOptions[] = {
    "--enable",     "--disable",  "--remote",         "--remote-auth-token-env",
    "-i,--image",   "-m,--model", "--local-provider", "-p,--profile",
    "-s,--sandbox", "-C,--cd",    "--add-dir",        "-a,--ask-for-approval"};
constexpr const char* kFlags[] = {"--strict-config",
                                  "--oss",
                                  "--approve-for-me",
                                  "--full-auto",
                                  "--yolo",
                                  "--dangerously-bypass-approvals-and-sandbox",
                                  "--dangerously-bypass-hook-trust",
                                  "--worktree",
                                  "--search",
                                  "--no-alt-screen",
                                  "--no-daemon"};
constexpr const char* kServerOptions[] = {"--startup-client-info", "--cloud-skills-snapshot",
                                          "--code-mode-host"};
constexpr const char* kServerFlags[] = {"--analytics-default-enabled", "--remote-control"};

void accept_option(CLI::App& app, const char* names) {
  app.add_option_function<std::vector<std::string>>(names, [](const auto& /*values*/) {})
      ->allow_extra_args(false)
      ->group(kHidden);
}

void accept_flag(CLI::App& app, const char* names) { app.add_flag(names)->group(kHidden); }

void add_given(const CLI::App& app, std::vector<std::string>& given) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group() != kHidden || option->count() == 0) continue;
    const bool is_long = !option->get_lnames().empty();  // get_name() does not tell hidden ones
    given.push_back(is_long ? "--" + option->get_lnames().front()
                            : "-" + option->get_snames().front());
  }
}

}  // namespace

void accept_reference_options(CLI::App& program, CLI::App& app_server) {
  for (const char* names : kOptions) accept_option(program, names);
  for (const char* names : kFlags) accept_flag(program, names);
  for (const char* names : kServerOptions) accept_option(app_server, names);
  for (const char* names : kServerFlags) accept_flag(app_server, names);
}

std::vector<std::string> ignored_options(const CLI::App& program, const CLI::App& app_server) {
  std::vector<std::string> given;
  add_given(program, given);
  add_given(app_server, given);
  return given;
}

}  // namespace quotad::cli
