#include "cli/redemptions.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "account/mapping.hpp"
#include "ledger/sqlite_ledger.hpp"
#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/json_text.hpp"

namespace quotad::cli {
namespace {

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

// The last characters of an account, which tell one's own apart.
std::string short_account(const std::string& account) {
  return account.size() <= 4 ? account : "…" + account.substr(account.size() - 4);
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

std::string in_shell_quotes(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// What asks again with the same key, whatever becomes of it.
std::string retry_command(const Entry& entry) {
  protocol::OrderedJson params = {{"idempotencyKey", entry.request.key}};
  if (entry.request.credit_id) params["creditId"] = *entry.request.credit_id;
  protocol::OrderedJson consume = {{"id", 2}, {"method", "account/rateLimitResetCredit/consume"}};
  consume["params"] = std::move(params);
  const char* const hello =
      R"({"id":1,"method":"initialize","params":{"clientInfo":{"name":"retry","version":"1"}}})";
  return std::string("printf '%s\\n' '") + hello + "' " +
         in_shell_quotes(protocol::to_text(consume)) + " | quotad app-server";
}

// Those over which a process has died are kUnknown.
std::vector<Entry> read(ledger::SqliteLedger& ledger, std::size_t limit) {
  if (!ledger.exists()) return {};
  std::vector<Entry> entries = ledger.list(std::nullopt, limit, std::nullopt);
  for (Entry& entry : entries) {
    if (entry.state == State::kPending && ledger.try_lease(entry.request.account)) {
      entry.state = State::kUnknown;
    }
  }
  std::stable_partition(entries.begin(), entries.end(),
                        [](const Entry& entry) { return ledger::may_have_spent(entry); });
  return entries;
}

void print_json(const std::vector<Entry>& entries) {
  protocol::OrderedJson list = protocol::OrderedJson::array();
  for (const Entry& entry : entries) {
    protocol::OrderedJson row = {{"account", short_account(entry.request.account)}};
    row.update(protocol::encode(account::to_redemption(entry)));
    if (entry.state == State::kUnknown) row["retryCommand"] = retry_command(entry);
    list.push_back(std::move(row));
  }
  std::printf("%s\n", protocol::OrderedJson{{"redemptions", std::move(list)}}.dump(2).c_str());
}

void print_words(const std::vector<Entry>& entries) {
  if (entries.empty()) std::printf("No redemptions yet.\n");
  for (const Entry& entry : entries) {
    // As JSON, because clients choose them: no control character gets to the terminal.
    const std::string key = protocol::to_text(entry.request.key);
    const std::string credit =
        entry.request.credit_id ? "  credit " + protocol::to_text(*entry.request.credit_id) : "";
    std::printf("%s  %-22s account %s  asked %lld×  key %s%s\n",
                local_time(entry.updated_at).c_str(), in_words(entry).c_str(),
                short_account(entry.request.account).c_str(),
                static_cast<long long>(entry.attempts), key.c_str(), credit.c_str());
    if (entry.state != State::kUnknown) continue;
    std::printf("  A credit may have been spent. This finds out, and spends no second one:\n  %s\n",
                retry_command(entry).c_str());
  }
}

}  // namespace

int run_redemptions(const std::filesystem::path& state_home, const RedemptionsOptions& options) {
  ledger::SqliteLedger ledger(state_home);
  const std::vector<Entry> entries = read(ledger, options.limit);
  if (options.json) {
    print_json(entries);
  } else {
    print_words(entries);
  }
  return EXIT_SUCCESS;
}

}  // namespace quotad::cli
