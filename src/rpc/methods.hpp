// Which use case serves which method.
#pragma once

#include "account/service.hpp"
#include "rpc/dispatcher.hpp"

namespace quotad::rpc {

// `service` must outlive the dispatcher. A new method gets its row here and its types in
// quotad/protocol/methods.hpp.
Dispatcher make_dispatcher(account::Service& service);

}  // namespace quotad::rpc
