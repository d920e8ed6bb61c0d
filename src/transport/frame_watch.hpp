// Whether a WebSocket message is under way, as the bytes tell that have come (RFC 6455, section 5.2): from the
// first byte of its first frame, which whoever reads messages does not see yet.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quotad::transport {

class FrameWatch {
 public:
  // The next bytes of the connection.
  void take(std::string_view bytes);

  // Whether a message, or a control frame, has begun and not ended.
  bool has_begun() const { return is_in_message_ || header_size_ > 0; }
  // How many have ended; control frames inside a message do not count.
  std::uint64_t ended() const { return ended_; }

 private:
  std::size_t whole_header_size() const;
  std::uint64_t payload_size() const;
  void end_frame();

  std::array<unsigned char, 14> header_{};  // of the frame that has begun
  std::size_t header_size_ = 0;             // so far; 0 between frames
  bool is_in_payload_ = false;
  std::uint64_t left_ = 0;      // of the payload
  bool is_in_message_ = false;  // of several frames
  std::uint64_t ended_ = 0;
};

}  // namespace quotad::transport
