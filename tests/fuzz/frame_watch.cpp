// transport::FrameWatch: the same however the bytes are cut, whatever they are; and of frames that are well
// formed it knows each's beginning and end.

#include "transport/frame_watch.hpp"

#include <array>

#include "fuzz.hpp"

namespace {

using quotad::fuzz::require;
using quotad::transport::FrameWatch;

// What comes of `bytes` in pieces of `piece`.
FrameWatch watched(std::string_view bytes, std::size_t piece) {
  FrameWatch watch;
  while (!bytes.empty()) {
    const std::string_view some = bytes.substr(0, piece);
    watch.take(some);
    bytes.remove_prefix(some.size());
  }
  return watch;
}

struct Frame {
  std::string bytes;
  bool is_final = false;
  bool is_control = false;
};

// A frame as two bytes of the input say it: the first one's bits are those of RFC 6455, the second one's
// highest says whether it is masked, and the others how long it is and how its length is written.
Frame frame_of(unsigned char first, unsigned char second) {
  struct Length {
    std::size_t bytes;  // after the second
    unsigned code;      // in the second; without bytes it is the length
  };
  constexpr std::array<Length, 3> kLengths{{{0, 0}, {2, 126}, {8, 127}}};
  const unsigned masked = second & 0x80U;
  const Length length = kLengths.at(second % kLengths.size());
  const std::size_t size = second % 126U * (length.bytes == 0 ? 1U : 7U);

  Frame frame;
  frame.is_final = (first & 0x80U) != 0;
  frame.is_control = (first & 0x08U) != 0;
  frame.bytes += static_cast<char>(first);
  frame.bytes += static_cast<char>(masked | (length.bytes == 0 ? size : length.code));
  for (std::size_t i = length.bytes; i > 0; --i) {
    frame.bytes += static_cast<char>(std::uint64_t{size} >> (8 * (i - 1)));
  }
  frame.bytes.append((masked == 0 ? 0U : 4U) + size, static_cast<char>(second));
  return frame;
}

void require_seen(const std::string_view input) {
  FrameWatch watch;
  bool is_in_message = false;
  std::uint64_t ended = 0;
  for (std::size_t i = 0; i + 1 < input.size() && i < 256; i += 2) {
    const Frame frame =
        frame_of(static_cast<unsigned char>(input[i]), static_cast<unsigned char>(input[i + 1]));
    require(watch.has_begun() == is_in_message);
    for (const char& byte : frame.bytes) {
      require(watch.ended() == ended);
      watch.take({&byte, 1});
      if (&byte != &frame.bytes.back()) require(watch.has_begun());
    }
    if (!frame.is_control) is_in_message = !frame.is_final;
    if (!is_in_message) ++ended;
    require(watch.ended() == ended);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = quotad::fuzz::text_of(data, size);
  const FrameWatch whole = watched(bytes, bytes.size());
  for (const std::size_t piece : {1U, 3U, 14U}) {
    const FrameWatch cut = watched(bytes, piece);
    require(cut.has_begun() == whole.has_begun() && cut.ended() == whole.ended());
  }
  require_seen(bytes);
  return 0;
}
