// The JSON-RPC envelope in both dialects: text to messages, answers to text.
//
// Called by rpc::Session and by clients of the server. It knows ids, methods and dialects; it does
// not know any method's params (see methods.hpp) and reads no socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
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

// Longest text that serves as an id, in bytes: ids are kept until they are answered.
inline constexpr std::size_t kMaxIdBytes = 1024;

// One JSON value (not a batch) as a message.
std::variant<Message, Malformed> parse_message(Json json, std::size_t max_id_bytes = kMaxIdBytes);

// The start of a request or an answer: dialect and id, `null` if it is absent.
OrderedJson message_shell(Dialect dialect, const std::optional<RequestId>& id);

// The answer to a request that went well, as text; `result` is JSON. Errors are the server's: see
// src/rpc/wire_error.hpp.
std::string result_answer(Dialect dialect, const RequestId& id, std::string_view result);

// What one side asks the other.
OrderedJson request(Dialect dialect, const RequestId& id, std::string_view method,
                    OrderedJson params);

// What the server says on its own, without waiting for an answer, and when: Unix time in milliseconds.
OrderedJson notification(Dialect dialect, std::string_view method, OrderedJson params,
                         std::int64_t emitted_at_ms);

}  // namespace quotad::protocol
