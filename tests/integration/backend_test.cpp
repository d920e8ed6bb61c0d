// The HTTP client's manners, against a server that shows every byte: reuse, compression, redirects,
// proxies.

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/quotad.hpp"
#include "harness/scripted_server.hpp"

namespace quotad::testing {
namespace {

const char* const kUsageRead = "account/usage/read";
const std::string kProfile = R"({"stats":{"lifetime_tokens":7}})";

// {"stats":{"lifetime_tokens":7}} through gzip.
const std::string kGzippedProfile(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x2a\x2e\x49\x2c\x29\x56\xb2\xaa\x56\xca\xc9"
    "\x4c\x4b"
    "\x2d\xc9\xcc\x4d\x8d\x2f\xc9\xcf\x4e\xcd\x03\x0a\x99\xd7\xd6\x02\x00\x22\xe4\x0b\x0a\x1f\x00"
    "\x00\x00",
    50);

Json read_usage(const std::string& home, const Environment& environment = {}) {
  AppServer server(home, {}, environment);
  server.initialize();
  return server.ask(kUsageRead);
}

TEST(Backend, ConnectionsAreReused) {
  const ScriptedServer service([](const std::string&) { return http_ok(kProfile); });
  const Home home(url_of(service));
  AppServer server(home.path());
  server.initialize();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(server.ask(kUsageRead).contains("result"));
  EXPECT_EQ(service.connections(), 1);
}

TEST(Backend, CompressedAnswersAreRead) {
  const ScriptedServer service([](const std::string& head) {
    EXPECT_NE(head.find("gzip"), std::string::npos);
    return http_ok(kGzippedProfile, "Content-Encoding: gzip\r\n");
  });
  EXPECT_EQ(read_usage(Home(url_of(service)).path())["result"]["summary"]["lifetimeTokens"], 7);
}

TEST(Backend, RedirectsAreFollowedOnTheSameHostOnly) {
  const ScriptedServer other([](const std::string&) { return http_ok(kProfile); });
  const auto leads_to = [](const std::string& location) {
    return [location](const std::string& head) {
      if (head.find("/moved") != std::string::npos) return http_ok(kProfile);
      return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n";
    };
  };
  const ScriptedServer stays(leads_to("/backend-api/moved"));
  EXPECT_TRUE(read_usage(Home(url_of(stays)).path()).contains("result"));
  ASSERT_EQ(stays.requests().size(), 2U);
  EXPECT_NE(stays.requests()[1].find("Bearer secret-token"), std::string::npos);

  const ScriptedServer leaves(leads_to(url_of(other) + "/backend-api/moved"));
  const Json error = read_usage(Home(url_of(leaves)).path())["error"];
  EXPECT_EQ(error["data"]["httpStatus"], 302);
  EXPECT_EQ(other.connections(), 0);
}

TEST(Backend, ARedemptionIsNeverRedirected) {
  const ScriptedServer service([](const std::string&) {
    return std::string(
        "HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n"
        "Location: /elsewhere\r\n\r\n");
  });
  const Home home(url_of(service));
  AppServer server(home.path());
  server.initialize();
  const Json answer = server.ask("account/rateLimitResetCredit/consume", {{"idempotencyKey", "k"}});
  EXPECT_EQ(answer["error"]["data"]["httpStatus"], 307);
  EXPECT_EQ(service.requests().size(), 1U);
}

TEST(Backend, RedirectsInARingEnd) {
  const ScriptedServer service([](const std::string&) {
    return std::string("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /ring\r\n\r\n");
  });
  EXPECT_EQ(read_usage(Home(url_of(service)).path())["error"]["data"]["httpStatus"], 302);
  EXPECT_LE(service.requests().size(), 6U);
}

TEST(Backend, TheProxyOfTheEnvironmentIsUsedUnlessExcluded) {
  const ScriptedServer proxy([](const std::string&) { return std::string(); });
  const std::string at = url_of(proxy);
  const Home home("https://service.invalid");
  EXPECT_TRUE(
      read_usage(home.path(),
                 {{"HTTPS_PROXY", at}, {"https_proxy", at}, {"NO_PROXY", ""}, {"no_proxy", ""}})
          .contains("error"));
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(proxy.requests()[0].rfind("CONNECT service.invalid:443 HTTP/1.1\r\n", 0), 0U);
  EXPECT_EQ(proxy.requests()[0].find("secret-token"), std::string::npos);
  EXPECT_TRUE(read_usage(home.path(), {{"https_proxy", at},
                                       {"NO_PROXY", "service.invalid"},
                                       {"no_proxy", "service.invalid"}})
                  .contains("error"));
  EXPECT_EQ(proxy.requests().size(), 1U);
}

TEST(Backend, NoProxyReadsWhatGoesToThisMachineWithoutTls) {
  const ScriptedServer proxy([](const std::string&) { return http_ok(kProfile); });
  const ScriptedServer service([](const std::string&) { return http_ok(kProfile); });
  const Home home(url_of(service));
  for (const char* variable : {"http_proxy", "ALL_PROXY", "all_proxy"}) {
    EXPECT_TRUE(
        read_usage(home.path(), {{variable, url_of(proxy)}, {"NO_PROXY", ""}, {"no_proxy", ""}})
            .contains("result"))
        << variable;
  }
  EXPECT_EQ(proxy.connections(), 0);
  EXPECT_EQ(service.requests().size(), 3U);
}

TEST(Backend, RetryAfterMayBeADate) {
  const ScriptedServer service([](const std::string&) {
    return std::string(
        "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n"
        "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n\r\n");
  });
  const Json error = read_usage(Home(url_of(service)).path())["error"];
  EXPECT_GT(error["data"]["retryAfterSec"], 86'400);
}

}  // namespace
}  // namespace quotad::testing
