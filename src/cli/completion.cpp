#include "cli/completion.hpp"

#include <sstream>
#include <vector>

#include "cli/words.hpp"

namespace quotad::cli {
namespace {

// A command with the words that lead to it: "app-server generate-ts"; "" for the program itself.
struct Command {
  std::string path;
  const CLI::App* app;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Command>& commands) {
  commands.push_back({path, &app});
  for (const CLI::App* sub : app.get_subcommands({})) {
    if (sub->get_group().empty()) continue;
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), commands);
  }
}

std::vector<Command> commands_of(const CLI::App& program) {
  std::vector<Command> commands;
  collect(program, "", commands);
  return commands;
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& app) {
  std::vector<const CLI::App*> shown;
  for (const CLI::App* sub : app.get_subcommands({})) {
    if (!sub->get_group().empty()) shown.push_back(sub);
  }
  return shown;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  std::vector<const CLI::Option*> shown;
  for (const CLI::Option* option : app.get_options()) {
    const bool has_name = !option->get_lnames().empty() || !option->get_snames().empty();
    if (has_name && !option->get_group().empty()) shown.push_back(option);
  }
  return shown;
}

std::vector<std::string> spellings_of(const CLI::Option& option) {
  std::vector<std::string> words;
  for (const std::string& name : option.get_lnames()) words.push_back("--" + name);
  for (const std::string& name : option.get_snames()) words.push_back("-" + name);
  return words;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

bool takes_path(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type == "DIR" || type == "FILE" || type == "BIN";
}

// Words that may follow a command, one after the other.
std::string words_after(const CLI::App& app) {
  std::string words;
  for (const CLI::App* sub : subcommands_of(app)) words += sub->get_name() + " ";
  for (const CLI::Option* option : options_of(app)) {
    for (const std::string& word : spellings_of(*option)) words += word + " ";
  }
  return words;
}

std::string bash_script(const CLI::App& program) {
  const std::string& name = program.get_name();
  std::ostringstream out;
  out << "_" << name
      << "() {\n"
      // In words that mean nothing else to zsh, which runs this too.
      << "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      << "  local command= word= offered=\n"
      << "  for word in \"${COMP_WORDS[@]:1:$((COMP_CWORD-1))}\"; do\n"
      << "    case \"$command $word\" in\n";
  for (const Command& command : commands_of(program)) {
    if (!command.path.empty())
      out << "      ' " << command.path << "') command=' " << command.path << "' ;;\n";
  }
  out << "    esac\n  done\n  case $previous in\n";
  for (const Command& command : commands_of(program)) {
    for (const CLI::Option* option : options_of(*command.app)) {
      if (!takes_path(*option)) continue;
      for (const std::string& word : spellings_of(*option)) {
        out << "    " << word << ") local IFS=$'\\n'\n"
            << "      type compopt >/dev/null 2>&1 && compopt -o filenames\n"
            << "      COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n";
      }
    }
  }
  out << "  esac\n  case $command in\n";
  for (const Command& command : commands_of(program)) {
    out << "    '" << (command.path.empty() ? "" : " " + command.path)
        << "') offered=" << shell_quoted(words_after(*command.app)) << " ;;\n";
  }
  out << "  esac\n"
      << "  COMPREPLY=($(compgen -W \"$offered\" -- \"$current\"))\n"
      << "}\n"
      << "complete -F _" << name << " " << name << "\n";
  return out.str();
}

// zsh runs the script for bash, and shows its words.
std::string zsh_script(const CLI::App& program) {
  return "#compdef " + program.get_name() + "\nautoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(program);
}

std::string fish_script(const CLI::App& program) {
  const std::string& name = program.get_name();
  std::ostringstream out;
  for (const Command& command : commands_of(program)) {
    std::string when;
    std::istringstream words(command.path);
    for (std::string word; words >> word;) {
      when += (when.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
    }
    const auto subcommands = subcommands_of(*command.app);
    std::string others;
    for (const CLI::App* sub : subcommands) others += " " + sub->get_name();
    for (const CLI::App* sub : subcommands) {
      out << "complete -c " << name << " -f -n "
          << shell_quoted((when.empty() ? "" : when + "; and ") +
                          "not __fish_seen_subcommand_from" + others)
          << " -a " << sub->get_name() << " -d " << shell_quoted(sub->get_description()) << "\n";
    }
    for (const CLI::Option* option : options_of(*command.app)) {
      out << "complete -c " << name;
      if (!when.empty()) out << " -n " << shell_quoted(when);
      for (const std::string& word : option->get_lnames()) out << " -l " << word;
      for (const std::string& word : option->get_snames()) out << " -s " << word;
      if (takes_value(*option)) out << (takes_path(*option) ? " -r -F" : " -x");
      out << " -d " << shell_quoted(option->get_description()) << "\n";
    }
  }
  return out.str();
}

}  // namespace

std::string completion_script(const CLI::App& program, Shell shell) {
  switch (shell) {
    case Shell::kZsh:
      return zsh_script(program);
    case Shell::kFish:
      return fish_script(program);
    default:
      return bash_script(program);
  }
}

}  // namespace quotad::cli
