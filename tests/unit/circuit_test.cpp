// When the service is left alone.
#include "backend/circuit.hpp"

#include <gtest/gtest.h>

#include "backend/retry_after.hpp"

namespace quotad::backend {
namespace {

using namespace std::chrono_literals;
using protocol::Error;
using protocol::ErrorData;
using protocol::ErrorKind;

const Circuit::Clock::time_point kStart{std::chrono::hours(1)};
const CircuitOptions kOptions{
    .failures = 3, .delay = 1s, .longest_delay = 5s, .longest_retry_after = 100s};

Error failure(ErrorKind kind, std::optional<std::int64_t> status = std::nullopt,
              std::optional<std::int64_t> retry_after = std::nullopt) {
  ErrorData data;
  data.kind = kind;
  data.http_status = status;
  data.retryable = status.value_or(0) >= 500;
  data.retry_after_sec = retry_after;
  data.outcome_unknown = true;
  return Error(std::move(data), "the words");
}

// The seconds that the circuit says to wait; 0 if the service may be asked.
std::int64_t wait_at(const Circuit& circuit, Circuit::Clock::time_point now,
                     bool only_pause = false) {
  try {
    circuit.check(now, only_pause);
    return 0;
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind("the words (not asked again for ", 0), 0U)
        << error.what();
    EXPECT_TRUE(error.data().retryable);
    EXPECT_FALSE(error.data().outcome_unknown) << "nothing was sent";
    return error.data().retry_after_sec.value();
  }
}

TEST(Circuit, AfterSomeFailuresInARowTheServiceIsLeftAloneForLongerAndLonger) {
  Circuit circuit(kOptions);
  for (int i = 0; i < 2; ++i) {
    circuit.failed(failure(ErrorKind::kBackendStatus, 503), kStart);
    EXPECT_EQ(wait_at(circuit, kStart), 0);
  }
  circuit.failed(failure(ErrorKind::kTimeout), kStart);
  EXPECT_EQ(wait_at(circuit, kStart), 1);
  EXPECT_EQ(wait_at(circuit, kStart, /*only_pause=*/true), 0);
  EXPECT_EQ(wait_at(circuit, kStart + 1s), 0) << "asked again";
  std::int64_t longest = 0;
  auto now = kStart + 1s;
  for (const std::int64_t expected : {2, 4, 5, 5}) {
    circuit.failed(failure(ErrorKind::kBackendUnreachable), now);
    longest = wait_at(circuit, now);
    EXPECT_EQ(longest, expected);
    now += std::chrono::seconds(longest);
  }
  circuit.succeeded();
  EXPECT_EQ(wait_at(circuit, now), 0);
  circuit.failed(failure(ErrorKind::kBackendPayload), now);
  EXPECT_EQ(wait_at(circuit, now), 0) << "counted from the start";
}

TEST(Circuit, FailuresOfCallsThatWereUnderWayCountOnce) {
  Circuit circuit(kOptions);
  for (int i = 0; i < 100; ++i) circuit.failed(failure(ErrorKind::kTimeout), kStart);
  EXPECT_EQ(wait_at(circuit, kStart), 1);
}

TEST(Circuit, RefusalsAreAnswers) {
  Circuit circuit(kOptions);
  for (int i = 0; i < 10; ++i) {
    circuit.failed(failure(ErrorKind::kBackendStatus, 403), kStart);
    circuit.failed(failure(ErrorKind::kAuthRequired, 401), kStart);
    circuit.failed(failure(ErrorKind::kTimeout), kStart);
  }
  EXPECT_EQ(wait_at(circuit, kStart), 0);
}

TEST(Circuit, APauseIsTheServicesToAskFor) {
  Circuit circuit(kOptions);
  circuit.failed(failure(ErrorKind::kRateLimited, 429, 30), kStart);
  EXPECT_EQ(wait_at(circuit, kStart), 30);
  EXPECT_EQ(wait_at(circuit, kStart, /*only_pause=*/true), 30);
  circuit.succeeded();  // a call that was under way
  EXPECT_EQ(wait_at(circuit, kStart + 29'001ms), 1);
  EXPECT_EQ(wait_at(circuit, kStart + 30s), 0);
  circuit.failed(failure(ErrorKind::kRateLimited, 429, 60), kStart);
  circuit.failed(failure(ErrorKind::kRateLimited, 429, 1), kStart);
  EXPECT_EQ(wait_at(circuit, kStart), 60) << "a late answer shortens nothing";
  circuit.failed(failure(ErrorKind::kBackendStatus, 503, 31'536'000), kStart);
  EXPECT_EQ(wait_at(circuit, kStart), 100) << "but not for ever";
}

TEST(RetryAfter, SecondsOrADate) {
  constexpr std::int64_t kNow = 784111777;  // the date of RFC 9110, section 5.6.7
  EXPECT_EQ(parse_retry_after("120", kNow), 120);
  EXPECT_EQ(parse_retry_after(" 7 ", kNow), 7);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", kNow), 10);
  EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:49:47 GMT", kNow), 10);
  EXPECT_EQ(parse_retry_after("99999999999999999999", kNow), 31'536'000) << "a year";
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 2094 08:49:47 GMT", kNow), 31'536'000);
  for (const char* text : {"", " ", "0", "-5", "soon", "Sun, 06 Nov 1994 08:49:36 GMT"}) {
    EXPECT_FALSE(parse_retry_after(text, kNow)) << text;
  }
}

}  // namespace
}  // namespace quotad::backend
