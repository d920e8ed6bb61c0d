#include "harness/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "harness/paths.hpp"
#include "harness/secrets.hpp"

extern char** environ;  // NOLINT: POSIX's name

namespace quotad::testing {
namespace {

struct Pipe {
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe2");
    }
  }
  std::array<int, 2> ends{};
};

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (added.count(text.substr(0, text.find('='))) == 0) merged.push_back(text);
  }
  for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// The words of the command that runs quotad; none if nothing does. The simulator is part of the tests here.
std::vector<std::string> valgrind_command(const std::vector<std::string>& arguments) {
  const char* command = std::getenv("QUOTAD_VALGRIND");
  const bool is_tested =
      arguments[0] == program() && (arguments.size() < 2 || arguments[1] != "simulate");
  std::istringstream words(command != nullptr && is_tested ? command : "");
  return {std::istream_iterator<std::string>(words), {}};
}

constexpr const char* kValgrindLog = "valgrind.log";

void close_once(int& descriptor) {
  if (descriptor >= 0) close(descriptor);
  descriptor = -1;
}

}  // namespace

class Process::ErrorReader {
 public:
  explicit ErrorReader(int descriptor) : descriptor_(descriptor), thread_([this] { read_all(); }) {}
  ~ErrorReader() {
    const char stop = 0;
    [[maybe_unused]] const ssize_t sent = ::write(stop_.ends[1], &stop, 1);
    thread_.join();
    close(descriptor_);
    close(stop_.ends[0]);
    close(stop_.ends[1]);
  }
  ErrorReader(const ErrorReader&) = delete;
  ErrorReader& operator=(const ErrorReader&) = delete;

  std::optional<std::string> line() {
    std::unique_lock lock(mutex_);
    std::size_t end = std::string::npos;
    wait(lock, [&] { return ended_ || (end = text_.find('\n', taken_)) != std::string::npos; });
    if (end == std::string::npos) end = text_.find('\n', taken_);
    if (end == std::string::npos) return std::nullopt;
    std::string line = text_.substr(taken_, end - taken_);
    taken_ = end + 1;
    return line;
  }

  std::string rest() {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return ended_; });
    std::string rest = text_.substr(taken_);
    taken_ = text_.size();
    return rest;
  }

  // Everything so far.
  std::string all() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  template <class Predicate>
  void wait(std::unique_lock<std::mutex>& lock, Predicate predicate) {
    if (!changed_.wait_for(lock, kPatience, predicate)) {
      throw std::runtime_error("stderr is silent; so far it said: " + text_.substr(0, 2000));
    }
  }

  void read_all() {
    std::array<char, 65536> piece{};
    for (;;) {
      std::array<pollfd, 2> states{pollfd{descriptor_, POLLIN, 0},
                                   pollfd{stop_.ends[0], POLLIN, 0}};
      poll(states.data(), states.size(), -1);
      const bool has_text = states[0].revents != 0;
      const ssize_t count = has_text ? read(descriptor_, piece.data(), piece.size()) : 0;
      const std::lock_guard lock(mutex_);
      if (count > 0) text_.append(piece.data(), static_cast<std::size_t>(count));
      ended_ = count <= 0;
      changed_.notify_all();
      if (ended_) return;
    }
  }

  int descriptor_;
  Pipe stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  std::size_t taken_ = 0;  // read by the test so far
  bool ended_ = false;
  std::thread thread_;
};

Process::Process(const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment) {
  if (arguments.size() > 1 && arguments[1] == "app-server") transcript_.emplace();
  // A child that ends early must not end the test with SIGPIPE.
  std::signal(SIGPIPE, SIG_IGN);
  const Pipe in;
  const Pipe out;
  const Pipe err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.ends[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> argument_texts = valgrind_command(arguments);
  if (!argument_texts.empty()) {
    valgrind_.emplace();
    argument_texts.push_back("--log-file=" + valgrind_->file(kValgrindLog));
  }
  argument_texts.insert(argument_texts.end(), arguments.begin(), arguments.end());
  std::map<std::string, std::string> full_environment = environment;
  // No test writes into the record of redemptions of whoever runs it.
  const auto home = environment.find("CODEX_HOME");
  full_environment.try_emplace(
      "QUOTAD_STATE_HOME", home == environment.end() ? "/nonexistent" : home->second + "/state");
  const bool is_quotad = arguments[0] == program();
  if (transcript_ && std::getenv("QUOTAD_LOG") == nullptr) {
    full_environment.try_emplace("QUOTAD_LOG", "trace");
  }
  // Nor does one depend on the settings of whoever runs it.
  full_environment.try_emplace("XDG_CONFIG_HOME", "/nonexistent");
  full_environment.try_emplace("QUOTAD_WS_TOKEN_CHECK", "");
  // Nobody's real credentials, and nothing but loopback.
  full_environment.try_emplace("CODEX_ACCESS_TOKEN", "");
  full_environment.try_emplace("CODEX_REFRESH_TOKEN_URL_OVERRIDE",
                               "http://127.0.0.1:9/oauth/token");
  full_environment.try_emplace("CODEX_AUTHAPI_BASE_URL", "http://127.0.0.1:9/api");
  if (is_quotad && home != environment.end()) {
    home_ = home->second;
    note_secrets_of_home(home_);
  }
  std::vector<std::string> environment_texts = merged_environment(full_environment);
  const int status =
      posix_spawnp(&pid_, argument_texts[0].c_str(), &actions, &attributes,
                   pointers(argument_texts).data(), pointers(environment_texts).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(in.ends[0]);
  close(out.ends[1]);
  close(err.ends[1]);
  input_ = in.ends[1];
  output_.descriptor = out.ends[0];
  errors_ = std::make_unique<ErrorReader>(err.ends[0]);
  if (status != 0) {
    throw std::system_error(status, std::generic_category(), "cannot start " + arguments[0]);
  }
}

// Leaks are looked for when the program ends by itself, which a killed one does not.
void Process::end_under_valgrind() {
  if (!exit_code_ && pid_ > 0) {
    kill(pid_, SIGTERM);
    pollfd end{
        .fd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)), .events = POLLIN, .revents = 0};
    constexpr int kGraceMs = 10'000;
    if (poll(&end, 1, kGraceMs) > 0) wait();
    close_once(end.fd);
  }
  const std::string found = read_file(valgrind_->file(kValgrindLog));
  if (!found.empty()) ADD_FAILURE() << found;
}

Process::~Process() {
  if (valgrind_) end_under_valgrind();
  if (!exit_code_ && pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close_once(input_);
  close_once(output_.descriptor);
  if (home_.empty()) return;
  note_secrets_of_home(home_);
  expect_no_secrets(errors_->all(), all_output_);
}

bool Process::write(std::string_view bytes) {
  if (transcript_) transcript_->sent(bytes);
  while (!bytes.empty()) {
    const ssize_t count = ::write(input_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool Process::write_line(std::string_view line) { return write(std::string(line) + "\n"); }

void Process::close_input() { close_once(input_); }

void Process::close_output() { close_once(output_.descriptor); }

// Reads once from stdout; false at the end of the stream.
bool Process::fill() {
  pollfd state{.fd = output_.descriptor, .events = POLLIN, .revents = 0};
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count();
  if (poll(&state, 1, static_cast<int>(patience)) == 0) {
    throw std::runtime_error("process " + std::to_string(pid_) +
                             " is silent; so far it said: " + output_.buffer.substr(0, 2000));
  }
  std::array<char, 65536> piece{};
  const ssize_t count = read(output_.descriptor, piece.data(), piece.size());
  if (count <= 0) {
    output_.ended = true;
    return false;
  }
  const std::string_view bytes(piece.data(), static_cast<std::size_t>(count));
  output_.buffer += bytes;
  all_output_ += bytes;
  if (transcript_) transcript_->received(bytes);
  return true;
}

std::optional<std::string> Process::read_line() {
  for (;;) {
    const std::size_t end = output_.buffer.find('\n');
    if (end != std::string::npos) {
      std::string line = output_.buffer.substr(0, end);
      output_.buffer.erase(0, end + 1);
      return line;
    }
    if (output_.ended || !fill()) return std::nullopt;
  }
}

std::string Process::read_rest() {
  while (!output_.ended && fill()) {
  }
  return std::exchange(output_.buffer, {});
}

std::optional<std::string> Process::read_error_line() { return errors_->line(); }
std::string Process::read_error_rest() { return errors_->rest(); }

std::string Process::read_bytes(std::size_t count) {
  while (output_.buffer.size() < count) {
    if (!fill()) throw std::runtime_error("the stream ended early");
  }
  std::string bytes = output_.buffer.substr(0, count);
  output_.buffer.erase(0, count);
  return bytes;
}

void Process::send_signal(int number) const { kill(pid_, number); }

int Process::wait() {
  if (exit_code_) return *exit_code_;
  int status = 0;
  waitpid(pid_, &status, 0);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return *exit_code_;
}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent)
    : path_((parent / "quotad-test-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "mkdtemp");
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, std::string_view text) {
  // A new one is for its owner alone, as files with credentials must be.
  close(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace quotad::testing
