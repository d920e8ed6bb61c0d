#include "rpc/methods.hpp"

#include <utility>

#include "quotad/protocol/methods.hpp"

namespace quotad::rpc {
namespace {

// A handler that passes the params of Method on to a member function of the service.
template <class Method, class Function>
void bind(Dispatcher& dispatcher, account::Service& service, Function function) {
  dispatcher.bind<Method>([&service, function](typename Method::Params params) {
    return (service.*function)(std::move(params));
  });
}

}  // namespace

Dispatcher make_dispatcher(account::Service& service) {
  using account::Service;
  Dispatcher dispatcher;
  bind<protocol::ReadAccount>(dispatcher, service, &Service::read_account);
  bind<protocol::GetAuthStatus>(dispatcher, service, &Service::auth_status);
  bind<protocol::ReadRateLimits>(dispatcher, service, &Service::read_rate_limits);
  bind<protocol::ReadTokenUsage>(dispatcher, service, &Service::read_token_usage);
  bind<protocol::ConsumeResetCredit>(dispatcher, service, &Service::consume_reset_credit);
  bind<protocol::ListResetCreditRedemptions>(dispatcher, service, &Service::list_redemptions);
  return dispatcher;
}

}  // namespace quotad::rpc
