#include "system/secret_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

#include "system/descriptor.hpp"

namespace quotad::system {

std::optional<std::string> exposure(const std::filesystem::path& file, const struct stat& status) {
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  if ((status.st_mode & kOthers) == 0) return std::nullopt;
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", status.st_mode & 07777U);
  return "others than its owner have access to it (mode " + std::string(mode.data()) +
         "); run: chmod 600 '" + file.string() + "'";
}

std::string read_secret_file(const std::filesystem::path& file) {
  const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!descriptor.is_open() || fstat(descriptor.get(), &status) != 0) {
    throw std::system_error(errno, std::generic_category());
  }
  if (!S_ISREG(status.st_mode)) throw std::runtime_error("it is not a regular file");
  if (const auto why = exposure(file, status)) throw std::runtime_error(*why);
  std::string text(kMaxSecretFileBytes + 1, '\0');
  const ssize_t size = read(descriptor.get(), text.data(), text.size());
  if (size < 0) throw std::system_error(errno, std::generic_category());
  if (static_cast<std::size_t>(size) > kMaxSecretFileBytes) {
    throw std::runtime_error("it is larger than 64 KiB");
  }
  text.resize(static_cast<std::size_t>(size));
  boost::algorithm::trim_if(text, boost::algorithm::is_any_of(" \t\r\n"));  // leaves no copy
  return text;
}

}  // namespace quotad::system
