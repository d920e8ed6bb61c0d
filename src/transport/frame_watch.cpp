#include "transport/frame_watch.hpp"

#include <algorithm>

namespace quotad::transport {
namespace {

constexpr unsigned kFinal = 0x80;    // in the first byte
constexpr unsigned kControl = 0x08;  // in the first byte, of the opcode
constexpr unsigned kMasked = 0x80;   // in the second
constexpr unsigned kSize = 0x7f;     // in the second; or how many bytes of the size follow:
constexpr unsigned kTwoBytes = 126;
constexpr unsigned kEightBytes = 127;

}  // namespace

void FrameWatch::take(std::string_view bytes) {
  while (!bytes.empty()) {
    if (is_in_payload_) {
      const std::uint64_t some = std::min<std::uint64_t>(left_, bytes.size());
      bytes.remove_prefix(static_cast<std::size_t>(some));
      left_ -= some;
    } else {
      header_.at(header_size_++) = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      if (header_size_ < whole_header_size()) continue;
      is_in_payload_ = true;
      left_ = payload_size();
    }
    if (left_ == 0) end_frame();
  }
}

std::size_t FrameWatch::whole_header_size() const {
  if (header_size_ < 2) return 2;
  const unsigned size = header_[1] & kSize;
  const std::size_t more = size == kTwoBytes ? 2 : size == kEightBytes ? 8 : 0;
  return 2 + more + ((header_[1] & kMasked) != 0 ? 4 : 0);
}

std::uint64_t FrameWatch::payload_size() const {
  const unsigned size = header_[1] & kSize;
  if (size < kTwoBytes) return size;
  std::uint64_t sum = 0;
  for (std::size_t i = 2; i < (size == kTwoBytes ? 4U : 10U); ++i) sum = sum << 8U | header_.at(i);
  return sum;
}

void FrameWatch::end_frame() {
  if ((header_[0] & kControl) == 0) is_in_message_ = (header_[0] & kFinal) == 0;
  if (!is_in_message_) ++ended_;
  header_size_ = 0;
  is_in_payload_ = false;
}

}  // namespace quotad::transport
