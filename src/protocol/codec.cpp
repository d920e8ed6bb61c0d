#include "quotad/protocol/codec.hpp"

#include <algorithm>

namespace quotad::protocol {
namespace detail {
namespace {

// Longest piece of a caller's string that an error repeats, in bytes.
constexpr std::size_t kMaxEcho = 200;

std::string shorten(const std::string& text) {
  if (text.size() <= kMaxEcho) return text;
  std::size_t end = kMaxEcho;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string name_value(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::boolean:
      return std::string("boolean `") + (value.get<bool>() ? "true`" : "false`");
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return "integer `" + value.dump() + "`";
    case Json::value_t::number_float:
      return "floating point `" + value.dump() + "`";
    case Json::value_t::string:
      return "string " + Json(shorten(value.get_ref<const std::string&>())).dump();
    case Json::value_t::array:
      return "sequence";
    default:
      return "map";
  }
}

void fail_type(const std::string& path, const Json& value, std::string_view expected) {
  throw DecodeError(path,
                    "invalid type: " + name_value(value) + ", expected " + std::string(expected));
}

void fail_missing(const std::string& path, std::string_view member) {
  throw DecodeError(path + "." + std::string(member),
                    "missing field `" + std::string(member) + "`");
}

void fail_variant(const std::string& path, const std::string& found,
                  const std::vector<std::string_view>& expected) {
  std::string words = "unknown variant `" + shorten(found) + "`, expected ";
  const bool are_two = expected.size() == 2;
  if (expected.size() > 2) words += "one of ";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    words += (i == 0 ? "`" : (are_two ? " or `" : ", `")) + std::string(expected[i]) + "`";
  }
  throw DecodeError(path, words);
}

void fail_length(const std::string& path, std::size_t length, std::string_view type,
                 std::size_t members) {
  throw DecodeError(path, "invalid length " + std::to_string(length) + ", expected struct " +
                              std::string(type) + " with " + std::to_string(members) +
                              (members == 1 ? " element" : " elements"));
}

const std::string& string_of(const Json& value, const std::string& path) {
  if (!value.is_string()) fail_type(path, value, "a string");
  return value.get_ref<const std::string&>();
}

void write_string(const std::string& text, std::string& out) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  if (!is_plain) {
    out += to_text(OrderedJson(text));
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

void write_json(const Json& json, std::string& out) {
  out += json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace detail

std::string to_text(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace quotad::protocol
