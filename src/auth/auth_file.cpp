#include "auth/auth_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>

#include "auth/auth_json.hpp"
#include "quotad/protocol/error.hpp"
#include "system/descriptor.hpp"
#include "system/file_lock.hpp"
#include "system/secret_file.hpp"

namespace quotad::auth {
namespace {

using protocol::Error;
using protocol::ErrorKind;

// Room for new tokens that are longer than the old ones.
constexpr std::size_t kSpareBytes = std::size_t{64} * 1024;
// Our temporary files: whoever holds the lock removes those of processes that were killed.
constexpr const char* kTemporaryPrefix = ".auth-quotad-";
// The reference holds the file's own lock only while it writes.
constexpr std::chrono::milliseconds kLongestWaitForWriter{5'000};
constexpr std::chrono::milliseconds kLongestWaitForWhole{250};
constexpr std::chrono::milliseconds kWriterPoll{5};

const std::string kSignInAgain = "sign in again with `codex login`";

Error unusable(const std::filesystem::path& file, const std::string& why,
               const std::string& remedy) {
  return {ErrorKind::kAuthRequired, "cannot use " + file.string() + ": " + why + "; " + remedy};
}

Error unwritable(const std::filesystem::path& file, const std::string& why) {
  return {ErrorKind::kInternal, "cannot write " + file.string() + ": " + why};
}

Stamp stamp_of(const struct stat& status) {
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  return {nanoseconds(status.st_mtim), nanoseconds(status.st_ctim), status.st_ino, status.st_size};
}

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

void write_all(int descriptor, std::string_view text, const std::filesystem::path& file) {
  while (!text.empty()) {
    const ssize_t done = ::write(descriptor, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) throw unwritable(file, std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(done));
  }
}

// Where the file really is: links are followed, so that what they point to is written.
std::filesystem::path resolved(const std::filesystem::path& file) {
  std::error_code error;
  auto target = std::filesystem::canonical(file, error);
  if (error) throw unwritable(file, error.message());
  return target;
}

// Temporary files of processes that were killed; those that live hold locks on theirs.
void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().rfind(kTemporaryPrefix, 0) != 0) continue;
    const system::Descriptor left(open(entry.path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (left.is_open() && flock(left.get(), LOCK_EX | LOCK_NB) == 0) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
}

std::filesystem::path lock_of(const std::filesystem::path& target) {
  return target.string() + ".lock";
}

// A temporary file beside the one that it replaces.
class FileReplacement : public Replacement {
 public:
  FileReplacement(std::filesystem::path target, std::filesystem::path temporary,
                  system::Descriptor descriptor)
      : target_(std::move(target)),
        temporary_(std::move(temporary)),
        descriptor_(std::move(descriptor)) {}
  ~FileReplacement() override {
    if (descriptor_.is_open()) unlink(temporary_.c_str());
  }
  FileReplacement(const FileReplacement&) = delete;
  FileReplacement& operator=(const FileReplacement&) = delete;

  std::optional<Content> commit(const FreshTokens& tokens, const std::string& spent_refresh_token,
                                std::int64_t unix_now) override;

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  system::Descriptor descriptor_;
};

}  // namespace

std::optional<Stamp> AuthFile::stamp() {
  struct stat status {};
  if (stat(path_.c_str(), &status) == 0) return stamp_of(status);
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  throw unusable(path_, std::strerror(errno), "make it readable for this user");
}

std::optional<Content> AuthFile::read() {
  const system::Descriptor file(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open() && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  struct stat status {};
  if (!file.is_open() || fstat(file.get(), &status) != 0) {
    throw unusable(path_, std::strerror(errno), "make it readable for this user");
  }
  if (!S_ISREG(status.st_mode)) throw unusable(path_, "it is not a regular file", kSignInAgain);
  if (refuse_exposed_) {
    if (const auto why = system::exposure(path_, status)) {
      throw Error(ErrorKind::kAuthRequired, "cannot use " + path_ + ": " + *why +
                                                ", or start quotad with --allow-exposed-auth-file");
    }
  }
  // The stamp is older than the text: a change in between is seen on the next call.
  return Content{read_all(file.get(), path_), stamp_of(status)};
}

std::optional<Locks> AuthFile::try_lock() {
  const auto folder = path().parent_path();
  std::vector<std::filesystem::path> folders{folder};
  std::error_code error;
  const auto target_folder = std::filesystem::canonical(path_, error).parent_path();
  if (!error && !std::filesystem::equivalent(target_folder, folder, error) && !error) {
    folders.push_back(target_folder);
  }
  Locks locks;
  for (const auto& place : folders) {
    const auto file = place / "auth.lock";
    try {
      auto lock = system::FileLock::try_take(file, 0644);
      if (!lock) return std::nullopt;
      locks.push_back(std::move(*lock));
    } catch (const std::system_error& failed) {
      throw Error(ErrorKind::kInternal,
                  "cannot lock " + file.string() + ": " + failed.code().message());
    }
  }
  return locks;
}

std::unique_ptr<Replacement> AuthFile::prepare_replacement() {
  const auto target = resolved(path_);
  struct stat status {};
  if (stat(target.c_str(), &status) != 0) throw unwritable(target, std::strerror(errno));
  // Renaming would get around this; but whoever takes the permission away means it.
  if ((status.st_mode & S_IWUSR) == 0) throw unwritable(target, "it is read-only");
  // What cannot be locked or would be too large for the next reader is found out now, not when there
  // is no way back.
  try {
    system::FileLock::try_take(lock_of(target));
  } catch (const std::system_error& error) {
    throw unwritable(target,
                     "cannot lock " + lock_of(target).string() + ": " + error.code().message());
  }
  const auto content = read();
  if (!content || !parse_auth_file(content->text, target.native())) {
    throw unwritable(target, "somebody else is writing it");
  }
  const std::size_t size = with_fresh_tokens(content->text, {}, 0).size();
  if (size + kSpareBytes > kMaxAuthFileBytes) throw unwritable(target, "it would be too large");
  remove_leftovers(target.parent_path());

  std::string name = (target.parent_path() / kTemporaryPrefix).string() + "XXXXXX";
  system::Descriptor descriptor(mkostemp(name.data(), O_CLOEXEC));  // mode 0600
  if (!descriptor.is_open()) throw unwritable(target, std::strerror(errno));
  const int file = descriptor.get();
  auto replacement = std::make_unique<FileReplacement>(target, name, std::move(descriptor));
  flock(file, LOCK_EX | LOCK_NB);  // nobody takes it for a leftover
  const auto room = static_cast<off_t>(size + kSpareBytes);
  if (const int error = posix_fallocate(file, 0, room); error != 0) {
    throw unwritable(target, std::strerror(error));
  }
  const bool same_owner = status.st_uid == geteuid() && status.st_gid == getegid();
  if (!same_owner && fchown(file, status.st_uid, status.st_gid) != 0) {
    throw unwritable(target, "its owner cannot be kept: " + std::string(std::strerror(errno)));
  }
  return replacement;
}

std::optional<Content> FileReplacement::commit(const FreshTokens& tokens,
                                               const std::string& spent_refresh_token,
                                               std::int64_t unix_now) {
  // Whoever signs in or out with the reference holds this while writing. If it is never free, the tokens
  // are worth more than it.
  std::optional<system::FileLock> lock;
  const auto give_up_at = std::chrono::steady_clock::now() + kLongestWaitForWriter;
  try {
    while (!(lock = system::FileLock::try_take(lock_of(target_))) &&
           std::chrono::steady_clock::now() < give_up_at) {
      std::this_thread::sleep_for(kWriterPoll);
    }
  } catch (const std::system_error&) {
    // It could be taken before the token was spent.
  }

  // Somebody who writes into the file leaves it broken, or away, for a moment.
  std::optional<Content> now;
  std::optional<Stored> stored;
  const auto whole_at = std::chrono::steady_clock::now() + kLongestWaitForWhole;
  for (;;) {
    try {
      now = AuthFile(target_).read();
      stored = now ? parse_auth_file(now->text, target_.native()) : std::nullopt;
    } catch (const Error&) {
      return std::nullopt;  // JSON of another shape: it does not hold the token
    }
    if (stored || std::chrono::steady_clock::now() >= whole_at) break;
    std::this_thread::sleep_for(kWriterPoll);
  }
  if (now && !stored) throw unwritable(target_, "somebody else is writing it");
  if (!stored || stored->refresh_token != spent_refresh_token) return std::nullopt;
  const std::string text = with_fresh_tokens(now->text, tokens, unix_now);
  const int file = descriptor_.get();
  if (lseek(file, 0, SEEK_SET) != 0) throw unwritable(target_, std::strerror(errno));
  write_all(file, text, target_);
  struct stat status {};
  if (ftruncate(file, static_cast<off_t>(text.size())) != 0 || fsync(file) != 0 ||
      rename(temporary_.c_str(), target_.c_str()) != 0) {
    throw unwritable(target_, std::strerror(errno));
  }
  // Renaming changes the file's own times on some file systems.
  const bool has_status = fstat(file, &status) == 0;
  descriptor_.reset();
  // The rename must survive a power cut, too. If this fails there is nothing better to do.
  const system::Descriptor folder(
      open(target_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open()) fsync(folder.get());
  return Content{text, has_status ? stamp_of(status) : Stamp{}};
}

}  // namespace quotad::auth
