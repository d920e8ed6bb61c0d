// `quotad redemptions`: the record of redemptions, for people.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "account/mapping.hpp"
#include "account/redeemer.hpp"
#include "auth/credential_store.hpp"
#include "cli/commands.hpp"
#include "cli/flags.hpp"
#include "cli/words.hpp"
#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/json_text.hpp"
#include "storage/sqlite/ledger.hpp"

namespace quotad::cli {
namespace {

struct Options {
  bool json = false;
  std::size_t limit = 50;
};

using ledger::Entry;
using ledger::State;

std::string local_time(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm local{};
  localtime_r(&time, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
  return text;
}

std::string in_words(const Entry& entry) {
  switch (entry.state) {
    case State::kPending:
      return "in progress";
    case State::kUnknown:
      return "outcome unknown";
    case State::kRefused:
      return "refused, nothing spent";
    case State::kSettled:
      return entry.outcome ? std::string(protocol::wire_name(*entry.outcome)) : "settled";
  }
  return "";
}

// An entry, and how to find out what became of it.
struct Row {
  Entry entry;
  bool is_ours = false;  // the account's that is signed in
  std::string retry;     // "" where there is no command that finds out
};

// The account that is signed in, as the ledger calls it; "" if nobody is.
std::string signed_in_account(const daemon::Config& config,
                              const daemon::AppServerOptions& options) {
  boost::asio::io_context context;
  auth::Common common(context.get_executor(), daemon::sign_in_options(options));
  auth::CredentialStore credentials(common, config.codex_home, config.store_mode, config.problem,
                                    options.own_account);
  std::string account;
  boost::asio::co_spawn(
      context, credentials.who(),
      [&](const std::exception_ptr& error, const std::shared_ptr<const auth::SignIn>& sign_in) {
        if (!error && sign_in->serves_calls()) account = account::ledger_account(*sign_in);
      });
  context.run();
  return account;
}

// Those that are open first, all of them; then the newest of the others.
std::vector<Row> read(Program& program, std::size_t limit) {
  const daemon::Config config = program.configure();
  storage::SqliteLedger ledger(config.state_home);
  if (!ledger.exists()) return {};
  constexpr std::size_t kAll = 1'000'000;
  std::vector<Entry> entries =
      account::list_redemptions(ledger, {.limit = kAll, .only_open = true});
  for (Entry& entry : account::list_redemptions(ledger, {.limit = limit})) {
    if (!ledger::may_have_spent(entry)) entries.push_back(std::move(entry));
  }
  const std::string account = signed_in_account(config, program.server);
  std::vector<Row> rows;
  for (Entry& entry : entries) {
    const bool is_ours = entry.request.account == account;
    std::string retry = entry.state == State::kUnknown && is_ours
                            ? reset_command(program.getenv, program.called, program.overrides,
                                            entry.request.key, entry.request.credit_id)
                            : "";
    rows.push_back({std::move(entry), is_ours, std::move(retry)});
  }
  return rows;
}

void print_json(const std::vector<Row>& rows) {
  protocol::OrderedJson list = protocol::OrderedJson::array();
  for (const Row& row : rows) {
    protocol::OrderedJson shown = {{"account", short_account(row.entry.request.account)}};
    shown.update(protocol::encode(account::to_redemption(row.entry)));
    if (!row.retry.empty()) shown["retryCommand"] = row.retry;
    list.push_back(std::move(shown));
  }
  std::printf("%s\n", protocol::OrderedJson{{"redemptions", std::move(list)}}.dump(2).c_str());
}

void print_words(const std::vector<Row>& rows) {
  if (rows.empty()) std::printf("No redemptions yet.\n");
  for (const Row& row : rows) {
    const Entry& entry = row.entry;
    // As JSON, because clients choose them: no control character gets to the terminal.
    const std::string key = protocol::to_text(entry.request.key);
    const std::string credit =
        entry.request.credit_id ? "  credit " + protocol::to_text(*entry.request.credit_id) : "";
    const std::string account = short_account(entry.request.account);
    std::printf("%s  %-22s account %s  asked %lld×  key %s%s\n",
                local_time(entry.updated_at).c_str(), in_words(entry).c_str(), account.c_str(),
                static_cast<long long>(entry.attempts), key.c_str(), credit.c_str());
    if (entry.state != State::kUnknown) continue;
    std::printf("  A credit may have been spent. ");
    if (row.is_ours && row.retry.empty()) {
      std::printf("Ask again with the same key, from the client that made it, to find out.\n");
    } else if (row.retry.empty()) {
      std::printf("Sign in as account %s to find out.\n", account.c_str());
    } else {
      std::printf("This finds out, and spends no second one:\n  %s\n", row.retry.c_str());
    }
  }
}

// The redemptions of every account of this user: all whose outcome is not known, then the newest of the
// others. For the account that is signed in it prints how to find out.
int show(Program& program, const Options& options) {
  const std::vector<Row> rows = read(program, options.limit);
  if (options.json) {
    print_json(rows);
  } else {
    print_words(rows);
  }
  return EXIT_SUCCESS;
}

}  // namespace

void add_redemptions(Program& program) {
  CLI::App* command = program.add(
      "redemptions", "List what was redeemed, and what may have been, with the way to find out");
  const auto options = std::make_shared<Options>();
  command->add_flag("--json", options->json, "Print JSON");
  add_count(*command, "--limit", options->limit, "How many at most of those that are over");
  program.on(command, [&program, options] { return show(program, *options); });
}

}  // namespace quotad::cli
