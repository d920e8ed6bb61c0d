// `quotad reset`: spends a reset credit, once.

#include "view/reset.hpp"

#include <unistd.h>

#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/commands.hpp"
#include "cli/known_resets.hpp"
#include "cli/people.hpp"
#include "cli/terminal.hpp"
#include "cli/words.hpp"
#include "system/clock.hpp"
#include "view/limits.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

using protocol::Error;
using Outcome = protocol::ConsumeAccountRateLimitResetCreditOutcome;

const char* const kConfirmation = "reset";
const char* const kSecondConfirmation = "another";

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

struct ResetOptions : PeopleOptions {
  std::optional<std::string> credit_id;
  std::optional<std::string> key;
  bool yes = false;
  bool again = false;
};

class Reset {
 public:
  Reset(AccountClient& client, const Person& person, const ResetOptions& options)
      : client_(client),
        person_(person),
        options_(options),
        key_(options.key.value_or(boost::uuids::to_string(boost::uuids::random_generator()()))) {}

  asio::awaitable<int> run() {
    co_await look_at_record();
    if (is_over_) co_return exit_code_;
    if (failure_) co_return fail(*failure_);
    if (must_wait()) co_return refuse_beside_open();
    if (options_.yes && needs_again()) co_return refuse_soon_after();
    const auto limits = co_await read_limits();
    if (is_over_) co_return exit_code_;
    if (failure_) co_return fail(*failure_);
    if (limits && !options_.key && has_no_credit(*limits)) {
      tell("There is no reset credit to spend.\n");
      if (options_.json) print_outcome(Outcome::kNoCredit);
      co_return kFailed;
    }
    if (limits) show_plan(*limits);
    if (!options_.yes) {
      if (needs_again()) tell_recent();
      const bool is_confirmed = co_await ask(kConfirmation, "spend it");
      if (is_over_) co_return exit_code_;
      if (!is_confirmed) co_return tell_nothing_spent(kFailed);
      // While the question stood there, another reset may have begun or ended.
      const bool was_told = needs_again();
      co_await look_at_record();
      if (is_over_) co_return exit_code_;
      if (failure_) co_return fail(*failure_);
      if (must_wait()) co_return refuse_beside_open();
      if (needs_again()) {
        if (!was_told) tell_recent();
        const bool is_sure = co_await ask(kSecondConfirmation, "spend another credit");
        if (is_over_) co_return exit_code_;
        if (!is_sure) co_return tell_nothing_spent(kFailed);
      }
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

  // What became of resets before this one. A key that may have spent its credit is asked about whatever
  // fails; a new one is not, as it may be a second one.
  asio::awaitable<void> look_at_record() {
    try {
      redemptions_ = co_await read_redemptions(client_);
    } catch (const Error& error) {
      if (!options_.key || error.kind() == protocol::ErrorKind::kAuthRequired) {
        failure_ = error;
        co_return;
      }
    }
    const protocol::Redemption* own = find_key(redemptions_, key_);
    began_at_ = own != nullptr ? own->created_at : system::unix_now();
    spends_no_other_ = own != nullptr && (is_open(*own) || is_finished(*own));
    resets_ = newest_resets(redemptions_, system::unix_now());
  }

  bool must_wait() const { return resets_.open && !spends_no_other_; }
  bool needs_again() const { return resets_.recent && !spends_no_other_ && !options_.again; }

  // With the command that finishes the one that is open. The service is not asked.
  int refuse_beside_open() const {
    const protocol::Redemption& open = *resets_.open;
    const protocol::ErrorData data{.kind = protocol::ErrorKind::kInvalidRequest,
                                   .outcome_unknown = true};
    const int exit_code = report(Error(data, view::open_reset(open, stderr_page())), person_);
    tell("No other reset begins before that is known. ");
    tell_how_to_find_out(open.idempotency_key, open.credit_id);
    return exit_code;
  }

  int refuse_soon_after() const {
    const Error error(
        protocol::ErrorKind::kInvalidParams,
        view::recent_reset(*resets_.recent, stderr_page()) + " To spend another one, say --again.");
    const int exit_code = report(error, person_);
    tell("Nothing was spent now.\n");
    return exit_code;
  }

  void tell_recent() const {
    const view::Page page = stderr_page();
    const std::string words =
        view::recent_reset(*resets_.recent, page) +
        " Where the windows are still full, look again later before you spend another one.";
    tell(view::to_text(view::wrap(words, page.width)));
  }

  // Whether `word` is typed when it is asked for.
  asio::awaitable<bool> ask(std::string word, std::string what_for) {
    forget_typed_ahead();
    tell("Type " + word + " to " + what_for + ": ");
    std::string typed = (co_await read_line()).value_or("\n");
    boost::algorithm::trim(typed);
    co_return typed == word;
  }

  // What there is to know before. A key that may have spent its credit is asked about whatever fails.
  asio::awaitable<std::optional<protocol::GetAccountRateLimitsResponse>> read_limits() {
    try {
      co_return co_await client_.read_rate_limits({});
    } catch (const Error& error) {
      if (!options_.key || error.kind() == protocol::ErrorKind::kAuthRequired) {
        failure_ = error;
      } else {
        tell(std::string("The limits cannot be shown: ") + view::printable(error.what()) + "\n");
      }
    }
    co_return std::nullopt;
  }

  void show_plan(const protocol::GetAccountRateLimitsResponse& limits) const {
    if (options_.key) {
      tell(
          "This finds out what became of the key; if it has spent its credit, no other one is "
          "spent. Otherwise:\n");
    }
    tell(view::to_text(view::reset_plan(limits, options_.credit_id, stderr_page())));
  }

  asio::awaitable<int> spend() {
    protocol::ConsumeAccountRateLimitResetCreditParams params;
    params.idempotency_key = key_;
    params.credit_id = options_.credit_id;
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
    if (!options_.json) co_await show_new_limits();
    co_return exit_code_for(*outcome_);
  }

  void print_outcome(Outcome outcome) const {
    if (!options_.json) return print(view::outcome(outcome) + "\n");
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
    if (!options_.key) {
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
      const view::Page page = person_.page();
      note_end(page.now);
      if (has_just_spent()) print(view::to_text(view::after_reset(limits, page)));
      print("\n" + view::to_text(view::limits(limits, page, resets_)));
    } catch (const Error& error) {
      tell(std::string("The new limits cannot be shown: ") + view::printable(error.what()) + "\n");
    }
  }

  // What is known of resets once this one is over. What is full again long after is no news.
  void note_end(std::int64_t now) {
    std::erase_if(redemptions_, [&](const auto& each) { return each.idempotency_key == key_; });
    const bool has_spent = outcome_ == Outcome::kReset || outcome_ == Outcome::kAlreadyRedeemed;
    protocol::Redemption own;
    own.idempotency_key = key_;
    own.state = protocol::RedemptionState::kSettled;
    own.outcome = outcome_;
    own.created_at = began_at_;
    own.updated_at = outcome_ == Outcome::kReset ? now : began_at_;
    if (has_spent) redemptions_.insert(redemptions_.begin(), own);
    resets_ = newest_resets(redemptions_, now);
  }

  bool has_just_spent() const { return resets_.recent && resets_.recent->idempotency_key == key_; }

  int tell_unknown() const {
    tell("The outcome is unknown: a credit may have been spent. ");
    tell_how_to_find_out(key_, options_.credit_id);
    return kOutcomeUnknown;
  }

  void tell_how_to_find_out(const std::string& key,
                            const std::optional<std::string>& credit_id) const {
    const std::string command = reset_command(person_.getenv, person_.called, person_.overrides,
                                              key, credit_id, more_words());
    if (command.empty()) {
      tell("Ask again with the same key, from the client that made it, to find out.\n");
    } else {
      tell("This finds out, and spends no second one:\n  " + command + "\n");
    }
  }

  std::string more_words() const {
    const RunningServer& server = options_.server;
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
  const ResetOptions& options_;
  std::string key_;
  std::optional<Error> failure_;
  std::optional<Progress> progress_;
  std::optional<Outcome> outcome_;
  Redemptions redemptions_;       // from the record
  view::Resets resets_;           // the newest of them
  std::int64_t began_at_ = 0;     // when the key was first used, Unix time in seconds
  bool spends_no_other_ = false;  // the key is that of a reset that is open or over
  bool is_sent_ = false;          // and not answered
  bool is_over_ = false;          // by a signal
  int exit_code_ = kFailed;
};

// Throws protocol::Error where it is no text that JSON could carry.
void require_text(const std::optional<std::string>& given, const char* flag) {
  if (given && !view::is_utf8(*given)) {
    throw Error(protocol::ErrorKind::kInvalidParams, std::string(flag) + " must be UTF-8");
  }
}

int run_reset(const Person& person, const ResetOptions& options) {
  require_text(options.key, "--key");
  require_text(options.credit_id, "--credit");
  if (!options.yes && !can_ask()) {
    tell("quotad: `reset` asks for confirmation on a terminal; elsewhere it needs --yes\n");
    return kUsage;
  }
  Session session(person);
  Reset reset(session.client(), person, options);
  return session.run(reset.run(), [&] { return reset.interrupt(); });
}

}  // namespace

void add_reset(Program& program) {
  CLI::App* command =
      program.add("reset", "Spend a reset credit, once, after asking for confirmation");
  const auto options = std::make_shared<ResetOptions>();
  program.on(command, [&program, options] {
    return run_for_person(program, *options,
                          [&](const Person& person) { return run_reset(person, *options); });
  });
  if (program.serves) return;
  add_people_flags(*command, *options, program.server);
  add_dollars(*command, *options);
  command->add_option("--credit", options->credit_id, "The credit to spend; see `quotad limits`")
      ->type_name("ID");
  command
      ->add_option("--key", options->key,
                   "The idempotency key of an earlier attempt, to find out what became of it")
      ->type_name("UUID");
  command->add_flag("--yes", options->yes, "Do not ask for confirmation");
  command->add_flag("--again", options->again,
                    "Spend a credit although another one was spent within the hour");
}

}  // namespace quotad::cli
