// `quotad watch`: how much is left, shown until it is interrupted.

#include "view/watch.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdio>
#include <optional>
#include <random>
#include <utility>

#include "cli/commands.hpp"
#include "cli/flags.hpp"
#include "cli/known_resets.hpp"
#include "cli/people.hpp"
#include "cli/reset_pace.hpp"
#include "cli/terminal.hpp"
#include "daemon/logging.hpp"
#include "system/clock.hpp"
#include "view/limits.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

using protocol::Error;
using std::chrono::seconds;

constexpr seconds kDetailsInterval{600};  // between readings of reset credits
constexpr seconds kShortestPause{1};      // between readings, however long a key is held
constexpr seconds kLongestPause{900};     // between attempts that fail

struct WatchOptions : PeopleOptions {
  seconds interval{60};
};

class Watch {
 public:
  Watch(Session& session, const Person& person, const WatchOptions& options)
      : session_(session),
        person_(person),
        interval_(options.interval),
        wake_(session.context()),
        gap_(session.context()),
        tick_(session.context()) {
    if (person.options.json || !can_redraw(person.getenv)) return;
    // Into a file it may be written at once; on the terminal it would stand across what is shown.
    if (isatty(STDERR_FILENO) == 0) daemon::release_log();
    screen_.emplace(
        session.context().get_executor(), [this](char key) { press(key); }, [this] { draw(); });
    count_down();
  }

  asio::awaitable<int> run() {
    while (!is_over_) {
      watched_.is_reading = true;
      draw();
      const seconds pause = co_await read();
      watched_.is_reading = false;
      watched_.next_at = system::unix_now() + pause.count();
      draw();
      if (is_over_) break;
      wake_.expires_after(pause);
      co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
      // However often a key is pressed.
      gap_.expires_at(read_at_ + kShortestPause);
      co_await gap_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return exit_code_;
  }

  int interrupt() {
    is_over_ = true;
    if (screen_) screen_->give_back();
    return kFine;  // which is how a watch ends
  }

 private:
  // Asks once, and gives the time until it may be asked again.
  asio::awaitable<seconds> read() {
    protocol::GetAccountRateLimitsParams params;
    const auto now = std::chrono::steady_clock::now();
    params.exclude_reset_credit_details = details_at_ && now - *details_at_ < kDetailsInterval;
    if (!params.exclude_reset_credit_details) details_at_ = now;
    read_at_ = now;
    std::optional<Error> failure;
    try {
      auto limits = co_await session_.client().read_rate_limits(params);
      keep_credits(limits);
      // JSON is the protocol's own, which has nothing of them.
      if (!person_.options.json) co_await read_resets();
      take(std::move(limits));
      if (record_problem_) watched_.problem = record_problem_;
    } catch (const Error& error) {
      failure = error;
    }
    const seconds pause = failure ? pause_after(*failure) : pause_after_reading();
    if (!screen_) {
      daemon::release_log();
      daemon::hold_log();
    }
    co_return pause;
  }

  asio::awaitable<void> read_resets() {
    KnownResets known = co_await read_known_resets(session_.client());
    watched_.resets = std::move(known.resets);
    if (!screen_ && known.problem && known.problem != record_problem_) {
      std::fprintf(stderr, "quotad: %s\n", known.problem->c_str());
    }
    record_problem_ = std::move(known.problem);
  }

  // The interval, or less where something that is shown is reset before.
  seconds pause_after_reading() {
    const std::int64_t now = system::unix_now();
    std::uniform_int_distribution<std::int64_t> after(kSoonestAfterReset, kLatestAfterReset);
    return reset_pace_.pause(std::chrono::steady_clock::now(), now,
                             view::next_reset(*watched_.limits, now), interval_, after(random_));
  }

  // The list of credits that is known, as long as there are as many; else it is asked for next time.
  void keep_credits(protocol::GetAccountRateLimitsResponse& limits) {
    auto& now = limits.rate_limit_reset_credits;
    if (!watched_.limits || !now || now->credits) return;
    const auto& known = watched_.limits->rate_limit_reset_credits;
    if (known && known->available_count == now->available_count) {
      now->credits = known->credits;
    } else {
      details_at_.reset();
    }
  }

  void take(protocol::GetAccountRateLimitsResponse limits) {
    failures_ = 0;
    was_pressed_ = false;
    watched_.problem.reset();
    watched_.was_asked_to_wait = false;
    if (!screen_) show(limits);
    view::remember(watched_, std::move(limits), system::unix_now());
  }

  seconds pause_after(const Error& error) {
    watched_.problem = view::printable(error.what());
    const std::string what_to_do = advice(error);
    if (!what_to_do.empty()) *watched_.problem += ". " + what_to_do;
    watched_.was_asked_to_wait = error.kind() == protocol::ErrorKind::kRateLimited;
    if (!screen_) report(error, person_);
    // Who presses `r` learns no later for it that the service is back.
    if (!std::exchange(was_pressed_, false)) failures_ = std::min(failures_ + 1, 10);
    const int doublings = std::max(failures_ - 1, 0);
    const seconds backed_off =
        std::max(interval_, std::min(interval_ * (1 << doublings), kLongestPause));
    return std::max(backed_off, seconds(error.data().retry_after_sec.value_or(0)));
  }

  void show(const protocol::GetAccountRateLimitsResponse& limits) {
    try {
      if (person_.options.json) {
        print_json(limits);
        return;
      }
      const view::Page page = person_.page();
      print((watched_.limits ? "\n" : "") + view::moment(page.now, page) + "\n" +
            view::to_text(view::limits(limits, page, watched_.resets)));
    } catch (const Error& error) {
      report(error, person_);
      end(kFailed);
    }
  }

  void draw() {
    if (!screen_ || is_over_) return;
    const Screen::Size size = Screen::size();
    if (!Screen::draw(view::watch(watched_, size.height, person_.page()))) end(kFailed);
  }

  void count_down() {
    tick_.expires_after(seconds(1));
    tick_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      draw();
      if (!is_over_) count_down();
    });
  }

  void press(char key) {
    if (key == 'q') end(kFine);
    // Who asks for a pause gets it.
    if (key != 'r' || watched_.is_reading || watched_.was_asked_to_wait) return;
    was_pressed_ = true;
    wake_.cancel();
  }

  // Now: a reading that is under way is not waited for.
  void end(int exit_code) {
    is_over_ = true;
    exit_code_ = exit_code;
    if (screen_) screen_->give_back();
    session_.end(exit_code);
  }

  Session& session_;
  const Person& person_;
  seconds interval_;
  view::Watched watched_;
  asio::steady_timer wake_;
  asio::steady_timer gap_;
  asio::steady_timer tick_;
  std::optional<Screen> screen_;
  std::optional<std::chrono::steady_clock::time_point> details_at_;
  std::chrono::steady_clock::time_point read_at_;  // when the last reading began
  std::optional<std::string> record_problem_;
  ResetPace reset_pace_;
  std::mt19937 random_{std::random_device{}()};
  int failures_ = 0;  // in a row, of readings that nobody asked for
  bool was_pressed_ = false;
  int exit_code_ = kFine;
  bool is_over_ = false;
};

}  // namespace

void add_watch(Program& program) {
  CLI::App* command = program.add("watch", "Show how much is left, and keep showing it");
  const auto options = std::make_shared<WatchOptions>();
  program.on(command, [&program, options] {
    return run_for_person(program, *options, [&](const Person& person) {
      Session session(person);
      Watch watch(session, person, *options);
      return session.run(watch.run(), [&] { return watch.interrupt(); });
    });
  });
  if (program.serves) return;
  add_people_flags(*command, *options, program.server);
  add_seconds(*command, "--interval", options->interval, "Time between readings")
      ->check(CLI::PositiveNumber);
}

}  // namespace quotad::cli
