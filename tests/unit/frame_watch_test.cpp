#include "transport/frame_watch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace quotad::transport {
namespace {

// A frame as clients send them, with a mask of zeros. The size is written with `size_bytes` bytes, or as
// briefly as that goes.
std::string frame(unsigned char first, std::size_t size, int size_bytes = 0) {
  std::string bytes(1, static_cast<char>(first));
  if (size_bytes == 0) {
    bytes += static_cast<char>(0x80U | size);
  } else {
    bytes += static_cast<char>(0x80U | (size_bytes == 2 ? 126U : 127U));
    for (int i = size_bytes - 1; i >= 0; --i) bytes += static_cast<char>(size >> (8U * i) & 0xffU);
  }
  return bytes + std::string(4, '\0') + std::string(size, 'x');
}

constexpr unsigned char kText = 0x01;
constexpr unsigned char kContinuation = 0x00;
constexpr unsigned char kPing = 0x89;
constexpr unsigned char kFinal = 0x80;

struct Row {
  std::string bytes;
  bool has_begun;
  std::uint64_t ended;
};

TEST(FrameWatch, AMessageLastsFromItsFirstByteToItsLast) {
  const std::string whole = frame(kFinal | kText, 5);
  const std::string first = frame(kText, 5);
  const std::string ping = frame(kPing, 3);
  const std::vector<Row> rows = {
      {"", false, 0},
      {whole, false, 1},
      {whole.substr(0, 1), true, 0},
      {whole.substr(0, 6), true, 0},
      {whole.substr(0, whole.size() - 1), true, 0},
      {whole + whole.substr(0, 1), true, 1},
      {frame(kFinal | kText, 0), false, 1},
      {first, true, 0},
      {first + frame(kContinuation, 0), true, 0},
      {first + frame(kFinal | kContinuation, 1), false, 1},
      {ping, false, 1},
      {ping + whole.substr(0, 1), true, 1},
      {first + ping, true, 0},
      {first + ping + frame(kFinal | kContinuation, 1) + ping, false, 2},
      {frame(kFinal | kText, 300, 2), false, 1},
      {frame(kFinal | kText, 70'000, 8), false, 1},
      {frame(kFinal | kText, 70'000, 8).substr(0, 9), true, 0},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    FrameWatch at_once;
    at_once.take(rows[i].bytes);
    FrameWatch by_byte;
    for (const char& byte : rows[i].bytes) by_byte.take({&byte, 1});
    for (const FrameWatch* watch : {&at_once, &by_byte}) {
      EXPECT_EQ(watch->has_begun(), rows[i].has_begun) << "row " << i;
      EXPECT_EQ(watch->ended(), rows[i].ended) << "row " << i;
    }
  }
}

}  // namespace
}  // namespace quotad::transport
