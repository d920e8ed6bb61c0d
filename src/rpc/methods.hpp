// Which use case serves which method.
#pragma once

#include <chrono>

#include "account/service.hpp"
#include "rpc/dispatcher.hpp"

namespace quotad::rpc {

// `service` must outlive the dispatcher. A client that has brought tokens is given `token_request_time`
// to bring new ones. A new method gets its row here and its types in quotad/protocol/methods.hpp.
Dispatcher make_dispatcher(account::Service& service, std::chrono::milliseconds token_request_time);

}  // namespace quotad::rpc
