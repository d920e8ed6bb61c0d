// Bytes to messages: JSON lines, or the Content-Length headers of editors' JSON-RPC libraries.
//
// Used by connections over stdio and Unix sockets; WebSocket frames its messages itself. It does
// not look into a message. Which framing a client speaks is told from its first bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace quotad::transport {

enum class Framing { kUnknown, kLines, kHeaders };

class Framer {
 public:
  struct Item {
    enum class Kind {
      kMessage,    // `text` is a message; valid until the next call of `room`
      kTooLarge,   // a message, or a header, that is too large was skipped
      kBadHeader,  // `text` stands where a header should be
      kCutOff,     // the input ended inside a message
    };
    Kind kind = Kind::kMessage;
    std::string_view text;
  };

  explicit Framer(std::size_t max_message_bytes) : max_(max_message_bytes) {}

  // Where to read the next bytes to; then `commit` how many there were.
  std::span<char> room();
  void commit(std::size_t count) { end_ += count; }

  // Bytes that something else has read already.
  void append(std::string_view bytes);

  // No more bytes will come: a last line without its line feed counts.
  void finish() { finished_ = true; }

  // The next item, or nullopt until more bytes come.
  std::optional<Item> next();

  // Whether a message has begun that is not there as a whole, once `next` has no more.
  bool has_begun() const {
    return begin_ != end_ || skipping_line_ || in_headers_ || in_body_ || skip_ > 0;
  }

  // Memory for what has been read, or is about to be.
  std::size_t memory() const { return buffer_.size(); }

  // kUnknown until enough has come to tell.
  Framing framing() const { return framing_; }

 private:
  std::string_view unread() const {
    return std::string_view(buffer_).substr(begin_, end_ - begin_);
  }
  bool detect();
  void skip_space();
  std::optional<std::string_view> take_line();
  bool drop_part(bool too_large);
  std::optional<Item> next_line();
  std::optional<Item> next_with_headers();
  bool read_header(std::string_view line);
  std::optional<Item> cut_off();

  std::size_t max_;
  std::string buffer_;  // its size is the room; bytes [begin_, end_) are unread
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t scanned_ = 0;  // of the unread bytes, how many hold no line feed
  bool at_start_ = true;     // where a byte order mark may stand
  bool finished_ = false;
  Framing framing_ = Framing::kUnknown;
  bool skipping_line_ = false;  // the rest of a line that was too large
  bool in_headers_ = false;
  std::optional<std::size_t> body_size_;  // as the headers read so far say
  bool in_body_ = false;
  std::size_t skip_ = 0;  // bytes left of a body that is too large
};

// `message` as it goes out; kUnknown is answered in lines.
std::string frame(Framing framing, std::string message);

}  // namespace quotad::transport
