#include "auth/file_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <system_error>
#include <utility>

namespace quotad::auth {
namespace asio = boost::asio;

struct FileWatch::Impl : std::enable_shared_from_this<FileWatch::Impl> {
  Impl(const asio::any_io_executor& executor, std::filesystem::path file_,
       std::function<void()> tell_)
      : file(std::move(file_)), tell(std::move(tell_)), events(executor) {}

  void start() {
    const int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0) return;
    events.assign(descriptor);
    watch_folders();
    wait();
  }

  // Asking for a folder that is watched already changes nothing. Where the folder is not there, its
  // nearest parent is watched, until it is.
  void watch_folders() {
    constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                       IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
                                       IN_ONLYDIR;
    for (int tries = 0; tries < 2; ++tries) {
      std::filesystem::path folder = file.parent_path();
      while (inotify_add_watch(events.native_handle(), folder.c_str(), kChanges) < 0 &&
             folder.has_relative_path()) {
        folder = folder.parent_path();
      }
      is_far = folder != file.parent_path();
      if (!is_far) break;  // else it may have been made just now, before its parent was watched
    }
    std::error_code error;
    target = std::filesystem::canonical(file, error);
    if (!error && target.parent_path() != file.parent_path()) {
      inotify_add_watch(events.native_handle(), target.parent_path().c_str(), kChanges);
    }
  }

  void wait() {
    events.async_wait(asio::posix::stream_descriptor::wait_read,
                      [weak = weak_from_this()](boost::system::error_code error) {
                        const auto impl = weak.lock();
                        if (error || !impl) return;
                        if (impl->has_news()) {
                          impl->watch_folders();
                          impl->tell();
                        }
                        if (impl->events.is_open()) impl->wait();
                      });
  }

  // Takes what has happened, and tells whether any of it concerns the file.
  bool has_news() {
    alignas(inotify_event) std::array<char, 4096> buffer{};
    bool news = false;
    for (;;) {
      const ssize_t size = ::read(events.native_handle(), buffer.data(), buffer.size());
      if (size <= 0) return news;
      for (ssize_t at = 0; at < size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
        const std::string_view name = event->len > 0 ? event->name : "";
        constexpr std::uint32_t kFolderItself = IN_DELETE_SELF | IN_MOVE_SELF | IN_Q_OVERFLOW;
        news = news || is_far || (event->mask & kFolderItself) != 0 ||
               name == file.filename().native() || name == target.filename().native();
      }
    }
  }

  std::filesystem::path file;
  std::filesystem::path target;  // where the file really is
  bool is_far = false;           // its folder is not there
  std::function<void()> tell;
  asio::posix::stream_descriptor events;
};

FileWatch::FileWatch(const asio::any_io_executor& executor, std::filesystem::path file,
                     std::function<void()> tell)
    : impl_(std::make_shared<Impl>(executor, std::move(file), std::move(tell))) {
  impl_->start();
}

FileWatch::~FileWatch() {
  boost::system::error_code ignored;
  impl_->events.close(ignored);
}

}  // namespace quotad::auth
