// Errors as clients get them: the one place that turns a kind into a code, by dialect.
//
// Called by Session. The codes are the reference's for lite (reference behaviour, section 1) and
// those of JSON-RPC 2.0, section 5.1, for 2.0.
#pragma once

#include <optional>
#include <string>

#include "quotad/protocol/envelope.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::rpc {

struct WireError {
  int code = 0;
  std::string message;
};

// The code and the message that `error` has in `dialect`.
WireError to_wire(const protocol::Error& error, protocol::Dialect dialect);

// The whole answer. An absent id is written as `null`.
protocol::OrderedJson error_answer(protocol::Dialect dialect,
                                   const std::optional<protocol::RequestId>& id,
                                   const protocol::Error& error);

}  // namespace quotad::rpc
