#include "view/reset.hpp"

#include <unistd.h>

#include <boost/algorithm/string/trim.hpp>
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
    if (is_over_) co_return exit_code_;
    if (failure_) co_return fail(*failure_);
    const PeopleOptions& options = person_.options;
    if (limits && !options.key && has_no_credit(*limits)) {
      tell("There is no reset credit to spend.\n");
      if (options.json) print_outcome(Outcome::kNoCredit);
      co_return kFailed;
    }
    if (limits) show_plan(*limits);
    if (!options.yes) {
      forget_typed_ahead();
      tell(std::string("Type ") + kConfirmation + " to spend it: ");
      std::string typed = (co_await read_line()).value_or("\n");
      if (is_over_) co_return exit_code_;
      boost::algorithm::trim(typed);
      if (typed != kConfirmation) co_return tell_nothing_spent(kFailed);
    }
    tell("Key: " + view::printable(key_) + "\n");
    co_return co_await spend();
  }

  // What a signal ends the process with. run() asks for nothing afterwards.
  int interrupt() {
    is_over_ = true;
    if (progress_) progress_->clear();
    tell("\n");
    if (outcome_) {
      exit_code_ = exit_code_for(*outcome_);
    } else {
      exit_code_ = is_sent_ ? tell_unknown() : tell_nothing_spent(kInterrupted);
    }
    return exit_code_;
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

  void show_plan(const protocol::GetAccountRateLimitsResponse& limits) const {
    const PeopleOptions& options = person_.options;
    if (options.key) {
      tell(
          "This finds out what became of the key; if it has spent its credit, no other one is "
          "spent. Otherwise:\n");
    }
    tell(view::to_text(view::reset_plan(limits, options.credit_id, stderr_page())));
  }

  asio::awaitable<int> spend() {
    protocol::ConsumeAccountRateLimitResetCreditParams params;
    params.idempotency_key = key_;
    params.credit_id = person_.options.credit_id;
    progress_.emplace(co_await asio::this_coro::executor, stderr_page());
    is_sent_ = true;
    try {
      outcome_ = (co_await client_.consume_reset_credit(std::move(params))).outcome;
    } catch (const Error& error) {
      failure_ = error;
    }
    is_sent_ = false;
    if (is_over_) co_return exit_code_;
    progress_.reset();
    if (failure_) co_return fail(*failure_);
    try {
      print_outcome(*outcome_);
    } catch (const Error&) {
      // Nobody may take a credit that was spent for one that was not.
      tell(view::outcome(*outcome_) + "\n");
    }
    if (!person_.options.json) co_await show_new_limits();
    co_return exit_code_for(*outcome_);
  }

  void print_outcome(Outcome outcome) const {
    if (!person_.options.json) return print(view::outcome(outcome) + "\n");
    protocol::ConsumeAccountRateLimitResetCreditResponse answer;
    answer.outcome = outcome;
    print_json(answer);
  }

  static int exit_code_for(Outcome outcome) {
    return outcome == Outcome::kNoCredit ? kFailed : kFine;
  }

  int fail(const Error& error) const {
    const int exit_code = report(error, person_);
    return exit_code == kOutcomeUnknown ? tell_unknown() : tell_nothing_spent(exit_code);
  }

  // Where the key is not new, this attempt is not all that there was.
  int tell_nothing_spent(int exit_code) const {
    if (!person_.options.key) {
      tell("Nothing was spent.\n");
      return exit_code;
    }
    tell("This attempt has spent nothing. ");
    const int unknown = tell_unknown();
    return exit_code == kNotSignedIn || exit_code == kUsage ? exit_code : unknown;
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
        reset_command(person_.getenv, person_.called, person_.overrides, key_,
                      person_.options.credit_id, more_words()) +
        "\n");
    return kOutcomeUnknown;
  }

  std::string more_words() const {
    const RunningServer& server = person_.options.server;
    std::string words;
    if (person_.server.sign_in.allow_exposed_auth_file) words += " --allow-exposed-auth-file";
    if (!server.url.empty()) words += " --connect " + shell_quoted(lasting_url(server.url));
    if (!server.token_file.empty()) {
      words += " --token-file " + shell_quoted(absolute_path(server.token_file));
    }
    return words;
  }

  // From every folder, and without its token: that is found again, and must not get into a shell's history.
  static std::string lasting_url(const std::string& url) {
    const std::string unix_scheme = "unix://";
    if (url.starts_with(unix_scheme) && url.size() > unix_scheme.size()) {
      return unix_scheme + absolute_path(url.substr(unix_scheme.size()));
    }
    return url.substr(0, url.find("/?"));
  }

  AccountClient& client_;
  const Person& person_;
  std::string key_;
  std::optional<Error> failure_;
  std::optional<Progress> progress_;
  std::optional<Outcome> outcome_;
  bool is_sent_ = false;  // and not answered
  bool is_over_ = false;  // by a signal
  int exit_code_ = kFailed;
};

// Throws protocol::Error where it is no text that JSON could carry.
void require_text(const std::optional<std::string>& given, const char* flag) {
  if (given && !view::is_utf8(*given)) {
    throw Error(protocol::ErrorKind::kInvalidParams, std::string(flag) + " must be UTF-8");
  }
}

}  // namespace

int run_reset(const Person& person) {
  require_text(person.options.key, "--key");
  require_text(person.options.credit_id, "--credit");
  if (!person.options.yes && !can_ask()) {
    tell("quotad: `reset` asks for confirmation on a terminal; elsewhere it needs --yes\n");
    return kUsage;
  }
  Session session(person);
  Reset reset(session.client(), person);
  return session.run(reset.run(), [&] { return reset.interrupt(); });
}

}  // namespace quotad::cli
