// A WebSocket client that does no more than it must, so that thousands of them cost little: one text frame
// at a time, no extensions, a mask of zeros.
#pragma once

#include <cstdint>
#include <string>

namespace quotad::bench {

class WebSocket {
 public:
  explicit WebSocket(std::uint16_t port);
  ~WebSocket();
  WebSocket(WebSocket&& other) noexcept;
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  int descriptor() const { return descriptor_; }
  void send(const std::string& text) const;
  // `text` as a message on the wire, and anything that is on it.
  static std::string framed(const std::string& text);
  void send_bytes(const std::string& bytes) const;
  // The next message.
  std::string receive();

 private:
  WebSocket() = default;
  void read_more();

  int descriptor_ = -1;
  std::string buffer_;
};

}  // namespace quotad::bench
