#include "simulator/home.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "quotad/protocol/error.hpp"
#include "simulator/time.hpp"
#include "simulator/tokens.hpp"
#include "system/clock.hpp"

namespace quotad::simulator {
namespace {

using nlohmann::json;

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
                       {"refresh_token", account.refresh_token.value_or("")},
                       {"account_id", account.account_id}}},
                     {"last_refresh", rfc3339(system::unix_now())}};
  write_new(folder / "auth.json", auth.dump(2) + "\n");
  write_new(folder / "config.toml", "chatgpt_base_url = \"" + url +
                                        "/backend-api\"\n"
                                        "cli_auth_credentials_store = \"file\"\n");
}

}  // namespace quotad::simulator
