// What a simulated service starts with: its accounts, and the faults to make. Read from JSON;
// docs/simulator.md is its manual.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/description.hpp"

namespace quotad::simulator {

struct Window {
  std::int64_t used_percent = 0;
  std::int64_t window_seconds = 18'000;
  std::int64_t resets_in_seconds = 18'000;
  std::int64_t fill_percent_per_hour = 0;
};

struct AdditionalLimit {
  std::string metered_feature;
  std::optional<std::string> limit_name;
  std::optional<Window> primary;
  std::optional<Window> secondary;
};

struct ResetCredit {
  std::string id;
  std::string reset_type = "codex_rate_limits";
  std::string status = "available";
  std::int64_t granted_seconds_ago = 0;
  std::optional<std::int64_t> expires_in_seconds;
  std::optional<std::string> title;
  std::optional<std::string> description;
};

struct Credits {
  bool has_credits = false;
  bool unlimited = false;
  std::optional<std::string> balance;
};

// A registered agent that acts for the account.
struct Agent {
  std::string runtime_id;
  std::string public_key;
  bool seals_task_ids = false;
};

struct Account {
  std::string access_token;
  std::string account_id;
  std::string user_id;
  std::string email = "dev@example.com";
  std::optional<std::string> workspace_name;
  std::string plan_type = "plus";
  std::optional<Window> primary;
  std::optional<Window> secondary;
  std::vector<AdditionalLimit> additional_limits;
  std::optional<Credits> credits;
  std::vector<ResetCredit> reset_credits;
  std::optional<protocol::Json> usage_patch;
  std::optional<protocol::Json> details_patch;
  std::optional<protocol::Json> stats;
  std::vector<protocol::Json> threads;
  std::optional<std::string> refresh_token;
  std::int64_t access_token_seconds = 3'600;
  std::optional<std::string> personal_access_token;
  std::optional<Agent> agent;
};

enum class Route {
  kUsage,
  kDetails,
  kConsume,
  kProfile,
  kAccountsCheck,
  kThreadUsage,
  kRefresh,
  kWhoami,
  kRegisterTask,
  kAny
};

struct Fault {
  Route route = Route::kAny;
  std::int64_t times = 1;
  std::optional<std::int64_t> status;
  std::optional<protocol::Json> body;
  std::optional<protocol::OrderedMap<std::string>> headers;
  std::optional<std::string> content_type;
  std::optional<std::int64_t> delay_ms;
  std::optional<std::string> hold;
  std::optional<std::int64_t> truncate_at_bytes;
  std::optional<std::int64_t> trickle_ms;
  bool hang = false;
  bool reset = false;
  bool applied = false;
};

struct Scenario {
  std::vector<Account> accounts;
  std::vector<Fault> faults;
};

// Throws protocol::Error that names the member that is wrong.
Scenario parse_scenario(std::string_view text);
std::vector<Fault> parse_faults(std::string_view text);

// One account with something of everything; its daily usage ends on the day of `now`.
Scenario default_scenario(std::int64_t now);

}  // namespace quotad::simulator

namespace quotad::protocol {

template <>
struct Description<simulator::Window> {
  using T = simulator::Window;
  static constexpr std::string_view kName = "Window";
  static constexpr std::string_view kDoc = "A usage window that fills as time passes.";
  static constexpr auto kMembers = std::tuple{
      optional("usedPercent", &T::used_percent, "Used at the start, in percent."),
      optional("windowSeconds", &T::window_seconds, "Length of the window."),
      optional("resetsInSeconds", &T::resets_in_seconds, "Time to its first reset."),
      optional("fillPercentPerHour", &T::fill_percent_per_hour, "How fast it fills."),
  };
};

template <>
struct Description<simulator::AdditionalLimit> {
  using T = simulator::AdditionalLimit;
  static constexpr std::string_view kName = "AdditionalLimit";
  static constexpr std::string_view kDoc = "A bucket beside the ordinary one.";
  static constexpr auto kMembers = std::tuple{
      required("meteredFeature", &T::metered_feature, "Its id."),
      optional("limitName", &T::limit_name, "Its name for people."),
      optional("primary", &T::primary, "Its shorter window."),
      optional("secondary", &T::secondary, "Its longer window."),
  };
};

template <>
struct Description<simulator::ResetCredit> {
  using T = simulator::ResetCredit;
  static constexpr std::string_view kName = "ResetCredit";
  static constexpr std::string_view kDoc = "A credit that resets the windows once.";
  static constexpr auto kMembers = std::tuple{
      required("id", &T::id, "Its id."),
      optional("resetType", &T::reset_type, "What it resets."),
      optional("status", &T::status, "available, redeeming or redeemed."),
      optional("grantedSecondsAgo", &T::granted_seconds_ago, "Its age at the start."),
      optional("expiresInSeconds", &T::expires_in_seconds, "Its life from the start."),
      optional("title", &T::title, "Its title."),
      optional("description", &T::description, "A sentence about it."),
  };
};

template <>
struct Description<simulator::Credits> {
  using T = simulator::Credits;
  static constexpr std::string_view kName = "Credits";
  static constexpr std::string_view kDoc = "Bought credits.";
  static constexpr auto kMembers = std::tuple{
      optional("hasCredits", &T::has_credits, "Whether there are any."),
      optional("unlimited", &T::unlimited, "Whether they are not counted."),
      optional("balance", &T::balance, "How many, a decimal number as a string."),
  };
};

template <>
struct Description<simulator::Agent> {
  using T = simulator::Agent;
  static constexpr std::string_view kName = "Agent";
  static constexpr std::string_view kDoc = "A registered agent.";
  static constexpr auto kMembers = std::tuple{
      required("runtimeId", &T::runtime_id, "Its id."),
      required("publicKey", &T::public_key, "Its Ed25519 key: 32 bytes in base64."),
      optional("sealsTaskIds", &T::seals_task_ids, "Whether task ids come in sealed boxes."),
  };
};

template <>
struct Description<simulator::Account> {
  using T = simulator::Account;
  static constexpr std::string_view kName = "Account";
  static constexpr std::string_view kDoc = "One account, told from others by its token.";
  static constexpr auto kMembers = std::tuple{
      required("accessToken", &T::access_token, "The bearer token that means this account."),
      required("accountId", &T::account_id, "Its id."),
      required("userId", &T::user_id, "Its user's id."),
      optional("email", &T::email, "Its user's e-mail address."),
      optional("workspaceName", &T::workspace_name, "Name of its workspace."),
      optional("planType", &T::plan_type, "Its plan."),
      optional("primary", &T::primary, "The shorter window of the ordinary bucket."),
      optional("secondary", &T::secondary, "The longer window of the ordinary bucket."),
      optional("additionalLimits", &T::additional_limits, "More buckets."),
      optional("credits", &T::credits, "Bought credits."),
      optional("resetCredits", &T::reset_credits, "Reset credits, the first to be spent first."),
      optional("usagePatch", &T::usage_patch, "JSON merge patch on each usage answer."),
      optional("detailsPatch", &T::details_patch, "JSON merge patch on each details answer."),
      optional("stats", &T::stats, "The `stats` of the profile answer, as they are."),
      optional("threads", &T::threads, "Rows of the thread usage answer, as they are."),
      optional("refreshToken", &T::refresh_token, "What renews its tokens, once."),
      optional("accessTokenSeconds", &T::access_token_seconds, "Life of renewed access tokens."),
      optional("personalAccessToken", &T::personal_access_token, "Another bearer token of it."),
      optional("agent", &T::agent, "An agent that acts for it."),
  };
};

template <>
struct Description<simulator::Route> {
  using T = simulator::Route;
  static constexpr std::string_view kName = "Route";
  static constexpr std::string_view kDoc = "One of the service's calls.";
  static constexpr auto kValues = std::to_array<EnumValue<T>>({
      {T::kUsage, "usage", "GET …/usage"},
      {T::kDetails, "details", "GET …/rate-limit-reset-credits"},
      {T::kConsume, "consume", "POST …/rate-limit-reset-credits/consume"},
      {T::kProfile, "profile", "GET …/profiles/me"},
      {T::kAccountsCheck, "accountsCheck", "GET …/accounts/check"},
      {T::kThreadUsage, "threadUsage", "POST …/usage/thread_usage/query"},
      {T::kRefresh, "refresh", "POST …/oauth/token"},
      {T::kWhoami, "whoami", "GET …/v1/user-auth-credential/whoami"},
      {T::kRegisterTask, "registerTask", "POST …/v1/agent/ID/task/register"},
      {T::kAny, "any", "Any of them."},
  });
};

template <>
struct Description<simulator::Fault> {
  using T = simulator::Fault;
  static constexpr std::string_view kName = "Fault";
  static constexpr std::string_view kDoc = "What goes wrong with the next calls of a route.";
  static constexpr auto kMembers = std::tuple{
      optional("route", &T::route, "Which calls."),
      optional("times", &T::times, "How many of them; 0 means all."),
      optional("status", &T::status, "Answer with this status."),
      optional("body", &T::body, "Answer with this body: a string as it is, else as JSON."),
      optional("headers", &T::headers, "Add these headers."),
      optional("contentType", &T::content_type, "Answer with this Content-Type."),
      optional("delayMs", &T::delay_ms, "Wait before answering."),
      optional("hold", &T::hold, "Wait until the hold of this name is released."),
      optional("truncateAtBytes", &T::truncate_at_bytes, "Hang up after so much of the body."),
      optional("trickleMs", &T::trickle_ms, "Send one byte of the body at a time, so far apart."),
      optional("hang", &T::hang, "Never answer."),
      optional("reset", &T::reset, "Reset the connection in place of an answer."),
      optional("applied", &T::applied,
               "Let the call do its work even though its answer is replaced or lost."),
  };
};

template <>
struct Description<simulator::Scenario> {
  using T = simulator::Scenario;
  static constexpr std::string_view kName = "Scenario";
  static constexpr std::string_view kDoc = "What a simulated service starts with.";
  static constexpr auto kMembers = std::tuple{
      required("accounts", &T::accounts, "The accounts."),
      optional("faults", &T::faults, "Faults, as for PUT /_simulator/faults."),
  };
};

}  // namespace quotad::protocol
