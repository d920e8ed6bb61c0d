// A program under test as a child process, with its standard streams in our hands.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/transcript.hpp"

namespace quotad::testing {

// How long anything may take before a test gives up on it. It is never waited out in a test that
// passes.
inline constexpr std::chrono::seconds kPatience{60};

// A folder of its own, gone with this object.
class TemporaryFolder {
 public:
  TemporaryFolder() : TemporaryFolder(std::filesystem::temp_directory_path()) {}
  explicit TemporaryFolder(const std::filesystem::path& parent);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class Process {
 public:
  // Starts `arguments[0]`. `environment` is added to ours. An app-server logs everything, unless told
  // otherwise, and when it is gone its log and answers are searched for secrets. QUOTAD_VALGRIND, where it
  // is set, is a command that runs quotad; what it finds is a failure of the test.
  explicit Process(const std::vector<std::string>& arguments,
                   const std::map<std::string, std::string>& environment = {});
  // Kills it if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  // False if it does not read any more.
  bool write(std::string_view bytes);
  bool write_line(std::string_view line);
  void close_input();
  void close_output();

  // The next line of stdout or stderr without its end; nullopt at the end of the stream. Throws
  // std::runtime_error when patience ends.
  std::optional<std::string> read_line();
  std::optional<std::string> read_error_line();

  // Exactly so many bytes of stdout.
  std::string read_bytes(std::size_t count);

  // The rest of the stream.
  std::string read_rest();
  std::string read_error_rest();

  void send_signal(int number) const;

  // Its exit code, or 128 and the number of the signal that ended it.
  int wait();

 private:
  struct Stream {
    int descriptor = -1;
    std::string buffer;
    bool ended = false;
  };
  // Reads stderr all the time, so that nobody waits for a test to take the log.
  class ErrorReader;

  bool fill();
  void end_under_valgrind();

  pid_t pid_ = -1;
  std::optional<int> exit_code_;
  std::optional<Transcript> transcript_;     // of an app-server
  std::string home_;                         // CODEX_HOME, of quotad
  std::optional<TemporaryFolder> valgrind_;  // with its log, where it runs the program
  int input_ = -1;
  Stream output_;
  std::string all_output_;
  std::unique_ptr<ErrorReader> errors_;
};

void write_file(const std::string& path, std::string_view text);
std::string read_file(const std::string& path);

}  // namespace quotad::testing
