#include "view/reset.hpp"

#include <unistd.h>

#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "cli/people.hpp"
#include "cli/terminal.hpp"
#include "cli/words.hpp"
#include "view/limits.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

using protocol::Error;
using Outcome = protocol::ConsumeAccountRateLimitResetCreditOutcome;

const char* const kConfirmation = "reset";

// What is for the person rather than for whoever reads stdout.
void tell(const std::string& text) { std::fputs(text.c_str(), stderr); }

// How long is being waited, on one line of the terminal that is gone afterwards.
class Progress {
 public:
  Progress(const asio::any_io_executor& executor, const view::Page& page)
      : timer_(executor), shows_(page.colored) {
    if (shows_) {
      tick();
    } else {
      tell("Waiting for the service.\n");
    }
  }
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void clear() {
    if (std::exchange(shows_, false)) tell("\r\x1b[K");
  }

 private:
  void tick() {
    tell("\r\x1b[KWaiting for the service: " + std::to_string(seconds_++) + " s");
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled && shows_) tick();
    });
  }

  asio::steady_timer timer_;
  bool shows_;
  int seconds_ = 0;
};

class Reset {
 public:
  Reset(AccountClient& client, const Person& person)
      : client_(client),
        person_(person),
        key_(person.options.key.value_or(
            boost::uuids::to_string(boost::uuids::random_generator()()))) {}

  asio::awaitable<int> run() {
    const auto limits = co_await read_limits();
    if (!limits && failure_) co_return report(*failure_, person_);
    const PeopleOptions& options = person_.options;
    if (limits && !options.key && has_no_credit(*limits)) {
      tell("There is no reset credit to spend.\n");
      co_return kFailed;
    }
    if (limits) tell(view::to_text(view::reset_plan(*limits, options.credit_id, stderr_page())));
    if (!options.yes) {
      tell(std::string("Type ") + kConfirmation + " to spend it: ");
      std::string typed = (co_await read_line()).value_or("\n");
      boost::algorithm::trim(typed);
      if (typed != kConfirmation) {
        tell("Nothing was spent.\n");
        co_return kFailed;
      }
    }
    tell("Key: " + key_ + "\n");
    co_return co_await spend();
  }

  int interrupt() {
    if (progress_) progress_->clear();
    tell("\n");
    if (!is_sent_) {
      tell("Nothing was spent.\n");
      return kInterrupted;
    }
    return tell_unknown();
  }

 private:
  view::Page stderr_page() const { return person_.page(STDERR_FILENO); }

  static bool has_no_credit(const protocol::GetAccountRateLimitsResponse& limits) {
    const auto& credits = limits.rate_limit_reset_credits;
    return credits && credits->available_count <= 0;
  }

  // What there is to know before. A key that may have spent its credit is asked about whatever fails.
  asio::awaitable<std::optional<protocol::GetAccountRateLimitsResponse>> read_limits() {
    try {
      co_return co_await client_.read_rate_limits({});
    } catch (const Error& error) {
      if (!person_.options.key || error.kind() == protocol::ErrorKind::kAuthRequired) {
        failure_ = error;
      } else {
        tell(std::string("The limits cannot be shown: ") + view::printable(error.what()) + "\n");
      }
    }
    co_return std::nullopt;
  }

  asio::awaitable<int> spend() {
    protocol::ConsumeAccountRateLimitResetCreditParams params;
    params.idempotency_key = key_;
    params.credit_id = person_.options.credit_id;
    progress_.emplace(co_await asio::this_coro::executor, stderr_page());
    is_sent_ = true;
    std::optional<Outcome> outcome;
    try {
      outcome = (co_await client_.consume_reset_credit(std::move(params))).outcome;
    } catch (const Error& error) {
      failure_ = error;
    }
    progress_.reset();
    is_sent_ = false;
    if (failure_) {
      const int exit_code = report(*failure_, person_);
      if (exit_code == kOutcomeUnknown) co_return tell_unknown();
      tell("Nothing was spent.\n");
      co_return exit_code;
    }
    if (person_.options.json) {
      protocol::ConsumeAccountRateLimitResetCreditResponse answer;
      answer.outcome = *outcome;
      print_json(answer);
    } else {
      print(view::outcome(*outcome) + "\n");
      co_await show_new_limits();
    }
    co_return *outcome == Outcome::kNoCredit ? kFailed : kFine;
  }

  asio::awaitable<void> show_new_limits() {
    try {
      const auto limits = co_await client_.read_rate_limits({});
      print("\n" + view::to_text(view::limits(limits, person_.page())));
    } catch (const Error& error) {
      tell(std::string("The new limits cannot be shown: ") + view::printable(error.what()) + "\n");
    }
  }

  int tell_unknown() const {
    tell(
        "The outcome is unknown: a credit may have been spent. This finds out, and spends no "
        "second one:\n  " +
        reset_command(person_.getenv, person_.overrides, key_, person_.options.credit_id,
                      connection_words()) +
        "\n");
    return kOutcomeUnknown;
  }

  // Without the token, which is found again: it must not get into a shell's history.
  std::string connection_words() const {
    const RunningServer& server = person_.options.server;
    std::string words;
    if (!server.url.empty()) {
      words += " --connect " + shell_quoted(server.url.substr(0, server.url.find("/?")));
    }
    if (!server.token_file.empty()) words += " --token-file " + shell_quoted(server.token_file);
    return words;
  }

  AccountClient& client_;
  const Person& person_;
  std::string key_;
  std::optional<Error> failure_;
  std::optional<Progress> progress_;
  bool is_sent_ = false;  // and not answered
};

}  // namespace

int run_reset(const Person& person) {
  if (!person.options.yes && !can_ask()) {
    tell("quotad: `reset` asks for confirmation on a terminal; elsewhere it needs --yes\n");
    return kUsage;
  }
  Session session(person);
  Reset reset(session.client(), person);
  return session.run(reset.run(), [&] { return reset.interrupt(); });
}

}  // namespace quotad::cli
