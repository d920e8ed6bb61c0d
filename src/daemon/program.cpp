#include "daemon/program.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace quotad::daemon {
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

std::int64_t unix_milliseconds() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

std::string system_description() {
  utsname system{};
  uname(&system);
  std::string name = value_in("/etc/os-release", "NAME");
  name.resize(std::min(name.size(), name.find(' ')));  // "Debian GNU/Linux" is Debian
  const std::string version = value_in("/etc/os-release", "VERSION_ID");
  if (name.empty()) name = system.sysname;
  return name + (version.empty() ? "" : " " + version) + "; " + system.machine;
}

void keep_memory_private() {
  prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
}

void allow_descriptors(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string program_version() { return QUOTAD_VERSION; }

std::string program_description() { return "quotad/" + program_version(); }

}  // namespace quotad::daemon
