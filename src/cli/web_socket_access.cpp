#include "cli/web_socket_access.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "auth/jwt.hpp"
#include "quotad/protocol/error.hpp"
#include "system/descriptor.hpp"
#include "system/secret_file.hpp"
#include "system/wipe.hpp"

namespace quotad::cli {
namespace {

using protocol::Error;
using protocol::ErrorKind;
using transport::Access;

constexpr const char* kCapability = "capability-token";
constexpr const char* kSigned = "signed-bearer-token";
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

Access capability_access(const WebSocketFlags& flags) {
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

Access signed_access(const WebSocketFlags& flags) {
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

void check_combination(const WebSocketFlags& flags) {
  const bool has_capability = !flags.token_file.empty() || !flags.token_sha256.empty();
  const bool has_signed = !flags.shared_secret_file.empty() || flags.issuer || flags.audience ||
                          flags.max_clock_skew_sec;
  if (flags.auth.empty() && (has_capability || has_signed)) {
    throw contradiction(
        "websocket auth flags require `--ws-auth capability-token` or `--ws-auth "
        "signed-bearer-token`");
  }
  if (flags.auth == kCapability && has_signed) {
    throw contradiction(
        "`--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, and "
        "`--ws-max-clock-skew-seconds` require `--ws-auth signed-bearer-token`");
  }
  if (flags.auth == kSigned && has_capability) {
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

// Where app-servers leave their URLs; empty where the system has no place for it.
std::filesystem::path url_folder(const GetEnv& getenv) {
  const char* runtime = getenv("XDG_RUNTIME_DIR");
  if (runtime == nullptr || *runtime != '/') return {};
  return std::filesystem::path(runtime) / "quotad";
}

std::string url_file_name(const std::string& host, const std::string& port) {
  return "ws-" + host + "-" + port + ".url";
}

}  // namespace

void add_web_socket_flags(CLI::App& app_server, WebSocketFlags& flags) {
  app_server.add_option("--ws-auth", flags.auth, "How clients of ws:// show who they are")
      ->check(CLI::IsMember({kCapability, kSigned}))
      ->type_name("MODE");
  app_server
      .add_option("--ws-token-file", flags.token_file,
                  "File with the token of --ws-auth capability-token")
      ->type_name("PATH");
  app_server
      .add_option("--ws-token-sha256", flags.token_sha256,
                  "SHA-256 of that token, in place of the file")
      ->type_name("HEX");
  app_server
      .add_option("--ws-shared-secret-file", flags.shared_secret_file,
                  "File with the secret of --ws-auth signed-bearer-token (HS256), 32 bytes or more")
      ->type_name("PATH");
  app_server.add_option("--ws-issuer", flags.issuer, "Issuer that signed tokens must name");
  app_server.add_option("--ws-audience", flags.audience, "Audience that signed tokens must name");
  app_server
      .add_option("--ws-max-clock-skew-seconds", flags.max_clock_skew_sec,
                  "How much the clock of whoever signs tokens may differ; 30 by default")
      ->type_name("N");
  app_server.add_flag("--no-token-check", flags.no_token_check,
                      "Let everybody on this machine open a WebSocket; loopback only. The same as "
                      "QUOTAD_WS_TOKEN_CHECK=off, or ws_token_check = \"off\" in quotad.toml");
  app_server
      .add_option("--allow-origin", flags.allowed_origins,
                  "Origin of a web page that may connect, for example https://example.org; may be "
                  "given several times")
      ->type_name("URL")
      ->allow_extra_args(false);
}

WebSocketAccess choose_web_socket_access(const WebSocketFlags& flags,
                                         const std::vector<transport::ListenAddress>& addresses) {
  using Kind = transport::ListenAddress::Kind;
  check_combination(flags);
  if (flags.auth == kCapability) return {.access = capability_access(flags), .url_query = ""};
  if (flags.auth == kSigned) return {.access = signed_access(flags), .url_query = ""};
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

std::string find_url_query(const std::string& host, std::uint16_t port, const GetEnv& getenv) {
  const std::filesystem::path folder = url_folder(getenv);
  if (folder.empty()) return "";
  try {
    const std::string url =
        system::read_secret_file(folder / url_file_name(host, std::to_string(port)));
    const std::size_t query = url.find("/?");
    return query == std::string::npos ? "" : url.substr(query);
  } catch (const std::exception&) {
    return "";  // nobody has left one, or not for us
  }
}

UrlFiles::UrlFiles(const GetEnv& getenv) : folder_(url_folder(getenv)) {}

UrlFiles::~UrlFiles() { remove(); }

void UrlFiles::remove() {
  for (const File& file : files_) {
    struct stat status {};
    // Somebody else may listen there by now.
    const bool is_ours = lstat(file.path.c_str(), &status) == 0 && status.st_ino == file.inode;
    if (is_ours) unlink(file.path.c_str());
  }
  files_.clear();
}

void UrlFiles::add(const transport::ListenAddress& address, const std::string& url) {
  if (folder_.empty()) return;
  const std::string rest = url.substr(url.rfind(':') + 1);
  const auto file = folder_ / url_file_name(address.host, rest.substr(0, rest.find('/')));
  const auto fail = [&] {
    spdlog::warn("cannot write {}: {}", file.string(), std::strerror(errno));
  };
  struct stat status {};
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return fail();
  // Whoever else could write there could put a file of theirs in place of ours.
  if (lstat(folder_.c_str(), &status) != 0) return fail();
  if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077U) != 0) {
    errno = EACCES;
    return fail();
  }
  unlink(file.c_str());  // of a process that was killed
  const system::Descriptor descriptor(
      open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!descriptor.is_open()) return fail();
  if (fstat(descriptor.get(), &status) == 0) files_.push_back({file, status.st_ino});
  const std::string line = url + "\n";
  if (write(descriptor.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    fail();
  }
}

}  // namespace quotad::cli
