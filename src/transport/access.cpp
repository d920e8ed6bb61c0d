#include "transport/access.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <strings.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <type_traits>

#include "auth/jwt.hpp"
#include "quotad/protocol/json_text.hpp"

namespace quotad::transport {
namespace {

using protocol::Json;

// Addresses that are told apart; beyond, all share one pace.
constexpr std::size_t kMaxAddresses = 4096;
// A bearer token comes in a header, which is bounded; its JSON is flat.
constexpr protocol::ParseLimits kTokenLimits{.max_message_bytes = 16'384, .max_depth = 4};

constexpr const char* kInvalid = "invalid websocket jwt";

bool is_same(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

bool has_digest(std::string_view token, const Sha256& digest) {
  const Sha256 given = sha256(token);
  return CRYPTO_memcmp(given.data(), digest.data(), digest.size()) == 0;
}

// A part of the token as a JSON object, or null.
Json object_in(std::string_view part) {
  const auto text = auth::decode_base64url(part);
  if (!text) return nullptr;
  try {
    Json json = protocol::parse_text(*text, kTokenLimits);
    return json.is_object() ? json : Json();
  } catch (const protocol::Error&) {
    return nullptr;
  }
}

// A member that is absent, or null, or an int64; nullopt if it is something else.
std::optional<std::optional<std::int64_t>> time_member(const Json& claims, const char* name) {
  const auto at = claims.find(name);
  if (at == claims.end() || at->is_null()) return std::optional<std::int64_t>();
  if (at->is_number_unsigned() &&
      at->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return std::nullopt;
  }
  if (!at->is_number_integer()) return std::nullopt;
  return std::optional(at->get<std::int64_t>());
}

bool is_text_or_list_of_text(const Json& value) {
  if (value.is_null() || value.is_string()) return true;
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& row) { return row.is_string(); });
}

// Clocks may differ by `skew`, and the sum of the two may be no int64.
std::int64_t plus(std::int64_t time, std::int64_t skew) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  return time > kMost - skew ? kMost : time + skew;
}

// The token of "Bearer TOKEN", or nullopt.
std::optional<std::string_view> bearer_of(std::string_view header) {
  constexpr std::string_view kScheme = "bearer";
  const bool has_scheme =
      header.size() > kScheme.size() && header[kScheme.size()] == ' ' &&
      std::equal(kScheme.begin(), kScheme.end(), header.begin(), [](char want, char given) {
        return want == std::tolower(static_cast<unsigned char>(given));
      });
  if (!has_scheme) return std::nullopt;
  std::string_view token = header.substr(kScheme.size());
  while (!token.empty() && token.front() == ' ') token.remove_prefix(1);
  while (!token.empty() && token.back() == ' ') token.remove_suffix(1);
  if (token.empty()) return std::nullopt;
  return token;
}

}  // namespace

Sha256 sha256(std::string_view text) {
  Sha256 digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute SHA-256");
  }
  return digest;
}

std::optional<std::string> refuse_bearer(std::string_view token, const BearerRules& rules,
                                         std::int64_t unix_now) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == last) return kInvalid;  // also where there is none
  const std::string_view claimed = token.substr(0, last);
  const std::string_view claims_part = token.substr(first + 1, last - first - 1);
  if (claims_part.find('.') != std::string_view::npos) return kInvalid;

  // The header chooses nothing: it must say what is done in any case.
  const Json header = object_in(token.substr(0, first));
  if (!header.is_object() || header.value("alg", Json()) != "HS256" || header.contains("crit")) {
    return kInvalid;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), rules.secret.data(), static_cast<int>(rules.secret.size()),
           reinterpret_cast<const unsigned char*>(claimed.data()), claimed.size(), mac.data(),
           &size) == nullptr) {
    return kInvalid;
  }
  // As text, so that there is one way only to write a signature.
  const std::string expected =
      auth::encode_base64url({reinterpret_cast<const char*>(mac.data()), size});
  if (!is_same(expected, token.substr(last + 1))) return kInvalid;

  const Json claims = object_in(claims_part);
  if (!claims.is_object()) return kInvalid;
  const auto expires = time_member(claims, "exp");
  const auto begins = time_member(claims, "nbf");
  const Json issuer = claims.value("iss", Json());
  const Json audience = claims.value("aud", Json());
  const bool is_readable = expires && *expires && begins &&
                           (issuer.is_null() || issuer.is_string()) &&
                           is_text_or_list_of_text(audience);
  if (!is_readable) return kInvalid;
  if (unix_now >= plus(**expires, rules.max_clock_skew_sec)) return "expired websocket jwt";
  if (*begins && plus(unix_now, rules.max_clock_skew_sec) < **begins) {
    return "websocket jwt is not valid yet";
  }
  if (rules.issuer && issuer != *rules.issuer) return "websocket jwt issuer mismatch";
  const bool is_for_us =
      !rules.audience || audience == *rules.audience ||
      (audience.is_array() &&
       std::find(audience.begin(), audience.end(), Json(*rules.audience)) != audience.end());
  if (!is_for_us) return "websocket jwt audience mismatch";
  return std::nullopt;
}

std::optional<std::string_view> query_token(std::string_view target) {
  constexpr std::string_view kName = "token=";
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  std::string_view query = target.substr(mark + 1);
  query = query.substr(0, query.find('#'));
  std::optional<std::string_view> found;
  for (bool more = true; more;) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    if (pair.substr(0, kName.size()) == kName) {
      if (found) return std::nullopt;
      found = pair.substr(kName.size());
    }
    more = end != std::string_view::npos;
    if (more) query.remove_prefix(end + 1);
  }
  return found;
}

std::optional<std::string> Access::refusal(std::string_view target,
                                           std::optional<std::string_view> authorization,
                                           std::int64_t unix_now) const {
  if (is_open()) return std::nullopt;
  if (const auto* url = std::get_if<UrlToken>(&rule_); url != nullptr && !authorization) {
    const auto token = query_token(target);
    if (!token) {
      return "missing websocket token: connect to the URL that the server printed, or start it "
             "with "
             "QUOTAD_WS_TOKEN_CHECK=off";
    }
    if (!has_digest(*token, url->digest)) return "invalid websocket token";
    return std::nullopt;
  }
  if (!authorization) return "missing websocket bearer token";
  const auto token = bearer_of(*authorization);
  if (!token) return "invalid authorization header";
  if (const auto* rules = std::get_if<BearerRules>(&rule_)) {
    return refuse_bearer(*token, *rules, unix_now);
  }
  const auto* capability = std::get_if<Capability>(&rule_);
  const Sha256& digest =
      capability != nullptr ? capability->digest : std::get<UrlToken>(rule_).digest;
  if (!has_digest(*token, digest)) return "invalid websocket bearer token";
  return std::nullopt;
}

RefusalPace::Clock::duration RefusalPace::note(const boost::asio::ip::address& peer,
                                               Clock::time_point now) {
  std::string key;
  if (peer.is_v6()) {
    const auto bytes = peer.to_v6().to_bytes();
    key.assign(bytes.begin(), bytes.begin() + 8);
  } else {
    const auto bytes = peer.to_v4().to_bytes();
    key.assign(bytes.begin(), bytes.end());
  }
  if (next_.size() >= kMaxAddresses && next_.count(key) == 0) {
    for (auto at = next_.begin(); at != next_.end();) {
      at = at->second <= now && !at->first.empty() ? next_.erase(at) : std::next(at);
    }
    if (next_.size() >= kMaxAddresses) key.clear();
  }
  // A second's worth at once, then one for each step.
  auto& next = next_[key];
  next = std::min(std::max(next, now - std::chrono::seconds(1)) + step_, now + longest_);
  return std::max(next - now, Clock::duration::zero());
}

bool names_this_machine(std::string_view host_header) {
  // An IPv6 address has colons within its brackets.
  const std::size_t after_address = host_header.rfind(']');
  const std::size_t colon =
      host_header.find(':', after_address == std::string_view::npos ? 0 : after_address);
  std::string_view host = host_header.substr(0, colon);
  if (colon != std::string_view::npos &&
      host_header.find_first_not_of("0123456789", colon + 1) != std::string_view::npos) {
    return false;
  }
  // Beast 1.81's iequals reads a byte behind names that differ in case.
  constexpr std::string_view kLocalhost = "localhost";
  if (host.size() == kLocalhost.size() &&
      strncasecmp(host.data(), kLocalhost.data(), kLocalhost.size()) == 0) {
    return true;
  }
  // No zone, and no zero byte, at which the C library's reader of addresses would stop.
  if (host.find_first_not_of("0123456789abcdefABCDEF.:[]") != std::string_view::npos) return false;
  boost::system::error_code error;
  boost::asio::ip::address address;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    address = boost::asio::ip::make_address_v6(std::string(host.substr(1, host.size() - 2)), error);
  } else {
    address = boost::asio::ip::make_address_v4(std::string(host), error);
  }
  return !error && address.is_loopback();
}

}  // namespace quotad::transport
