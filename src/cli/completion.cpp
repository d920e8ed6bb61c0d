#include "cli/completion.hpp"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <vector>

#include "cli/commands.hpp"
#include "cli/visible.hpp"
#include "cli/words.hpp"

namespace quotad::cli {
namespace {

bool takes_path(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type == "DIR" || type == "FILE" || type == "BIN";
}

// Words that may follow a command, one after the other.
std::string words_after(const CLI::App& app) {
  std::string words;
  for (const CLI::App* sub : visible_subcommands(app)) words += sub->get_name() + " ";
  for (const CLI::Option* option : visible_options(app)) {
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
  for (const VisibleCommand& command : visible_commands(program)) {
    if (!command.path.empty())
      out << "      ' " << command.path << "') command=' " << command.path << "' ;;\n";
  }
  out << "    esac\n  done\n  case $previous in\n";
  for (const VisibleCommand& command : visible_commands(program)) {
    for (const CLI::Option* option : visible_options(*command.app)) {
      if (!takes_path(*option)) continue;
      for (const std::string& word : spellings_of(*option)) {
        out << "    " << word << ") local IFS=$'\\n'\n"
            << "      type compopt >/dev/null 2>&1 && compopt -o filenames\n"
            << "      COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n";
      }
    }
  }
  out << "  esac\n  case $command in\n";
  for (const VisibleCommand& command : visible_commands(program)) {
    out << "    '" << (command.path.empty() ? "" : " " + command.path)
        << "') offered=" << shell_quoted(words_after(*command.app)) << " ;;\n";
  }
  out << "  esac\n"
      << "  COMPREPLY=($(compgen -W \"$offered\" -- \"$current\"))\n"
      << "}\n"
      << "complete -F _" << name << " " << name << "\n";
  return out.str();
}

// zsh runs the script for bash, and shows its words. In a folder of $fpath the script is the body of
// the function that the first completion calls, so that one has to be answered by it.
std::string zsh_script(const CLI::App& program) {
  const std::string& name = program.get_name();
  return "#compdef " + name + "\nautoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(program) + "[ \"$funcstack[1]\" != _" + name + " ] || _bash_complete -F _" +
         name + "\n";
}

std::string fish_script(const CLI::App& program) {
  const std::string& name = program.get_name();
  std::ostringstream out;
  for (const VisibleCommand& command : visible_commands(program)) {
    std::string when;
    std::istringstream words(command.path);
    for (std::string word; words >> word;) {
      when += (when.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
    }
    const auto subcommands = visible_subcommands(*command.app);
    std::string others;
    for (const CLI::App* sub : subcommands) others += " " + sub->get_name();
    for (const CLI::App* sub : subcommands) {
      out << "complete -c " << name << " -f -n "
          << shell_quoted((when.empty() ? "" : when + "; and ") +
                          "not __fish_seen_subcommand_from" + others)
          << " -a " << sub->get_name() << " -d " << shell_quoted(sub->get_description()) << "\n";
    }
    for (const CLI::Option* option : visible_options(*command.app)) {
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

void add_completion(Program& program) {
  CLI::App* command = program.app.add_subcommand(
      "completion", "Print a script that completes commands and options");
  const auto shell = std::make_shared<Shell>(Shell::kBash);
  command->add_option("shell", *shell, "bash (default), zsh or fish")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Shell>{
          {"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}}))
      ->type_name("SHELL");
  program.on(command, [&app = program.app, shell] {
    std::printf("%s", completion_script(app, *shell).c_str());
    return EXIT_SUCCESS;
  });
}

}  // namespace quotad::cli
