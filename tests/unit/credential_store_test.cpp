#include "auth/credential_store.hpp"

#include <gtest/gtest.h>
#include <malloc.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <iterator>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "auth/jwt.hpp"
#include "harness/process.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::auth {
namespace {

using nlohmann::json;
using Kind = SignIn::Kind;

// {"email":"a@b.c","https://api.openai.com/auth":{"chatgpt_plan_type":"plus",
//  "chatgpt_user_id":"u","chatgpt_account_id":"a","chatgpt_account_is_fedramp":true}}
constexpr const char* kIdToken =
    "eyJhbGciOiJub25lIn0."
    "eyJlbWFpbCI6ImFAYi5jIiwiaHR0cHM6Ly9hcGkub3BlbmFpLmNvbS9hdXRoIjp7ImNoYXRncHRfcGxhbl90eXBlIjoi"
    "cGx1cyIsImNoYXRncHRfdXNlcl9pZCI6InUiLCJjaGF0Z3B0X2FjY291bnRfaWQiOiJhIiwiY2hhdGdwdF9hY2NvdW50"
    "X2lzX2ZlZHJhbXAiOnRydWV9fQ.c2ln";

SignIn parse(const json& content) {
  return std::get<SignIn>(parse_auth_file(content.dump(), "/x/auth.json").value().who);
}

std::string refusal(std::string_view text) {
  try {
    parse_auth_file(text, "/x/auth.json");
  } catch (const protocol::Error& error) {
    EXPECT_EQ(error.kind(), protocol::ErrorKind::kAuthRequired);
    return error.what();
  }
  return "taken";
}

TEST(AuthFile, ChatgptTokens) {
  const SignIn sign_in =
      parse({{"tokens", {{"access_token", "tok"}, {"id_token", kIdToken}, {"account_id", "b"}}}});
  EXPECT_EQ(sign_in.kind, Kind::kChatgpt);
  EXPECT_EQ(sign_in.token, "tok");
  EXPECT_EQ(sign_in.authorize().authorization, "Bearer tok");
  EXPECT_EQ(sign_in.credentials.account_id, "b");
  EXPECT_TRUE(sign_in.credentials.fedramp);
  EXPECT_EQ(sign_in.email, "a@b.c");
  EXPECT_EQ(sign_in.plan_type, "plus");
  EXPECT_EQ(sign_in.user_id, "u");
}

TEST(AuthFile, OnlyTheFilesOwnAccountIdIsSent) {
  const SignIn sign_in = parse({{"tokens", {{"access_token", "tok"}, {"id_token", kIdToken}}}});
  EXPECT_EQ(sign_in.account_id, "a");
  EXPECT_EQ(sign_in.credentials.account_id, "");
}

TEST(AuthFile, ApiKeyBeforeTokensUnlessTheModeSaysOtherwise) {
  const json tokens = {{"access_token", "tok"}};
  EXPECT_EQ(parse({{"OPENAI_API_KEY", "sk"}}).kind, Kind::kApiKey);
  EXPECT_EQ(parse({{"OPENAI_API_KEY", "sk"}, {"tokens", tokens}}).kind, Kind::kApiKey);
  EXPECT_EQ(parse({{"OPENAI_API_KEY", "sk"}, {"tokens", tokens}, {"auth_mode", "chatgpt"}}).kind,
            Kind::kChatgpt);
  EXPECT_EQ(parse({{"OPENAI_API_KEY", nullptr}, {"tokens", tokens}}).kind, Kind::kChatgpt);
  EXPECT_EQ(parse({{"OPENAI_API_KEY", ""}, {"tokens", tokens}}).kind, Kind::kApiKey);
  EXPECT_EQ(parse({{"tokens", tokens}, {"auth_mode", "apikey"}}).kind, Kind::kNone);
}

TEST(AuthFile, NothingIsNobody) {
  EXPECT_EQ(parse(json::object()).kind, Kind::kNone);
  EXPECT_EQ(parse({{"tokens", nullptr}, {"OPENAI_API_KEY", nullptr}}).kind, Kind::kNone);
}

TEST(AuthFile, SaysWhatIsWrongAndWhatToDo) {
  for (const char* text : {"", "{nope", "{\"a\":1"}) {
    EXPECT_FALSE(parse_auth_file(text, "/x/auth.json")) << text;  // perhaps being written
  }
  for (const char* text : {"[]", "null"}) {
    EXPECT_EQ(refusal(text),
              "cannot use /x/auth.json: it is not a JSON object; sign in again with `codex login`")
        << text;
  }
  EXPECT_NE(refusal(R"({"tokens":5})").find("`tokens` is not a JSON object"), std::string::npos);
  EXPECT_NE(refusal(R"({"tokens":{}})").find("`tokens.access_token` is missing"),
            std::string::npos);
  const std::string smuggled = refusal("{\"tokens\":{\"access_token\":\"a\\r\\nX: y\"}}");
  EXPECT_NE(smuggled.find("characters that no token has"), std::string::npos);
  EXPECT_EQ(smuggled.find("X: y"), std::string::npos);
}

TEST(AuthFile, AnIdTokenThatIsNoneIsPassedOver) {
  const SignIn sign_in = parse({{"tokens", {{"access_token", "tok"}, {"id_token", "zzz"}}}});
  EXPECT_EQ(sign_in.kind, Kind::kChatgpt);
  EXPECT_EQ(sign_in.email, std::nullopt);
}

TEST(AuthFile, OtherKindsOfCredentials) {
  const auto unknown = [](const json& content) {
    return std::get<UnknownPerson>(parse_auth_file(content.dump(), "/x/auth.json").value().who);
  };
  const auto personal =
      unknown({{"personal_access_token", "at-1"}, {"tokens", {{"access_token", "tok"}}}});
  EXPECT_EQ(personal.kind, Kind::kPersonalAccessToken);
  EXPECT_EQ(personal.token, "at-1");
  EXPECT_EQ(unknown({{"agent_identity", "a.b.c"}}).kind, Kind::kAgentIdentity);
  EXPECT_EQ(unknown({{"auth_mode", "agentIdentity"},
                     {"agent_identity", "a.b.c"},
                     {"tokens", {{"access_token", "tok"}}}})
                .token,
            "a.b.c");
  // The mode decides.
  EXPECT_EQ(parse({{"auth_mode", "chatgpt"},
                   {"personal_access_token", "at-1"},
                   {"tokens", {{"access_token", "tok"}}}})
                .kind,
            Kind::kChatgpt);
  EXPECT_NE(refusal(R"({"auth_mode":"personalAccessToken"})").find("`personal_access_token`"),
            std::string::npos);
}

TEST(AuthFile, FreshTokensLeaveAllElseInItsPlace) {
  const std::string before =
      R"({"zeta":{"b":1,"a":[1.50,2]},"auth_mode":"chatgpt","tokens":{"odd":true,"id_token":"i",)"
      R"("access_token":"a","refresh_token":"r","account_id":"x"},"last_refresh":"old","alpha":null})";
  const std::string after = with_fresh_tokens(
      before, {.id_token = std::nullopt, .access_token = "A", .refresh_token = "R"}, 1'800'000'000);
  EXPECT_EQ(
      nlohmann::ordered_json::parse(after).dump(),
      R"({"zeta":{"b":1,"a":[1.5,2]},"auth_mode":"chatgpt","tokens":{"odd":true,"id_token":"i",)"
      R"("access_token":"A","refresh_token":"R","account_id":"x"},)"
      R"("last_refresh":"2027-01-15T08:00:00Z","alpha":null})");
}

TEST(Jwt, Base64Url) {
  EXPECT_EQ(encode_base64url("\xFB\xFF\xBF"), "-_-_");
  EXPECT_EQ(encode_base64url("f"), "Zg");
  EXPECT_EQ(encode_base64("f"), "Zg==");
  EXPECT_EQ(decode_base64url(""), "");
  EXPECT_EQ(decode_base64url("Zg"), "f");
  EXPECT_EQ(decode_base64url("Zg=="), "f");
  EXPECT_EQ(decode_base64url("Zm8"), "fo");
  EXPECT_EQ(decode_base64url("Zm9v"), "foo");
  EXPECT_EQ(decode_base64url("-_-_"), "\xFB\xFF\xBF");
  EXPECT_EQ(decode_base64url("+/+/"), std::nullopt);
  EXPECT_EQ(decode_base64url("Zm9vY"), std::nullopt);
  EXPECT_EQ(decode_base64url("Zm9v!mFy"), std::nullopt);
}

TEST(Jwt, ClaimsMustBeAnObjectInTheMiddle) {
  EXPECT_TRUE(jwt_claims("x.e30.x"));
  EXPECT_FALSE(jwt_claims("e30"));
  EXPECT_FALSE(jwt_claims("x.e30"));
  EXPECT_FALSE(jwt_claims("x.W10.x"));
  EXPECT_FALSE(jwt_claims(""));
}

class Store : public ::testing::Test {
 protected:
  std::shared_ptr<const SignIn> current(CredentialStore& store) {
    context_.restart();
    auto result = boost::asio::co_spawn(context_, store.current(), boost::asio::use_future);
    context_.run();
    return result.get();
  }
  quotad::testing::TemporaryFolder folder_;
  boost::asio::io_context context_;
  Common common_{context_.get_executor()};
};

TEST_F(Store, FollowsTheFile) {
  CredentialStore store(common_, folder_.path(), StoreMode::kFile, std::nullopt);
  const auto file = folder_.file("auth.json");
  EXPECT_EQ(current(store)->kind, Kind::kNone);
  quotad::testing::write_file(file, R"({"tokens":{"access_token":"one"}})");
  const auto first = current(store);
  EXPECT_EQ(first->token, "one");
  EXPECT_EQ(current(store), first);  // not read again
  quotad::testing::write_file(file, R"({"tokens":{"access_token":"three"}})");
  const auto second = current(store);
  EXPECT_EQ(second->token, "three");
  EXPECT_NE(second->generation, first->generation);
  std::remove(file.c_str());
  EXPECT_EQ(current(store)->kind, Kind::kNone);
}

TEST_F(Store, ABrokenFileDoesNotHideBehindTheLastGoodOne) {
  CredentialStore store(common_, folder_.path(), StoreMode::kAuto, std::nullopt);
  quotad::testing::write_file(folder_.file("auth.json"), R"({"tokens":{"access_token":"one"}})");
  EXPECT_EQ(current(store)->token, "one");
  quotad::testing::write_file(folder_.file("auth.json"), "{");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(current(store)->kind, Kind::kNone);
    EXPECT_NE(current(store)->problem.value_or("").find("it is not a JSON object"),
              std::string::npos);
  }
  quotad::testing::write_file(folder_.file("auth.json"), R"({"tokens":{"access_token":"two"}})");
  EXPECT_EQ(current(store)->token, "two");
}

TEST_F(Store, KeyringsAreNamedWithTheRemedy) {
  CredentialStore store(common_, folder_.path(), StoreMode::kKeyring, std::nullopt);
  try {
    current(store);
    FAIL();
  } catch (const protocol::Error& error) {
    EXPECT_EQ(error.kind(), protocol::ErrorKind::kAuthRequired);
    EXPECT_NE(std::string(error.what()).find(folder_.file("config.toml")), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("codex login"), std::string::npos);
  }
}

TEST_F(Store, ABrokenConfigurationLendsNoCredentials) {
  quotad::testing::write_file(folder_.file("auth.json"), R"({"tokens":{"access_token":"one"}})");
  CredentialStore store(common_, folder_.path(), StoreMode::kFile, "cannot use config.toml");
  EXPECT_THROW(current(store), protocol::Error);
}

// What is logged while this is there.
class Log {
 public:
  Log() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  ~Log() { spdlog::set_default_logger(before_); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  // What has been logged since the last call.
  std::string taken() { return std::exchange(text_, std::ostringstream()).str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

TEST_F(Store, TellsOnceOfAClockThatHasJumped) {
  std::int64_t unix_now = 1'800'000'000;
  std::chrono::steady_clock::time_point steady_now{std::chrono::hours(1)};
  CommonOptions options;
  options.clock = [&] { return unix_now; };
  options.steady_clock = [&] { return steady_now; };
  Common common(context_.get_executor(), options);
  CredentialStore store(common, folder_.path(), StoreMode::kFile, std::nullopt);
  quotad::testing::write_file(folder_.file("auth.json"), R"({"tokens":{"access_token":"one"}})");
  const auto after = [&](std::int64_t unix_seconds, int steady_seconds) {
    Log log;
    unix_now += unix_seconds;
    steady_now += std::chrono::seconds(steady_seconds);
    EXPECT_EQ(current(store)->token, "one");
    return log.taken();
  };
  EXPECT_EQ(after(0, 0), "") << "nothing to compare with yet";
  EXPECT_EQ(after(86'400, 86'400), "");
  EXPECT_EQ(after(4, 0), "") << "no two clocks are the same";
  EXPECT_NE(after(3'600, 60).find("the clock has jumped 3544 s ahead"), std::string::npos);
  EXPECT_EQ(after(60, 60), "") << "told once";
  EXPECT_NE(after(-unix_now, 0).find("the clock has jumped 1800090064 s back"), std::string::npos)
      << "to the beginning of time, as without a battery";
  EXPECT_EQ(after(0, 0), "");
}

std::size_t entries(const char* folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// There is a store for each account, and most of them do nothing for hours.
TEST_F(Store, ManyThatAreIdleTakeLittle) {
  constexpr std::size_t kStores = 200;
  constexpr std::size_t kTokenBytes = 1'900;
  constexpr std::size_t kMostBytesOfNew = 2'000;
  constexpr std::size_t kMostBytesOfUsed = 5'000;
  const json tokens = {{"access_token", std::string(kTokenBytes, 't')},
                       {"id_token", kIdToken},
                       {"refresh_token", std::string(100, 'r')}};
  std::vector<std::string> homes;
  for (std::size_t i = 0; i < kStores; ++i) {
    homes.push_back(folder_.file("a-folder-with-a-name-of-some-length-" + std::to_string(i)));
    std::filesystem::create_directory(homes.back());
    quotad::testing::write_file(homes.back() + "/auth.json", json({{"tokens", tokens}}).dump());
  }
  const std::size_t threads = entries("/proc/self/task");
  const std::size_t descriptors = entries("/proc/self/fd");
  std::vector<std::unique_ptr<CredentialStore>> stores;
  stores.reserve(kStores);
  const std::size_t before = mallinfo2().uordblks;  // 0 where a sanitizer allocates
  for (const std::string& home : homes) {
    stores.push_back(
        std::make_unique<CredentialStore>(common_, home, StoreMode::kFile, std::nullopt));
  }
  EXPECT_LE((mallinfo2().uordblks - before) / kStores, kMostBytesOfNew);
  for (const auto& store : stores) EXPECT_EQ(current(*store)->kind, Kind::kChatgpt);
  EXPECT_LE((mallinfo2().uordblks - before) / kStores, kMostBytesOfUsed);
  EXPECT_EQ(entries("/proc/self/task"), threads);
  EXPECT_EQ(entries("/proc/self/fd"), descriptors);
}

TEST_F(Store, TwoAccountsNeverShareAGeneration) {
  for (const char* name : {"one", "two"}) {
    std::filesystem::create_directory(folder_.file(name));
    quotad::testing::write_file(folder_.file(name) + "/auth.json",
                                R"({"tokens":{"access_token":"same"}})");
  }
  CredentialStore one(common_, folder_.file("one"), StoreMode::kFile, std::nullopt);
  CredentialStore two(common_, folder_.file("two"), StoreMode::kFile, std::nullopt);
  EXPECT_NE(current(one)->generation, current(two)->generation);
}

TEST_F(Store, OneThatHasSettledMayGo) {
  const std::string file = folder_.file("auth.json");
  quotad::testing::write_file(file, R"({"tokens":{"access_token":"one"}})");
  auto store =
      std::make_unique<CredentialStore>(common_, folder_.path(), StoreMode::kFile, std::nullopt);
  bool is_told = false;
  store->on_change([&](const SignIn&) { is_told = true; });
  store->follow();
  std::remove(file.c_str());
  while (!is_told) context_.run_one();
  quotad::testing::write_file(file, "{");  // which is waited for
  context_.run_one();
  store->stop_following();
  boost::asio::co_spawn(context_, store->settled(), [&](const std::exception_ptr& error) {
    EXPECT_EQ(error, nullptr);
    store.reset();
  });
  context_.run();
  EXPECT_EQ(store, nullptr);
}

TEST_F(Store, AFolderIsNoFile) {
  ASSERT_EQ(mkdir(folder_.file("auth.json").c_str(), 0700), 0);
  CredentialStore store(common_, folder_.path(), StoreMode::kFile, std::nullopt);
  EXPECT_EQ(current(store)->kind, Kind::kNone);
  EXPECT_NE(current(store)->problem.value_or("").find("not a regular file"), std::string::npos);
}

}  // namespace
}  // namespace quotad::auth
