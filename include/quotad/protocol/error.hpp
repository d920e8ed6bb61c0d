// The one error type of quotad: a kind, a sentence, and what a program needs to act on it.
//
// Thrown by every library here; turned into a JSON-RPC code only by src/rpc/wire_error.cpp. It knows
// nothing of codes, ids or transports. Messages never hold a token, a key or a full account id.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

enum class ErrorKind {
  kParse,
  kInvalidRequest,
  kMethodNotFound,
  kInvalidParams,
  kNotInitialized,
  kAuthRequired,
  kBackendStatus,
  kBackendUnreachable,
  kBackendPayload,
  kTimeout,
  kRateLimited,
  kOverloaded,
  kIdempotencyMismatch,
  kInternal,
};

// The `error.data` object of every error answer.
struct ErrorData {
  ErrorKind kind = ErrorKind::kInternal;
  bool retryable = false;
  std::optional<std::int64_t> http_status;
  std::optional<std::int64_t> retry_after_sec;
  std::optional<std::string> path;
  std::optional<bool> outcome_unknown;
  std::optional<std::string> detail;
};

// True for the kinds that a caller may simply try again later.
constexpr bool is_retryable(ErrorKind kind) {
  return kind == ErrorKind::kBackendUnreachable || kind == ErrorKind::kTimeout ||
         kind == ErrorKind::kRateLimited || kind == ErrorKind::kOverloaded;
}

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message)
      : std::runtime_error(message), data_{.kind = kind, .retryable = is_retryable(kind)} {}
  Error(ErrorData data, const std::string& message)
      : std::runtime_error(message), data_(std::move(data)) {}

  ErrorKind kind() const { return data_.kind; }
  const ErrorData& data() const { return data_; }

 private:
  ErrorData data_;
};

// A message that does not have the shape its description asks for. `data().path` names the member
// (`params.idempotencyKey`); `what()` says what was found and what was expected.
class DecodeError : public Error {
 public:
  DecodeError(std::string path, const std::string& words)
      : Error(ErrorData{.kind = ErrorKind::kInvalidParams, .path = std::move(path)}, words) {}
};

// `prefix` in front of the words of `error`; kind and data stay.
inline Error with_prefix(const std::string& prefix, const Error& error) {
  return Error(error.data(), prefix + error.what());
}

// `error` with an explanation for people, unless it is empty.
inline Error with_detail(const Error& error, std::string detail) {
  ErrorData data = error.data();
  if (!detail.empty()) data.detail = std::move(detail);
  return Error(std::move(data), error.what());
}

template <>
struct Description<ErrorKind> {
  static constexpr std::string_view kName = "ErrorKind";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc =
      "What went wrong, for a program to branch on. New kinds may be added.";
  static constexpr auto kValues = std::to_array<EnumValue<ErrorKind>>({
      {ErrorKind::kParse, "parse", "The message is not JSON."},
      {ErrorKind::kInvalidRequest, "invalidRequest",
       "The message is JSON but not a request, or is larger or nests deeper than the limit."},
      {ErrorKind::kMethodNotFound, "methodNotFound", "No method of that name."},
      {ErrorKind::kInvalidParams, "invalidParams",
       "A member of `params` is missing or has the wrong type; `path` names it."},
      {ErrorKind::kNotInitialized, "notInitialized",
       "The connection has not sent `initialize`, or has sent it twice."},
      {ErrorKind::kAuthRequired, "authRequired",
       "Nobody is signed in, the sign-in does not serve this call, or the service refused it."},
      {ErrorKind::kBackendStatus, "backendStatus",
       "The service answered with an error status; `httpStatus` holds it."},
      {ErrorKind::kBackendUnreachable, "backendUnreachable", "The service could not be reached."},
      {ErrorKind::kBackendPayload, "backendPayload",
       "The service answered with something that could not be read."},
      {ErrorKind::kTimeout, "timeout", "The service did not answer within the call's time limit."},
      {ErrorKind::kRateLimited, "rateLimited",
       "The service asked to be left alone; `retryAfterSec` says for how long, if it did."},
      {ErrorKind::kOverloaded, "overloaded", "The server has too much in flight; try again later."},
      {ErrorKind::kIdempotencyMismatch, "idempotencyMismatch",
       "The idempotency key was used before with other parameters."},
      {ErrorKind::kInternal, "internal", "The server itself failed, or is not configured."},
  });
};

template <>
struct Description<ErrorData> {
  static constexpr std::string_view kName = "ErrorData";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "What a program needs to act on an error.";
  static constexpr auto kMembers = std::tuple{
      required("kind", &ErrorData::kind, "What went wrong."),
      required("retryable", &ErrorData::retryable,
               "Whether the same request may succeed when it is sent again later."),
      sparse("httpStatus", &ErrorData::http_status,
             "HTTP status of the service's answer, where there was one."),
      sparse("retryAfterSec", &ErrorData::retry_after_sec,
             "Seconds to wait before trying again, where the service said so."),
      sparse("path", &ErrorData::path,
             "The member that is wrong, for example `params.idempotencyKey`."),
      sparse("outcomeUnknown", &ErrorData::outcome_unknown,
             "True where a redemption may or may not have happened; retry with the same "
             "idempotency key."),
      sparse("detail", &ErrorData::detail,
             "What is wrong and what to do about it, for people, where `message` says less."),
  };
};

}  // namespace quotad::protocol
