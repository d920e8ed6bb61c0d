#include "daemon/url_files.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>

#include "system/descriptor.hpp"
#include "system/secret_file.hpp"

namespace quotad::daemon {
namespace {

// Where app-servers leave their URLs; empty where the system has no place for it.
std::filesystem::path url_folder(const GetEnv& getenv) {
  const char* runtime = getenv("XDG_RUNTIME_DIR");
  if (runtime == nullptr || *runtime != '/') return {};
  return std::filesystem::path(runtime) / "quotad";
}

std::string url_file_name(const std::string& host, const std::string& port) {
  return "ws-" + host + "-" + port + ".url";
}

}  // namespace

std::string find_url_query(const std::string& host, std::uint16_t port, const GetEnv& getenv) {
  const std::filesystem::path folder = url_folder(getenv);
  if (folder.empty()) return "";
  try {
    const std::string url =
        system::read_secret_file(folder / url_file_name(host, std::to_string(port)));
    const std::size_t query = url.find("/?");
    return query == std::string::npos ? "" : url.substr(query);
  } catch (const std::exception&) {
    return "";  // nobody has left one, or not for us
  }
}

UrlFiles::UrlFiles(const GetEnv& getenv) : folder_(url_folder(getenv)) {}

UrlFiles::~UrlFiles() { remove(); }

void UrlFiles::remove() {
  for (const File& file : files_) {
    struct stat status {};
    // Somebody else may listen there by now.
    const bool is_ours = lstat(file.path.c_str(), &status) == 0 && status.st_ino == file.inode;
    if (is_ours) unlink(file.path.c_str());
  }
  files_.clear();
}

void UrlFiles::add(const transport::ListenAddress& address, const std::string& url) {
  if (folder_.empty()) return;
  const std::string rest = url.substr(url.rfind(':') + 1);
  const auto file = folder_ / url_file_name(address.host, rest.substr(0, rest.find('/')));
  const auto fail = [&] {
    spdlog::warn("cannot write {}: {}", file.string(), std::strerror(errno));
  };
  struct stat status {};
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return fail();
  // Whoever else could write there could put a file of theirs in place of ours.
  if (lstat(folder_.c_str(), &status) != 0) return fail();
  if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077U) != 0) {
    errno = EACCES;
    return fail();
  }
  unlink(file.c_str());  // of a process that was killed
  const system::Descriptor descriptor(
      open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!descriptor.is_open()) return fail();
  if (fstat(descriptor.get(), &status) == 0) files_.push_back({file, status.st_ino});
  const std::string line = url + "\n";
  if (write(descriptor.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    fail();
  }
}

}  // namespace quotad::daemon
