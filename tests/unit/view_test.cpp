// What people read: golden files at three widths, and rules that hold for whatever is shown.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "harness/paths.hpp"
#include "harness/process.hpp"
#include "view/facts.hpp"
#include "view/limits.hpp"
#include "view/page.hpp"
#include "view/reset.hpp"
#include "view/usage.hpp"
#include "view/watch.hpp"

namespace quotad::view {
namespace {

using protocol::GetAccountRateLimitsResponse;
using protocol::GetAccountTokenUsageResponse;
using protocol::RateLimitResetCredit;
using protocol::RateLimitSnapshot;
using protocol::RateLimitWindow;

constexpr std::int64_t kNow = 1'795'312'800;  // Sunday, 2026-11-22 02:00:00 UTC
constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kDay = 24 * kHour;

Page page_of(std::size_t width) {
  Page page;
  page.width = width;
  page.utc = true;
  page.now = kNow;
  return page;
}

RateLimitWindow window(std::int32_t used, std::int64_t minutes, std::int64_t resets_in) {
  return {used, minutes, kNow + resets_in};
}

RateLimitResetCredit credit(const std::string& id, std::optional<std::int64_t> expires_in,
                            const std::string& title = "Usage reset") {
  RateLimitResetCredit credit;
  credit.id = id;
  credit.reset_type = protocol::RateLimitResetType::kCodexRateLimits;
  credit.status = protocol::RateLimitResetCreditStatus::kAvailable;
  if (expires_in) credit.expires_at = kNow + *expires_in;
  credit.title = title;
  return credit;
}

protocol::Redemption redemption(protocol::RedemptionState state, std::int64_t ago) {
  protocol::Redemption made;
  made.idempotency_key = "6d29e314-a550-4a3f-941e-0b126e14e4d3";
  made.state = state;
  made.created_at = made.updated_at = kNow - ago;
  return made;
}

void set_buckets(GetAccountRateLimitsResponse& limits, std::vector<RateLimitSnapshot> others) {
  limits.rate_limits_by_limit_id.emplace();
  limits.rate_limits_by_limit_id->emplace_back("codex", limits.rate_limits);
  for (RateLimitSnapshot& bucket : others) {
    const std::string id = *bucket.limit_id;
    limits.rate_limits_by_limit_id->emplace_back(id, std::move(bucket));
  }
}

// Something of everything.
GetAccountRateLimitsResponse typical() {
  GetAccountRateLimitsResponse limits;
  limits.ordinary_usage_allowed = true;
  RateLimitSnapshot& ordinary = limits.rate_limits;
  ordinary.limit_id = "codex";
  ordinary.primary = window(62, 300, 2 * kHour);
  ordinary.secondary = window(31, 10'080, 4 * kDay);
  ordinary.credits = {.has_credits = true, .unlimited = false, .balance = "42.5"};
  ordinary.plan_type = protocol::PlanType::kPlus;
  RateLimitSnapshot spark;
  spark.limit_id = "codex_spark";
  spark.limit_name = "Spark";
  spark.primary = window(4, 300, 5 * kHour);
  set_buckets(limits, {spark});
  limits.rate_limit_reset_credits = {
      .available_count = 3,
      .credits = {{credit("credit-b", 27 * kDay), credit("credit-a", 2 * kDay),
                   credit("credit-c", std::nullopt)}}};
  return limits;
}

GetAccountRateLimitsResponse single_window(std::int32_t used) {
  GetAccountRateLimitsResponse limits;
  limits.rate_limits.limit_id = "codex";
  limits.rate_limits.primary = window(used, 10'080, 3 * kDay);
  limits.rate_limits.plan_type = protocol::PlanType::kFree;
  set_buckets(limits, {});
  return limits;
}

GetAccountRateLimitsResponse stopped() {
  GetAccountRateLimitsResponse limits = typical();
  limits.ordinary_usage_allowed = false;
  limits.rate_limits.primary = window(100, 300, kHour);
  limits.rate_limits.secondary = window(130, 10'080, 2 * kDay);
  limits.rate_limits.rate_limit_reached_type = protocol::RateLimitReachedType::kRateLimitReached;
  limits.rate_limits.individual_limit = {"500", "480.25", 4, kNow + 9 * kDay};
  limits.rate_limits.credits = {.has_credits = false, .unlimited = false, .balance = "0"};
  return limits;
}

// Full, while what was bought is used.
GetAccountRateLimitsResponse on_credits() {
  GetAccountRateLimitsResponse limits = stopped();
  limits.rate_limits.secondary = window(37, 10'080, 2 * kDay);
  limits.rate_limits.credits = {.has_credits = true, .unlimited = false, .balance = "1715.5"};
  return limits;
}

// The workspace has spent what it had, and the week is full besides.
GetAccountRateLimitsResponse workspace_without_credits() {
  GetAccountRateLimitsResponse limits;
  limits.rate_limits.limit_id = "codex";
  limits.rate_limits.plan_type = protocol::PlanType::kBusiness;
  limits.rate_limits.secondary = window(100, 10'080, 2 * kDay);
  limits.rate_limits.credits = {.has_credits = false, .unlimited = false, .balance = "0"};
  limits.rate_limits.limit_reached = true;
  limits.rate_limits.rate_limit_reached_type =
      protocol::RateLimitReachedType::kWorkspaceMemberCreditsDepleted;
  set_buckets(limits, {});
  limits.rate_limit_reset_credits = {.available_count = 1, .credits = std::nullopt};
  return limits;
}

// Times that are over, or not known, and a credit of which the service is just thinking.
GetAccountRateLimitsResponse odd_times() {
  GetAccountRateLimitsResponse limits;
  limits.rate_limits.limit_id = "codex";
  limits.rate_limits.primary = window(100, 300, -kHour);
  limits.rate_limits.secondary = RateLimitWindow{12, 10'080, 0};
  limits.rate_limits.individual_limit = {"15000", "4012.123456789012", -3, 0};
  set_buckets(limits, {});
  RateLimitResetCredit unreadable = credit("credit-unreadable", std::nullopt);
  unreadable.expiry_unknown = true;
  RateLimitResetCredit redeeming = credit("credit-redeeming", 3 * kDay);
  redeeming.status = protocol::RateLimitResetCreditStatus::kRedeeming;
  limits.rate_limit_reset_credits = {
      .available_count = 2,
      .credits = {{unreadable, credit("credit-for-ever", std::nullopt), redeeming}}};
  return limits;
}

GetAccountRateLimitsResponse twelve_buckets() {
  GetAccountRateLimitsResponse limits = single_window(12);
  limits.rate_limits.plan_type = protocol::PlanType::kUnknown;
  limits.rate_limits.credits = {.has_credits = true, .unlimited = true, .balance = std::nullopt};
  std::vector<RateLimitSnapshot> others;
  for (int i = 1; i < 12; ++i) {
    RateLimitSnapshot bucket;
    bucket.limit_id = "model_" + std::to_string(i);
    if (i % 3 != 0) bucket.limit_name = "Model number " + std::to_string(i);
    if (i != 7) bucket.primary = window(i * 9, 60 * i, 30 * 60);
    others.push_back(bucket);
  }
  others[1].rate_limit_reached_type = protocol::RateLimitReachedType::kRateLimitReached;
  set_buckets(limits, std::move(others));
  return limits;
}

// Titles and names that are wide, turn around, combine, or try to move the cursor.
GetAccountRateLimitsResponse many_scripts() {
  GetAccountRateLimitsResponse limits = typical();
  RateLimitSnapshot wide;
  wide.limit_id = "wide";
  wide.limit_name = "画像生成モデルの利用上限、とても長い名前で一行に収まらないもの、まだ続く";
  wide.primary = window(50, 300, kHour);
  set_buckets(limits, {wide});
  limits.rate_limits.credits = {.has_credits = false, .unlimited = false, .balance = "0"};
  limits.rate_limit_reset_credits->credits = {
      {credit("credit-1", 5 * kDay, "利用枠のリセット"),
       credit("credit-2", 6 * kDay, "איפוס שימוש"),
       credit("credit-3", 7 * kDay, "e\u0301te\u0301 🎁"),
       credit("credit-4", 8 * kDay, "evil \x1b[2J\u202Etitle\r\nwith a second line"),
       credit(std::string(70, 'x'), 9 * kDay, "\xff\xfe not UTF-8")}};
  limits.rate_limit_reset_credits->available_count = 7;
  return limits;
}

GetAccountRateLimitsResponse hardly_anything() {
  GetAccountRateLimitsResponse limits;
  limits.rate_limits.primary = {.used_percent = 0};
  limits.rate_limits.credits = {.has_credits = true, .unlimited = false, .balance = std::nullopt};
  limits.rate_limit_reset_credits = {.available_count = 2, .credits = std::nullopt};
  return limits;
}

GetAccountTokenUsageResponse year_of_usage() {
  GetAccountTokenUsageResponse usage;
  usage.summary = {1'234'567'890, 9'876'543, 4'321, 1, 41};
  usage.daily_usage_buckets.emplace();
  const std::int64_t today = kNow / kDay;
  for (std::int64_t ago = 299; ago >= 0; --ago) {
    if (ago % 11 == 3) continue;  // the service leaves some out
    const std::int64_t tokens = ago % 7 == 0 ? 0 : (300 - ago) * 31'013 % 9'876'543;
    const auto date =
        std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(today - ago)));
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    usage.daily_usage_buckets->push_back({text, tokens});
  }
  return usage;
}

GetAccountTokenUsageResponse thread() {
  GetAccountTokenUsageResponse usage;
  usage.thread_usage.emplace();
  usage.thread_usage->thread_id = "019a0000-0000-7000-8000-000000000001";
  usage.thread_usage->estimated_usage_credits_micros = 46'120'000;
  usage.thread_usage->estimated_usage_usd_micros = 1'844'800;
  usage.thread_usage->native_usage_usd_micros = 0;
  usage.thread_usage->groups = {
      {"gpt-5.4", "high", "standard", 46'000'000, 60'000, 410'000, 470'000, 21'000, 491'000},
      {std::nullopt, std::nullopt, std::nullopt, 120'000, {}, {}, {}, {}, {}}};
  return usage;
}

Watched watched() {
  Watched watched;
  for (const std::int32_t used : {40, 45, 52, 62}) {
    GetAccountRateLimitsResponse limits = typical();
    limits.rate_limits.primary->used_percent = used;
    remember(watched, std::move(limits), kNow - 10);
  }
  watched.next_at = kNow + 50;
  return watched;
}

// Compares with tests/unit/golden/NAME.txt; with QUOTAD_RECORD, writes it.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string file = testing::source("tests/unit/golden/" + name + ".txt");
  if (std::getenv("QUOTAD_RECORD") != nullptr) testing::write_file(file, text);
  EXPECT_EQ(testing::read_file(file), text) << "if it is meant: ./dev golden";
}

// At three widths, and at 80 columns without Unicode and with colours.
template <class Render>
void expect_golden_at_all_widths(const std::string& name, const Render& render) {
  std::string text;
  const auto add = [&](const std::string& headline, const Page& page) {
    const Lines lines = render(page);
    text += "== " + headline + "\n" + to_text(lines);
    if (page.colored) return;
    for (const std::string& line : lines) EXPECT_LE(columns(line), page.width) << line;
  };
  for (const std::size_t width : {40, 80, 120}) add(std::to_string(width), page_of(width));
  Page page = page_of(80);
  page.graphic = false;
  add("80, plain", page);
  page.graphic = true;
  page.colored = true;
  add("80, coloured", page);
  expect_golden(name, text);
}

void expect_golden_limits(const std::string& name, const GetAccountRateLimitsResponse& shown) {
  expect_golden_at_all_widths(name, [&](const Page& page) { return limits(shown, page); });
}

TEST(ViewGolden, LimitsOfATypicalAccount) { expect_golden_limits("limits_typical", typical()); }
TEST(ViewGolden, LimitsOfASingleWindow) {
  expect_golden_limits("limits_single_window", single_window(37));
}
TEST(ViewGolden, LimitsOfWhichNothingIsUsed) {
  expect_golden_limits("limits_unused", single_window(0));
}
TEST(ViewGolden, LimitsThatAreUsedUp) { expect_golden_limits("limits_full", single_window(100)); }
TEST(ViewGolden, LimitsThatStopTheAccount) { expect_golden_limits("limits_stopped", stopped()); }
TEST(ViewGolden, LimitsWhileCreditsCarryOn) {
  expect_golden_limits("limits_on_credits", on_credits());
}
TEST(ViewGolden, LimitsOfAWorkspaceWithoutCredits) {
  expect_golden_limits("limits_workspace", workspace_without_credits());
}
TEST(ViewGolden, LimitsWithTimesThatAreOverOrNotKnown) {
  expect_golden_limits("limits_odd_times", odd_times());
}
TEST(ViewGolden, LimitsOfTwelveBuckets) {
  expect_golden_limits("limits_twelve_buckets", twelve_buckets());
}
TEST(ViewGolden, LimitsInManyScripts) { expect_golden_limits("limits_scripts", many_scripts()); }
TEST(ViewGolden, LimitsOfWhichHardlyAnythingIsKnown) {
  expect_golden_limits("limits_unknown", hardly_anything());
}

TEST(ViewGolden, Usage) {
  const auto shown = year_of_usage();
  expect_golden_at_all_widths("usage", [&](const Page& page) { return usage(shown, 365, page); });
  expect_golden_at_all_widths("usage_60_days",
                              [&](const Page& page) { return usage(shown, 60, page); });
}

TEST(ViewGolden, UsageThatIsLate) {
  GetAccountTokenUsageResponse shown;
  shown.stats_as_of = "2026-11-21T23:59:00.5+00:00";
  shown.stats_error = "the statistics are being\x1b[2Jrebuilt";
  expect_golden_at_all_widths("usage_late",
                              [&](const Page& page) { return usage(shown, 365, page); });
}

TEST(ViewGolden, UsageOfWhichNothingIsKnown) {
  expect_golden_at_all_widths("usage_unknown",
                              [](const Page& page) { return usage({}, 365, page); });
}

TEST(ViewGolden, UsageOfAThread) {
  const auto shown = thread();
  expect_golden_at_all_widths("usage_thread",
                              [&](const Page& page) { return thread_usage(shown, page); });
}

TEST(ViewGolden, PlanOfAReset) {
  const auto shown = typical();
  expect_golden_at_all_widths(
      "reset_plan", [&](const Page& page) { return reset_plan(shown, std::nullopt, page); });
  expect_golden_at_all_widths(
      "reset_plan_credit", [&](const Page& page) { return reset_plan(shown, "credit-b", page); });
  const auto unused = single_window(0);
  expect_golden_at_all_widths("reset_plan_unused", [&](const Page& page) {
    return reset_plan(unused, "credit-none", page);
  });
}

TEST(ViewGolden, Watch) {
  Watched shown = watched();
  expect_golden_at_all_widths("watch", [&](const Page& page) { return watch(shown, 40, page); });
  shown.problem = "usage request failed with status 429 Too Many Requests";
  shown.was_asked_to_wait = true;
  shown.next_at = kNow + 300;
  expect_golden_at_all_widths("watch_asked_to_wait",
                              [&](const Page& page) { return watch(shown, 40, page); });
}

TEST(View, AWatchFitsIntoAnyHeight) {
  const Watched shown = watched();
  for (std::size_t height = 1; height < 40; ++height) {
    const Lines lines = watch(shown, height, page_of(80));
    EXPECT_LE(lines.size(), height);
    // How to get away is shown as long as there is room for anything but headlines.
    if (height >= 6) {
      EXPECT_EQ(lines.back(), "r refresh   q quit") << height;
    }
  }
}

TEST(View, PlainTextIsAsciiWhereTheServiceIs) {
  Page page = page_of(80);
  page.graphic = false;
  Watched shown = watched();
  shown.is_reading = true;
  const std::string text =
      to_text(limits(stopped(), page)) + to_text(usage(year_of_usage(), 365, page)) +
      to_text(thread_usage(thread(), page)) + to_text(reset_plan(typical(), std::nullopt, page)) +
      to_text(watch(shown, 40, page));
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << int{c};
}

TEST(View, NothingIsWiderThanThePage) {
  std::mt19937 random(20'261'122);
  const auto pick = [&](std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random);
  };
  const std::vector<std::string> pieces{
      "a",      "Usage ", "画",  "ש", "e\u0301", "🎁",
      "\x1b[A", "\xff",   "x-y", " ", "…",       "verylongwordwithoutanyspaces"};
  const auto text = [&] {
    std::string words;
    for (std::int64_t i = pick(0, 30); i > 0; --i) {
      words +=
          pieces[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(pieces.size()) - 1))];
    }
    return words;
  };
  const std::vector<std::int64_t> extremes{0,
                                           1,
                                           59,
                                           100,
                                           101,
                                           1'440,
                                           2'147'483'647,
                                           kNow,
                                           -1,
                                           std::numeric_limits<std::int64_t>::max(),
                                           std::numeric_limits<std::int64_t>::min()};
  const auto number = [&]() -> std::int64_t {
    if (pick(0, 1) == 0) return pick(-10, 200'000);
    return extremes[static_cast<std::size_t>(
        pick(0, static_cast<std::int64_t>(extremes.size()) - 1))];
  };
  const auto any_window = [&]() -> std::optional<RateLimitWindow> {
    if (pick(0, 4) == 0) return std::nullopt;
    RateLimitWindow window{static_cast<std::int32_t>(number())};
    if (pick(0, 3) > 0) window.window_duration_mins = number();
    if (pick(0, 3) > 0) window.resets_at = pick(0, 1) == 0 ? number() : kNow + pick(-9, 900'000);
    return window;
  };
  for (int round = 0; round < 2'000; ++round) {
    GetAccountRateLimitsResponse shown = typical();
    shown.rate_limits.primary = any_window();
    shown.rate_limits.secondary = any_window();
    shown.rate_limits.limit_name = text();
    shown.rate_limits.credits->balance = text();
    shown.rate_limits.individual_limit = {text(), text(), static_cast<std::int32_t>(number()),
                                          number()};
    shown.rate_limits.spend_control_reached = pick(0, 1) == 0;
    shown.rate_limit_reset_credits->credits->push_back(credit(text(), pick(-9, 900'000), text()));
    shown.rate_limit_reset_credits->available_count = number();
    GetAccountTokenUsageResponse used = year_of_usage();
    used.summary = {number(), number(), number(), number(), number()};
    used.daily_usage_buckets->push_back({pick(0, 1) == 0 ? text() : "2026-11-21", number()});
    used.thread_usage = thread().thread_usage;
    used.thread_usage->thread_id = text();
    used.thread_usage->estimated_usage_credits_micros = number();
    used.thread_usage->groups.front().model = text();
    used.thread_usage->groups.front().total_tokens = number();
    Watched seen;
    remember(seen, shown, kNow);
    seen.problem = printable(text());
    seen.resets.open = redemption(protocol::RedemptionState::kUnknown, 0);
    seen.resets.open->created_at = number();
    seen.resets.recent = redemption(protocol::RedemptionState::kSettled, 0);
    seen.resets.recent->updated_at = number();
    Page page = page_of(static_cast<std::size_t>(pick(40, 130)));
    page.graphic = pick(0, 1) == 0;
    page.utc = pick(0, 1) == 0;
    for (const Lines& lines : {limits(shown, page, seen.resets), after_reset(shown, page),
                               usage(used, pick(1, 3'660), page), thread_usage(used, page),
                               reset_plan(shown, text(), page), watch(seen, 40, page)}) {
      for (const std::string& line : lines) {
        ASSERT_LE(columns(line), page.width) << "round " << round << ": " << line;
        ASSERT_EQ(line.find_first_of("\x1b\r\n\t"), std::string::npos) << "round " << round;
      }
    }
  }
}

TEST(View, TextIsMeasuredByWhatIsShown) {
  EXPECT_EQ(columns("abc"), 3U);
  EXPECT_EQ(columns("画像"), 4U);
  EXPECT_EQ(columns("e\u0301"), 1U);
  EXPECT_EQ(columns("█░"), 2U);
  EXPECT_EQ(columns("🎁"), 2U);
}

TEST(View, TextIsCutAtACharacter) {
  const Page page = page_of(80);
  EXPECT_EQ(cut("画像生成", 8, page), "画像生成");
  EXPECT_EQ(cut("画像生成", 6, page), "画像…");
  EXPECT_EQ(cut("abcdef", 4, page), "abc…");
  Page plain = page;
  plain.graphic = false;
  EXPECT_EQ(cut("abcdef", 5, plain), "ab...");
}

TEST(View, NoTextMovesTheCursorOrTurnsItsNeighbours) {
  EXPECT_EQ(printable("a\x1b[2Jb\r\nc\x7f"), "a [2Jb  c ");
  EXPECT_EQ(printable("a\u202Eb\u2067c"), "abc");
  EXPECT_EQ(printable("\u05D0"), "\u2068\u05D0\u2069");
  EXPECT_EQ(printable("\xff"), "\uFFFD");
}

TEST(View, Numbers) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(-1'234), "-1,234");
  EXPECT_EQ(grouped(-123), "-123");
  EXPECT_EQ(brief(999), "999");
  EXPECT_EQ(brief(1'250), "1.2k");
  EXPECT_EQ(brief(999'999), "999k");
  EXPECT_EQ(brief(90'080'000), "90M");
}

TEST(View, Durations) {
  EXPECT_EQ(duration(-5), "0 s");
  EXPECT_EQ(duration(59), "59 s");
  EXPECT_EQ(duration(60), "1 min");
  EXPECT_EQ(duration(3 * kHour + 12 * 60 + 59), "3 h 12 min");
  EXPECT_EQ(duration(kDay), "1 d");
  EXPECT_EQ(duration(2 * kDay + 4 * kHour), "2 d 4 h");
}

TEST(View, MomentsAreToldByHowFarTheyAre) {
  const Page page = page_of(80);
  EXPECT_EQ(moment(kNow + kHour, page), "03:00 UTC");
  EXPECT_EQ(moment(kNow + 23 * kHour, page), "Mon 01:00 UTC");
  EXPECT_EQ(moment(kNow - 3 * kHour, page), "Sat 23:00 UTC");
  EXPECT_EQ(moment(kNow + 6 * kDay, page), "2026-11-28 02:00 UTC");
  EXPECT_EQ(moment(std::numeric_limits<std::int64_t>::max(), page), "9999-12-31 23:59 UTC");
  EXPECT_EQ(until(kNow, page), "now");
  EXPECT_EQ(until(kNow + 90, page), "in 1 min");
}

TEST(View, BarsShowWhatIsUsedAndWhatIsLeft) {
  Page page = page_of(80);
  EXPECT_EQ(bar(0, 4, page), "░░░░");
  EXPECT_EQ(bar(1, 4, page), "▏░░░");
  EXPECT_EQ(bar(50, 4, page), "██░░");
  EXPECT_EQ(bar(100, 4, page), "████");
  EXPECT_EQ(bar(250, 4, page), "████");
  EXPECT_EQ(bar(-3, 4, page), "░░░░");
  page.graphic = false;
  EXPECT_EQ(bar(0, 6, page), "[----]");
  EXPECT_EQ(bar(1, 6, page), "[#---]");
  EXPECT_EQ(bar(99, 6, page), "[###-]");
  EXPECT_EQ(bar(100, 6, page), "[####]");
}

TEST(View, APaceIsToldWhereTheWindowWillNotLast) {
  // Half of the time is over.
  EXPECT_EQ(empty_at(window(75, 300, 150 * 60), kNow), kNow + 50 * 60);
  EXPECT_EQ(empty_at(window(50, 300, 150 * 60), kNow), std::nullopt);
  EXPECT_EQ(empty_at(window(100, 300, 150 * 60), kNow), std::nullopt);
  // It has hardly begun; it is over; nothing is known.
  EXPECT_EQ(empty_at(window(50, 300, 290 * 60), kNow), std::nullopt);
  EXPECT_EQ(empty_at(window(50, 300, -1), kNow), std::nullopt);
  EXPECT_EQ(empty_at({.used_percent = 50}, kNow), std::nullopt);
}

TEST(View, DaysThatAreNoneAreTold) {
  EXPECT_EQ(parse_day("1970-01-02"), 1);
  EXPECT_EQ(parse_day("2026-11-22"), kNow / kDay);
  for (const char* text : {"", "2026-02-30", "2026-1-02", "2026-11-22T00:00", "yyyy-mm-dd"}) {
    EXPECT_EQ(parse_day(text), std::nullopt) << text;
  }
}

TEST(View, AWatchDoesNotTakeOneWindowForAnother) {
  Watched seen;
  auto before = single_window(80);
  before.rate_limits.primary->window_duration_mins = 300;
  remember(seen, std::move(before), kNow);
  remember(seen, single_window(5), kNow);
  ASSERT_EQ(seen.history.size(), 1U);
  EXPECT_EQ(seen.history[0].used_percent, std::vector<std::int64_t>{5});
}

TEST(View, ALongProblemLeavesRoomForTheKeys) {
  Watched seen = watched();
  seen.problem = std::string(3'000, 'x');
  const Lines lines = watch(seen, 24, page_of(80));
  EXPECT_LE(lines.size(), 24U);
  EXPECT_EQ(lines.back(), "r refresh   q quit");
}

bool shows(const Lines& lines, const std::string& words) {
  return to_text(lines).find(words) != std::string::npos;
}

TEST(View, AResetIsAdvisedOnlyWhereItHelps) {
  auto shown = stopped();
  EXPECT_TRUE(shows(limits(shown, page_of(80)), "quotad reset"));
  using Reached = protocol::RateLimitReachedType;
  shown.rate_limits.rate_limit_reached_type = Reached::kWorkspaceMemberCreditsDepleted;
  EXPECT_TRUE(shows(limits(shown, page_of(80)), "quotad reset")) << "a window is full, too";
  EXPECT_TRUE(shows(limits(shown, page_of(80)), "goes on in 2 d"));
  shown.rate_limits.primary = window(50, 300, kHour);
  shown.rate_limits.secondary = window(60, 10'080, kHour);
  EXPECT_FALSE(shows(limits(shown, page_of(80)), "quotad reset"));
  EXPECT_FALSE(shows(limits(shown, page_of(80)), "goes on"));
}

TEST(View, AnOpenResetIsNamedInPlaceOfTheAdviceToReset) {
  Page page = page_of(120);
  Resets resets;
  resets.open = redemption(protocol::RedemptionState::kUnknown, 720);
  const std::string words =
      "Reset       The outcome of the reset begun 01:48 UTC, 12 min ago, is unknown";
  for (const Lines& shown : {limits(stopped(), page, resets), limits(typical(), page, resets)}) {
    EXPECT_TRUE(shows(shown, words)) << to_text(shown);
    EXPECT_FALSE(shows(shown, "spends a reset credit"));
  }
  Watched seen;
  remember(seen, stopped(), kNow);
  seen.resets = resets;
  EXPECT_TRUE(shows(watch(seen, 40, page), words)) << to_text(watch(seen, 40, page));
  EXPECT_FALSE(shows(watch(seen, 40, page), "spends a reset credit"));
  resets.open->state = protocol::RedemptionState::kPending;
  EXPECT_TRUE(
      shows(limits(stopped(), page, resets), "A reset begun 01:48 UTC, 12 min ago, is under way."));
}

TEST(View, AnotherResetIsNotAdvisedSoonAfterOne) {
  Resets resets;
  resets.recent = redemption(protocol::RedemptionState::kSettled, 720);
  const Page page = page_of(200);
  const Lines shown = limits(stopped(), page, resets);
  EXPECT_TRUE(shows(shown, "a reset spent a credit 12 min ago: look again later"))
      << to_text(shown);
  EXPECT_FALSE(shows(shown, "`quotad reset`"));
  EXPECT_FALSE(shows(limits(typical(), page, resets), "look again"));
  EXPECT_EQ(recent_reset(*resets.recent, page), "A reset spent a credit 12 min ago (key …e4d3).");
  resets.recent->idempotency_key = "aé";
  resets.recent->updated_at = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(recent_reset(*resets.recent, page), "A reset spent a credit 0 s ago (key aé).");
  resets.recent->updated_at = std::numeric_limits<std::int64_t>::min();
  EXPECT_NE(recent_reset(*resets.recent, page), "");
}

TEST(View, WindowsThatStayFullAfterAResetAreToldOf) {
  const Page page = page_of(120);
  EXPECT_TRUE(shows(after_reset(stopped(), page), "still reports the windows as full"));
  EXPECT_TRUE(shows(after_reset(stopped(), page), "do not spend another credit"));
  EXPECT_TRUE(shows(after_reset(typical(), page), "start afresh"));
  GetAccountRateLimitsResponse no_credits_left = typical();
  using Reached = protocol::RateLimitReachedType;
  no_credits_left.rate_limits.rate_limit_reached_type = Reached::kWorkspaceMemberCreditsDepleted;
  EXPECT_FALSE(is_still_full(no_credits_left)) << "which no reset brings back";
  no_credits_left.rate_limits.rate_limit_reached_type = Reached::kRateLimitReached;
  EXPECT_TRUE(is_still_full(no_credits_left));
}

TEST(View, EveryFullWindowIsNamed) {
  const Page page = page_of(120);
  EXPECT_TRUE(shows(limits(stopped(), page),
                    "The 5-hour window is full until 03:00 UTC, in 1 h. "
                    "The 7-day window is full until Tue 02:00 UTC, in "
                    "2 d."));
  const Lines workspace = limits(workspace_without_credits(), page);
  EXPECT_TRUE(shows(workspace,
                    "The 7-day window is full until Tue 02:00 UTC, in 2 d. The "
                    "workspace has no credits left"));
  EXPECT_TRUE(shows(workspace, "Next        it goes on in 2 d (Tue 02:00 UTC); `quotad reset`"));
  const Lines on = limits(on_credits(), page);
  EXPECT_FALSE(shows(on, "Stopped"));
  EXPECT_TRUE(shows(on, "bought credits carry on meanwhile: 1,715.50, about $68.62"));
}

TEST(View, BoughtCreditsThatDoNotCarryOnAreToldOf) {
  auto shown = stopped();
  const auto page = page_of(120);
  EXPECT_TRUE(shows(limits(shown, page), "there are no bought credits to carry on with"));
  shown.rate_limits.credits = {.has_credits = true, .unlimited = false, .balance = std::nullopt};
  EXPECT_TRUE(shows(limits(shown, page), "whether bought credits carry on meanwhile is not known"));
  shown.rate_limits.credits->balance = "0.00";
  EXPECT_TRUE(shows(limits(shown, page), "the bought credits are used up"));
  shown.rate_limits.credits->balance = "5";
  shown.rate_limits.credits->overage_limit_reached = true;
  EXPECT_TRUE(shows(limits(shown, page), "bought credits may not be spent meanwhile"));
}

TEST(View, TimesThatAreOverSaySo) {
  const Page page = page_of(80);
  EXPECT_EQ(reset_words(kNow + kHour, page), "resets 03:00 UTC, in 1 h");
  EXPECT_EQ(reset_words(kNow, page), "resets 02:00 UTC, now");
  EXPECT_EQ(reset_words(kNow - kHour, page), "reset was due 1 h ago");
  EXPECT_EQ(reset_words(0, page), "");
  EXPECT_EQ(reset_words(std::nullopt, page), "");
}

TEST(View, WhatIsNotKnownOfAnExpiryIsNotTakenForNever) {
  const Page page = page_of(80);
  RateLimitResetCredit shown = credit("credit", std::nullopt);
  EXPECT_EQ(expiry(shown, page), "does not expire");
  shown.expiry_unknown = true;
  EXPECT_EQ(expiry(shown, page), "expiry not known");
  shown.expiry_unknown.reset();
  shown.expires_at = 0;
  EXPECT_EQ(expiry(shown, page), "expiry not known");
  shown.expires_at = kNow + kHour;
  EXPECT_EQ(expiry(shown, page), "expires 03:00 UTC, in 1 h");
}

TEST(View, CreditsThatAreOfNoUseNowSaySo) {
  auto shown = typical();
  EXPECT_FALSE(shows(limits(shown, page_of(80)), "none of use"));
  shown.rate_limits.primary->used_percent = 0;
  shown.rate_limits.secondary->used_percent = 0;
  EXPECT_TRUE(shows(limits(shown, page_of(80)), "Reset credits  3 available, none of use now\n"));
  EXPECT_FALSE(shows(limits(shown, page_of(80)), "use it or lose it"));
  shown.rate_limits.limit_reached = true;
  EXPECT_FALSE(shows(limits(shown, page_of(80)), "none of use"));
}

TEST(View, TheFirstResetThatIsShownIsNext) {
  auto shown = typical();
  EXPECT_EQ(next_reset(shown, kNow), kNow + 2 * kHour);
  EXPECT_EQ(next_reset(shown, kNow + 2 * kHour), kNow + 5 * kHour) << "of another bucket";
  EXPECT_EQ(next_reset(shown, kNow + 5 * kHour), kNow + 4 * kDay);
  EXPECT_EQ(next_reset(shown, kNow + 4 * kDay), std::nullopt);
  shown.rate_limits.individual_limit = {"1", "1", 0, kNow + 60};
  EXPECT_EQ(next_reset(shown, kNow), kNow + 60);
}

// The zone that local times are shown in, as long as it lives.
class InZone {
 public:
  explicit InZone(const char* zone) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    setenv("TZ", zone, 1);
    tzset();
  }
  ~InZone() {
    before_ ? setenv("TZ", before_->c_str(), 1) : unsetenv("TZ");
    tzset();
  }
  InZone(const InZone&) = delete;
  InZone& operator=(const InZone&) = delete;

 private:
  std::optional<std::string> before_;
};

TEST(View, TheZoneOfLocalTimesIsToldOnceAPage) {
  Page page = page_of(80);
  page.utc = false;
  const auto count = [](const Lines& lines, const std::string& words) {
    const std::string text = to_text(lines);
    std::size_t found = 0;
    for (std::size_t at = text.find(words); at != std::string::npos;
         at = text.find(words, at + 1)) {
      ++found;
    }
    return found;
  };
  // POSIX's own form of a zone, which needs no table of zones: one hour east, in summer two.
  const InZone berlin("CET-1CEST,M3.5.0,M10.5.0/3");
  EXPECT_EQ(zone(page), "CET (UTC+01:00)");
  EXPECT_EQ(limits(typical(), page).back(), "Times are in CET (UTC+01:00).");
  EXPECT_EQ(count(limits(typical(), page), "CET"), 1U);
  EXPECT_EQ(count(watch(watched(), 40, page), "CET"), 1U);
  EXPECT_EQ(count(reset_plan(typical(), std::nullopt, page), "CET"), 1U);
  GetAccountRateLimitsResponse no_times;
  no_times.rate_limits.primary = {.used_percent = 0};
  EXPECT_EQ(count(limits(no_times, page), "CET"), 0U) << "nothing to tell it of";
  // What is shown in another zone says so itself.
  EXPECT_EQ(moment(kNow + 200 * kDay, page), "2027-06-10 04:00 CEST");
  EXPECT_EQ(count(limits(typical(), page_of(80)), "Times are"), 0U) << "UTC stands beside each";
  const InZone nepal("<+0545>-5:45");
  EXPECT_EQ(zone(page), "UTC+05:45");
  const InZone newfoundland("NST3:30NDT,M3.2.0,M11.1.0");
  EXPECT_EQ(zone(page), "NST (UTC-03:30)");
}

TEST(View, AmountsHaveSeparatorsAndTwoDecimals) {
  EXPECT_EQ(amount("15000"), "15,000");
  EXPECT_EQ(amount("4012.123456789012"), "4,012.12");
  EXPECT_EQ(amount("42.5"), "42.50");
  EXPECT_EQ(amount("0.00"), "0.00");
  EXPECT_EQ(amount("-0.00"), "0.00");
  EXPECT_EQ(amount("999.995"), "1,000.00");
  EXPECT_EQ(amount("0.995"), "1.00");
  EXPECT_EQ(amount("0.004"), "less than 0.01");
  EXPECT_EQ(amount("0.005"), "0.01");
  EXPECT_EQ(amount("-1234.5"), "-1,234.50");
  EXPECT_EQ(amount("007"), "7");
  EXPECT_EQ(amount("000"), "0");
  EXPECT_EQ(amount("123456789012345678901234567890"), "123,456,789,012,345,678,901,234,567,890");
  for (const char* other : {"", "lots", "1e3", ".5", "5.", "-", "1,000", "1.2.3", "--1"}) {
    EXPECT_EQ(amount(other), other);
  }
  EXPECT_EQ(dollars(1234.5), "$1,234.50");
  EXPECT_EQ(dollars(-0.2), "-$0.20");
  EXPECT_EQ(dollars(0), "$0.00");
}

TEST(View, PercentagesNeverFallBelowNothing) {
  auto shown = single_window(130);
  shown.rate_limits.primary->used_percent = -3;
  shown.rate_limits.secondary = window(250, 300, kHour);
  shown.rate_limits.individual_limit = {"10", "12", -20, kNow + kDay};
  const std::string text = to_text(limits(shown, page_of(120)));
  EXPECT_EQ(text.find("-3 %"), std::string::npos) << text;
  EXPECT_EQ(text.find("-20 %"), std::string::npos) << text;
  EXPECT_EQ(text.find("-150 %"), std::string::npos) << text;
  EXPECT_NE(text.find("12 of 10 credits used, 0 % left"), std::string::npos) << text;
}

TEST(View, AWatchShowsWhatLimitsShow) {
  for (const auto& shown : {stopped(), on_credits(), workspace_without_credits(), odd_times()}) {
    Watched seen;
    remember(seen, shown, kNow);
    const std::string watching = to_text(watch(seen, 60, page_of(120)));
    for (const std::string& line : facts(shown, page_of(120))) {
      EXPECT_NE(watching.find(line), std::string::npos) << line << " is not in\n" << watching;
    }
  }
}

TEST(View, AWatchKeepsItsFirstReading) {
  Watched seen;
  for (std::int32_t i = 0; i < 1'000; ++i) {
    auto shown = single_window(i % 100);
    shown.rate_limits.primary->used_percent = i;
    remember(seen, std::move(shown), kNow);
  }
  ASSERT_EQ(seen.history.size(), 1U);
  EXPECT_EQ(seen.history[0].used_percent.size(), kLongestHistory);
  EXPECT_EQ(seen.history[0].used_percent.front(), 0);
  EXPECT_EQ(seen.history[0].used_percent.back(), 999);
}

}  // namespace
}  // namespace quotad::view
