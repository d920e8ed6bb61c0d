// Who may open a WebSocket: the input is a request's target on its first line, an Authorization header
// on the next, and the claims of a token, which is signed here, on the rest.

#include "transport/access.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <set>

#include "auth/jwt.hpp"
#include "fuzz.hpp"

namespace {

using namespace quotad::transport;
using quotad::auth::encode_base64url;
using quotad::fuzz::require;

constexpr std::int64_t kNow = 1'800'000'000;
const BearerRules kRules{.secret = std::string(32, 's'), .issuer = "I", .audience = "A"};

std::string signed_token(std::string_view claims) {
  const std::string text = encode_base64url(R"({"alg":"HS256"})") + "." + encode_base64url(claims);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), kRules.secret.data(), static_cast<int>(kRules.secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return text + "." + encode_base64url({reinterpret_cast<const char*>(mac.data()), size});
}

// Whoever does not know the secret is never let in.
void try_unsigned(std::string_view token) {
  static const std::set<std::string> words{"invalid websocket jwt"};
  const auto refusal = refuse_bearer(token, kRules, kNow);
  require(refusal && words.count(*refusal) == 1);
}

void try_claims(std::string_view text) {
  if (refuse_bearer(signed_token(text), kRules, kNow)) return;
  const auto claims = nlohmann::json::parse(text);
  require(claims.at("iss") == "I");
  require(claims.at("exp").is_number_integer());
  require(claims.at("exp").get<std::int64_t>() > kNow - kRules.max_clock_skew_sec);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = quotad::fuzz::text_of(data, size);
  const std::size_t first = std::min(text.find('\n'), text.size());
  const std::string_view target = text.substr(0, first);
  const std::string_view rest = text.substr(std::min(first + 1, text.size()));
  const std::size_t second = std::min(rest.find('\n'), rest.size());
  const std::string_view header = rest.substr(0, second);

  if (names_this_machine(header)) {
    // Of the names that are not addresses only one.
    const bool is_address =
        header.find_first_not_of("0123456789abcdefABCDEF.:[]") == std::string_view::npos;
    require(is_address || (header.size() >= 9 && (header[0] == 'l' || header[0] == 'L')));
  }
  const auto token = query_token(target);
  require(!token || token->find_first_of("&#") == std::string_view::npos);
  const Access by_url = Access::url_token("secret");
  require(by_url.refusal(target, std::nullopt, kNow).has_value() == (token != "secret"));
  const bool is_bearer = !by_url.refusal(target, header, kNow);
  require(is_bearer == !Access::capability(sha256("secret")).refusal(target, header, kNow));
  require(!is_bearer || header.find("secret") != std::string_view::npos);
  require(!Access::open().refusal(target, header, kNow));

  try_unsigned(header);
  try_unsigned(text);
  try_claims(rest.substr(std::min(second + 1, rest.size())));
  return 0;
}
