#include "cli/words.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace quotad::cli {
namespace {

// What the environment says of where credentials and record are.
std::string environment_words(const daemon::GetEnv& getenv) {
  std::string words;
  for (const char* name :
       {"CODEX_HOME", "QUOTAD_STATE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"}) {
    const char* value = getenv(name);
    if (value == nullptr) continue;
    words +=
        std::string(name) + "=" + shell_quoted(*value == '\0' ? "" : absolute_path(value)) + " ";
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

std::string absolute_path(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::absolute(path, failed);
  return failed ? path : absolute.string();
}

std::string reset_command(const daemon::GetEnv& getenv, const std::string& called,
                          const std::vector<std::string>& overrides, const std::string& key,
                          const std::optional<std::string>& credit_id, const std::string& options) {
  // $(…) drops zero bytes, and the ends of lines behind the rest.
  const auto is_lost = [](const std::string& text) {
    return text.ends_with('\n') || text.find('\0') != std::string::npos;
  };
  if (is_lost(key) || (credit_id && is_lost(*credit_id))) return "";
  // A name without a folder is found on the path, as this time.
  const bool has_folder = called.find('/') != std::string::npos;
  std::string command =
      environment_words(getenv) + (has_folder ? shell_quoted(absolute_path(called)) : called);
  for (const std::string& value : overrides) command += " -c " + shell_quoted(value);
  // With the sign of equality, because a key may look like an option.
  command += " reset --key=" + shell_quoted(key);
  if (credit_id) command += " --credit=" + shell_quoted(*credit_id);
  return command + options + " --yes";
}

}  // namespace quotad::cli
