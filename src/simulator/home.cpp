#include "simulator/home.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>

#include "quotad/protocol/error.hpp"
#include "simulator/time.hpp"

namespace quotad::simulator {
namespace {

using nlohmann::json;

std::string base64url(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

// A token that says what it should and is signed by nobody.
std::string id_token(const Account& account) {
  const json header = {{"alg", "none"}};
  const json claims = {{"email", account.email},
                       {"https://api.openai.com/auth",
                        {{"chatgpt_plan_type", account.plan_type},
                         {"chatgpt_user_id", account.user_id},
                         {"chatgpt_account_id", account.account_id}}}};
  return base64url(header.dump()) + "." + base64url(claims.dump()) + "." + base64url("simulated");
}

void write_new(const std::filesystem::path& file, const std::string& text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written = descriptor >= 0 && write(descriptor, text.data(), text.size()) ==
                                              static_cast<ssize_t>(text.size());
  const int why = errno;
  if (descriptor >= 0) close(descriptor);
  if (!written) {
    throw protocol::Error(protocol::ErrorKind::kInternal,
                          "cannot write " + file.string() + ": " + std::strerror(why));
  }
}

}  // namespace

void write_home(const std::filesystem::path& folder, const Account& account,
                const std::string& url) {
  if (std::filesystem::create_directories(folder)) chmod(folder.c_str(), 0700);
  const json auth = {{"auth_mode", "chatgpt"},
                     {"OPENAI_API_KEY", nullptr},
                     {"tokens",
                      {{"id_token", id_token(account)},
                       {"access_token", account.access_token},
                       {"refresh_token", "simulated-refresh-token"},
                       {"account_id", account.account_id}}},
                     {"last_refresh", rfc3339(std::time(nullptr))}};
  write_new(folder / "auth.json", auth.dump(2) + "\n");
  write_new(folder / "config.toml", "chatgpt_base_url = \"" + url +
                                        "/backend-api\"\n"
                                        "cli_auth_credentials_store = \"file\"\n");
}

}  // namespace quotad::simulator
