#include "harness/secrets.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "harness/process.hpp"

namespace quotad::testing {
namespace {

using nlohmann::json;

// Shorter ones stand in ordinary words, and guard nothing.
constexpr std::size_t kShortest = 9;

struct Secrets {
  std::set<std::string> tokens;
  std::set<std::string> ids;  // idempotency keys and account ids; answers may hold them
};

// Those of the test that runs.
Secrets& secrets() {
  static Secrets all;
  static const void* owner = nullptr;
  const void* const test = ::testing::UnitTest::GetInstance()->current_test_info();
  if (std::exchange(owner, test) != test) all = {};
  return all;
}

// Every string in `value` under one of the names, at any depth that credentials have.
void note(const json& value, const std::string& name, int depth = 0) {
  constexpr int kDeepest = 16;
  if (depth > kDeepest) return;
  static const std::set<std::string> kTokens = {
      "access_token",          "refresh_token", "id_token",       "OPENAI_API_KEY",
      "personal_access_token", "accessToken",   "agent_identity", "refreshToken"};
  static const std::set<std::string> kIds = {"account_id", "chatgptAccountId", "idempotencyKey"};
  if (value.is_structured()) {
    for (const auto& [key, item] : value.items()) {
      note(item, value.is_array() ? name : key, depth + 1);
    }
    return;
  }
  if (!value.is_string()) return;
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() < kShortest || text.size() > 4096) return;
  if (kTokens.count(name) > 0) secrets().tokens.insert(text);
  if (kIds.count(name) > 0) secrets().ids.insert(text);
}

void expect_none(const std::set<std::string>& of, std::string_view text, const char* where) {
  for (const std::string& secret : of) {
    EXPECT_EQ(text.find(secret), std::string_view::npos)
        << "`" << secret << "` stands in " << where << ": " << text.substr(0, 2000);
  }
}

}  // namespace

void note_secrets_of_home(const std::string& home) {
  note(json::parse(read_file(home + "/auth.json"), nullptr, /*allow_exceptions=*/false), "");
}

void note_secrets_sent(std::string_view text) {
  // Most messages hold none; parsing them all would cost more than they.
  if (text.find("idempotencyKey") == std::string_view::npos &&
      text.find("accessToken") == std::string_view::npos) {
    return;
  }
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    note(json::parse(line, nullptr, /*allow_exceptions=*/false), "");
  }
}

void expect_no_secrets(std::string_view log, std::string_view output) {
  expect_none(secrets().tokens, log, "the log");
  expect_none(secrets().ids, log, "the log");
  if (secrets().tokens.empty() && secrets().ids.empty()) return;
  std::istringstream lines{std::string(output)};
  for (std::string line; std::getline(lines, line);) {
    // Not parsed: a line may be anything. An error has the member, and so has a text that holds it.
    if (line.find("\"error\":{") != std::string::npos) {
      expect_none(secrets().ids, line, "an error");
    }
    if (line.find("\"authToken\":") == std::string::npos) {
      expect_none(secrets().tokens, line, "what was answered");
    }
  }
}

}  // namespace quotad::testing
