// Words for a shell.
#pragma once

#include <string>

namespace quotad::cli {

// `text` as one word: in single quotes.
inline std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace quotad::cli
