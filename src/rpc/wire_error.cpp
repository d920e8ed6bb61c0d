#include "rpc/wire_error.hpp"

#include <utility>

namespace quotad::rpc {
using protocol::DecodeError;
using protocol::Dialect;
using protocol::Error;
using protocol::ErrorKind;
using protocol::OrderedJson;
using protocol::RequestId;

namespace {

constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;
constexpr int kInternalError = -32603;
constexpr int kServerOverloaded = -32001;

}  // namespace

OrderedJson error_answer(Dialect dialect, const std::optional<RequestId>& id, const Error& error) {
  const WireError wire = to_wire(error, dialect);
  OrderedJson answer = protocol::message_shell(dialect, id);
  OrderedJson& body = answer["error"];
  body["code"] = wire.code;
  body["message"] = wire.message;
  body["data"] = protocol::encode(error.data());
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

}  // namespace quotad::rpc
