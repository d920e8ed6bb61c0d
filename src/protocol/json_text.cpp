#include "quotad/protocol/json_text.hpp"

#include <string>

namespace quotad::protocol {
namespace {

// Whether more than `limit` arrays and objects are open at once anywhere in `text`. Text that is
// not JSON gets some answer; the parser has the last word on it.
bool nests_deeper_than(std::string_view text, std::size_t limit) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

Error unexpected_input(std::size_t byte) {
  return {ErrorKind::kParse,
          "the message is not JSON: unexpected input at byte " + std::to_string(byte)};
}

Error invalid_request(const std::string& words) { return {ErrorKind::kInvalidRequest, words}; }

}  // namespace

Error too_large(std::size_t max_message_bytes) {
  return invalid_request("the message is larger than the limit of " +
                         std::to_string(max_message_bytes) + " bytes (--max-message-bytes)");
}

Json parse_text(std::string_view text, const ParseLimits& limits) {
  if (text.size() > limits.max_message_bytes) throw too_large(limits.max_message_bytes);
  if (nests_deeper_than(text, limits.max_depth)) {
    throw invalid_request("the message nests deeper than the limit of " +
                          std::to_string(limits.max_depth) + " levels (--max-depth)");
  }
  try {
    Json json = Json::parse(text);
    // The parser takes a zero for the end, and passes over what is behind it.
    const std::size_t zero = text.find('\0');
    if (zero != std::string_view::npos) throw unexpected_input(zero + 1);
    return json;
  } catch (const Json::parse_error& error) {
    throw unexpected_input(error.byte);
  } catch (const Json::exception&) {
    throw Error(ErrorKind::kParse, "the message is not JSON: a number is too large");
  }
}

}  // namespace quotad::protocol
