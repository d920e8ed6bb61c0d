#include "transport/framing.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace quotad::transport {
namespace {

// Bytes read at once. Messages are a few hundred bytes; larger ones grow the buffer.
constexpr std::size_t kReadBytes = 4096;
// A buffer that a large message has grown beyond this is given back once it is empty.
constexpr std::size_t kKeptBytes = 65'536;
// A header may be this long, however small messages have to be.
constexpr std::size_t kHeaderBytes = 4096;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kContentPrefix = "content-";
constexpr std::string_view kContentLength = "content-length";

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// The size of a line, whole or not, without its end. What more bytes can only add to.
std::size_t size_of_line(std::string_view line) {
  return line.size() - (!line.empty() && line.back() == '\r' ? 1 : 0);
}

}  // namespace

std::span<char> Framer::room() {
  if (begin_ == end_) {
    begin_ = end_ = scanned_ = 0;
    if (buffer_.size() > kKeptBytes) {
      buffer_.resize(0);
      buffer_.shrink_to_fit();
    }
  }
  if (buffer_.size() - end_ < kReadBytes) {
    buffer_.erase(0, begin_);
    end_ -= begin_;
    begin_ = 0;
    buffer_.resize(std::max(end_ + kReadBytes, end_ * 2));
  }
  return {buffer_.data() + end_, buffer_.size() - end_};
}

void Framer::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto into = room();
    const std::size_t count = std::min(into.size(), bytes.size());
    std::copy_n(bytes.begin(), count, into.begin());
    commit(count);
    bytes.remove_prefix(count);
  }
}

std::optional<Framer::Item> Framer::next() {
  if (framing_ == Framing::kUnknown && !detect()) return std::nullopt;
  return framing_ == Framing::kHeaders ? next_with_headers() : next_line();
}

// Sets `framing_` if the first bytes tell it.
bool Framer::detect() {
  std::string_view text = unread();
  if (at_start_) {
    if (text.size() < kByteOrderMark.size() && !finished_ &&
        text == kByteOrderMark.substr(0, text.size())) {
      return false;
    }
    at_start_ = false;
    if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) begin_ += kByteOrderMark.size();
  }
  skip_space();
  text = unread();
  if (text.empty()) return false;
  const std::size_t known = std::min(text.size(), kContentPrefix.size());
  if (!equal_ignoring_case(text.substr(0, known), kContentPrefix.substr(0, known))) {
    framing_ = Framing::kLines;
  } else if (known == kContentPrefix.size()) {
    framing_ = Framing::kHeaders;
  } else if (finished_) {
    framing_ = Framing::kLines;
  }
  return framing_ != Framing::kUnknown;
}

void Framer::skip_space() {
  while (begin_ < end_ && is_space(buffer_[begin_])) ++begin_;
}

// A line without its end, once all of it is there.
std::optional<std::string_view> Framer::take_line() {
  const std::string_view text = unread();
  const std::size_t at = text.find('\n', scanned_);
  if (at == std::string_view::npos) {
    scanned_ = text.size();
    if (!finished_ || text.empty()) return std::nullopt;
    begin_ = end_;
    scanned_ = 0;
    return text;
  }
  begin_ += at + 1;
  scanned_ = 0;
  return text.substr(0, at);
}

// Drops the part of a line that has come, if it is too large already or the rest of one that was.
// Whether it is to be told.
bool Framer::drop_part(bool too_large) {
  if (!too_large && !skipping_line_) return false;
  begin_ = end_;
  scanned_ = 0;
  return !std::exchange(skipping_line_, true);
}

std::optional<Framer::Item> Framer::next_line() {
  for (;;) {
    // Blank lines, and the space in front of a message, are nobody's bytes.
    if (!skipping_line_ && scanned_ == 0) skip_space();
    const auto line = take_line();
    if (!line) {
      if (!drop_part(size_of_line(unread()) > max_)) return std::nullopt;
      return Item{.kind = Item::Kind::kTooLarge, .text = {}};
    }
    if (std::exchange(skipping_line_, false)) continue;
    const std::string_view text = trim(*line);
    if (text.empty()) continue;
    if (size_of_line(*line) > max_) return Item{.kind = Item::Kind::kTooLarge, .text = {}};
    return Item{.kind = Item::Kind::kMessage, .text = text};
  }
}

std::optional<Framer::Item> Framer::next_with_headers() {
  for (;;) {
    if (skip_ > 0) {
      const std::size_t count = std::min(skip_, end_ - begin_);
      begin_ += count;
      skip_ -= count;
      if (skip_ > 0) return std::nullopt;
    }
    if (in_body_) {
      if (end_ - begin_ < *body_size_) return cut_off();
      const std::string_view text = unread().substr(0, *body_size_);
      begin_ += *body_size_;
      in_body_ = false;
      body_size_.reset();
      return Item{.kind = Item::Kind::kMessage, .text = text};
    }
    const std::size_t max_line = std::max(max_, kHeaderBytes);
    const auto line = take_line();
    if (!line) {
      if (!drop_part(size_of_line(unread()) > max_line)) return cut_off();
      return Item{.kind = Item::Kind::kTooLarge, .text = {}};
    }
    if (std::exchange(skipping_line_, false)) continue;
    if (size_of_line(*line) > max_line) return Item{.kind = Item::Kind::kTooLarge, .text = {}};
    const std::string_view header = trim(*line);
    if (!header.empty()) {
      in_headers_ = true;
      if (!read_header(header)) {
        in_headers_ = false;  // what follows may be a header again
        body_size_.reset();
      }
      if (!in_headers_) return Item{.kind = Item::Kind::kBadHeader, .text = header};
    } else if (body_size_) {
      in_headers_ = false;
      if (*body_size_ > max_) {
        skip_ = *body_size_;
        body_size_.reset();
        return Item{.kind = Item::Kind::kTooLarge, .text = {}};
      }
      in_body_ = true;
    } else if (in_headers_) {
      in_headers_ = false;
      return Item{.kind = Item::Kind::kBadHeader, .text = {}};  // none of them told a length
    }
  }
}

// At the end of the input: what there is of a message, if anything, told once.
std::optional<Framer::Item> Framer::cut_off() {
  if (!finished_ || (!in_headers_ && !in_body_)) return std::nullopt;
  begin_ = end_;
  in_headers_ = in_body_ = false;
  return Item{.kind = Item::Kind::kCutOff, .text = {}};
}

// Takes in "Name: value"; only Content-Length means anything here.
bool Framer::read_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  // A name holds letters, digits and some marks (RFC 9110, section 5.6.2), but nothing of JSON's.
  if (line.substr(0, colon).find_first_of(" \t\"(),/;<=>?@[\\]{}") != std::string_view::npos) {
    return false;
  }
  if (!equal_ignoring_case(trim(line.substr(0, colon)), kContentLength)) return true;
  const std::string_view value = trim(line.substr(colon + 1));
  std::size_t size = 0;
  const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), size);
  if (value.empty() || error != std::errc() || stop != value.data() + value.size()) return false;
  body_size_ = size;
  return true;
}

std::string frame(Framing framing, std::string message) {
  if (framing == Framing::kHeaders) {
    return "Content-Length: " + std::to_string(message.size()) + "\r\n\r\n" + std::move(message);
  }
  message += '\n';
  return message;
}

}  // namespace quotad::transport
