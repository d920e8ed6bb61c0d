#include "harness/sign_in.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <ctime>

#include "system/clock.hpp"

namespace quotad::testing {
namespace {

std::string base64url(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text.substr(0, text.find('='));
}

std::string now_in_rfc3339() {
  const std::time_t now = system::unix_now();
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace

std::string jwt(const nlohmann::json& claims) {
  return base64url(R"({"alg":"none"})") + "." + base64url(claims.dump()) + "." +
         base64url("unsigned");
}

nlohmann::json chatgpt_sign_in() {
  constexpr std::int64_t kFarFuture = 4'000'000'000;
  return {{"auth_mode", "chatgpt"},
          {"OPENAI_API_KEY", nullptr},
          {"tokens",
           {{"id_token", jwt({{"email", "someone@example.com"},
                              {"exp", kFarFuture},
                              {"https://api.openai.com/auth",
                               {{"chatgpt_plan_type", "plus"},
                                {"chatgpt_user_id", "user-1"},
                                {"chatgpt_account_id", "acc-1"}}}})},
            {"access_token", jwt({{"exp", kFarFuture}})},
            {"refresh_token", "refresh-1"},
            {"account_id", "acc-1"}}},
          {"last_refresh", now_in_rfc3339()}};
}

}  // namespace quotad::testing
