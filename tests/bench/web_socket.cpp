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

constexpr std::size_t kSmall = 126;  // longer payloads have a length of two bytes

void send_all(int descriptor, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = ::send(descriptor, text.data() + at, text.size() - at, MSG_NOSIGNAL);
    if (count <= 0) throw std::runtime_error("the server has hung up");
    at += static_cast<std::size_t>(count);
  }
}

}  // namespace

WebSocket::WebSocket(std::uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
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

void WebSocket::send(const std::string& text) const {
  std::string frame = "\x81";
  constexpr unsigned kMasked = 0x80;
  if (text.size() < kSmall) {
    frame += static_cast<char>(kMasked | text.size());
  } else {
    frame += static_cast<char>(kMasked | kSmall);
    frame += static_cast<char>(text.size() >> 8U);
    frame += static_cast<char>(text.size() & 0xFFU);
  }
  send_all(descriptor_, frame + std::string(4, '\0') + text);
}

void WebSocket::read_more() {
  std::array<char, 16384> piece{};
  const ssize_t count = recv(descriptor_, piece.data(), piece.size(), 0);
  if (count <= 0) throw std::runtime_error("the server has hung up");
  buffer_.append(piece.data(), static_cast<std::size_t>(count));
}

std::string WebSocket::receive() {
  for (;;) {
    while (buffer_.size() < 2) read_more();
    std::size_t size = static_cast<unsigned char>(buffer_[1]);
    std::size_t head = 2;
    if (size > kSmall) throw std::runtime_error("a message of more than 64 KiB");
    if (size == kSmall) {
      while (buffer_.size() < 4) read_more();
      size = static_cast<std::size_t>(static_cast<unsigned char>(buffer_[2])) << 8U |
             static_cast<unsigned char>(buffer_[3]);
      head = 4;
    }
    while (buffer_.size() < head + size) read_more();
    const bool is_text = buffer_[0] == '\x81';
    std::string text = buffer_.substr(head, size);
    buffer_.erase(0, head + size);
    if (is_text) return text;
  }
}

}  // namespace quotad::bench
