#include "daemon/web_socket_access.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/ip/address.hpp>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "auth/jwt.hpp"
#include "quotad/protocol/error.hpp"
#include "system/secret_file.hpp"
#include "system/wipe.hpp"

namespace quotad::daemon {
namespace {

using protocol::Error;
using protocol::ErrorKind;
using transport::Access;

constexpr std::size_t kMinSecretBytes = 32;  // as many as SHA-256 has (RFC 7518, section 3.2)
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kLongEnough = 22;  // characters: 128 bits as base64
constexpr const char* kMakeToken = "make one, for example: openssl rand -base64 32";

Error contradiction(const std::string& words) { return {ErrorKind::kInvalidParams, words}; }

std::string read_secret(const std::string& path) {
  const std::string file = std::filesystem::absolute(path).string();
  std::string secret;
  try {
    secret = system::read_secret_file(file);
  } catch (const std::system_error& failed) {
    throw Error(ErrorKind::kInternal,
                "failed to read websocket auth secret " + file + ": " + failed.code().message());
  } catch (const std::runtime_error& refused) {
    throw Error(ErrorKind::kInternal,
                "cannot use websocket auth secret " + file + ": " + refused.what());
  }
  if (secret.empty()) {
    throw Error(ErrorKind::kInternal,
                "websocket auth secret " + file + " must not be empty; " + kMakeToken);
  }
  return secret;
}

std::optional<unsigned char> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned char>(digit - '0');
  const char lower = static_cast<char>(digit | 0x20);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned char>(lower - 'a' + 10);
  return std::nullopt;
}

transport::Sha256 parse_digest(std::string_view text) {
  const auto refuse = [] {
    return contradiction("--ws-token-sha256 must be a 64-character hex SHA-256 digest");
  };
  transport::Sha256 digest{};
  if (text.size() != 2 * digest.size()) throw refuse();
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const auto high = hex_digit(text[2 * i]);
    const auto low = hex_digit(text[2 * i + 1]);
    if (!high || !low) throw refuse();
    digest.at(i) = static_cast<unsigned char>(*high << 4U | *low);
  }
  return digest;
}

Access capability_access(const WebSocketOptions& flags) {
  if (!flags.token_file.empty() && !flags.token_sha256.empty()) {
    throw contradiction("`--ws-token-file` and `--ws-token-sha256` are mutually exclusive");
  }
  if (!flags.token_sha256.empty()) return Access::capability(parse_digest(flags.token_sha256));
  if (flags.token_file.empty()) {
    throw contradiction(
        "`--ws-token-file` or `--ws-token-sha256` is required when `--ws-auth capability-token` "
        "is set");
  }
  std::string token = read_secret(flags.token_file);
  if (token.size() < kLongEnough) {
    throw Error(ErrorKind::kInternal, "websocket auth token " +
                                          std::filesystem::absolute(flags.token_file).string() +
                                          " must be at least " + std::to_string(kLongEnough) +
                                          " characters, or it can be guessed; " + kMakeToken);
  }
  const auto digest = transport::sha256(token);
  system::wipe(token);
  return Access::capability(digest);
}

std::optional<std::string> given(const std::optional<std::string>& text, const char* flag) {
  if (!text) return std::nullopt;
  std::string value = boost::algorithm::trim_copy_if(*text, boost::algorithm::is_any_of(" "));
  // Of a shell variable that is not set: it would switch the check off.
  if (value.empty()) throw contradiction(std::string("`") + flag + "` must not be empty");
  return value;
}

Access signed_access(const WebSocketOptions& flags) {
  if (flags.shared_secret_file.empty()) {
    throw contradiction(
        "`--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set");
  }
  transport::BearerRules rules{.secret = read_secret(flags.shared_secret_file),
                               .issuer = given(flags.issuer, "--ws-issuer"),
                               .audience = given(flags.audience, "--ws-audience")};
  if (rules.secret.size() < kMinSecretBytes) {
    throw Error(ErrorKind::kInternal,
                "signed websocket bearer secret " +
                    std::filesystem::absolute(flags.shared_secret_file).string() +
                    " must be at least 32 bytes; " + kMakeToken);
  }
  if (flags.max_clock_skew_sec) rules.max_clock_skew_sec = *flags.max_clock_skew_sec;
  return Access::signed_bearer(std::move(rules));
}

void check_combination(const WebSocketOptions& flags) {
  const bool has_capability = !flags.token_file.empty() || !flags.token_sha256.empty();
  const bool has_signed = !flags.shared_secret_file.empty() || flags.issuer || flags.audience ||
                          flags.max_clock_skew_sec;
  if (flags.auth.empty() && (has_capability || has_signed)) {
    throw contradiction(
        "websocket auth flags require `--ws-auth capability-token` or `--ws-auth "
        "signed-bearer-token`");
  }
  if (flags.auth == kCapabilityToken && has_signed) {
    throw contradiction(
        "`--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, and "
        "`--ws-max-clock-skew-seconds` require `--ws-auth signed-bearer-token`");
  }
  if (flags.auth == kSignedBearerToken && has_capability) {
    throw contradiction(
        "`--ws-token-file` and `--ws-token-sha256` require `--ws-auth capability-token`, not "
        "`signed-bearer-token`");
  }
  if (!flags.auth.empty() && flags.no_token_check) {
    throw contradiction("`--no-token-check` and `--ws-auth` are mutually exclusive");
  }
  for (const std::string& origin : flags.allowed_origins) {
    const std::size_t mark = origin.find("://");
    const bool is_origin = (origin.rfind("http://", 0) == 0 || origin.rfind("https://", 0) == 0) &&
                           mark + 3 < origin.size() &&
                           origin.find_first_of("/?# ", mark + 3) == std::string::npos;
    if (!is_origin) {
      throw contradiction("--allow-origin `" + origin +
                          "` is no origin; expected `https://HOST` or `https://HOST:PORT`");
    }
  }
}

std::string make_token() {
  std::array<unsigned char, kTokenBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw Error(ErrorKind::kInternal, "OpenSSL has no random numbers");
  }
  return auth::encode_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

WebSocketAccess choose_web_socket_access(const WebSocketOptions& flags,
                                         const std::vector<transport::ListenAddress>& addresses) {
  using Kind = transport::ListenAddress::Kind;
  check_combination(flags);
  if (flags.auth == kCapabilityToken) return {.access = capability_access(flags), .url_query = ""};
  if (flags.auth == kSignedBearerToken) return {.access = signed_access(flags), .url_query = ""};
  bool any = false;
  for (const auto& address : addresses) {
    if (address.kind != Kind::kWebSocket) continue;
    any = true;
    if (!boost::asio::ip::make_address(address.host).is_loopback()) {
      throw contradiction("refusing to start non-loopback websocket listener " + address.host +
                          ":" + std::to_string(address.port) +
                          " without auth; configure `--ws-auth capability-token` or `--ws-auth "
                          "signed-bearer-token`");
    }
  }
  if (!any || flags.no_token_check || flags.check_is_off) return {};
  const std::string token = make_token();
  return {.access = Access::url_token(token), .url_query = "/?token=" + token};
}

}  // namespace quotad::daemon
