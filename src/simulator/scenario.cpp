#include "simulator/scenario.hpp"

#include <algorithm>

#include "quotad/protocol/error.hpp"
#include "simulator/time.hpp"

namespace quotad::simulator {
namespace {

using protocol::Json;

constexpr std::int64_t kDay = 86'400;

Json parse_json(std::string_view text, const char* what) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw protocol::Error(
        protocol::ErrorKind::kParse,
        std::string(what) + " is not JSON: unexpected input at byte " + std::to_string(error.byte));
  }
}

// A scenario is written by hand: a member that is spelt wrong must not pass for one left out.
template <class T>
void refuse_unknown(const Json& value, const std::string& path) {
  if constexpr (protocol::detail::kIsOptional<T>) {
    refuse_unknown<typename T::value_type>(value, path);
  } else if constexpr (protocol::detail::kIsVector<T> && !protocol::detail::kIsOrderedMap<T>) {
    std::size_t row = 0;
    for (const Json& item : value) {
      refuse_unknown<typename T::value_type>(item, path + "[" + std::to_string(row++) + "]");
    }
  } else if constexpr (protocol::DescribedStruct<T>) {
    for (const auto& [key, item] : value.items()) {
      bool known = false;
      protocol::for_each_member<T>([&, &name = key, &inner = item](const auto& member) {
        if (member.name != name) return;
        known = true;
        using Field = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
        if (!inner.is_null()) refuse_unknown<Field>(inner, path + "." + name);
      });
      if (!known) throw protocol::DecodeError(path + "." + key, "unknown member");
    }
  }
}

template <class T>
T decode_strictly(const Json& json, const std::string& path) {
  T result = protocol::decode<T>(json, path);
  refuse_unknown<T>(json, path);
  return result;
}

// Thirty days of usage with quiet week-ends, the same on every machine.
Json sample_stats(std::int64_t now) {
  Json buckets = Json::array();
  std::int64_t total = 0;
  std::int64_t peak = 0;
  for (std::int64_t age = 29; age >= 0; --age) {
    const std::int64_t day = now / kDay - age;
    const bool weekend = (day + 4) % 7 == 0 || (day + 4) % 7 == 6;  // day 0 was a Thursday
    const std::int64_t tokens = (weekend ? 40'000 : 600'000) + (day * 7919 % 13) * 55'000;
    buckets.push_back({{"start_date", format_utc(day * kDay, "%Y-%m-%d")}, {"tokens", tokens}});
    total += tokens;
    peak = std::max(peak, tokens);
  }
  return {{"lifetime_tokens", total * 4},     {"peak_daily_tokens", peak},
          {"longest_running_turn_sec", 1843}, {"current_streak_days", 30},
          {"longest_streak_days", 41},        {"daily_usage_buckets", buckets}};
}

}  // namespace

Scenario parse_scenario(std::string_view text) {
  return decode_strictly<Scenario>(parse_json(text, "the scenario"), "scenario");
}

std::vector<Fault> parse_faults(std::string_view text) {
  const Json json = parse_json(text, "the list of faults");
  return decode_strictly<std::vector<Fault>>(json.is_object() ? Json::array({json}) : json,
                                             "faults");
}

Scenario default_scenario(std::int64_t now) {
  Account account;
  account.access_token = "simulated-access-token";
  account.refresh_token = "simulated-refresh-token";
  account.account_id = "account-0001";
  account.user_id = "user-0001";
  account.primary = Window{.used_percent = 62,
                           .window_seconds = 18'000,
                           .resets_in_seconds = 7'200,
                           .fill_percent_per_hour = 12};
  account.secondary = Window{.used_percent = 31,
                             .window_seconds = 7 * kDay,
                             .resets_in_seconds = 4 * kDay,
                             .fill_percent_per_hour = 1};
  account.additional_limits.push_back({.metered_feature = "codex_spark",
                                       .limit_name = "Spark",
                                       .primary = Window{.used_percent = 4},
                                       .secondary = std::nullopt});
  account.credits = Credits{.has_credits = true, .unlimited = false, .balance = "5.39"};
  account.reset_credits = {{.id = "credit-0001",
                            .granted_seconds_ago = 20 * kDay,
                            .expires_in_seconds = 2 * kDay,
                            .title = "Usage reset",
                            .description = "Resets your usage windows once."},
                           {.id = "credit-0002",
                            .granted_seconds_ago = 3 * kDay,
                            .expires_in_seconds = 27 * kDay,
                            .title = "Usage reset",
                            .description = "Resets your usage windows once."}};
  account.stats = sample_stats(now);
  account.threads = {Json{{"thread_id", "019a0000-0000-7000-8000-000000000001"},
                          {"estimated_usage_credits_micros", 46'000'000},
                          {"estimated_usage_usd_micros", 1'840'000},
                          {"native_usage_usd_micros", nullptr},
                          {"groups",
                           {{{"model", "gpt-5.4"},
                             {"reasoning_effort", "high"},
                             {"speed", "standard"},
                             {"estimated_usage_credits_micros", 46'000'000},
                             {"net_new_input_tokens", 60'000},
                             {"cached_input_tokens", 410'000},
                             {"input_tokens", 470'000},
                             {"output_tokens", 21'000},
                             {"total_tokens", 491'000}}}}}};
  return Scenario{.accounts = {account}, .faults = {}};
}

}  // namespace quotad::simulator
