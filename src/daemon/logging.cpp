#include "daemon/logging.hpp"

#include <poll.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace quotad::daemon {
namespace {

// The message as a JSON string: what a client sends cannot forge a line or move the cursor.
std::string quote(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class JsonMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    const std::string quoted = quote({message.payload.data(), message.payload.size()});
    out.append(quoted.data(), quoted.data() + quoted.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

// The same for people: escaped alike, without the quotes around it.
class TextMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    const std::string quoted = quote({message.payload.data(), message.payload.size()});
    out.append(quoted.data() + 1, quoted.data() + quoted.size() - 1);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<TextMessage>();
  }
};

constexpr std::size_t kMostHeldLines = 500;

// Writes to stderr, and waits for whoever reads it for half a second in ten at the most: one that is slow, or has
// stopped reading, does not stop the program. What it missed is counted, and told when it reads again.
class StderrSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  void hold() {
    if (!held_) held_.emplace();
  }
  void release() {
    if (!held_) return;
    const std::deque<std::string> lines = std::move(*held_);
    held_.reset();
    if (const std::size_t count = std::exchange(forgotten_, 0); count > 0) {
      const std::string words = std::to_string(count) + " earlier lines of the log were dropped";
      put(line_of({"quotad", spdlog::level::warn, words}));
    }
    for (const std::string& line : lines) put(line);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (held_) {
      held_->push_back(line_of(message));
      if (held_->size() > kMostHeldLines) {
        held_->pop_front();
        ++forgotten_;
      }
      return;
    }
    if (lost_ > 0) {
      if (!is_ready(0)) {
        ++lost_;
        return;
      }
      const std::string words =
          std::to_string(lost_) + " lines of the log were lost: nobody read them in time";
      lost_ = 0;
      put(line_of({message.logger_name, spdlog::level::warn, words}));
    }
    put(line_of(message));
  }
  void flush_() override {}

 private:
  // Whether a pipe takes PIPE_BUF bytes, or a terminal some.
  static bool is_ready(int milliseconds) {
    pollfd state{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    return poll(&state, 1, milliseconds) != 0;
  }

  bool is_ready_soon() {
    using Clock = std::chrono::steady_clock;
    if (is_ready(0)) return true;
    const auto start = Clock::now();
    if (start - patient_since_ >= std::chrono::seconds(10)) {
      patient_since_ = start;
      patience_ = std::chrono::milliseconds(500);
    }
    const bool is_there = is_ready(static_cast<int>(patience_.count()));
    const auto waited = std::chrono::ceil<std::chrono::milliseconds>(Clock::now() - start);
    patience_ -= std::min(waited, patience_);
    return is_there;
  }

  std::string line_of(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    return {line.data(), line.size()};
  }

  void put(std::string line) {
    if (std::exchange(is_cut_, false)) line.insert(0, "\n");
    for (std::size_t done = 0; done < line.size();) {
      if (!is_ready_soon()) {
        ++lost_;
        is_cut_ = done > 0;
        return;
      }
      const std::size_t part = std::min<std::size_t>(line.size() - done, PIPE_BUF);
      const ssize_t written = ::write(STDERR_FILENO, line.data() + done, part);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return;  // a full disk, say
      done += static_cast<std::size_t>(written);
    }
  }

  std::chrono::steady_clock::time_point patient_since_{};
  std::chrono::milliseconds patience_{500};  // that is left
  std::size_t lost_ = 0;                     // lines, since the last that was written
  bool is_cut_ = false;                      // the last that was written
  std::optional<std::deque<std::string>> held_;
  std::size_t forgotten_ = 0;  // lines, of those that were to be held
};

// The one that there is: there is one stderr.
const std::shared_ptr<StderrSink>& stderr_sink() {
  static const auto sink = std::make_shared<StderrSink>();
  return sink;
}

}  // namespace

void set_up_logging(const std::string& level, LogFormat format) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<JsonMessage>('J').add_flag<TextMessage>('T');
  formatter->set_pattern(format == LogFormat::kJson
                             ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%J})"
                             : "%Y-%m-%dT%H:%M:%S.%e%z %l %T");
  auto logger = std::make_shared<spdlog::logger>("quotad", stderr_sink());
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

void hold_log() { stderr_sink()->hold(); }

void release_log() { stderr_sink()->release(); }

}  // namespace quotad::daemon
