// Tokens that open a WebSocket: what is accepted, what is refused, and with which words.
#include "transport/access.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <nlohmann/json.hpp>

#include "auth/jwt.hpp"

namespace quotad::transport {
namespace {

using nlohmann::json;

constexpr std::int64_t kNow = 1'800'000'000;
const std::string kSecret(40, 's');

std::string sign(const std::string& text, const std::string& key, const EVP_MD* digest) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return auth::encode_base64url({reinterpret_cast<const char*>(mac.data()), size});
}

std::string token(const json& claims, const json& header = {{"alg", "HS256"}},
                  const std::string& key = kSecret, const EVP_MD* digest = EVP_sha256()) {
  const std::string text =
      auth::encode_base64url(header.dump()) + "." + auth::encode_base64url(claims.dump());
  return text + "." + sign(text, key, digest);
}

std::string verdict(const std::string& bearer, BearerRules rules = {.secret = kSecret}) {
  return refuse_bearer(bearer, rules, kNow).value_or("welcome");
}

TEST(Bearer, GoodOnesAreWelcome) {
  EXPECT_EQ(verdict(token({{"exp", kNow + 1}})), "welcome");
  EXPECT_EQ(verdict(token({{"exp", kNow - 29}})), "welcome") << "clocks differ";
  EXPECT_EQ(verdict(token({{"exp", kNow + 1}, {"nbf", kNow + 30}})), "welcome");
  EXPECT_EQ(verdict(token({{"exp", INT64_MAX}, {"nbf", INT64_MIN}})), "welcome");
  EXPECT_EQ(verdict(token({{"exp", kNow + 1}, {"nbf", nullptr}, {"iss", "any"}, {"aud", "any"}})),
            "welcome");
  EXPECT_EQ(verdict(token({{"exp", kNow + 1}}, {{"alg", "HS256"}, {"typ", "JWT"}, {"kid", "1"}})),
            "welcome");
}

TEST(Bearer, OnlyTheOneAlgorithmIsAccepted) {
  const json claims{{"exp", kNow + 1}};
  const std::string unsigned_text = auth::encode_base64url(R"({"alg":"none"})") + "." +
                                    auth::encode_base64url(claims.dump()) + ".";
  EXPECT_EQ(verdict(unsigned_text), "invalid websocket jwt");
  for (const char* algorithm : {"none", "None", "hs256", "RS256", "ES256", "HS384", "HS512", ""}) {
    EXPECT_EQ(verdict(token(claims, {{"alg", algorithm}})), "invalid websocket jwt") << algorithm;
  }
  EXPECT_EQ(verdict(token(claims, {{"alg", "HS512"}}, kSecret, EVP_sha512())),
            "invalid websocket jwt");
  EXPECT_EQ(verdict(token(claims, {{"typ", "JWT"}})), "invalid websocket jwt");
  EXPECT_EQ(verdict(token(claims, {{"alg", json::array({"HS256"})}})), "invalid websocket jwt");
  EXPECT_EQ(verdict(token(claims, {{"alg", "HS256"}, {"crit", {"b64"}}})), "invalid websocket jwt");
}

TEST(Bearer, TheSignatureCounts) {
  const std::string good = token({{"exp", kNow + 1}});
  EXPECT_EQ(verdict(token({{"exp", kNow + 1}}, {{"alg", "HS256"}}, std::string(40, 't'))),
            "invalid websocket jwt");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string other = good;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(verdict(other), "invalid websocket jwt") << at;
  }
  for (const std::string& other : {good + "=", good + "A", good + ".A", "." + good, good.substr(1),
                                   std::string(), std::string(".."), std::string("a.b")}) {
    EXPECT_EQ(verdict(other), "invalid websocket jwt") << other;
  }
}

TEST(Bearer, TimesAreSecondsAndChecked) {
  EXPECT_EQ(verdict(token({{"exp", kNow - 30}})), "expired websocket jwt");
  EXPECT_EQ(verdict(token({{"exp", -1}})), "expired websocket jwt");
  EXPECT_EQ(verdict(token({{"exp", kNow}}), {.secret = kSecret, .max_clock_skew_sec = 0}),
            "expired websocket jwt");
  EXPECT_EQ(verdict(token({{"exp", kNow + 99}, {"nbf", kNow + 31}})),
            "websocket jwt is not valid yet");
  for (const json& claims :
       {json::object(), json{{"exp", nullptr}}, json{{"exp", kNow + 1.5}},
        json{{"exp", std::to_string(kNow + 1)}}, json{{"exp", std::uint64_t{1} << 63U}},
        json{{"exp", kNow + 1}, {"nbf", 1.5}}, json{{"exp", kNow + 1}, {"nbf", "1"}},
        json{{"exp", kNow + 1}, {"iss", {"I"}}}, json{{"exp", kNow + 1}, {"aud", {1}}},
        json::array({1})}) {
    EXPECT_EQ(verdict(token(claims)), "invalid websocket jwt") << claims;
  }
}

TEST(Bearer, IssuerAndAudienceWhereTheyAreAskedFor) {
  const BearerRules rules{.secret = kSecret, .issuer = "I", .audience = "A"};
  const auto said = [&](const json& more) {
    json claims{{"exp", kNow + 1}};
    claims.update(more);
    return verdict(token(claims), rules);
  };
  EXPECT_EQ(said({{"iss", "I"}, {"aud", "A"}}), "welcome");
  EXPECT_EQ(said({{"iss", "I"}, {"aud", {"B", "A"}}}), "welcome");
  EXPECT_EQ(said({{"aud", "A"}}), "websocket jwt issuer mismatch");
  EXPECT_EQ(said({{"iss", "X"}, {"aud", "A"}}), "websocket jwt issuer mismatch");
  EXPECT_EQ(said({{"iss", "I"}}), "websocket jwt audience mismatch");
  EXPECT_EQ(said({{"iss", "I"}, {"aud", "AA"}}), "websocket jwt audience mismatch");
  EXPECT_EQ(said({{"iss", "I"}, {"aud", json::array()}}), "websocket jwt audience mismatch");
}

TEST(QueryToken, ThereIsExactlyOne) {
  EXPECT_EQ(query_token("/?token=abc"), "abc");
  EXPECT_EQ(query_token("/path?a=b&token=abc&c"), "abc");
  EXPECT_EQ(query_token("/?token=abc#token=d"), "abc");
  EXPECT_EQ(query_token("/?token="), "");
  for (const char* target : {"/", "/token=abc", "/?", "/?Token=abc", "/?xtoken=abc",
                             "/?token=a&token=a", "/?a&&", "?"}) {
    EXPECT_FALSE(query_token(target)) << target;
  }
}

TEST(Access, TheTokenOfTheUrlOrTheSameAsBearer) {
  const Access access = Access::url_token("secret");
  EXPECT_FALSE(access.refusal("/?token=secret", std::nullopt, kNow));
  EXPECT_FALSE(access.refusal("/", "Bearer secret", kNow));
  EXPECT_EQ(access.refusal("/", std::nullopt, kNow),
            "missing websocket token: connect to the URL that the server printed, or start it with "
            "QUOTAD_WS_TOKEN_CHECK=off");
  EXPECT_EQ(access.refusal("/?token=secreu", std::nullopt, kNow), "invalid websocket token");
  EXPECT_EQ(access.refusal("/?token=", std::nullopt, kNow), "invalid websocket token");
  EXPECT_EQ(access.refusal("/?token=secret", "Bearer other", kNow),
            "invalid websocket bearer token");
}

TEST(Access, Capability) {
  const Access access = Access::capability(sha256("secret"));
  EXPECT_FALSE(access.refusal("/", "Bearer secret", kNow));
  EXPECT_FALSE(access.refusal("/", "bearer   secret  ", kNow));
  EXPECT_EQ(access.refusal("/?token=secret", std::nullopt, kNow), "missing websocket bearer token");
  for (const char* header : {"", "secret", "Basic secret", "Bearer", "Bearer ", "Bearersecret"}) {
    EXPECT_EQ(access.refusal("/", header, kNow), "invalid authorization header") << header;
  }
  EXPECT_EQ(access.refusal("/", "Bearer secret2", kNow), "invalid websocket bearer token");
  EXPECT_EQ(access.refusal("/", "Bearer SECRET", kNow), "invalid websocket bearer token");
}

TEST(HostHeader, NamesThisMachineOnlyInWaysThatNobodyElseDecidesOn) {
  for (const char* host :
       {"localhost", "LocalHost:80", "127.0.0.1", "127.1.2.3:4500", "[::1]", "[::1]:4500"}) {
    EXPECT_TRUE(names_this_machine(host)) << host;
  }
  using namespace std::string_view_literals;
  for (const std::string_view host : {""sv,
                                      ":"sv,
                                      ":80"sv,
                                      "localhost.example"sv,
                                      "localhost."sv,
                                      "127.0.0.1.example"sv,
                                      "example:80"sv,
                                      "10.0.0.1"sv,
                                      "::1"sv,
                                      "[::2]"sv,
                                      "[::1"sv,
                                      "[::1%lo]"sv,
                                      "[localhost]x"sv,
                                      "localhost:80:90"sv,
                                      " localhost"sv,
                                      "localhost:http"sv,
                                      "[::1x"sv,
                                      "[::1]x:80"sv,
                                      "[::1]:8x"sv,
                                      "[127.0.0.1]"sv,
                                      "]localhost"sv,
                                      "localhost]:80"sv,
                                      "[::1\0.example]"sv}) {
    EXPECT_FALSE(names_this_machine(host)) << host;
  }
}

TEST(RefusalPace, SomeAtOnceThenOneForEachStep) {
  using namespace std::chrono_literals;
  RefusalPace pace(5, 10s);
  const auto start = RefusalPace::Clock::now();
  const auto peer = boost::asio::ip::make_address("192.0.2.1");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(pace.note(peer, start), 0ns);
  EXPECT_EQ(pace.note(peer, start), 200ms);
  EXPECT_EQ(pace.note(peer, start), 400ms);
  EXPECT_EQ(pace.note(boost::asio::ip::make_address("192.0.2.2"), start), 0ns) << "another";
  EXPECT_EQ(pace.note(peer, start + 10s), 0ns) << "later";
}

TEST(RefusalPace, NobodyWaitsForEver) {
  using namespace std::chrono_literals;
  RefusalPace pace(5, 10s);
  const auto start = RefusalPace::Clock::now();
  const auto peer = boost::asio::ip::make_address("192.0.2.1");
  for (int i = 0; i < 1'000'000; ++i) EXPECT_LE(pace.note(peer, start), 10s);
  EXPECT_EQ(pace.note(peer, start), 10s);
  EXPECT_EQ(pace.note(peer, start + 12s), 0ns);
}

TEST(RefusalPace, ANetworkOfIPv6IsOnePeer) {
  using namespace std::chrono_literals;
  RefusalPace pace(1, 10s);
  const auto start = RefusalPace::Clock::now();
  EXPECT_EQ(pace.note(boost::asio::ip::make_address("2001:db8::1"), start), 0ns);
  EXPECT_EQ(pace.note(boost::asio::ip::make_address("2001:db8::2"), start), 1s);
  EXPECT_EQ(pace.note(boost::asio::ip::make_address("2001:db8:0:1::2"), start), 0ns);
}

TEST(RefusalPace, ManyAddressesShareInTheEnd) {
  using namespace std::chrono_literals;
  RefusalPace pace(1, 10s);
  const auto start = RefusalPace::Clock::now();
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    pace.note(boost::asio::ip::make_address_v4(i), start);
    pace.note(boost::asio::ip::make_address_v4(i), start);
  }
  EXPECT_GT(pace.note(boost::asio::ip::make_address_v4(9'999), start), 0ns);
  EXPECT_EQ(pace.note(boost::asio::ip::make_address_v4(9'999), start + 24h), 0ns);
}

}  // namespace
}  // namespace quotad::transport
