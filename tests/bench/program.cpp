#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

extern char** environ;  // NOLINT: POSIX's name

namespace quotad::bench {
namespace {

constexpr int kPatienceMs = 120'000;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  return ends;
}

}  // namespace

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Program::Program(const Words& command, const Environment& environment, bool hear_errors) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto in = make_pipe();
  const auto out = make_pipe();
  const auto err = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  if (hear_errors) {
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  std::vector<std::string> words = command;
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (environment.count(text.substr(0, text.find('='))) == 0) variables.push_back(text);
  }
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const int status = posix_spawnp(&pid_, words[0].c_str(), &actions, nullptr,
                                  pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  close(err[1]);
  input_ = in[1];
  output_ = out[0];
  errors_ = err[0];
  if (status != 0) throw std::system_error(status, std::generic_category(), words[0]);
}

Program::~Program() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  for (const int descriptor : {input_, output_, errors_}) {
    if (descriptor >= 0) close(descriptor);
  }
}

void Program::send(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = ::write(input_, text.data() + at, text.size() - at);
    if (count < 0) throw std::system_error(errno, std::generic_category(), "write");
    at += static_cast<std::size_t>(count);
  }
}

bool Program::fill() {
  pollfd state{.fd = output_, .events = POLLIN, .revents = 0};
  if (poll(&state, 1, kPatienceMs) == 0) throw std::runtime_error("the program is silent");
  std::array<char, 65536> piece{};
  const ssize_t count = read(output_, piece.data(), piece.size());
  if (count <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(count));
  return true;
}

std::string Program::line() {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (!fill()) throw std::runtime_error("the program has ended");
  }
}

std::string Program::answer(const std::string& id) {
  for (;;) {
    std::string found = line();
    // Ours begins with the id, the reference's ends with it.
    const std::string member = "\"id\":" + id;
    const bool is_it = found.find(member + ",") != std::string::npos ||
                       found.find(member + "}") != std::string::npos;
    if (is_it && found.find("\"method\"") == std::string::npos) return found;
  }
}

std::string Program::listening_on() {
  std::string text;
  const std::string mark = "listening on: ";
  char byte = 0;
  while (read(errors_, &byte, 1) == 1) {
    if (byte != '\n') {
      text += byte;
      continue;
    }
    const std::size_t at = text.find(mark);
    if (at != std::string::npos) return text.substr(at + mark.size());
    text.clear();
  }
  throw std::runtime_error("it does not listen");
}

void Program::load(const std::string& request, std::size_t times, std::size_t in_flight) {
  std::string burst;
  for (std::size_t i = 0; i < std::min(times, in_flight); ++i) burst += request;
  send(burst);
  std::size_t sent = std::min(times, in_flight);
  std::size_t answered = 0;
  while (answered < times) {
    if (!fill()) throw std::runtime_error("the program has ended");
    // Whole lines are counted and thrown away.
    const std::size_t end = buffer_.rfind('\n');
    if (end == std::string::npos) continue;
    const auto whole = buffer_.begin() + static_cast<std::ptrdiff_t>(end) + 1;
    std::size_t lines = 0;
    for (std::size_t at = 0; at <= end;) {
      const std::size_t stop = buffer_.find('\n', at);
      const std::string_view found(buffer_.data() + at, stop - at);
      at = stop + 1;
      if (found.find("\"method\":") != std::string_view::npos) continue;  // told, not asked for
      if (found.find("\"result\":") == std::string_view::npos) {
        throw std::runtime_error("an error: " + std::string(found));
      }
      ++lines;
    }
    buffer_.erase(buffer_.begin(), whole);
    answered += lines;
    const std::size_t more = std::min(lines, times - sent);
    burst.clear();
    for (std::size_t i = 0; i < more; ++i) burst += request;
    sent += more;
    send(burst);
  }
}

std::int64_t Program::resident_kb() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string row; std::getline(status, row);) {
    if (row.rfind("VmRSS:", 0) == 0) return std::stoll(row.substr(6));
  }
  return -1;
}

std::int64_t Program::written_bytes() const {
  std::ifstream io("/proc/" + std::to_string(pid_) + "/io");
  for (std::string row; std::getline(io, row);) {
    if (row.rfind("write_bytes:", 0) == 0) return std::stoll(row.substr(12));
  }
  return -1;
}

std::int64_t Program::finish() {
  close(std::exchange(input_, -1));
  rusage usage{};
  wait4(std::exchange(pid_, -1), nullptr, 0, &usage);
  const auto us = [](const timeval& time) { return time.tv_sec * 1'000'000LL + time.tv_usec; };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

std::string run(const Words& command, const Environment& environment) {
  Program program(command, environment);
  std::string all;
  try {
    for (;;) all += program.line() + "\n";
  } catch (const std::runtime_error&) {
    // It has ended.
  }
  program.finish();
  return all;
}

}  // namespace quotad::bench
