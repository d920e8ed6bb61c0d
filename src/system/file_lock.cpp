#include "system/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace quotad::system {

std::optional<FileLock> FileLock::try_take(const std::filesystem::path& file, mode_t mode) {
  const auto failed = [] { return std::system_error(errno, std::generic_category()); };
  Descriptor descriptor(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, mode));
  if (!descriptor.is_open()) throw failed();
  while (flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) throw failed();
  }
  // Whoever comes next must find this very file.
  struct stat ours {};
  struct stat found {};
  const bool is_this = fstat(descriptor.get(), &ours) == 0 && stat(file.c_str(), &found) == 0 &&
                       ours.st_ino == found.st_ino && ours.st_dev == found.st_dev;
  if (!is_this) return std::nullopt;
  return FileLock(std::move(descriptor));
}

}  // namespace quotad::system
