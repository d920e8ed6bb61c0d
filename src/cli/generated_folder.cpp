#include "cli/generated_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include "quotad/protocol/error.hpp"

namespace quotad::cli {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTemporaryPrefix = ".quotad-";

// How much of a file is read to tell who made it, in bytes.
constexpr std::size_t kHeadSize = 512;

// How many foreign files an error names.
constexpr std::size_t kMaxNamed = 3;

[[noreturn]] void fail(const std::string& words) {
  throw protocol::Error(protocol::ErrorKind::kInternal, words);
}

[[noreturn]] void fail(const std::string& what, const fs::path& path, int error) {
  fail(what + " " + path.string() + ": " + std::generic_category().message(error));
}

std::string head_of(const fs::path& path) {
  std::ifstream input(path, std::ios::binary);
  std::string head(kHeadSize, '\0');
  input.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(input.gcount()));
  return head;
}

bool is_made_by(const fs::path& path, std::string_view command) {
  if (fs::is_symlink(path) || !fs::is_regular_file(path)) return false;
  return head_of(path).find(protocol::made_by(command)) != std::string::npos;
}

// The files of `folder` that an earlier run of `command` made, by their paths within it. Throws if
// it holds anything that no generate command made.
std::set<std::string> earlier_files(const fs::path& folder, const std::string& command) {
  std::set<std::string> earlier;
  std::vector<std::string> foreign;
  fs::recursive_directory_iterator entries(folder);
  for (auto entry = fs::begin(entries); entry != fs::end(entries); ++entry) {
    const fs::path& path = entry->path();
    const bool is_folder = entry->is_directory() && !entry->is_symlink();
    if (path.filename().string().front() == '.') {
      if (is_folder) entry.disable_recursion_pending();
      continue;
    }
    if (is_folder) continue;
    const std::string name = path.lexically_relative(folder).string();
    if (is_made_by(path, command)) {
      earlier.insert(name);
    } else if (!is_made_by(path, "generate-")) {
      foreign.push_back(name);
    }
  }
  if (foreign.empty()) return earlier;
  std::string names;
  const std::size_t named = std::min(foreign.size(), kMaxNamed);
  for (std::size_t i = 0; i < named; ++i) names += (i == 0 ? "" : ", ") + foreign[i];
  if (named < foreign.size()) {
    names += " and " + std::to_string(foreign.size() - named) + " more";
  }
  fail(folder.string() + " holds what quotad did not generate: " + names +
       ". Nothing was changed. Give --out a folder that is empty or does not exist");
}

// A folder of our own inside another; a lock tells other runs that it is in use.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& parent) {
    std::string name = (parent / (std::string(kTemporaryPrefix) + "XXXXXX")).string();
    if (mkdtemp(name.data()) == nullptr) fail("cannot write to", parent, errno);
    path_ = name;
    lock_ = open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock_ >= 0) flock(lock_, LOCK_EX | LOCK_NB);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    if (lock_ >= 0) close(lock_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }

  // Removes those that runs which were killed have left in `parent`.
  static void sweep(const fs::path& parent) {
    for (const auto& entry : fs::directory_iterator(parent)) {
      if (entry.path().filename().string().rfind(kTemporaryPrefix, 0) != 0) continue;
      const int lock = open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (lock < 0) continue;
      std::error_code ignored;
      if (flock(lock, LOCK_EX | LOCK_NB) == 0) fs::remove_all(entry.path(), ignored);
      close(lock);
    }
  }

 private:
  fs::path path_;
  int lock_ = -1;
};

void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream output(path, std::ios::binary);
  output << text;
  output.close();
  if (!output) fail("cannot write", path, errno);
}

// Makes `folder`; if what follows fails, those of its folders that were not there go away again.
class MadeFolder {
 public:
  explicit MadeFolder(const fs::path& folder) {
    if (fs::exists(folder)) {
      if (!fs::is_directory(folder)) fail(folder.string() + " is not a folder");
      return;
    }
    for (fs::path path = fs::absolute(folder); !fs::exists(path); path = path.parent_path()) {
      made_.push_back(path);
    }
    fs::create_directories(folder);
  }
  ~MadeFolder() {
    if (kept_) return;
    std::error_code ignored;
    for (const fs::path& path : made_) fs::remove(path, ignored);
  }
  MadeFolder(const MadeFolder&) = delete;
  MadeFolder& operator=(const MadeFolder&) = delete;

  bool is_new() const { return !made_.empty(); }
  void keep() { kept_ = true; }

 private:
  std::vector<fs::path> made_;  // innermost first
  bool kept_ = false;
};

void remove_stale(const fs::path& folder, const std::set<std::string>& earlier,
                  const protocol::GeneratedFiles& files) {
  for (const std::string& name : earlier) {
    if (files.count(name) != 0) continue;
    fs::remove(folder / name);
    std::error_code not_empty;
    fs::remove((folder / name).parent_path(), not_empty);
  }
}

void write_all(const fs::path& folder, const std::string& command,
               const protocol::GeneratedFiles& files, const Finish& finish) {
  MadeFolder made(folder);
  std::set<std::string> earlier;
  if (!made.is_new()) {
    earlier = earlier_files(folder, command);
    TemporaryFolder::sweep(folder);
  }
  const TemporaryFolder temporary(folder);
  std::vector<std::string> paths;
  for (const auto& [name, text] : files) {
    paths.push_back((temporary.path() / name).string());
    write_text(paths.back(), text);
  }
  if (finish) finish(paths);
  for (const auto& [name, text] : files) {
    fs::create_directories((folder / name).parent_path());
    fs::rename(temporary.path() / name, folder / name);
  }
  made.keep();
  remove_stale(folder, earlier, files);
}

}  // namespace

void write_generated_folder(const fs::path& folder, const std::string& command,
                            const protocol::GeneratedFiles& files, const Finish& finish) {
  try {
    write_all(folder, command, files, finish);
  } catch (const fs::filesystem_error& error) {
    fail("cannot write to " + folder.string() + ": " + error.code().message());
  }
}

void write_generated_file(const fs::path& path, const std::string& command,
                          const std::string& text) {
  try {
    if (fs::exists(path) && !is_made_by(path, command)) {
      fail(path.string() + " was not generated by quotad; nothing was changed");
    }
    const fs::path parent = fs::absolute(path).parent_path();
    const TemporaryFolder temporary(parent);
    write_text(temporary.path() / path.filename(), text);
    fs::rename(temporary.path() / path.filename(), path);
  } catch (const fs::filesystem_error& error) {
    fail("cannot write " + path.string() + ": " + error.code().message());
  }
}

}  // namespace quotad::cli
