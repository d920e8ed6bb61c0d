#include "cli/words.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

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
  const auto shows = [](char c) { return c >= ' ' && c <= '~'; };
  const bool is_shown = std::all_of(text.begin(), text.end(), shows);
  std::string quoted;
  for (const char c : text) {
    std::array<char, 8> octal{};
    if (c == '\'') {
      quoted += "'\\''";
    } else if (is_shown) {
      quoted += c;
    } else if (!shows(c) || c == '\\' || c == '%') {
      std::snprintf(octal.data(), octal.size(), "\\%03o", static_cast<unsigned char>(c));
      quoted += octal.data();
    } else {
      quoted += c;
    }
  }
  return is_shown ? "'" + quoted + "'" : "\"$(printf '" + quoted + "')\"";
}

std::string short_account(const std::string& account) {
  return account.size() <= 4 ? account : "…" + account.substr(account.size() - 4);
}

std::string reset_command(const GetEnv& getenv, const std::vector<std::string>& overrides,
                          const std::string& key, const std::optional<std::string>& credit_id,
                          const std::string& options) {
  const auto ends_line = [](const std::string& text) { return text.ends_with('\n'); };
  if (ends_line(key) || (credit_id && ends_line(*credit_id))) return "";
  std::string command = environment_words(getenv) + "quotad";
  for (const std::string& value : overrides) command += " -c " + shell_quoted(value);
  // With the sign of equality, because a key may look like an option.
  command += " reset --key=" + shell_quoted(key);
  if (credit_id) command += " --credit=" + shell_quoted(*credit_id);
  return command + options + " --yes";
}

}  // namespace quotad::cli
