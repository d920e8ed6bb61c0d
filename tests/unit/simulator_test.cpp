#include <gtest/gtest.h>

#include "quotad/protocol/error.hpp"
#include "simulator/scenario.hpp"
#include "simulator/service.hpp"

namespace quotad::simulator {
namespace {

using protocol::OrderedJson;

class Simulated : public ::testing::Test {
 protected:
  OrderedJson ask(Route route, const std::string& body = "") {
    const Answer answer = service_.ask({.route = route,
                                        .authorization = "Bearer simulated-access-token",
                                        .account_id = "",
                                        .body = body});
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  std::string consume(const std::string& key, const std::string& credit = "") {
    OrderedJson body = {{"redeem_request_id", key}};
    if (!credit.empty()) body["credit_id"] = credit;
    return ask(Route::kConsume, body.dump())["code"];
  }
  std::int64_t used() { return ask(Route::kUsage)["rate_limit"]["primary_window"]["used_percent"]; }
  std::int64_t now_ = 1'800'000'000;
  Service service_{default_scenario(1'800'000'000), [this] { return now_; }};
};

TEST_F(Simulated, WindowsFillAndReset) {
  EXPECT_EQ(used(), 62);
  now_ += 3600;
  EXPECT_EQ(used(), 74);
  now_ += 3600;  // its reset
  EXPECT_EQ(used(), 0);
  now_ += 4 * 3600;
  EXPECT_EQ(used(), 48);
}

TEST_F(Simulated, AKeySpendsOneCredit) {
  EXPECT_EQ(consume("a"), "reset");
  EXPECT_EQ(used(), 0);
  EXPECT_EQ(consume("a"), "already_redeemed");
  EXPECT_EQ(service_.state()["accounts"][0]["availableCredits"], 1);
  EXPECT_EQ(service_.state()["accounts"][0]["redemptions"].size(), 1U);
}

TEST_F(Simulated, NothingToResetSpendsNothing) {
  EXPECT_EQ(consume("a"), "reset");
  EXPECT_EQ(consume("b"), "nothing_to_reset");
  now_ += 3600;
  EXPECT_EQ(consume("b"), "reset");
  now_ += 3600;
  EXPECT_EQ(consume("c"), "no_credit");
}

TEST_F(Simulated, CreditsExpireAndCanBeNamed) {
  EXPECT_EQ(consume("a", "credit-0002"), "reset");
  now_ += 3600;
  EXPECT_EQ(consume("b", "credit-0002"), "no_credit");
  EXPECT_EQ(ask(Route::kDetails)["available_count"], 1);
  now_ += 3 * 86'400;
  EXPECT_EQ(ask(Route::kDetails)["available_count"], 0);
  EXPECT_EQ(consume("c", "credit-0001"), "no_credit");
}

TEST_F(Simulated, OtherTokensAreNotKnown) {
  EXPECT_EQ(service_.ask({.route = Route::kUsage, .authorization = "Bearer x"}).status, 401);
  EXPECT_EQ(service_
                .ask({.route = Route::kUsage,
                      .authorization = "Bearer simulated-access-token",
                      .account_id = "someone-else"})
                .status,
            403);
}

// What the reference asks before it tells who is signed in.
TEST_F(Simulated, TellsWhereAWorkspaceIsServed) {
  const Answer answer = service_.ask(
      {.route = Route::kAccountsCheck, .authorization = "Bearer simulated-access-token"});
  EXPECT_EQ(answer.status, 200);
  const auto& account = answer.body["accounts"][0];
  EXPECT_EQ(account["id"], answer.body["default_account_id"]);
  EXPECT_EQ(answer.body["account_ordering"][0], account["id"]);
  EXPECT_EQ(account["workspace_backend_origin"], "https://chatgpt.com");
  EXPECT_EQ(account["account_routing_override"], "NO_CONSTRAINT");
}

TEST(ScenarioFile, NamesWhatIsWrong) {
  const auto path = [](const char* text) -> std::string {
    try {
      parse_scenario(text);
    } catch (const protocol::Error& error) {
      return error.data().path.value_or(error.what());
    }
    return "";
  };
  EXPECT_EQ(path("{}"), "scenario.accounts");
  EXPECT_EQ(path(R"({"accounts":[{"accessToken":"t","accountId":"a"}]})"),
            "scenario.accounts[0].userId");
  EXPECT_EQ(path(R"({"accounts":[],"faults":[{"route":"x"}]})"), "scenario.faults[0].route");
  EXPECT_EQ(path(R"({"accounts":[{"accessToken":"t","accountId":"a","userId":"u",
                     "primary":{"usdPercent":1}}]})"),
            "scenario.accounts[0].primary.usdPercent");
  EXPECT_EQ(path(R"({"accounts":[],"zzz":1})"), "scenario.zzz");
  EXPECT_EQ(path("{"), "the scenario is not JSON: unexpected input at byte 2");
}

}  // namespace
}  // namespace quotad::simulator
