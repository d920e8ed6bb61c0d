// What commands print for people and for shells.
#pragma once

#include <string>

namespace quotad::cli {

// `text` as one word: in single quotes.
inline std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The last characters of an account, which tell one's own apart.
inline std::string short_account(const std::string& account) {
  return account.size() <= 4 ? account : "…" + account.substr(account.size() - 4);
}

}  // namespace quotad::cli
