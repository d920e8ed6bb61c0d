#include "cli/system.hpp"

#include <sys/utsname.h>

#include <fstream>

namespace quotad::cli {
namespace {

// The value of `key` in a file of KEY=value or KEY="value" lines, or "".
std::string value_in(const char* file, const std::string& key) {
  std::ifstream input(file);
  for (std::string line; std::getline(input, line);) {
    if (line.rfind(key + "=", 0) != 0) continue;
    std::string value = line.substr(key.size() + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return "";
}

}  // namespace

std::string system_description() {
  utsname system{};
  uname(&system);
  std::string name = value_in("/etc/os-release", "NAME");
  name = name.substr(0, name.find(' '));  // "Debian GNU/Linux" is Debian
  const std::string version = value_in("/etc/os-release", "VERSION_ID");
  if (name.empty()) name = system.sysname;
  return name + (version.empty() ? "" : " " + version) + "; " + system.machine;
}

std::string program_version() { return QUOTAD_VERSION; }

std::string program_description() { return "quotad/" + program_version(); }

}  // namespace quotad::cli
