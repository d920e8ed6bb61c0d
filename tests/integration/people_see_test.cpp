// What a person sees of answers of the service that were once told wrong: the built program, in a pipe, in
// front of a service that answers just so. Times are told from now on.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <ctime>
#include <functional>

#include "harness/quotad.hpp"
#include "harness/scripted_server.hpp"

namespace quotad::testing {
namespace {

constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kDay = 24 * kHour;

struct Seen {
  int exit_code = 0;
  std::string out;
  std::string errors;
};

// The time that far from now; some seconds more, so that "in 2 h" is still true when it is shown.
std::int64_t from_now(std::int64_t seconds) { return std::time(nullptr) + seconds + 30; }

bool has(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

Json window(const Json& used, std::int64_t seconds, const Json& resets_at) {
  return {{"used_percent", used}, {"limit_window_seconds", seconds}, {"reset_at", resets_at}};
}

// A plan with two windows of which something is used, of an account that the answer does not name.
Json usage() {
  return {{"plan_type", "plus"},
          {"rate_limit",
           {{"allowed", true},
            {"limit_reached", false},
            {"primary_window", window(20, 5 * kHour, from_now(2 * kHour))},
            {"secondary_window", window(30, 7 * kDay, from_now(3 * kDay))}}},
          {"credits", {{"has_credits", false}, {"unlimited", false}, {"balance", "0"}}}};
}

Json reset_credit(const Json& expires_at, const std::string& status = "available") {
  return {{"id", "credit-1"},
          {"reset_type", "codex_rate_limits"},
          {"status", status},
          {"granted_at", "2026-01-01T00:00:00Z"},
          {"expires_at", expires_at}};
}

// What `words` show where the service answers so to every call but that for reset credits.
Seen see(const Json& answer, const Json& credits = nullptr, const Arguments& words = {"limits"},
         const Environment& more = {}) {
  const ScriptedServer service([&](const std::string& request) {
    const bool is_for_credits = has(request.substr(0, request.find('\r')), "reset-credits");
    if (!is_for_credits) return http_ok(answer.dump());
    if (!credits.is_null()) return http_ok(credits.dump());
    return std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  });
  const Home home(url_of(service));
  const TemporaryFolder state;
  Environment environment = {{"CODEX_HOME", home.path()},
                             {"QUOTAD_STATE_HOME", state.path()},
                             {"COLUMNS", "150"},
                             {"TZ", "CET-1CEST,M3.5.0,M10.5.0/3"}};
  for (const auto& [name, value] : more) environment[name] = value;
  Arguments command = {program()};
  command.insert(command.end(), words.begin(), words.end());
  Process process(command, environment);
  Seen seen;
  seen.out = process.read_rest();
  seen.errors = process.read_error_rest();
  seen.exit_code = process.wait();
  return seen;
}

void expect_shown(const Seen& seen, const std::vector<std::string>& words) {
  for (const std::string& each : words) {
    EXPECT_TRUE(has(seen.out, each)) << each << " is not in\n" << seen.out << seen.errors;
  }
}

TEST(PeopleSee, AFullWindowStopsWhoeverTheAnswerIsAbout) {
  Json answer = usage();
  answer["rate_limit"]["secondary_window"] = window(100, 7 * kDay, from_now(2 * kDay));
  const Seen seen = see(answer);
  EXPECT_EQ(seen.exit_code, 4);
  expect_shown(seen, {"Stopped     The 7-day window is full until ", ", in 2 d.",
                      "Next        it goes on in 2 d (", "no bought credits to carry on with"});
}

TEST(PeopleSee, ALimitThatTheServiceCallsReachedStops) {
  Json answer = usage();
  answer["rate_limit"]["limit_reached"] = true;
  const Seen seen = see(answer);
  EXPECT_EQ(seen.exit_code, 4);
  expect_shown(seen, {"Stopped     The service says that the limit is reached."});
  EXPECT_EQ(
      Json::parse(see(answer, nullptr, {"limits", "--json"}).out)["rateLimits"]["limitReached"],
      true);
}

TEST(PeopleSee, BoughtCreditsCarryOn) {
  Json answer = usage();
  answer["rate_limit"] = {{"allowed", false},
                          {"limit_reached", true},
                          {"primary_window", window(100, 5 * kHour, from_now(50 * 60))},
                          {"secondary_window", window(40, 7 * kDay, from_now(3 * kDay))}};
  answer["credits"] = {{"has_credits", true}, {"unlimited", false}, {"balance", "1200"}};
  answer["rate_limit_reached_type"] = {{"type", "rate_limit_reached"}};
  const Seen seen = see(answer);
  EXPECT_EQ(seen.exit_code, 0);
  EXPECT_FALSE(has(seen.out, "Stopped")) << seen.out;
  expect_shown(
      seen, {"Full        The 5-hour window is full until ", "the included usage goes on in 50 min",
             "bought credits carry on meanwhile: 1,200, about $48.00"});
  answer["credits"]["overage_limit_reached"] = true;
  const Seen spent = see(answer);
  EXPECT_EQ(spent.exit_code, 4);
  expect_shown(spent, {"Stopped", "bought credits may not be spent meanwhile"});
}

TEST(PeopleSee, AFullWindowIsNamedBesideAnotherReason) {
  Json answer = usage();
  answer["rate_limit"] = {{"allowed", false},
                          {"limit_reached", true},
                          {"primary_window", nullptr},
                          {"secondary_window", window(100, 7 * kDay, from_now(2 * kDay))}};
  answer["rate_limit_reached_type"] = {{"type", "workspace_member_credits_depleted"}};
  answer["rate_limit_reset_credits"] = {{"available_count", 1}};
  const Seen seen = see(answer);
  EXPECT_EQ(seen.exit_code, 4);
  expect_shown(seen, {"The 7-day window is full until ", "The workspace has no credits left",
                      "Next        it goes on in 2 d (", "`quotad reset` spends a reset credit"});
}

TEST(PeopleSee, SecondsToTheResetServeWhereItsTimeIsMissing) {
  Json answer = usage();
  answer["rate_limit"]["primary_window"] = {
      {"used_percent", 20}, {"limit_window_seconds", 5 * kHour}, {"reset_after_seconds", 9'030}};
  answer["rate_limit"]["secondary_window"] = {{"used_percent", 31},
                                              {"limit_window_seconds", 7 * kDay},
                                              {"reset_after_seconds", 4 * kDay + 30},
                                              {"reset_at", 0}};
  expect_shown(see(answer), {", in 2 h 30 min\n", ", in 4 d\n"});
}

TEST(PeopleSee, ResetsThatAreOverSaySo) {
  Json answer = usage();
  answer["rate_limit"]["primary_window"]["reset_at"] = from_now(-kHour - 60);
  answer["rate_limit"]["secondary_window"]["reset_at"] = 0;
  const Seen seen = see(answer);
  expect_shown(seen, {"reset was due 1 h ago"});
  EXPECT_FALSE(has(seen.out, "1970")) << seen.out;
  EXPECT_FALSE(has(seen.out, "resets ")) << "0 is no time\n" << seen.out;
}

TEST(PeopleSee, ExpiriesAreReadAsFarAsTheyCanBe) {
  Json answer = usage();
  const auto shown = [&](const Json& expires_at) {
    const Json credits = {{"available_count", 1}, {"credits", {reset_credit(expires_at)}}};
    return see(answer, credits, {"limits", "--utc"});
  };
  expect_shown(shown("2099-12-07T00:57:00.123456"), {"expires 2099-12-07 00:57 UTC"});
  expect_shown(shown(nullptr), {"does not expire"});
  for (const Json& unreadable : {Json("in a while"), Json("2099-12-07"), Json(0), Json(true)}) {
    const Seen seen = shown(unreadable);
    expect_shown(seen, {"expiry not known"});
    EXPECT_FALSE(has(seen.out, "does not expire")) << unreadable;
  }
}

TEST(PeopleSee, MoneyHasSeparatorsAndTwoDecimals) {
  Json answer = usage();
  answer["plan_type"] = "business";
  answer["rate_limit"] = nullptr;
  answer["credits"] = {{"has_credits", true}, {"unlimited", false}, {"balance", nullptr}};
  answer["spend_control"] = {{"reached", false},
                             {"individual_limit",
                              {{"limit", "25000"},
                               {"used", "6250.987654321"},
                               {"used_percent", 25},
                               {"remaining_percent", 75},
                               {"reset_at", from_now(10 * kDay)}}}};
  const Seen seen = see(answer);
  EXPECT_EQ(seen.exit_code, 0);
  expect_shown(seen, {"6,250.99 of 25,000 credits used, 75 % left; resets "});
  answer["spend_control"]["individual_limit"]["remaining_percent"] = -4;
  expect_shown(see(answer), {"credits used, 0 % left; resets "});
  answer = usage();
  answer["credits"] = {{"has_credits", true}, {"unlimited", false}, {"balance", 12345.6}};
  expect_shown(see(answer), {"Credits     12,345.60, about $493.82"});
}

TEST(PeopleSee, NearlyFullIsNotFull) {
  Json answer = usage();
  answer["rate_limit"]["primary_window"]["used_percent"] = 99.6;
  const Seen seen = see(answer);
  EXPECT_EQ(seen.exit_code, 0);
  expect_shown(seen, {"99 % used", "1 % left"});
  EXPECT_FALSE(has(seen.out, "100 %")) << seen.out;
}

TEST(PeopleSee, ResetCreditsAreToldAsTheyAre) {
  Json answer = usage();
  const Json credits = {{"available_count", 2},
                        {"credits", {reset_credit(nullptr), reset_credit(nullptr, "redeeming")}}};
  expect_shown(see(answer, credits), {"Reset credits  2 available\n", "being redeemed"});
  answer["rate_limit"]["primary_window"]["used_percent"] = 0;
  answer["rate_limit"]["secondary_window"]["used_percent"] = 0;
  expect_shown(see(answer, credits), {"Reset credits  2 available, none of use now\n"});
}

TEST(PeopleSee, TheWindowsOfCodeReview) {
  Json answer = usage();
  answer["code_review_rate_limit"] = {{"allowed", true},
                                      {"limit_reached", false},
                                      {"primary_window", window(44, 7 * kDay, from_now(kDay))}};
  expect_shown(see(answer), {"Code review\n  7 days ", "44 % used"});
}

TEST(PeopleSee, TheZoneOfLocalTimesOnceAPage) {
  const std::string page = see(usage()).out;
  const std::size_t first = page.find("Times are in CE");
  ASSERT_NE(first, std::string::npos) << page;
  EXPECT_EQ(page.find("(UTC+0", first + 30), std::string::npos) << page;
  EXPECT_FALSE(has(see(usage(), nullptr, {"limits", "--utc"}).out, "Times are in"));
}

TEST(PeopleSee, DaysOfUsageAreThoseOfUtc) {
  const Json profile = {
      {"stats",
       {{"lifetime_tokens", 5},
        {"daily_usage_buckets", {{{"start_date", "2026-01-01"}, {"tokens", 5}}}}}},
      {"metadata", {{"stats_as_of", "2026-01-02T03:04:05Z"}, {"stats_error", "rebuilding"}}}};
  expect_shown(see(profile, nullptr, {"usage"}),
               {"By day (UTC)", "As of           2026-01-02 03:04 UTC",
                "could not make these numbers: rebuilding"});
}

TEST(PeopleSee, QuotadAloneShowsLimitsAndWhereToFindMore) {
  const Seen seen = see(usage(), nullptr, {});
  EXPECT_EQ(seen.exit_code, 0);
  EXPECT_EQ(seen.errors, "");
  expect_shown(seen, {"20 % used", "\n`quotad help` lists what else there is.\n"});
  EXPECT_FALSE(has(see(usage()).out, "quotad help"));
  Json full = usage();
  full["rate_limit"]["limit_reached"] = true;
  EXPECT_EQ(see(full, nullptr, {}).exit_code, 4);
  const TemporaryFolder nobody;
  const Seen none = see(usage(), nullptr, {}, {{"CODEX_HOME", nobody.path()}});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_TRUE(has(none.errors, "codex login")) << none.errors;
  EXPECT_TRUE(has(none.errors, "quotad help")) << none.errors;
}

// stdout and stderr in the order in which a terminal gets them.
std::string both(const std::string& words, const Environment& environment) {
  Process shell({"/bin/sh", "-c", "exec " + program() + " " + words + " 2>&1"}, environment);
  const std::string text = shell.read_rest();
  shell.wait();
  return text;
}

TEST(PeopleSee, TheLogStandsBelowThePage) {
  Json answer = usage();
  answer["rate_limit"]["primary_window"]["used_percent"] = "20";
  answer["plan_type"] = 5;
  const ScriptedServer service([&](const std::string&) { return http_ok(answer.dump()); });
  const Home home(url_of(service));
  const TemporaryFolder state;
  const Environment environment = {{"CODEX_HOME", home.path()},
                                   {"QUOTAD_STATE_HOME", state.path()}};
  const std::string text = both("--log-level debug limits", environment);
  const std::size_t last_of_page = text.find("Times are in");
  const std::size_t first_of_log = std::min(text.find(" warning "), text.find(" debug "));
  ASSERT_NE(first_of_log, std::string::npos) << text;
  ASSERT_NE(last_of_page, std::string::npos) << text;
  EXPECT_LT(last_of_page, first_of_log) << text;
  EXPECT_TRUE(has(text, "`usage.plan_type`")) << text;
}

TEST(PeopleSee, AWatchReadsAgainWhenAResetPasses) {
  // The service moves the reset on with every answer, as one does that has only just begun to count.
  const ScriptedServer service([&](const std::string&) {
    Json answer = usage();
    answer["rate_limit"]["primary_window"]["reset_at"] = std::time(nullptr) + 1;
    return http_ok(answer.dump());
  });
  const Home home(url_of(service));
  const TemporaryFolder state;
  Process process({program(), "watch", "--json", "--interval", "1000"},
                  {{"CODEX_HOME", home.path()}, {"QUOTAD_STATE_HOME", state.path()}});
  ASSERT_TRUE(process.read_line());
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(process.read_line());
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
  process.send_signal(SIGINT);
  process.read_rest();
  EXPECT_EQ(process.wait(), 0);
}

}  // namespace
}  // namespace quotad::testing
