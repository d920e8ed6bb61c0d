// The differential suite: quotad beside the reference, or beside what the reference was recorded to
// answer. docs/compatibility.md says how to run it.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "conformance/case.hpp"
#include "conformance/judge.hpp"
#include "conformance/subject.hpp"

namespace quotad::conformance {
namespace {

constexpr int kSkipped = 77;

struct Options {
  std::string quotad;
  std::string npm;
  std::string golden;
  std::string homes;
  std::string states;
  std::string document;  // that has the figures
  bool live = false;
  bool write = false;
  bool verbose = false;
  std::optional<unsigned> shuffle;
  std::string only;
  std::string kill;  // "reference", "service": halfway through, to see that the suite says so
};

using Recording = std::map<std::string, Observation>;  // by full name

Json to_json(const Observation& seen) {
  Json json = {{"answers", seen.answers}, {"requests", seen.requests}};
  if (!seen.notifications.empty()) json["notifications"] = seen.notifications;
  return json;
}

Recording load(const std::string& folder) {
  Recording recording;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const Json cases = Json::parse(testing::read_file(file.path().string()));
    for (const auto& [name, seen] : cases.items()) {
      recording[file.path().stem().string() + "/" + name] = {
          seen["answers"], seen["requests"], seen.value("notifications", Json::array())};
    }
  }
  return recording;
}

void save(const std::string& folder, const std::vector<Case>& cases, const Recording& recording) {
  std::map<std::string, Json> files;
  for (const Case& test : cases) {
    files[test.group][test.name] = to_json(recording.at(full_name(test)));
  }
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [group, cases_of_group] : files) {
    // One case a line, so that a change of one is a change of one line.
    std::string text = "{\n";
    for (const auto& [name, seen] : cases_of_group.items()) {
      text += (text.size() > 2 ? ",\n" : "") + Json(name).dump() + ":" + seen.dump();
    }
    testing::write_file(folder + "/" + group + ".json", text + "\n}\n");
  }
}

// The native program among the packages in `npm_dir`, or "" if it is not there. The launcher beside
// it would be between us and the process.
std::string reference_in(const std::string& npm_dir) {
  std::error_code none;
  for (const auto& package :
       std::filesystem::directory_iterator(npm_dir + "/node_modules/@openai", none)) {
    for (const auto& target :
         std::filesystem::directory_iterator(package.path() / "vendor", none)) {
      const std::string program = (target.path() / "bin" / "codex").string();
      if (access(program.c_str(), X_OK) == 0) return program;
    }
  }
  return "";
}

std::vector<Case> chosen_cases(const Options& options) {
  std::vector<Case> cases = all_cases();
  std::set<std::string> names;
  for (const Case& test : cases) {
    if (!names.insert(full_name(test)).second) {
      throw std::runtime_error("two cases are called " + full_name(test));
    }
  }
  if (!options.only.empty()) {
    const auto is_chosen = [&](const Case& test) {
      return full_name(test).find(options.only) != std::string::npos;
    };
    std::set<std::string> needed;  // to judge them by
    for (const Case& test : cases) {
      if (is_chosen(test)) needed.insert(test.sane_case);
    }
    std::erase_if(cases, [&](const Case& test) {
      return !is_chosen(test) && needed.count(full_name(test)) == 0;
    });
  }
  if (cases.empty()) throw std::runtime_error("no case is called like that");
  if (options.shuffle) {
    std::mt19937 random(*options.shuffle);
    std::shuffle(cases.begin(), cases.end(), random);
  }
  return cases;
}

// Runs every case on `subject`; halfway through it kills the "program" or its "service".
Recording observe(Subject& subject, const std::vector<Case>& cases, const std::string& kill) {
  Recording seen;
  for (const Case& test : cases) {
    if (seen.size() == cases.size() / 2) {
      if (kill == "program") subject.kill_program();
      if (kill == "service") subject.kill_service();
    }
    seen[full_name(test)] = subject.run(test);
  }
  return seen;
}

// True if the recordings are what the reference answers today.
bool still_true(const Recording& recorded, const Recording& live) {
  bool same = true;
  for (const auto& [name, seen] : live) {
    const auto found = recorded.find(name);
    if (found != recorded.end() && to_json(found->second) == to_json(seen)) continue;
    same = false;
    std::printf("out of date: the recording of \"%s\"\n  recorded: %s\n  now:      %s\n",
                name.c_str(),
                found == recorded.end() ? "nothing" : to_json(found->second).dump().c_str(),
                to_json(seen).dump().c_str());
  }
  return same;
}

// Whether `document` has the figures of this run, each on a line of its own.
bool documented(const std::string& document, const std::map<std::string, int>& rules,
                const std::string& summary) {
  const std::string text = testing::read_file(document);
  bool complete = text.find("\n    " + summary + "\n") != std::string::npos;
  for (const auto& [rule, count] : rules) {
    const std::size_t row = text.find("\n| " + rule + " | ");
    const std::string end = " | " + std::to_string(count) + " |";
    complete = complete && row != std::string::npos &&
               text.substr(row + 1, text.find('\n', row + 1) - row - 1).ends_with(end);
  }
  if (!complete)
    std::printf("out of date: %s; see whether they are meant, and write them into it\n",
                document.c_str());
  return complete;
}

int compare(const std::vector<Case>& cases, const Recording& reference, const Recording& quotad,
            const Options& options) {
  std::map<Verdict::Kind, int> counts;
  std::map<std::string, int> rules;
  for (const Case& test : cases) {
    const std::string name = full_name(test);
    const auto sane = reference.find(test.sane_case);
    const Verdict verdict = judge(test, reference.at(name), quotad.at(name),
                                  sane == reference.end() ? nullptr : &sane->second);
    ++counts[verdict.kind];
    if (verdict.rule) ++rules[name_of(*verdict.rule)];
    if (verdict.kind == Verdict::Kind::kDifferent) {
      std::printf("different: \"%s\"%s\n", name.c_str(), verdict.why.c_str());
    } else if (options.verbose) {
      std::printf("%s: \"%s\"\n", verdict.rule ? name_of(*verdict.rule) : "same", name.c_str());
    }
  }
  for (const auto& [rule, count] : rules) std::printf("better by %s: %d\n", rule.c_str(), count);
  const int different = counts[Verdict::Kind::kDifferent];
  const std::string summary = "same " + std::to_string(counts[Verdict::Kind::kSame]) + ", better " +
                              std::to_string(counts[Verdict::Kind::kBetter]) + ", different " +
                              std::to_string(different);
  std::printf("%s\n", summary.c_str());
  const bool told = options.document.empty() || documented(options.document, rules, summary);
  return different == 0 && told ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run(const Options& options) {
  const std::vector<Case> cases = chosen_cases(options);
  const bool needs_reference = options.live || options.write || options.kill == "reference";
  const std::string reference_program = reference_in(options.npm);
  if (needs_reference && reference_program.empty()) {
    std::printf("skipped: the reference is not installed; ./dev test installs it from npm\n");
    return kSkipped;
  }
  Recording reference;
  if (needs_reference) {
    Subject subject(Subject::Kind::kReference, reference_program, options.homes + "/reference", "");
    reference = observe(subject, cases, options.kill == "reference" ? "program" : options.kill);
    if (options.write) {
      save(options.golden, cases, reference);
    } else if (!still_true(load(options.golden), reference)) {
      std::printf("after a look at what changed: ./dev record-reference\n");
      return EXIT_FAILURE;
    }
  } else {
    reference = load(options.golden);
    for (const Case& test : cases) {
      if (reference.count(full_name(test)) > 0) continue;
      std::printf("there is no recording of \"%s\"; ./dev record-reference makes one\n",
                  full_name(test).c_str());
      return EXIT_FAILURE;
    }
  }
  Subject subject(Subject::Kind::kQuotad, options.quotad, options.homes + "/quotad",
                  options.states);
  const Recording quotad =
      observe(subject, cases, options.kill == "quotad" ? "program" : options.kill);
  std::printf("%zu cases, quotad beside %s\n", cases.size(),
              needs_reference ? "the reference itself" : "recordings of the reference");
  return compare(cases, reference, quotad, options);
}

// Where a record is on disk at once: a case about time is not about the disk's.
const char* const kMemory = "/dev/shm";

// A folder for homes or states, gone at the end.
class Folder {
 public:
  explicit Folder(const std::string& parent) : path_(parent + "/conformance-XXXXXX") {
    path_ = std::filesystem::absolute(path_).string();
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

int start(int argc, char** argv) {
  Options options;
  std::string parent;
  CLI::App app("Compares quotad with the reference app-server, case by case");
  app.add_option("--quotad", options.quotad, "The program under test")->required();
  app.add_option("--npm", options.npm, "Where the packages from npm are, the reference among them");
  app.add_option("--golden", options.golden, "Folder of the recordings")->required();
  app.add_option("--homes", parent, "Where to make Codex homes; not below a temporary folder")
      ->required();
  app.add_option("--document", options.document, "A document that must have the figures");
  app.add_flag("--live", options.live, "Ask the reference too, and check the recordings");
  app.add_flag("--write", options.write, "Ask the reference, and write the recordings anew");
  app.add_flag("--verbose", options.verbose, "Tell the verdict of every case");
  app.add_option("--shuffle", options.shuffle, "Shuffle the cases with this seed");
  app.add_option("--only", options.only, "Only cases whose name contains this");
  app.add_option("--kill", options.kill, "Halfway through, kill reference, quotad or service");
  CLI11_PARSE(app, argc, argv);
  if (options.write && !options.only.empty()) {
    throw std::runtime_error("--write writes every recording; leave out --only");
  }
  const Folder homes(parent);
  const Folder states(std::filesystem::is_directory(kMemory) ? kMemory : parent);
  options.homes = homes.path();
  options.states = states.path();
  return run(options);
}

}  // namespace
}  // namespace quotad::conformance

int main(int argc, char** argv) {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    return quotad::conformance::start(argc, argv);
  } catch (const std::exception& error) {
    std::printf("failed: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
