// The manual page of a program that was described to be hard to print.

#include "cli/man_page.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace quotad::cli {
namespace {

class ManPage : public ::testing::Test {
 protected:
  std::string page() const { return man_page(app_, "1.2", "2026-11-01"); }

  bool has(const std::string& text) const { return page().find(text) != std::string::npos; }

  CLI::App app_{"What it is for", "try-it"};
  std::vector<std::string> values_;
  bool flag_ = false;
};

TEST_F(ManPage, NamesProgramVersionAndDate) {
  EXPECT_TRUE(has(".TH TRY\\-IT 1 2026-11-01 \"try\\-it 1.2\" \"User Commands\"\n")) << page();
  EXPECT_TRUE(has(".SH NAME\ntry\\-it \\- What it is for\n")) << page();
}

TEST_F(ManPage, SaysWhatAnOptionTakes) {
  app_.add_option("-l,--level", values_, "How loud")
      ->type_name("LEVEL")
      ->check(CLI::IsMember({"high", "low"}))
      ->default_str("low")
      ->envname("TRY_LEVEL")
      ->required();
  EXPECT_TRUE(
      has(".TP\n\\fB\\-l\\fR, \\fB\\-\\-level\\fR \\fILEVEL\\fR\nHow loud.\nRequired.\n"
          "May be given several times.\nOne of: high, low.\nDefault: low.\n"
          "Environment: TRY_LEVEL.\n"))
      << page();
  EXPECT_TRUE(has(".TP\n\\fBTRY_LEVEL\\fR\nThe same as \\-\\-level.\n")) << page();
}

TEST_F(ManPage, DoesNotRepeatWhatTheSentenceSays) {
  app_.add_option("--level", values_, "high or low; may be given several times")
      ->check(CLI::IsMember({"high", "low"}));
  EXPECT_FALSE(has("May be given")) << page();
  EXPECT_FALSE(has("One of")) << page();
}

TEST_F(ManPage, HasCommandsBelowCommandsAndTheirWords) {
  CLI::App* below = app_.add_subcommand("one", "First")->add_subcommand("two", "Second");
  below->add_option("what", values_, "Which ones")->required();
  below->add_flag("--fast", flag_, "Do it fast!");
  EXPECT_TRUE(
      has(".SS \"try\\-it one two what...\"\nSecond.\n.TP\n\\fIwhat\\fR\nWhich ones.\nRequired.\n"
          ".TP\n\\fB\\-\\-fast\\fR\nDo it fast!\n"))
      << page();
}

TEST_F(ManPage, LeavesOutWhatIsHidden) {
  app_.add_flag("--secret", flag_, "No")->group("");
  app_.add_subcommand("hidden", "No")->group("");
  EXPECT_FALSE(has("secret")) << page();
  EXPECT_FALSE(has("hidden")) << page();
}

TEST_F(ManPage, TextIsNeverTakenForRoff) {
  app_.add_flag("--odd", flag_, ".SH a \\fB 'b' \"c\" `d` ~/.e ^\n.TH… é \U0001F600");
  EXPECT_TRUE(
      has("\n\\&.SH a \\(rsfB \\(aqb\\(aq \\(dqc\\(dq \\(gad\\(ga \\(ti/.e \\(ha "
          ".TH\\[u2026] \\[u00E9]\n\\[u1F600].\n"))
      << page();
}

TEST_F(ManPage, ALineThatIsBrokenBeginsNoMacro) {
  std::string dots = "first";
  for (int i = 0; i < 100; ++i) dots += " .dots";
  app_.add_flag("--odd", flag_, dots);
  std::istringstream lines(page());
  for (std::string line; std::getline(lines, line);) {
    if (line.find("dots") == std::string::npos) continue;
    EXPECT_LE(line.size(), 80U) << line;
    EXPECT_NE(line.front(), '.') << line;
  }
  EXPECT_TRUE(has("\n\\&.dots \\&.dots"));
}

}  // namespace
}  // namespace quotad::cli
