#include "storage/sqlite/folder_lock.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "quotad/protocol/error.hpp"
#include "system/file_lock.hpp"

namespace quotad::storage {
using ledger::Lease;
namespace {

// The file is held for the time of opening a database, so this is not a busy place.
constexpr std::chrono::milliseconds kPoll{5};
constexpr std::chrono::seconds kLongestWait{10};

class LockLease : public Lease {
 public:
  explicit LockLease(system::FileLock lock) : lock_(std::move(lock)) {}

 private:
  system::FileLock lock_;
};

}  // namespace

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
    if (auto held = try_lock(file)) return held;
    if (std::chrono::steady_clock::now() >= give_up_at) {
      fail(file, "another process holds it", "see whether a process of quotad is stopped");
    }
    std::this_thread::sleep_for(kPoll);
  }
}

std::unique_ptr<Lease> try_lock(const std::filesystem::path& file) {
  try {
    auto lock = system::FileLock::try_take(file);
    return lock ? std::make_unique<LockLease>(std::move(*lock)) : nullptr;
  } catch (const std::system_error& error) {
    fail(file, error.code().message(),
         "make the folder writable for this user, on a file system with locks");
  }
}

}  // namespace quotad::storage
