// The JSON-RPC envelope in both dialects: text to messages, answers to text.
//
// Called by rpc::Session and by clients of the server. It knows ids, methods and dialects; it does
// not know any method's params (see methods.hpp) and reads no socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::protocol {

using RequestId = std::variant<std::int64_t, std::string>;

// How a message is spoken: lite is the reference's way, without the member "jsonrpc"; 2.0 is the
// standard's, with "jsonrpc": "2.0". Each message chooses for itself and is answered likewise.
enum class Dialect { kLite, kV2 };

struct Message {
  enum class Kind { kRequest, kNotification, kResponse };
  Kind kind = Kind::kRequest;
  Dialect dialect = Dialect::kLite;
  std::optional<RequestId> id;        // of requests and responses
  std::string method;                 // of requests and notifications
  std::optional<Json> params;         // of requests and notifications, if given
  std::optional<Json> result, fault;  // of responses: one of the two ("fault" is "error")
};

// A message that cannot be served: what is wrong, with the id and dialect to answer it with where
// they could be read.
struct Malformed {
  Error error;
  std::optional<RequestId> id;
  std::optional<Dialect> dialect;
};

struct ParseLimits {
  std::size_t max_message_bytes = std::size_t{1} << 20U;
  std::size_t max_depth = 128;
};

// `text` as JSON. Throws Error: kParse if it is not JSON, kInvalidRequest if it is larger than
// `max_message_bytes` or has more than `max_depth` arrays and objects open at a time.
Json parse_text(std::string_view text, const ParseLimits& limits);

// The error for a message of more than `max_message_bytes`, naming the limit.
Error too_large(std::size_t max_message_bytes);

// One JSON value (not a batch) as a message.
std::variant<Message, Malformed> parse_message(Json json);

// Answers. An absent id is written as `null`.
OrderedJson result_answer(Dialect dialect, const RequestId& id, OrderedJson result);
OrderedJson error_answer(Dialect dialect, const std::optional<RequestId>& id, const Error& error);

// The code and the message that `error` has in `dialect` (codes: reference behaviour, section 1,
// for lite; JSON-RPC 2.0, section 5.1, for 2.0).
struct WireError {
  int code = 0;
  std::string message;
};
WireError to_wire(const Error& error, Dialect dialect);

}  // namespace quotad::protocol
