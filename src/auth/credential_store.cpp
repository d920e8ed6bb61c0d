#include "auth/credential_store.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "auth/jwt.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::auth {
namespace {

using nlohmann::json;
using protocol::Error;
using protocol::ErrorKind;

// Largest auth.json that is read; real ones have some 4 kB.
constexpr std::size_t kMaxAuthFileBytes = std::size_t{1} << 20U;

Error unusable(const std::filesystem::path& file, const std::string& why,
               const std::string& remedy) {
  return {ErrorKind::kAuthRequired, "cannot use " + file.string() + ": " + why + "; " + remedy};
}

const std::string kSignInAgain = "sign in again with `codex login`";

// The string member `name` of `object`, or nullopt if it is absent, null or empty.
std::optional<std::string> text_member(const json& object, const char* name) {
  if (!object.is_object()) return std::nullopt;
  const auto at = object.find(name);
  if (at == object.end() || !at->is_string() || at->get_ref<const std::string&>().empty()) {
    return std::nullopt;
  }
  return at->get<std::string>();
}

// What may stand in an HTTP header: tokens are visible ASCII, so nothing else is one.
bool is_token(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::string read_all(int descriptor, const std::filesystem::path& file) {
  std::string text;
  std::array<char, 8192> piece{};
  for (;;) {
    const ssize_t got = ::read(descriptor, piece.data(), piece.size());
    if (got == 0) return text;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw unusable(file, std::strerror(errno), "make it readable for this user");
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > kMaxAuthFileBytes) {
      throw unusable(file, "it is larger than 1 MiB", kSignInAgain);
    }
  }
}

// Whether a client would see no difference; a refreshed token is none.
bool same_person(const SignIn& a, const SignIn& b) {
  return a.kind == b.kind && a.account_id == b.account_id && a.user_id == b.user_id &&
         a.plan_type == b.plan_type;
}

}  // namespace

SignIn parse_auth_file(std::string_view text, const std::filesystem::path& file) {
  const json content = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!content.is_object()) throw unusable(file, "it is not a JSON object", kSignInAgain);

  SignIn sign_in;
  const auto mode = text_member(content, "auth_mode");
  const json api_key = content.value("OPENAI_API_KEY", json());
  const auto tokens = content.find("tokens");
  const bool has_tokens = tokens != content.end() && !tokens->is_null();
  // Like the reference: the mode decides; without one an API key, even an empty one, counts before
  // tokens.
  if (mode ? mode == "apikey" : api_key.is_string()) {
    if (api_key.is_string()) {
      sign_in.kind = SignIn::Kind::kApiKey;
      sign_in.token = api_key.get<std::string>();
    }
    return sign_in;
  }
  if (!has_tokens) return sign_in;
  if (!tokens->is_object()) throw unusable(file, "`tokens` is not a JSON object", kSignInAgain);

  const auto access_token = text_member(*tokens, "access_token");
  if (!access_token) {
    throw unusable(file, "`tokens.access_token` is missing or not a string", kSignInAgain);
  }
  if (!is_token(*access_token)) {
    throw unusable(file, "`tokens.access_token` holds characters that no token has", kSignInAgain);
  }
  sign_in.kind = SignIn::Kind::kChatgpt;
  sign_in.token = *access_token;
  sign_in.credentials.authorization = "Bearer " + *access_token;

  if (const auto id_token = text_member(*tokens, "id_token")) {
    if (const auto claims = jwt_claims(*id_token)) {
      sign_in.email = text_member(*claims, "email");
      if (const auto about = claims->find("https://api.openai.com/auth"); about != claims->end()) {
        sign_in.plan_type = text_member(*about, "chatgpt_plan_type");
        sign_in.user_id = text_member(*about, "chatgpt_user_id");
        sign_in.account_id = text_member(*about, "chatgpt_account_id");
        const json fedramp =
            about->is_object() ? about->value("chatgpt_account_is_fedramp", json()) : json();
        sign_in.credentials.fedramp = fedramp == true;
      }
    }
  }
  // Only the file's own account id is sent, as the reference does.
  if (const auto account_id = text_member(*tokens, "account_id")) {
    sign_in.account_id = account_id;
    if (is_token(*account_id)) sign_in.credentials.account_id = *account_id;
  }
  return sign_in;
}

CredentialStore::CredentialStore(const std::filesystem::path& codex_home, StoreMode mode,
                                 std::optional<std::string> config_problem)
    : file_(codex_home / "auth.json"), mode_(mode), config_problem_(std::move(config_problem)) {}

boost::asio::awaitable<std::shared_ptr<const SignIn>> CredentialStore::current() {
  if (config_problem_) throw Error(ErrorKind::kInternal, *config_problem_);
  if (mode_ == StoreMode::kKeyring) {
    throw Error(ErrorKind::kAuthRequired,
                "the credentials are kept in the system's keyring (cli_auth_credentials_store = "
                "\"keyring\" in " +
                    (file_.parent_path() / "config.toml").string() +
                    "), which quotad does not read; set it to \"file\" and sign in again with "
                    "`codex login`");
  }
  if (mode_ == StoreMode::kEphemeral) co_return std::make_shared<const SignIn>();
  // A stat for each call, and a read of a few kilobytes when the file has changed: cheaper than the
  // way to a worker thread and back.
  co_return read();
}

std::shared_ptr<const SignIn> CredentialStore::read() {
  struct stat status {};
  const bool exists = stat(file_.c_str(), &status) == 0;
  if (!exists && (errno == ENOENT || errno == ENOTDIR)) {
    return sign_in_ && !stamp_ ? sign_in_ : keep({}, std::nullopt);
  }
  const auto stamp_of = [](const struct stat& of) {
    const auto nanoseconds = [](const timespec& time) {
      return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
    };
    return Stamp{nanoseconds(of.st_mtim), nanoseconds(of.st_ctim), of.st_ino, of.st_size};
  };
  if (exists && sign_in_ && stamp_ == stamp_of(status)) return sign_in_;

  // The stamp is taken before reading: a change in between is seen on the next call.
  std::optional<Stamp> stamp;
  try {
    const File file(open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0 || fstat(file.get(), &status) != 0) {
      throw unusable(file_, std::strerror(errno), "make it readable for this user");
    }
    stamp = stamp_of(status);
    if (!S_ISREG(status.st_mode)) {
      throw unusable(file_, "it is not a regular file", kSignInAgain);
    }
    return keep(parse_auth_file(read_all(file.get(), file_), file_), stamp);
  } catch (const Error& error) {
    SignIn nobody;
    nobody.problem = error.what();
    const bool is_news = !sign_in_ || sign_in_->problem != nobody.problem;
    if (is_news) spdlog::warn("{}", error.what());
    // Without a stamp the file is looked at again on every call; who asks meanwhile is still nobody.
    if (!stamp && !is_news) return sign_in_;
    return keep(std::move(nobody), stamp);
  }
}

std::shared_ptr<const SignIn> CredentialStore::keep(SignIn sign_in, std::optional<Stamp> stamp) {
  sign_in.generation = ++generation_;
  stamp_ = stamp;
  const auto before = std::exchange(sign_in_, std::make_shared<const SignIn>(std::move(sign_in)));
  if (before && on_change_ && !same_person(*before, *sign_in_)) on_change_(*sign_in_);
  return sign_in_;
}

}  // namespace quotad::auth
