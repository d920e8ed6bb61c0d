#include "cli/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "quotad/protocol/error.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

// ECMA-48 and xterm's private modes: the other screen, no cursor, no wrapping; and back.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
constexpr std::string_view kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

// What ends the process there and then; the key for SIGQUIT among them.
constexpr std::array kCrashes{SIGSEGV, SIGBUS, SIGFPE,  SIGILL, SIGABRT,
                              SIGQUIT, SIGSYS, SIGTRAP, SIGXCPU};

// For the handler where the stack has overflowed.
std::array<char, 65'536> crash_stack{};

// For the handler of crashes, which may call next to nothing.
termios modes_before{};
volatile std::sig_atomic_t has_screen = 0;

bool write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Of the background the shell lets nobody set modes; what it wakes up again, it interrupts.
void set_modes(const termios& modes) {
  while (tcsetattr(STDIN_FILENO, TCSADRAIN, &modes) != 0 && errno == EINTR) {
  }
}

void enter() {
  termios modes = modes_before;
  modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  modes.c_cc[VMIN] = 1;
  modes.c_cc[VTIME] = 0;
  has_screen = 1;
  set_modes(modes);
  write_all(kEnter);
}

void leave() {
  if (has_screen == 0) return;
  has_screen = 0;
  write_all(kLeave);
  set_modes(modes_before);
}

extern "C" void leave_and_crash(int number) {
  leave();
  raise(number);  // for real: the handler is gone
}

// What SIGTSTP does where nobody handles it: nothing, where no shell could wake us again.
void stop_as_usual() {
  struct sigaction ordinary {};
  struct sigaction ours {};
  ordinary.sa_handler = SIG_DFL;
  sigaction(SIGTSTP, &ordinary, &ours);
  raise(SIGTSTP);
  sigaction(SIGTSTP, &ours, nullptr);
}

// stdin, opened anew: non-blocking mode belongs to the open file, which the shell has, too.
int open_keys() {
  constexpr int kHow = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  int opened = open("/proc/self/fd/0", kHow);
  // Who has become another user with su may open the terminal by this name all the same.
  if (opened < 0) opened = open("/dev/tty", kHow);
  if (opened < 0) {
    throw protocol::Error(protocol::ErrorKind::kInternal, "cannot read from the terminal");
  }
  return opened;
}

bool has_value(const daemon::GetEnv& getenv, const char* name) {
  const char* value = getenv(name);
  return value != nullptr && *value != '\0';
}

bool speaks_utf8(const daemon::GetEnv& getenv) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (!has_value(getenv, name)) continue;
    std::string locale = getenv(name);
    std::transform(locale.begin(), locale.end(), locale.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

view::Page page_for(int descriptor, bool plain, const daemon::GetEnv& getenv) {
  view::Page page;
  const bool is_terminal = isatty(descriptor) == 1;
  const char* columns = getenv("COLUMNS");
  winsize size{};
  if (is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    page.width = size.ws_col;
  } else if (columns != nullptr) {
    const std::string_view text = columns;
    std::size_t width = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    constexpr std::size_t kWidest = 10'000;
    if (error == std::errc() && width > 0) page.width = std::min(width, kWidest);
  }
  page.width = std::max(page.width, view::kNarrowest);
  const char* terminal = getenv("TERM");
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  const bool is_plain = plain || !is_terminal || is_dumb || has_value(getenv, "NO_COLOR");
  page.colored = !is_plain;
  page.graphic = !is_plain && speaks_utf8(getenv);
  return page;
}

bool can_redraw(const daemon::GetEnv& getenv) {
  const char* terminal = getenv("TERM");
  return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && terminal != nullptr &&
         *terminal != '\0' && std::string_view(terminal) != "dumb";
}

void forget_typed_ahead() { tcflush(STDIN_FILENO, TCIFLUSH); }

bool can_ask() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

asio::awaitable<std::optional<std::string>> read_line() {
  asio::posix::stream_descriptor input(co_await asio::this_coro::executor, open_keys());
  std::string line;
  for (;;) {
    char next = 0;
    const auto [error, count] =
        co_await input.async_read_some(asio::buffer(&next, 1), asio::as_tuple(asio::use_awaitable));
    if (error || count == 0) co_return std::nullopt;
    if (next == '\n') co_return line;
    line += next;
  }
}

Screen::Screen(const asio::any_io_executor& executor, std::function<void(char)> on_key,
               std::function<void()> on_change)
    : keys_(executor, open_keys()),
      signals_(executor, SIGWINCH, SIGTSTP, SIGCONT),
      on_key_(std::move(on_key)),
      on_change_(std::move(on_change)) {
  if (tcgetattr(STDIN_FILENO, &modes_before) != 0) {
    throw protocol::Error(protocol::ErrorKind::kInternal, "the terminal cannot be set up");
  }
  stack_t stack{};
  stack.ss_sp = crash_stack.data();
  stack.ss_size = crash_stack.size();
  sigaltstack(&stack, nullptr);
  struct sigaction crash {};
  crash.sa_handler = leave_and_crash;
  crash.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK);
  for (const int number : kCrashes) sigaction(number, &crash, nullptr);
  enter();
  wait_for_key();
  wait_for_signal();
}

void Screen::give_back() { leave(); }

Screen::~Screen() {
  leave();
  struct sigaction ordinary {};
  ordinary.sa_handler = SIG_DFL;
  for (const int number : kCrashes) sigaction(number, &ordinary, nullptr);
}

void Screen::wait_for_key() {
  keys_.async_read_some(asio::buffer(&key_, 1),
                        [this](boost::system::error_code error, std::size_t count) {
                          if (error || count == 0) return;
                          on_key_(key_);
                          wait_for_key();
                        });
}

void Screen::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code error, int number) {
    if (error) return;
    if (number == SIGTSTP && has_screen != 0) {
      leave();
      stop_as_usual();  // goes on here after SIGCONT
      enter();
    } else if (number == SIGCONT && has_screen != 0) {
      enter();  // the shell may have given the terminal modes of its own meanwhile
    }
    on_change_();
    wait_for_signal();
  });
}

Screen::Size Screen::size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {size.ws_col, size.ws_row};
}

bool Screen::draw(const view::Lines& lines) {
  const std::size_t height = std::max(size().height, lines.size());
  std::string text = "\x1b[H";
  for (std::size_t row = 0; row < height; ++row) {
    // No line end after the last: it would scroll a full screen.
    if (row > 0) text += "\r\n";
    // Cleared before: after a full line the cursor is still on its last column.
    text += "\x1b[2K";
    if (row < lines.size()) text += lines[row];
  }
  return write_all(text + "\x1b[H");
}

}  // namespace quotad::cli
