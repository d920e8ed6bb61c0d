// Text to JSON, bounded: for what clients send and for what the service answers.
//
// Called by whoever takes in JSON from outside. It knows nothing of what the JSON means.
#pragma once

#include <cstddef>
#include <string_view>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::protocol {

struct ParseLimits {
  std::size_t max_message_bytes = std::size_t{1} << 20U;
  // Arrays and objects inside each other. Copying and writing JSON recurse, so this must be small.
  std::size_t max_depth = 128;
};

// `text` as JSON. Throws Error: kParse if it is not JSON, kInvalidRequest if it is larger than
// `max_message_bytes` or has more than `max_depth` arrays and objects open at a time.
Json parse_text(std::string_view text, const ParseLimits& limits);

// The error for a message of more than `max_message_bytes`, naming the limit.
Error too_large(std::size_t max_message_bytes);

}  // namespace quotad::protocol
