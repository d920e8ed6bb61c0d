#include "ledger/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "quotad/protocol/error.hpp"

namespace quotad::ledger {
namespace {

class FileLock : public Lease {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

 private:
  Descriptor descriptor_;
};

std::unique_ptr<Lease> lock(const std::filesystem::path& file, int how) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) fail(file, std::strerror(errno), "make the folder writable for this user");
  auto held = std::make_unique<FileLock>(descriptor);
  while (flock(descriptor, how) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return nullptr;
    fail(file, std::strerror(errno), "put the folder on a file system with locks");
  }
  return held;
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

void fail(const std::filesystem::path& place, const std::string& why, const std::string& remedy) {
  throw protocol::Error(
      protocol::ErrorData{.kind = protocol::ErrorKind::kInternal,
                          .detail = "cannot use " + place.string() + ": " + why + "; " + remedy},
      "the record of redemptions cannot be used (" + place.string() + ": " + why + ")");
}

void require_private_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder.parent_path(), error);
  if (!error && mkdir(folder.c_str(), 0700) == 0) return;
  const int why = error ? error.value() : errno;
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) {
    fail(folder, std::strerror(why), "make it, or set QUOTAD_STATE_HOME to a folder of your own");
  }
  if (!S_ISDIR(status.st_mode)) {
    fail(folder, "it is not a folder", "set QUOTAD_STATE_HOME to a folder of your own");
  }
  if (status.st_uid != geteuid()) {
    fail(folder, "it belongs to another user", "set QUOTAD_STATE_HOME to a folder of your own");
  }
  if ((status.st_mode & 077U) != 0) {
    fail(folder, "others may enter it", "run `chmod 700 " + folder.string() + "`");
  }
}

std::unique_ptr<Lease> take_lock(const std::filesystem::path& file) { return lock(file, LOCK_EX); }

std::unique_ptr<Lease> try_lock(const std::filesystem::path& file) {
  return lock(file, LOCK_EX | LOCK_NB);
}

}  // namespace quotad::ledger
