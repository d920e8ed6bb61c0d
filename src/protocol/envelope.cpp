#include "quotad/protocol/envelope.hpp"

#include <limits>

namespace quotad::protocol {
namespace {

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

}  // namespace

std::variant<Message, Malformed> parse_message(Json json, std::size_t max_id_bytes) {
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
    const auto* text = std::get_if<std::string>(&*message.id);
    if (text != nullptr && text->size() > max_id_bytes) {
      const std::string size = std::to_string(text->size());
      message.id.reset();
      return malformed("id", "an `id` of " + size + " bytes; the limit is " +
                                 std::to_string(max_id_bytes) + " (--max-id-bytes)");
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

OrderedJson message_shell(Dialect dialect, const std::optional<RequestId>& id) {
  OrderedJson answer = OrderedJson::object();
  if (dialect == Dialect::kV2) answer["jsonrpc"] = "2.0";
  if (id) {
    std::visit([&](const auto& value) { answer["id"] = value; }, *id);
  } else {
    answer["id"] = nullptr;
  }
  return answer;
}

std::string result_answer(Dialect dialect, const RequestId& id, std::string_view result) {
  std::string text;
  text.reserve(result.size() + 64);
  text += dialect == Dialect::kV2 ? R"({"jsonrpc":"2.0","id":)" : R"({"id":)";
  std::visit([&](const auto& value) { write(value, text); }, id);
  text += R"(,"result":)";
  text += result;
  text += '}';
  return text;
}

OrderedJson request(Dialect dialect, const RequestId& id, std::string_view method,
                    OrderedJson params) {
  OrderedJson message = message_shell(dialect, id);
  message["method"] = method;
  message["params"] = std::move(params);
  return message;
}

OrderedJson notification(Dialect dialect, std::string_view method, OrderedJson params,
                         std::int64_t emitted_at_ms) {
  OrderedJson message = OrderedJson::object();
  if (dialect == Dialect::kV2) message["jsonrpc"] = "2.0";
  message["method"] = method;
  message["params"] = std::move(params);
  message["emittedAtMs"] = emitted_at_ms;
  return message;
}

}  // namespace quotad::protocol
