// config.toml, and its lines as `-c key=value`: values of ours or words on what is wrong, and
// nothing is taken over from a file that has something wrong.

#include <vector>

#include "daemon/config.hpp"
#include "fuzz.hpp"

namespace {

using namespace quotad::daemon;
using quotad::fuzz::require;

constexpr const char* kFile = "/home/user/.codex/config.toml";

// The first lines, no more than somebody would write on a command line.
std::vector<std::string> lines_of(std::string_view text) {
  constexpr std::size_t kMost = 20;
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < kMost) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool says_the_same(const Config& a, const Config& b) {
  return a.base_url == b.base_url && a.store_mode == b.store_mode && a.problem == b.problem;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = quotad::fuzz::text_of(data, size);
  const Config defaults;
  Config config;
  apply_toml(config, text, kFile);
  if (config.problem) {
    require(config.problem->find(kFile) != std::string::npos);
    Config problem_only;
    problem_only.problem = config.problem;
    require(says_the_same(config, problem_only));
  }
  Config again = config;
  apply_toml(again, text, kFile);
  require(says_the_same(config, again));

  auto overrides = lines_of(text);
  Config overridden;
  apply_overrides(overridden, overrides);
  if (overridden.problem) require(overridden.problem->rfind("cannot use -c ", 0) == 0);
  // The last of a key counts.
  for (const char* value : {"=http://last", " = \"http://last\"", "= 'http://last"}) {
    overrides.push_back(std::string("chatgpt_base_url") + value);
    Config last;
    apply_overrides(last, overrides);
    require(last.base_url == "http://last");
  }
  return 0;
}
