#include "account/thread_id.hpp"

#include <array>
#include <cctype>
#include <cstddef>
#include <vector>

#include "quotad/protocol/error.hpp"

namespace quotad::account {
namespace {

constexpr std::array<std::size_t, 5> kGroupLengths = {8, 4, 4, 4, 12};
constexpr std::size_t kDigits = 32;
constexpr std::string_view kUrnPrefix = "urn:uuid:";

[[noreturn]] void refuse(const std::string& words) {
  throw protocol::Error({.kind = protocol::ErrorKind::kInvalidParams, .path = "params.threadId"},
                        "invalid thread id: " + words);
}

// The UTF-8 character that starts at `at`.
std::string character_at(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return std::string(text.substr(at, end - at));
}

}  // namespace

std::string parse_thread_id(std::string_view text) {
  std::string_view body = text;
  std::size_t offset = 0;
  bool may_be_simple = true;
  if (body.size() >= 2 && body.front() == '{' && body.back() == '}') {
    body = body.substr(1, body.size() - 2);
    offset = 1;
    may_be_simple = false;
  } else if (body.substr(0, kUrnPrefix.size()) == kUrnPrefix) {
    body.remove_prefix(kUrnPrefix.size());
    offset = kUrnPrefix.size();
    may_be_simple = false;
  }

  std::vector<std::size_t> groups{0};
  std::string digits;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const auto byte = static_cast<unsigned char>(body[i]);
    if (byte == '-') {
      groups.push_back(0);
    } else if (std::isxdigit(byte) != 0) {
      ++groups.back();
      digits += static_cast<char>(std::tolower(byte));
    } else {
      refuse(
          "invalid character: expected an optional prefix of `urn:uuid:` followed by "
          "[0-9a-fA-F-], found `" +
          character_at(body, i) + "` at " + std::to_string(i + offset + 1));
    }
  }
  if (groups.size() == 1 && may_be_simple) {
    if (digits.size() != kDigits) {
      refuse("invalid length: expected length 32 for simple format, found " +
             std::to_string(text.size()));
    }
  } else if (groups.size() != kGroupLengths.size()) {
    refuse("invalid group count: expected 5, found " + std::to_string(groups.size()));
  } else {
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i] != kGroupLengths[i]) {
        refuse("invalid group length in group " + std::to_string(i) + ": expected " +
               std::to_string(kGroupLengths[i]) + ", found " + std::to_string(groups[i]));
      }
    }
  }

  std::string uuid;
  std::size_t next = 0;
  for (const std::size_t length : kGroupLengths) {
    if (next > 0) uuid += '-';
    uuid += digits.substr(next, length);
    next += length;
  }
  return uuid;
}

}  // namespace quotad::account
