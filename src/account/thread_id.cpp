#include "account/thread_id.hpp"

#include <array>
#include <cctype>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "quotad/protocol/error.hpp"

namespace quotad::account {
namespace {

constexpr std::array<std::size_t, 5> kGroupLengths = {8, 4, 4, 4, 12};
constexpr std::size_t kDigits = 32;
constexpr std::string_view kUrnPrefix = "urn:uuid:";

// Longest login id that an error repeats, in bytes. A UUID has 45 at most.
constexpr std::size_t kMaxEcho = 100;

// What is wrong with a text that should be a UUID.
struct NotUuid {
  std::string why;
};

[[noreturn]] void refuse(const char* member, const std::string& words) {
  throw protocol::Error({.kind = protocol::ErrorKind::kInvalidParams, .path = member}, words);
}

// The UTF-8 character that starts at `at`.
std::string character_at(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return std::string(text.substr(at, end - at));
}

// `text` as a lower-case hyphenated UUID.
std::variant<std::string, NotUuid> parse_uuid(std::string_view text) {
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
      return NotUuid{
          "invalid character: expected an optional prefix of `urn:uuid:` followed by "
          "[0-9a-fA-F-], found `" +
          character_at(body, i) + "` at " + std::to_string(i + offset + 1)};
    }
  }
  if (groups.size() == 1 && may_be_simple) {
    if (digits.size() != kDigits) {
      return NotUuid{"invalid length: expected length 32 for simple format, found " +
                     std::to_string(text.size())};
    }
  } else if (groups.size() != kGroupLengths.size()) {
    return NotUuid{"invalid group count: expected 5, found " + std::to_string(groups.size())};
  } else {
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i] != kGroupLengths[i]) {
        return NotUuid{"invalid group length in group " + std::to_string(i) + ": expected " +
                       std::to_string(kGroupLengths[i]) + ", found " + std::to_string(groups[i])};
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

}  // namespace

std::string parse_thread_id(std::string_view text) {
  auto parsed = parse_uuid(text);
  if (const auto* wrong = std::get_if<NotUuid>(&parsed)) {
    refuse("params.threadId", "invalid thread id: " + wrong->why);
  }
  return std::get<std::string>(std::move(parsed));
}

void check_login_id(std::string_view text) {
  if (std::holds_alternative<std::string>(parse_uuid(text))) return;
  std::string shown(text.substr(0, kMaxEcho));
  if (text.size() > kMaxEcho) shown += "…";
  refuse("params.loginId", "invalid login id: " + shown);
}

}  // namespace quotad::account
