#include "rpc/methods.hpp"

#include <memory>
#include <optional>
#include <string>
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

// New tokens of the client at the other end of `session`.
boost::asio::awaitable<auth::BroughtTokens> ask_for_tokens(std::weak_ptr<Peer> session,
                                                           std::chrono::milliseconds time,
                                                           std::optional<std::string> account_id) {
  const auto peer = session.lock();
  const auto gone = [] {
    return protocol::Error(
        protocol::ErrorKind::kAuthRequired,
        "the client that brought the tokens has left; bring new ones with account/login/start");
  };
  if (!peer) throw gone();
  protocol::ChatgptAuthTokensRefreshParams params;
  params.previous_account_id = std::move(account_id);
  protocol::ChatgptAuthTokensRefreshResponse fresh;
  try {
    fresh = co_await ask<protocol::RefreshChatgptAuthTokens>(*peer, std::move(params), time);
  } catch (const protocol::DecodeError& error) {
    // Without what stands there instead: it may be the token.
    throw protocol::Error(
        protocol::ErrorKind::kInternal,
        "the client's answer to account/chatgptAuthTokens/refresh cannot be used: "
        "`" +
            error.data().path.value_or("result") + "` is missing or wrong");
  } catch (const protocol::Error& error) {
    if (error.kind() == protocol::ErrorKind::kOverloaded) throw gone();
    throw;
  }
  co_return auth::BroughtTokens{.access_token = std::move(fresh.access_token),
                                .account_id = std::move(fresh.chatgpt_account_id),
                                .plan_type = std::move(fresh.chatgpt_plan_type)};
}

}  // namespace

Dispatcher make_dispatcher(account::Service& service,
                           std::chrono::milliseconds token_request_time) {
  using account::Service;
  Dispatcher dispatcher;
  bind<protocol::ReadAccount>(dispatcher, service, &Service::read_account);
  dispatcher.bind<protocol::StartLogin>(
      [&service, token_request_time](protocol::LoginAccountParams params,
                                     const std::shared_ptr<Peer>& peer) {
        return service.start_login(
            std::move(params), [session = std::weak_ptr<Peer>(peer),
                                token_request_time](std::optional<std::string> account_id) {
              return ask_for_tokens(session, token_request_time, std::move(account_id));
            });
      });
  bind<protocol::CancelLogin>(dispatcher, service, &Service::cancel_login);
  bind<protocol::Logout>(dispatcher, service, &Service::logout);
  bind<protocol::GetAuthStatus>(dispatcher, service, &Service::auth_status);
  bind<protocol::ReadRateLimits>(dispatcher, service, &Service::read_rate_limits);
  bind<protocol::ReadTokenUsage>(dispatcher, service, &Service::read_token_usage);
  bind<protocol::ConsumeResetCredit>(dispatcher, service, &Service::consume_reset_credit);
  bind<protocol::ListResetCreditRedemptions>(dispatcher, service, &Service::list_redemptions);
  bind<protocol::ReadWorkspaceMessages>(dispatcher, service, &Service::read_workspace_messages);
  bind<protocol::ListSkills>(dispatcher, service, &Service::list_skills);
  bind<protocol::ListModels>(dispatcher, service, &Service::list_models);
  return dispatcher;
}

}  // namespace quotad::rpc
