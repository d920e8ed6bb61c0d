#include "auth/refused_tokens.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

#include "system/descriptor.hpp"

namespace quotad::auth {
namespace {

constexpr std::size_t kMostKept = 32;
constexpr std::size_t kMostBytes = std::size_t{64} * 1024;
constexpr std::size_t kHashDigits = 64;

std::string hash_of(const std::string& token) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(token.data(), token.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string digits;
  for (unsigned int i = 0; i < size; ++i) {
    std::array<char, 3> byte{};
    std::snprintf(byte.data(), byte.size(), "%02x", digest.at(i));
    digits += byte.data();
  }
  return digits;
}

void write_all(int descriptor, const std::string& text) {
  if (::write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::system_error(errno, std::generic_category());
  }
}

}  // namespace

std::optional<std::string> RefusedTokens::why(const std::string& refresh_token) {
  if (refresh_token.empty()) return std::nullopt;
  const std::string hash = hash_of(refresh_token);
  if (!known_.contains(hash)) known_.merge(read());
  const auto found = known_.find(hash);
  if (found == known_.end()) return std::nullopt;
  return found->second.reason;
}

void RefusedTokens::add(const std::string& refresh_token, const std::string& reason,
                        std::int64_t now) {
  known_[hash_of(refresh_token)] = {now, reason};
}

void RefusedTokens::save(const std::string& refresh_token, const std::string& reason,
                         std::int64_t now) const {
  if (file_.empty()) return;
  ByHash all = read();
  all[hash_of(refresh_token)] = {now, reason};
  while (all.size() > kMostKept) {
    all.erase(std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.second.at < b.second.at;
    }));
  }
  try {
    write(all);
  } catch (const std::system_error& error) {
    spdlog::warn("cannot write {}: {}; other processes will send the refused refresh token again",
                 file_.string(), error.code().message());
  }
}

// Lines that are none are passed over.
RefusedTokens::ByHash RefusedTokens::read() const {
  ByHash refusals;
  if (file_.empty()) return refusals;
  std::ifstream input(file_);
  std::string text(kMostBytes, '\0');
  input.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(input.gcount()));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash;
    Refusal refusal;
    if (!(words >> hash >> refusal.at) || hash.size() != kHashDigits) continue;
    std::getline(words >> std::ws, refusal.reason);
    if (!refusal.reason.empty()) refusals[hash] = refusal;
  }
  return refusals;
}

// A reader sees the whole file or the one before. Of two writers at once one may be lost: its token is then sent once
// more, and refused once more.
void RefusedTokens::write(const ByHash& refusals) const {
  std::ostringstream text;
  for (const auto& [hash, refusal] : refusals) {
    text << hash << ' ' << refusal.at << ' ' << refusal.reason << '\n';
  }
  const std::filesystem::path folder = file_.parent_path();
  std::filesystem::create_directories(folder.parent_path());
  if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    throw std::system_error(errno, std::generic_category());
  }
  const std::string made = file_.string() + "." + std::to_string(getpid());
  {
    const system::Descriptor descriptor(
        open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!descriptor.is_open()) throw std::system_error(errno, std::generic_category());
    write_all(descriptor.get(), text.str());
  }
  std::filesystem::rename(made, file_);
}

}  // namespace quotad::auth
