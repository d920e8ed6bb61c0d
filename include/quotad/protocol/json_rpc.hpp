// The envelope's messages as described types, for typings: what a client may send around params,
// and what comes back around results.
//
// Read by the generators only. The server reads and writes envelopes with envelope.hpp, which
// tells every malformed one apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "quotad/protocol/description.hpp"
#include "quotad/protocol/envelope.hpp"

namespace quotad::protocol {

enum class JsonRpcVersion { k2 };

struct W3cTraceContext {
  std::optional<std::string> traceparent;
  std::optional<std::string> tracestate;
};

struct JsonRpcRequest {
  std::optional<JsonRpcVersion> version;
  RequestId id;
  std::string method;
  Json params;
  std::optional<W3cTraceContext> trace;
};

struct JsonRpcNotification {
  std::optional<JsonRpcVersion> version;
  std::string method;
  Json params;
};

// What stands beside `method` and `params` of every notification that the server sends.
struct ServerNotificationEnvelope {
  std::optional<std::int64_t> emitted_at_ms;
};

struct JsonRpcResponse {
  std::optional<JsonRpcVersion> version;
  RequestId id;
  Json result;
};

struct JsonRpcErrorError {
  std::int64_t code = 0;
  std::string message;
  ErrorData data;
};

struct JsonRpcError {
  std::optional<JsonRpcVersion> version;
  std::optional<RequestId> id;
  JsonRpcErrorError error;
};

using JsonRpcMessage =
    std::variant<JsonRpcRequest, JsonRpcNotification, JsonRpcResponse, JsonRpcError>;

inline constexpr std::string_view kVersionDoc =
    "Chooses the standard's dialect, with the standard's error codes; absent, the reference's.";

template <>
struct Description<JsonRpcVersion> {
  static constexpr std::string_view kName = "JSONRPCVersion";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "The version of JSON-RPC that a message speaks.";
  static constexpr auto kValues = std::to_array<EnumValue<JsonRpcVersion>>({
      {JsonRpcVersion::k2, "2.0", "JSON-RPC 2.0."},
  });
};

template <>
struct Description<RequestId> {
  static constexpr std::string_view kName = "RequestId";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc =
      "Names a request of a connection; the answer carries it. A string or a 64-bit integer.";
  static constexpr bool kUntagged = true;
};

template <>
struct Description<W3cTraceContext> {
  static constexpr std::string_view kName = "W3cTraceContext";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "A place in a distributed trace.";
  static constexpr auto kMembers = std::tuple{
      nullable("traceparent", &W3cTraceContext::traceparent, "The header `traceparent`."),
      nullable("tracestate", &W3cTraceContext::tracestate, "The header `tracestate`."),
  };
};

template <>
struct Description<JsonRpcRequest> {
  static constexpr std::string_view kName = "JSONRPCRequest";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "A message that is answered.";
  static constexpr auto kMembers = std::tuple{
      sparse("jsonrpc", &JsonRpcRequest::version, kVersionDoc),
      required("id", &JsonRpcRequest::id, "Names the request; the answer carries it."),
      required("method", &JsonRpcRequest::method, "What to do."),
      optional("params", &JsonRpcRequest::params, "What the method needs to know."),
      optional("trace", &JsonRpcRequest::trace, "Accepted for compatibility, and ignored."),
  };
};

template <>
struct Description<JsonRpcNotification> {
  static constexpr std::string_view kName = "JSONRPCNotification";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "A message that is not answered.";
  static constexpr auto kMembers = std::tuple{
      sparse("jsonrpc", &JsonRpcNotification::version, kVersionDoc),
      required("method", &JsonRpcNotification::method, "What has happened."),
      optional("params", &JsonRpcNotification::params, "More about it."),
  };
};

template <>
struct Description<ServerNotificationEnvelope> {
  static constexpr std::string_view kName = "ServerNotificationEnvelope";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "A notification as the server sends it.";
  static constexpr auto kMembers = std::tuple{
      sparse(
          "emittedAtMs", &ServerNotificationEnvelope::emitted_at_ms,
          "When the server sent it, Unix time in milliseconds. This server always tells; earlier "
          "versions did not."),
  };
};

template <>
struct Description<JsonRpcResponse> {
  static constexpr std::string_view kName = "JSONRPCResponse";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "The answer to a request that went well.";
  static constexpr auto kMembers = std::tuple{
      sparse("jsonrpc", &JsonRpcResponse::version, "As in the request."),
      required("id", &JsonRpcResponse::id, "The request's."),
      required("result", &JsonRpcResponse::result, "What the method gives."),
  };
};

template <>
struct Description<JsonRpcErrorError> {
  static constexpr std::string_view kName = "JSONRPCErrorError";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "What went wrong.";
  static constexpr auto kMembers = std::tuple{
      required("code", &JsonRpcErrorError::code, "The error's number, by dialect."),
      required("message", &JsonRpcErrorError::message, "A sentence for people."),
      required("data", &JsonRpcErrorError::data, "What a program needs to act on it."),
  };
};

template <>
struct Description<JsonRpcError> {
  static constexpr std::string_view kName = "JSONRPCError";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "The answer to a request that failed.";
  static constexpr auto kMembers = std::tuple{
      sparse("jsonrpc", &JsonRpcError::version, "As in the request."),
      required("id", &JsonRpcError::id,
               "The request's, or `null` where it could not be read from what was sent."),
      required("error", &JsonRpcError::error, "What went wrong."),
  };
};

template <>
struct Description<JsonRpcMessage> {
  static constexpr std::string_view kName = "JSONRPCMessage";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "Any message, in either direction.";
  static constexpr bool kUntagged = true;
};

}  // namespace quotad::protocol
