#include "ledger/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "quotad/protocol/error.hpp"

namespace quotad::ledger {
namespace {

// The file is held for the time of opening a database, so this is not a busy place.
constexpr std::chrono::milliseconds kPoll{5};
constexpr std::chrono::seconds kLongestWait{10};

class FileLock : public Lease {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

 private:
  Descriptor descriptor_;
};

// Empty if somebody has it, or has taken the file away meanwhile.
std::unique_ptr<Lease> lock(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) fail(file, std::strerror(errno), "make the folder writable for this user");
  auto held = std::make_unique<FileLock>(descriptor);
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return nullptr;
    fail(file, std::strerror(errno), "put the folder on a file system with locks");
  }
  // Whoever comes next must find this very file.
  struct stat ours {};
  struct stat found {};
  const bool is_this = fstat(descriptor, &ours) == 0 && stat(file.c_str(), &found) == 0 &&
                       ours.st_ino == found.st_ino && ours.st_dev == found.st_dev;
  return is_this ? std::move(held) : nullptr;
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

std::unique_ptr<Lease> take_lock(const std::filesystem::path& file) {
  const auto give_up_at = std::chrono::steady_clock::now() + kLongestWait;
  for (;;) {
    if (auto held = lock(file)) return held;
    if (std::chrono::steady_clock::now() >= give_up_at) {
      fail(file, "another process holds it", "see whether a process of quotad is stopped");
    }
    std::this_thread::sleep_for(kPoll);
  }
}

std::unique_ptr<Lease> try_lock(const std::filesystem::path& file) { return lock(file); }

}  // namespace quotad::ledger
