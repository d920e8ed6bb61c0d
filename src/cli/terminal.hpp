// The terminal of a person: what is known of it, a line that is typed, and a screen of its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "daemon/config.hpp"
#include "view/page.hpp"

namespace quotad::cli {

// A page for what is written to `descriptor`: as wide as its terminal, or COLUMNS, or 80 columns; not
// below view::kNarrowest. `plain` and NO_COLOR, TERM=dumb and what is no terminal make it plain; a locale
// without UTF-8 keeps the colours.
view::Page page_for(int descriptor, bool plain, const daemon::GetEnv& getenv);

// Whether there is somebody to ask: stdin and stderr are terminals.
bool can_ask();

// Whether a screen can be drawn again and again: stdin and stdout are a terminal that moves its cursor.
bool can_redraw(const daemon::GetEnv& getenv);

// What was typed before it was asked for is no answer.
void forget_typed_ahead();

// The next line from stdin, without its end; empty at the end of the input.
boost::asio::awaitable<std::optional<std::string>> read_line();

// A screen in place of the terminal's own, and its keys one by one. The terminal is given back as it was
// by give_back and at the end of this object, while the process is stopped (Ctrl-Z), and when it crashes. One at a time.
class Screen {
 public:
  struct Size {
    std::size_t width = 80;
    std::size_t height = 24;
  };

  // `on_key` is called for each key; `on_change` when what is shown must be drawn anew.
  Screen(const boost::asio::any_io_executor& executor, std::function<void(char)> on_key,
         std::function<void()> on_change);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // Nothing may be drawn afterwards.
  void give_back();

  static Size size();
  // False if the terminal is gone.
  static bool draw(const view::Lines& lines);

 private:
  void wait_for_key();
  void wait_for_signal();

  boost::asio::posix::stream_descriptor keys_;
  boost::asio::signal_set signals_;
  std::function<void(char)> on_key_;
  std::function<void()> on_change_;
  char key_ = 0;
};

}  // namespace quotad::cli
