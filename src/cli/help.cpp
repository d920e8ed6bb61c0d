// `quotad help [COMMAND…]`.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/unknown_word.hpp"

namespace quotad::cli {
namespace {

// The help of the program, or of the command that `path` leads to.
int run_help(const CLI::App& app, const std::vector<std::string>& path) {
  const CLI::App* asked = &app;
  std::string name = app.get_name();
  for (const std::string& word : path) {
    const auto commands = asked->get_subcommands({});
    const auto found = std::find_if(commands.begin(), commands.end(), [&](const CLI::App* command) {
      return command->get_name() == word;
    });
    if (found == commands.end()) {
      std::fprintf(stderr, "quotad: there is no command `%s`; there are: %s\n", word.c_str(),
                   commands_of(*asked).c_str());
      return 2;
    }
    asked = *found;
    name += " " + word;
  }
  // App::help would tell of the command that was parsed, which is `help`.
  const std::string text =
      asked->get_formatter()->make_help(asked, name, CLI::AppFormatMode::Normal);
  std::printf("%s", text.c_str());
  return EXIT_SUCCESS;
}

}  // namespace

void add_help(Program& program) {
  CLI::App* command =
      program.app.add_subcommand("help", "Print the help of the program or of a command");
  const auto path = std::make_shared<std::vector<std::string>>();
  command->add_option("command", *path, "Which one")->type_name("COMMAND");
  program.on(command, [&app = program.app, path] { return run_help(app, *path); });
}

}  // namespace quotad::cli
