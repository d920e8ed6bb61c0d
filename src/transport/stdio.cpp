#include "transport/stdio.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "quotad/protocol/error.hpp"

namespace quotad::transport {
namespace {

int own_descriptor(int number, int access) {
  struct stat status {};
  if (fstat(number, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode))) {
    const std::string path = "/proc/self/fd/" + std::to_string(number);
    const int opened = open(path.c_str(), access | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (opened >= 0) return opened;
  }
  const int copy = fcntl(number, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) {
    throw protocol::Error(protocol::ErrorKind::kInternal, "stdin and stdout must be open");
  }
  return copy;
}

}  // namespace

Streams<Descriptor, Descriptor> open_stdio(const boost::asio::any_io_executor& executor) {
  return {.in = std::make_shared<Descriptor>(executor, own_descriptor(STDIN_FILENO, O_RDONLY)),
          .out = std::make_shared<Descriptor>(executor, own_descriptor(STDOUT_FILENO, O_WRONLY))};
}

}  // namespace quotad::transport
