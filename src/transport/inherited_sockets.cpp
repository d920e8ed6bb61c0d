#include "transport/inherited_sockets.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "quotad/protocol/error.hpp"

namespace quotad::transport {
namespace {

using protocol::Error;
using protocol::ErrorKind;

constexpr int kFirstDescriptor = 3;  // SD_LISTEN_FDS_START
constexpr int kMostDescriptors = 64;

// The whole of the variable as a number, or -1.
int number_in(const char* text) {
  if (text == nullptr) return -1;
  const std::string_view digits(text);
  int number = -1;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && stop == digits.data() + digits.size() ? number : -1;
}

ListenAddress describe(int descriptor) {
  const auto refuse = [&](const char* why) {
    return Error(ErrorKind::kInvalidParams, "the inherited descriptor " +
                                                std::to_string(descriptor) + " " + why +
                                                "; expected a listening TCP or Unix socket");
  };
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) != 0) {
    throw refuse("is no socket");
  }
  if (value == 0) throw refuse("does not listen");
  sockaddr_storage address{};
  size = sizeof address;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw refuse("has no address");
  }
  ListenAddress found;
  found.descriptor = descriptor;
  if (address.ss_family == AF_UNIX) {
    found.kind = ListenAddress::Kind::kUnix;
    const auto* name = reinterpret_cast<const sockaddr_un*>(&address);
    constexpr std::size_t kHead = offsetof(sockaddr_un, sun_path);
    if (size > kHead) found.path.assign(name->sun_path, strnlen(name->sun_path, size - kHead));
    return found;
  }
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6)
    throw refuse("is another kind");
  boost::asio::ip::tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), &address, size);
  endpoint.resize(size);
  found.kind = ListenAddress::Kind::kWebSocket;
  found.host = endpoint.address().to_string();
  found.port = endpoint.port();
  return found;
}

}  // namespace

std::vector<ListenAddress> inherited_sockets(
    const std::function<const char*(const char*)>& getenv) {
  std::vector<ListenAddress> sockets;
  const int count = number_in(getenv("LISTEN_FDS"));
  if (count < 1 || number_in(getenv("LISTEN_PID")) != getpid()) return sockets;
  if (count > kMostDescriptors) {
    throw Error(ErrorKind::kInvalidParams, "LISTEN_FDS is " + std::to_string(count) +
                                               "; expected at most " +
                                               std::to_string(kMostDescriptors));
  }
  for (int descriptor = kFirstDescriptor; descriptor < kFirstDescriptor + count; ++descriptor) {
    sockets.push_back(describe(descriptor));
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
  return sockets;
}

}  // namespace quotad::transport
