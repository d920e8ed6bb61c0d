// A program under test as a child process, with its standard streams in our hands.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/transcript.hpp"

namespace quotad::testing {

// How long anything may take before a test gives up on it. It is never waited out in a test that
// passes.
inline constexpr std::chrono::seconds kPatience{60};

class Process {
 public:
  // Starts `arguments[0]`. `environment` is added to ours.
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
  bool fill(Stream& stream);
  std::optional<std::string> line_of(Stream& stream);
  std::string rest_of(Stream& stream);

  pid_t pid_ = -1;
  std::optional<int> exit_code_;
  std::optional<Transcript> transcript_;  // of an app-server
  int input_ = -1;
  Stream output_;
  Stream errors_;
};

// A folder of its own, gone with this object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void write_file(const std::string& path, std::string_view text);
std::string read_file(const std::string& path);

}  // namespace quotad::testing
