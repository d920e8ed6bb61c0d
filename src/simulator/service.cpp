#include "simulator/service.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "simulator/time.hpp"
#include "simulator/tokens.hpp"

namespace quotad::simulator {
namespace {

using protocol::Json;
using protocol::OrderedJson;

Answer refuse(int status, const std::string& message) { return {status, {{"detail", message}}}; }

OrderedJson patched(OrderedJson body, const std::optional<Json>& patch) {
  if (patch) body.merge_patch(OrderedJson(*patch));
  return body;
}

// The string member `name`, or "".
std::string text_of(const Json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

}  // namespace

Service::Service(const Scenario& scenario, Clock clock) : clock_(std::move(clock)) {
  const std::int64_t now = clock_();
  for (const Account& account : scenario.accounts) {
    LiveAccount live{.as_described = account,
                     .primary = open_window(account.primary, now),
                     .secondary = open_window(account.secondary, now),
                     .additional = {},
                     .credits = account.reset_credits,
                     .redemptions = {},
                     .access_tokens = {account.access_token},
                     .refresh_token = account.refresh_token.value_or(""),
                     .spent_refresh_tokens = {},
                     .tasks = {},
                     .started_at = now};
    for (const AdditionalLimit& limit : account.additional_limits) {
      live.additional.push_back(
          {limit, open_window(limit.primary, now), open_window(limit.secondary, now)});
    }
    accounts_.push_back(std::move(live));
  }
}

std::optional<Service::LiveWindow> Service::open_window(const std::optional<Window>& window,
                                                        std::int64_t now) {
  if (!window) return std::nullopt;
  return LiveWindow{.as_described = *window,
                    .used_percent = static_cast<double>(window->used_percent),
                    .counted_at = now,
                    .resets_at = now + window->resets_in_seconds};
}

void Service::advance(std::optional<LiveWindow>& window) const {
  if (!window) return;
  const std::int64_t now = clock_();
  const std::int64_t length = std::max<std::int64_t>(window->as_described.window_seconds, 1);
  if (now >= window->resets_at) {
    const std::int64_t passed = (now - window->resets_at) / length;
    window->counted_at = window->resets_at + passed * length;
    window->resets_at = window->counted_at + length;
    window->used_percent = 0;
  }
  const double hours = static_cast<double>(now - window->counted_at) / 3600.0;
  const double filled = hours * static_cast<double>(window->as_described.fill_percent_per_hour);
  if (filled > 0) window->used_percent = std::min(100.0, window->used_percent + filled);
  window->counted_at = now;
}

void Service::advance(LiveAccount& account) const {
  advance(account.primary);
  advance(account.secondary);
  for (Bucket& bucket : account.additional) {
    advance(bucket.primary);
    advance(bucket.secondary);
  }
}

Service::LiveAccount* Service::find_account(const std::string& authorization) {
  const auto at = std::find_if(accounts_.begin(), accounts_.end(), [&](const LiveAccount& account) {
    const std::string bearer = "Bearer ";
    if (is_agents_call(account, authorization)) return true;
    if (authorization.rfind(bearer, 0) != 0) return false;
    const std::string token = authorization.substr(bearer.size());
    return account.access_tokens.count(token) > 0 ||
           account.as_described.personal_access_token == token;
  });
  return at == accounts_.end() ? nullptr : &*at;
}

// "AgentAssertion " and JSON in base64, signed for a task that was registered.
bool Service::is_agents_call(const LiveAccount& account, const std::string& authorization) const {
  const std::string scheme = "AgentAssertion ";
  const auto& agent = account.as_described.agent;
  if (!agent || authorization.rfind(scheme, 0) != 0) return false;
  const auto text = decode_any_base64(authorization.substr(scheme.size()));
  const Json fields = Json::parse(text.value_or(""), nullptr, /*allow_exceptions=*/false);
  if (!fields.is_object()) return false;
  const auto field = [&](const char* name) { return text_of(fields, name); };
  const std::string task = field("task_id");
  return field("agent_runtime_id") == agent->runtime_id && account.tasks.count(task) > 0 &&
         is_signed(agent->runtime_id + ":" + task + ":" + field("timestamp"), field("signature"),
                   agent->public_key);
}

Answer Service::refresh(const std::string& body) {
  const auto refused = [](const char* code) {
    return Answer{401,
                  {{"error", {{"message", "the refresh token is of no use"}, {"code", code}}}}};
  };
  const Json asked = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!asked.is_object() || asked.value("grant_type", Json()) != "refresh_token" ||
      !asked.value("client_id", Json()).is_string() ||
      !asked.value("refresh_token", Json()).is_string()) {
    return refuse(400, "expected client_id, grant_type and refresh_token");
  }
  const auto token = text_of(asked, "refresh_token");
  for (LiveAccount& account : accounts_) {
    if (account.spent_refresh_tokens.count(token) > 0) return refused("refresh_token_reused");
    if (account.refresh_token != token || token.empty()) continue;
    account.spent_refresh_tokens.insert(token);
    const std::string number = std::to_string(account.spent_refresh_tokens.size());
    account.refresh_token = "refresh-token-" + number + "-of-" + account.as_described.account_id;
    const std::string access_token =
        unsigned_jwt({{"exp", clock_() + account.as_described.access_token_seconds},
                      {"jti", number + "-of-" + account.as_described.account_id}});
    account.access_tokens.insert(access_token);
    return {200,
            {{"id_token", id_token(account.as_described)},
             {"access_token", access_token},
             {"refresh_token", account.refresh_token}}};
  }
  return refused("refresh_token_invalidated");
}

Answer Service::whoami(const std::string& authorization) const {
  for (const LiveAccount& account : accounts_) {
    const Account& known = account.as_described;
    const auto& token = known.personal_access_token;
    if (!token || authorization != "Bearer " + *token) continue;
    return {200,
            {{"email", known.email},
             {"chatgpt_user_id", known.user_id},
             {"chatgpt_account_id", known.account_id},
             {"chatgpt_plan_type", known.plan_type},
             {"chatgpt_account_is_fedramp", false}}};
  }
  return {401, {{"error", {{"message", "the token is not known"}, {"code", "token_invalid"}}}}};
}

Answer Service::register_task(const Question& question) {
  const Json asked = Json::parse(question.body, nullptr, /*allow_exceptions=*/false);
  if (!asked.is_object()) return refuse(400, "expected timestamp and signature");
  for (LiveAccount& account : accounts_) {
    const auto& agent = account.as_described.agent;
    if (!agent || agent->runtime_id != question.agent_runtime_id) continue;
    const auto timestamp = text_of(asked, "timestamp");
    if (!is_signed(agent->runtime_id + ":" + timestamp, text_of(asked, "signature"),
                   agent->public_key)) {
      return refuse(401, "the signature is not the agent's");
    }
    const std::string task = "task-" + std::to_string(account.tasks.size() + 1);
    account.tasks.insert(task);
    if (agent->seals_task_ids) {
      return {200, {{"encrypted_task_id", seal(task, agent->public_key)}}};
    }
    return {200, {{"task_id", task}}};
  }
  return refuse(404, "no such agent");
}

Answer Service::ask(const Question& question) {
  if (question.route == Route::kRefresh) return refresh(question.body);
  if (question.route == Route::kWhoami) return whoami(question.authorization);
  if (question.route == Route::kRegisterTask) return register_task(question);
  LiveAccount* const at = find_account(question.authorization);
  if (at == nullptr) {
    return {401, {{"error", {{"message", "the token is not known"}, {"code", "token_invalid"}}}}};
  }
  if (!question.account_id.empty() && question.account_id != at->as_described.account_id) {
    return refuse(403, "the token is not of that account");
  }
  advance(*at);
  switch (question.route) {
    case Route::kUsage:
      return usage(*at);
    case Route::kDetails:
      return details(*at);
    case Route::kConsume:
      return consume(*at, question.body);
    case Route::kProfile:
      return profile(*at);
    case Route::kAccountsCheck:
      return accounts_check(*at);
    case Route::kThreadUsage:
      return thread_usage(*at, question.body);
    default:
      break;
  }
  return refuse(404, "no such route");
}

OrderedJson Service::describe(const std::optional<LiveWindow>& window) const {
  if (!window) return nullptr;
  return {{"used_percent", std::llround(std::floor(window->used_percent))},
          {"limit_window_seconds", window->as_described.window_seconds},
          {"reset_after_seconds", window->resets_at - clock_()},
          {"reset_at", window->resets_at}};
}

OrderedJson Service::describe_limit(const std::optional<LiveWindow>& primary,
                                    const std::optional<LiveWindow>& secondary) const {
  const auto is_full = [](const auto& window) { return window && window->used_percent >= 100; };
  const bool reached = is_full(primary) || is_full(secondary);
  return {{"allowed", !reached},
          {"limit_reached", reached},
          {"primary_window", describe(primary)},
          {"secondary_window", describe(secondary)}};
}

bool Service::is_available(const LiveAccount& account, const ResetCredit& credit) const {
  const bool expired =
      credit.expires_in_seconds && account.started_at + *credit.expires_in_seconds <= clock_();
  return credit.status == "available" && !expired;
}

std::int64_t Service::count_available(const LiveAccount& account) const {
  return std::count_if(account.credits.begin(), account.credits.end(),
                       [&](const ResetCredit& credit) { return is_available(account, credit); });
}

Answer Service::usage(const LiveAccount& account) const {
  const Account& described = account.as_described;
  OrderedJson limit = describe_limit(account.primary, account.secondary);
  const bool reached = limit["limit_reached"].get<bool>();
  OrderedJson body = {{"user_id", described.user_id},
                      {"account_id", described.account_id},
                      {"email", described.email},
                      {"plan_type", described.plan_type},
                      {"rate_limit", std::move(limit)}};
  body["rate_limit_reached_type"] =
      reached ? OrderedJson{{"type", "rate_limit_reached"}} : OrderedJson(nullptr);
  body["credits"] = nullptr;
  if (described.credits) {
    OrderedJson balance = nullptr;
    if (described.credits->balance) balance = *described.credits->balance;
    body["credits"] = {{"has_credits", described.credits->has_credits},
                       {"unlimited", described.credits->unlimited},
                       {"balance", balance}};
  }
  body["additional_rate_limits"] = OrderedJson::array();
  for (const Bucket& bucket : account.additional) {
    OrderedJson name = nullptr;
    if (bucket.as_described.limit_name) name = *bucket.as_described.limit_name;
    body["additional_rate_limits"].push_back(
        {{"limit_name", name},
         {"metered_feature", bucket.as_described.metered_feature},
         {"rate_limit", describe_limit(bucket.primary, bucket.secondary)}});
  }
  body["rate_limit_reset_credits"] = {{"available_count", count_available(account)}};
  return {200, patched(std::move(body), described.usage_patch)};
}

Answer Service::details(const LiveAccount& account) const {
  OrderedJson rows = OrderedJson::array();
  for (const ResetCredit& credit : account.credits) {
    const bool expired = credit.status == "available" && !is_available(account, credit);
    if (expired) continue;
    OrderedJson expires = nullptr;
    if (credit.expires_in_seconds) {
      expires = rfc3339(account.started_at + *credit.expires_in_seconds);
    }
    const auto or_null = [](const std::optional<std::string>& text) {
      return text ? OrderedJson(*text) : OrderedJson(nullptr);
    };
    rows.push_back({{"id", credit.id},
                    {"reset_type", credit.reset_type},
                    {"status", credit.status},
                    {"granted_at", rfc3339(account.started_at - credit.granted_seconds_ago)},
                    {"expires_at", expires},
                    {"title", or_null(credit.title)},
                    {"description", or_null(credit.description)}});
  }
  return {200, patched({{"available_count", count_available(account)}, {"credits", rows}},
                       account.as_described.details_patch)};
}

Answer Service::profile(const LiveAccount& account) {
  OrderedJson stats = nullptr;
  if (account.as_described.stats) stats = OrderedJson(*account.as_described.stats);
  return {200, {{"stats", stats}}};
}

// Where the account's workspace is served, which the reference asks before it tells who is signed in. It
// takes no origin but one of HTTPS, and no override that is null; the limits it reads where it is told to.
Answer Service::accounts_check(const LiveAccount& account) {
  const Account& described = account.as_described;
  OrderedJson row;
  row["id"] = described.account_id;
  row["name"] = described.workspace_name ? OrderedJson(*described.workspace_name) : OrderedJson();
  row["workspace_backend_origin"] = "https://chatgpt.com";
  row["account_routing_override"] = "NO_CONSTRAINT";
  OrderedJson body;
  body["accounts"] = OrderedJson::array({row});
  body["account_ordering"] = OrderedJson::array({described.account_id});
  body["default_account_id"] = described.account_id;
  return {200, body};
}

Answer Service::thread_usage(const LiveAccount& account, const std::string& body) {
  const Json asked = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!asked.is_object() || !asked.contains("thread_ids") || !asked["thread_ids"].is_array()) {
    return refuse(422, "thread_ids is missing");
  }
  OrderedJson rows = OrderedJson::array();
  for (const Json& id : asked["thread_ids"]) {
    for (const Json& row : account.as_described.threads) {
      if (row.is_object() && row.value("thread_id", Json()) == id) rows.push_back(OrderedJson(row));
    }
  }
  if (rows.empty()) return refuse(404, "no such thread");
  return {200, {{"threads", rows}}};
}

Answer Service::consume(LiveAccount& account, const std::string& body) const {
  const auto answer = [](const char* code, int windows) {
    return Answer{200, {{"code", code}, {"windows_reset", windows}}};
  };
  const Json asked = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  const Json key = asked.is_object() ? asked.value("redeem_request_id", Json()) : Json();
  if (!key.is_string() || key.get_ref<const std::string&>().empty()) {
    return refuse(422, "redeem_request_id is missing");
  }
  const Json wanted = asked.value("credit_id", Json());

  const auto before = std::find_if(
      account.redemptions.begin(), account.redemptions.end(),
      [&](const Redemption& done) { return done.key == key.get_ref<const std::string&>(); });
  if (before != account.redemptions.end()) return answer("already_redeemed", 0);

  const auto credit = std::find_if(account.credits.begin(), account.credits.end(),
                                   [&](const ResetCredit& candidate) {
                                     return is_available(account, candidate) &&
                                            (wanted.is_null() || wanted == Json(candidate.id));
                                   });
  if (credit == account.credits.end()) return answer("no_credit", 0);

  const std::int64_t now = clock_();
  int windows = 0;
  for (std::optional<LiveWindow>* window : {&account.primary, &account.secondary}) {
    if (!*window || (*window)->used_percent < 1) continue;
    (*window)->used_percent = 0;
    (*window)->counted_at = now;
    (*window)->resets_at = now + (*window)->as_described.window_seconds;
    ++windows;
  }
  if (windows == 0) return answer("nothing_to_reset", 0);
  credit->status = "redeemed";
  account.redemptions.push_back({key.get<std::string>(), credit->id});
  return answer("reset", windows);
}

OrderedJson Service::state() const {
  OrderedJson accounts = OrderedJson::array();
  for (const LiveAccount& account : accounts_) {
    OrderedJson redemptions = OrderedJson::array();
    for (const Redemption& done : account.redemptions) {
      redemptions.push_back({{"redeemRequestId", done.key}, {"creditId", done.credit_id}});
    }
    accounts.push_back({{"accountId", account.as_described.account_id},
                        {"availableCredits", count_available(account)},
                        {"redemptions", redemptions},
                        {"refreshes", account.spent_refresh_tokens.size()},
                        {"tasks", account.tasks.size()}});
  }
  return {{"accounts", accounts}};
}

}  // namespace quotad::simulator
