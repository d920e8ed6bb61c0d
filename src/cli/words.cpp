#include "cli/words.hpp"

namespace quotad::cli {
namespace {

// What the environment says of where credentials and record are.
std::string environment_words(const GetEnv& getenv) {
  std::string words;
  for (const char* name : {"CODEX_HOME", "QUOTAD_STATE_HOME", "XDG_STATE_HOME"}) {
    const char* value = getenv(name);
    if (value != nullptr) words += std::string(name) + "=" + shell_quoted(value) + " ";
  }
  return words;
}

}  // namespace

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string short_account(const std::string& account) {
  return account.size() <= 4 ? account : "…" + account.substr(account.size() - 4);
}

std::string reset_command(const GetEnv& getenv, const std::vector<std::string>& overrides,
                          const std::string& key, const std::optional<std::string>& credit_id,
                          const std::string& options) {
  std::string command = environment_words(getenv) + "quotad";
  for (const std::string& value : overrides) command += " -c " + shell_quoted(value);
  command += " reset --key " + shell_quoted(key);
  if (credit_id) command += " --credit " + shell_quoted(*credit_id);
  return command + options + " --yes";
}

}  // namespace quotad::cli
