#include "web_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace quotad::bench {
namespace {

constexpr std::size_t kSmall = 126;      // longer payloads have a length of two bytes
constexpr std::size_t kMedium = 65'536;  // and these one of eight
constexpr unsigned kEightBytes = 127;

void send_all(int descriptor, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = ::send(descriptor, text.data() + at, text.size() - at, MSG_NOSIGNAL);
    if (count <= 0) throw std::runtime_error("the server has hung up");
    at += static_cast<std::size_t>(count);
  }
}

}  // namespace

// By way of the other constructor, so that a refused one is closed.
WebSocket::WebSocket(std::uint16_t port) : WebSocket() {
  descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  send_all(descriptor_, "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                            "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                            "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) read_more();
  if (buffer_.rfind("HTTP/1.1 101", 0) != 0) throw std::runtime_error(buffer_);
  buffer_.erase(0, end + 4);
}

WebSocket::~WebSocket() {
  if (descriptor_ >= 0) close(descriptor_);
}

WebSocket::WebSocket(WebSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

std::string WebSocket::framed(const std::string& text) {
  std::string frame = "\x81";
  constexpr unsigned kMasked = 0x80;
  std::size_t length_bytes = 0;
  if (text.size() < kSmall) {
    frame += static_cast<char>(kMasked | text.size());
  } else {
    const bool is_large = text.size() >= kMedium;
    frame += static_cast<char>(kMasked | (is_large ? kEightBytes : kSmall));
    length_bytes = is_large ? 8 : 2;
  }
  for (std::size_t i = length_bytes; i > 0; --i) {
    frame += static_cast<char>(text.size() >> (8 * (i - 1)) & 0xFFU);
  }
  return frame + std::string(4, '\0') + text;
}

void WebSocket::send(const std::string& text) const { send_all(descriptor_, framed(text)); }

void WebSocket::send_bytes(const std::string& bytes) const { send_all(descriptor_, bytes); }

void WebSocket::read_more() {
  std::array<char, 65536> piece{};
  const ssize_t count = recv(descriptor_, piece.data(), piece.size(), 0);
  if (count <= 0) throw std::runtime_error("the server has hung up");
  buffer_.append(piece.data(), static_cast<std::size_t>(count));
}

std::string WebSocket::receive() {
  std::string message;
  for (;;) {
    while (buffer_.size() < 2) read_more();
    std::size_t size = static_cast<unsigned char>(buffer_[1]);
    std::size_t head = 2;
    if (size >= kSmall) {
      head += size == kSmall ? 2 : 8;
      while (buffer_.size() < head) read_more();
      size = 0;
      for (std::size_t i = 2; i < head; ++i) {
        size = size << 8U | static_cast<unsigned char>(buffer_[i]);
      }
    }
    while (buffer_.size() < head + size) read_more();
    const auto first = static_cast<unsigned char>(buffer_[0]);
    const bool is_control = (first & 0x08U) != 0;
    if (!is_control) message.append(buffer_, head, size);
    buffer_.erase(0, head + size);
    const bool is_last = (first & 0x80U) != 0;
    if (!is_control && is_last) return message;
  }
}

}  // namespace quotad::bench
