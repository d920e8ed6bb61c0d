// A program under measurement, and what it has cost.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace quotad::bench {

using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

double ms_since(Clock::time_point start);

class Program {
 public:
  // Starts it with pipes for stdin and stdout; stderr goes nowhere, or, with `hear_errors`, is read for
  // "listening on: URL".
  Program(const Words& command, const Environment& environment, bool hear_errors = false);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(const std::string& text);
  // The next line of stdout; throws if there is none.
  std::string line();
  // Lines up to the answer with that id.
  std::string answer(const std::string& id);
  // The URL that it listens at.
  std::string listening_on();

  // Sends `request` so often, with so many in flight, and takes as many answers. Throws if one of them is
  // an error.
  void load(const std::string& request, std::size_t times, std::size_t in_flight);

  std::int64_t resident_kb() const;
  std::int64_t written_bytes() const;  // to storage
  // Closes stdin, waits for the end, and gives the CPU time that it took, in microseconds.
  std::int64_t finish();

 private:
  bool fill();

  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int errors_ = -1;
  std::string buffer_;
};

// Runs a command to its end, with nothing on its streams; gives what it printed.
std::string run(const Words& command, const Environment& environment = {});

}  // namespace quotad::bench
