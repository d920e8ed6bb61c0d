#include "quotad/protocol/envelope.hpp"

#include <algorithm>

namespace quotad::protocol {
namespace {

constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;
constexpr int kInternalError = -32603;
constexpr int kServerOverloaded = -32001;

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

std::optional<RequestId> read_id(const Json& value) {
  if (value.is_string()) return RequestId(value.get<std::string>());
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return std::nullopt;
    }
    return RequestId(static_cast<std::int64_t>(number));
  }
  if (value.is_number_integer()) return RequestId(value.get<std::int64_t>());
  return std::nullopt;
}

Error invalid_request(const std::string& words, std::optional<std::string> path = std::nullopt) {
  return {ErrorData{.kind = ErrorKind::kInvalidRequest, .path = std::move(path)}, words};
}

OrderedJson answer_shell(Dialect dialect, const std::optional<RequestId>& id) {
  OrderedJson answer = OrderedJson::object();
  if (dialect == Dialect::kV2) answer["jsonrpc"] = "2.0";
  if (id) {
    std::visit([&](const auto& value) { answer["id"] = value; }, *id);
  } else {
    answer["id"] = nullptr;
  }
  return answer;
}

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
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw Error(ErrorKind::kParse,
                "the message is not JSON: unexpected input at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    throw Error(ErrorKind::kParse, "the message is not JSON: a number is too large");
  }
}

std::variant<Message, Malformed> parse_message(Json json) {
  if (!json.is_object()) {
    return Malformed{.error = invalid_request("invalid type: " + detail::name_value(json) +
                                              ", expected an object"),
                     .id = std::nullopt,
                     .dialect = std::nullopt};
  }
  Message message;
  if (const auto at = json.find("jsonrpc"); at != json.end() && *at == "2.0") {
    message.dialect = Dialect::kV2;
  }
  const auto malformed = [&](const char* path, const std::string& words) {
    return Malformed{
        .error = invalid_request(words, path), .id = message.id, .dialect = message.dialect};
  };

  const auto id = json.find("id");
  if (id != json.end()) {
    message.id = read_id(*id);
    if (!message.id) {
      return malformed("id", "invalid type: " + detail::name_value(*id) +
                                 ", expected `id` to be a string or a 64-bit integer");
    }
  }
  const auto method = json.find("method");
  const auto result = json.find("result");
  const auto fault = json.find("error");
  if (method == json.end() && message.id && (result != json.end() || fault != json.end())) {
    message.kind = Message::Kind::kResponse;
    if (fault != json.end()) {
      message.fault = std::move(*fault);
    } else {
      message.result = std::move(*result);
    }
    return message;
  }
  if (method == json.end()) return malformed("method", "missing field `method`");
  if (!method->is_string()) {
    return malformed("method", "invalid type: " + detail::name_value(*method) +
                                   ", expected `method` to be a string");
  }
  message.kind = message.id ? Message::Kind::kRequest : Message::Kind::kNotification;
  message.method = std::move(method->get_ref<std::string&>());
  if (const auto params = json.find("params"); params != json.end() && !params->is_null()) {
    message.params = std::move(*params);
  }
  return message;
}

OrderedJson result_answer(Dialect dialect, const RequestId& id, OrderedJson result) {
  OrderedJson answer = answer_shell(dialect, id);
  answer["result"] = std::move(result);
  return answer;
}

OrderedJson error_answer(Dialect dialect, const std::optional<RequestId>& id, const Error& error) {
  const WireError wire = to_wire(error, dialect);
  OrderedJson answer = answer_shell(dialect, id);
  OrderedJson& body = answer["error"];
  body["code"] = wire.code;
  body["message"] = wire.message;
  body["data"] = encode(error.data());
  return answer;
}

WireError to_wire(const Error& error, Dialect dialect) {
  const bool lite = dialect == Dialect::kLite;
  const bool is_decode_error = dynamic_cast<const DecodeError*>(&error) != nullptr;
  std::string message = error.what();
  if (lite && (is_decode_error || error.kind() == ErrorKind::kMethodNotFound ||
               error.kind() == ErrorKind::kInvalidRequest || error.kind() == ErrorKind::kParse)) {
    message = "Invalid request: " + message;
  } else if (is_decode_error) {
    message = "Invalid params: " + error.data().path.value_or("params") + ": " + message;
  }
  switch (error.kind()) {
    case ErrorKind::kParse:
      return {lite ? kInvalidRequest : kParseError, std::move(message)};
    case ErrorKind::kMethodNotFound:
      return {lite ? kInvalidRequest : kMethodNotFound, std::move(message)};
    case ErrorKind::kInvalidParams:
    case ErrorKind::kIdempotencyMismatch:
      return {lite ? kInvalidRequest : kInvalidParams, std::move(message)};
    case ErrorKind::kInvalidRequest:
    case ErrorKind::kNotInitialized:
      return {kInvalidRequest, std::move(message)};
    case ErrorKind::kAuthRequired:
      // Not signed in is the caller's to mend; a refusal by the service is one of its failures.
      return {error.data().http_status ? kInternalError : kInvalidRequest, std::move(message)};
    case ErrorKind::kOverloaded:
      return {kServerOverloaded, std::move(message)};
    default:
      return {kInternalError, std::move(message)};
  }
}

}  // namespace quotad::protocol
