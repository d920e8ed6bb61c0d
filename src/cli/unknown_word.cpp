#include "cli/unknown_word.hpp"

#include <cstdio>
#include <vector>

namespace quotad::cli {

std::string commands_of(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  return names;
}

bool explain_unknown_word(const CLI::App& app) {
  const std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty()) return false;
  const CLI::App* asked = &app;
  std::string path = "quotad";
  while (!asked->get_subcommands().empty()) {
    asked = asked->get_subcommands().front();
    path += " " + asked->get_name();
  }
  const std::string& word = unknown.front();
  const std::string commands = commands_of(*asked);
  if (word.front() == '-' || commands.empty()) {
    std::fprintf(stderr, "quotad: `%s` does not know `%s`; see `%s --help`\n", path.c_str(),
                 word.c_str(), path.c_str());
  } else {
    std::fprintf(stderr, "quotad: `%s` has no command `%s`; it has: %s\n", path.c_str(),
                 word.c_str(), commands.c_str());
  }
  return true;
}

}  // namespace quotad::cli
