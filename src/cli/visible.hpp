// What people are shown of the program's commands and options; the completions and the man page are
// made from it. What is in no group is left out, as --help does. Not a file of its own beside this
// header: each that includes CLI11 costs the program some kilobytes.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace quotad::cli {

// The commands right below `app`.
inline std::vector<const CLI::App*> visible_subcommands(const CLI::App& app) {
  std::vector<const CLI::App*> shown;
  for (const CLI::App* sub : app.get_subcommands({})) {
    if (!sub->get_group().empty()) shown.push_back(sub);
  }
  return shown;
}

// A command with the words that lead to it: "app-server generate-ts"; "" for the program itself.
struct VisibleCommand {
  std::string path;
  const CLI::App* app;
};

inline void add_visible_commands(const CLI::App& app, const std::string& path,
                                 std::vector<VisibleCommand>& commands) {
  commands.push_back({path, &app});
  for (const CLI::App* sub : visible_subcommands(app)) {
    const std::string& name = sub->get_name();
    add_visible_commands(*sub, path.empty() ? name : path + " " + name, commands);
  }
}

// The program, and its commands at any depth, each before those below it.
inline std::vector<VisibleCommand> visible_commands(const CLI::App& program) {
  std::vector<VisibleCommand> commands;
  add_visible_commands(program, "", commands);
  return commands;
}

// The options of `app` that have a name, or else those that have a place instead.
inline std::vector<const CLI::Option*> visible_options(const CLI::App& app, bool has_name = true) {
  std::vector<const CLI::Option*> shown;
  for (const CLI::Option* option : app.get_options()) {
    const bool is_shown = !option->get_group().empty();
    if (is_shown && option->nonpositional() == has_name) shown.push_back(option);
  }
  return shown;
}

inline std::vector<const CLI::Option*> visible_positionals(const CLI::App& app) {
  return visible_options(app, false);
}

// "--config", "-c"
inline std::vector<std::string> spellings_of(const CLI::Option& option) {
  std::vector<std::string> words;
  for (const std::string& name : option.get_lnames()) words.push_back("--" + name);
  for (const std::string& name : option.get_snames()) words.push_back("-" + name);
  return words;
}

inline bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

}  // namespace quotad::cli
