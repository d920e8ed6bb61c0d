// The simulated service itself: accounts whose windows fill and whose credits can be spent once.
//
// Used by HttpServer only. Pure state: no sockets, and the time comes from outside. It shares no
// code with src/backend, so that a mistake there is not repeated here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "quotad/protocol/codec.hpp"
#include "simulator/scenario.hpp"

namespace quotad::simulator {

using Clock = std::function<std::int64_t()>;  // Unix seconds

struct Answer {
  int status = 200;
  protocol::OrderedJson body;
};

struct Question {
  Route route = Route::kUsage;
  std::string authorization;  // the header, or ""
  std::string account_id;     // the header, or ""
  std::string body;
  std::string agent_runtime_id;  // of kRegisterTask
};

class Service {
 public:
  Service(const Scenario& scenario, Clock clock);

  // What the service answers, after doing what it was asked.
  Answer ask(const Question& question);

  // What has been spent, for tests: each account with its credits and redemptions.
  protocol::OrderedJson state() const;

 private:
  struct LiveWindow {
    Window as_described;
    double used_percent = 0;
    std::int64_t counted_at = 0;
    std::int64_t resets_at = 0;
  };
  struct Bucket {
    AdditionalLimit as_described;
    std::optional<LiveWindow> primary, secondary;
  };
  struct Redemption {
    std::string key;
    std::string credit_id;
  };
  struct LiveAccount {
    Account as_described;
    std::optional<LiveWindow> primary, secondary;
    std::vector<Bucket> additional;
    std::vector<ResetCredit> credits;
    std::vector<Redemption> redemptions;
    std::set<std::string> access_tokens;
    std::string refresh_token;
    std::set<std::string> spent_refresh_tokens;
    std::set<std::string> tasks;
    std::int64_t started_at = 0;
  };

  static std::optional<LiveWindow> open_window(const std::optional<Window>& window,
                                               std::int64_t now);
  void advance(std::optional<LiveWindow>& window) const;
  void advance(LiveAccount& account) const;
  protocol::OrderedJson describe(const std::optional<LiveWindow>& window) const;
  protocol::OrderedJson describe_limit(const std::optional<LiveWindow>& primary,
                                       const std::optional<LiveWindow>& secondary) const;
  bool is_available(const LiveAccount& account, const ResetCredit& credit) const;
  std::int64_t count_available(const LiveAccount& account) const;

  LiveAccount* find_account(const std::string& authorization);
  bool is_agents_call(const LiveAccount& account, const std::string& authorization) const;
  Answer refresh(const std::string& body);
  Answer whoami(const std::string& authorization) const;
  Answer register_task(const Question& question);
  Answer usage(const LiveAccount& account) const;
  Answer details(const LiveAccount& account) const;
  static Answer profile(const LiveAccount& account);
  static Answer accounts_check(const LiveAccount& account);
  static Answer thread_usage(const LiveAccount& account, const std::string& body);
  Answer consume(LiveAccount& account, const std::string& body) const;

  Clock clock_;
  std::vector<LiveAccount> accounts_;
};

}  // namespace quotad::simulator
