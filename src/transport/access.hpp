// Who may open a WebSocket: the token that the upgrade brings, and what is refused without it.
//
// Made by src/cli from the --ws-… flags, asked by HttpConnection for each upgrade. Tokens are compared
// in constant time; of those that are compared whole only the SHA-256 is kept.
#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace quotad::transport {

using Sha256 = std::array<unsigned char, 32>;
Sha256 sha256(std::string_view text);

// What a JSON Web Token signed with HS256 must say (RFC 7515, RFC 7519).
struct BearerRules {
  std::string secret;
  std::optional<std::string> issuer;
  std::optional<std::string> audience;
  std::int64_t max_clock_skew_sec = 30;
};

// Why `token` does not open the door at `unix_now`, in the reference's words, or nullopt. Only HS256
// is accepted, whatever the token's header asks for, and no critical extension is.
std::optional<std::string> refuse_bearer(std::string_view token, const BearerRules& rules,
                                         std::int64_t unix_now);

// The value of `token` in the query of a request's target, or nullopt if there is not exactly one.
std::optional<std::string_view> query_token(std::string_view target);

class Access {
 public:
  // Everybody who can connect.
  static Access open() { return Access(Everybody{}); }
  // With this token as `?token=…`, or as a bearer token.
  static Access url_token(std::string_view token) { return Access(UrlToken{sha256(token)}); }
  // With the bearer token of this digest.
  static Access capability(const Sha256& digest) { return Access(Capability{digest}); }
  // With a bearer token that is signed.
  static Access signed_bearer(BearerRules rules) { return Access(std::move(rules)); }

  // Why this upgrade is refused, or nullopt. `authorization` is the header of that name.
  std::optional<std::string> refusal(std::string_view target,
                                     std::optional<std::string_view> authorization,
                                     std::int64_t unix_now) const;

  bool is_open() const { return std::holds_alternative<Everybody>(rule_); }

 private:
  struct Everybody {};
  struct UrlToken {
    Sha256 digest;
  };
  struct Capability {
    Sha256 digest;
  };
  using Rule = std::variant<Everybody, UrlToken, Capability, BearerRules>;

  explicit Access(Rule rule) : rule_(std::move(rule)) {}

  Rule rule_;
};

// Whether a Host header names this machine by a name that no DNS server can point elsewhere: `localhost`, or an
// address of the loopback network; with a port or without.
bool names_this_machine(std::string_view host_header);

// Lets so many refusals of one address pass in a second, and says how long to wait with the answer
// to each further one. Addresses of one IPv6 network of 64 bits count as one.
class RefusalPace {
 public:
  using Clock = std::chrono::steady_clock;

  // No wait is longer than `longest`.
  RefusalPace(std::size_t per_second, Clock::duration longest)
      : longest_(longest),
        step_(std::chrono::duration_cast<Clock::duration>(std::chrono::seconds(1)) /
              static_cast<Clock::rep>(per_second)) {}

  Clock::duration note(const boost::asio::ip::address& peer, Clock::time_point now);

 private:
  Clock::duration longest_;
  Clock::duration step_;
  std::map<std::string, Clock::time_point> next_;  // by address: when it has used up its pace
};

}  // namespace quotad::transport
