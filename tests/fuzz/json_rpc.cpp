// Text to JSON to a message: only protocol::Error comes of bad text, the limits hold, and whatever
// was read, of a message or of what is wrong with it, can be written again.

#include <algorithm>
#include <utility>
#include <vector>

#include "fuzz.hpp"
#include "quotad/protocol/envelope.hpp"
#include "quotad/protocol/json_text.hpp"
#include "rpc/wire_error.hpp"

namespace {

using namespace quotad::protocol;
using quotad::fuzz::parse_ours;
using quotad::fuzz::require;
using quotad::fuzz::require_utf8;

constexpr ParseLimits kLimits{.max_message_bytes = 2048, .max_depth = 16};

// The parser takes a zero for the end.
bool is_json(std::string_view text) {
  return text.find('\0') == std::string_view::npos && Json::accept(text);
}

// How many arrays and objects of `json` stand inside each other.
std::size_t depth_of(const Json& json) {
  std::size_t deepest = 0;
  std::vector<std::pair<const Json*, std::size_t>> open{{&json, 1}};
  while (!open.empty()) {
    const auto [value, depth] = open.back();
    open.pop_back();
    if (!value->is_structured()) continue;
    deepest = std::max(deepest, depth);
    for (const Json& item : *value) open.emplace_back(&item, depth + 1);
  }
  return deepest;
}

void try_error(const Error& error, const std::optional<RequestId>& id) {
  require_utf8(error.what());
  for (const Dialect dialect : {Dialect::kLite, Dialect::kV2}) {
    const Json answer = parse_ours(quotad::rpc::error_answer(dialect, id, error).dump());
    require(answer.at("error").at("code").is_number_integer());
    require(answer.contains("id") && answer.contains("jsonrpc") == (dialect == Dialect::kV2));
  }
}

void require_id(const Json& json, const std::optional<RequestId>& id) {
  require(!id || std::visit([&](const auto& value) { return json.at("id") == value; }, *id));
}

// A message that is written and read again says the same.
void try_message(const Message& message, const Json& source) {
  require_id(source, message.id);
  OrderedJson copy;
  std::string text;
  if (message.kind == Message::Kind::kResponse) {
    require(message.id && message.result.has_value() != message.fault.has_value());
    if (message.fault) {
      copy = message_shell(message.dialect, message.id);
      copy["error"] = *message.fault;
    } else {
      write(*message.result, text);
      text = result_answer(message.dialect, *message.id, text);
    }
  } else {
    OrderedJson params(message.params.value_or(Json()));
    copy = message.id ? request(message.dialect, *message.id, message.method, params)
                      : notification(message.dialect, message.method, params, 0);
  }
  if (text.empty()) text = copy.dump();
  const auto again = parse_message(parse_ours(text));
  const Message* same = std::get_if<Message>(&again);
  require(same != nullptr && same->kind == message.kind && same->dialect == message.dialect &&
          same->id == message.id && same->method == message.method &&
          same->params == message.params && same->result == message.result &&
          same->fault == message.fault);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = quotad::fuzz::text_of(data, size);
  Json json;
  try {
    json = parse_text(text, kLimits);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInvalidRequest) {
      require(size > kLimits.max_message_bytes || !is_json(text) ||
              depth_of(Json::parse(text)) > kLimits.max_depth);
    } else {
      require(error.kind() == ErrorKind::kParse && !is_json(text));
    }
    try_error(error, std::nullopt);
    return 0;
  }
  require(is_json(text) && size <= kLimits.max_message_bytes &&
          depth_of(json) <= kLimits.max_depth);

  const auto parsed = parse_message(json);
  if (const auto* malformed = std::get_if<Malformed>(&parsed)) {
    require(malformed->error.kind() == ErrorKind::kInvalidRequest);
    require_id(json, malformed->id);
    try_error(malformed->error, malformed->id);
  } else {
    try_message(std::get<Message>(parsed), json);
  }
  return 0;
}
