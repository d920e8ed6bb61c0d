// Tells when a file changes: inotify on its folder, and on that of what it links to.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <memory>

namespace quotad::auth {

// Until it is destroyed. Where the system cannot tell (no such folder yet, a network file system, no
// watches left), nothing is told.
class FileWatch {
 public:
  FileWatch(const boost::asio::any_io_executor& executor, std::filesystem::path file,
            std::function<void()> tell);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace quotad::auth
