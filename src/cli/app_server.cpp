#include "cli/app_server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "account/mapping.hpp"
#include "cli/signals.hpp"
#include "cli/system.hpp"
#include "ledger/sqlite_ledger.hpp"
#include "rpc/methods.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

backend::ClientOptions backend_options(const Config& config, backend::ClientOptions options) {
  options.base_url = config.base_url;
  options.user_agent = program_description() + " (" + system_description() + ")";
  options.on_warning = [](std::string_view words) { spdlog::warn("{}", words); };
  return options;
}

transport::MakeSession session_maker(const asio::any_io_executor& executor,
                                     const rpc::Dispatcher& dispatcher, rpc::Audience& audience,
                                     const Config& config, const rpc::Limits& limits) {
  const rpc::ServerInfo info{.codex_home = config.codex_home.string(),
                             .protocol_version = kReferenceVersion,
                             .system = system_description(),
                             .server = program_description(),
                             .version = program_version()};
  return [executor, &dispatcher, &audience, info, limits](rpc::Session::Send send) {
    return std::make_shared<rpc::Session>(executor, dispatcher, audience, info, limits,
                                          std::move(send));
  };
}

}  // namespace

AppServer::AppServer(const asio::any_io_executor& executor, const Config& config,
                     AppServerOptions options)
    : executor_(executor),
      credentials_(config.codex_home, config.store_mode, config.problem),
      backend_(executor, backend_options(config, std::move(options.backend))),
      service_(executor, credentials_, backend_,
               std::make_unique<ledger::SqliteLedger>(config.state_home),
               std::move(options.redeemer)),
      dispatcher_(rpc::make_dispatcher(service_)),
      server_(executor, session_maker(executor, dispatcher_, audience_, config, options.limits),
              options.server) {
  credentials_.on_change([this](const auth::SignIn& sign_in) {
    audience_.notify<protocol::AccountUpdated>(account::to_account_updated(sign_in));
  });
  service_.on_reset([this] { tell_of_reset(); });
}

void AppServer::tell_of_reset() {
  if (!audience_.wants(protocol::AccountRateLimitsUpdated::kName)) return;
  update_again_ = true;
  if (std::exchange(updating_, true)) return;
  asio::co_spawn(executor_, send_update(),
                 asio::bind_cancellation_slot(
                     cancel_update_.slot(),
                     [this](const std::exception_ptr& /*cancelled*/) { updating_ = false; }));
}

asio::awaitable<void> AppServer::send_update() {
  while (std::exchange(update_again_, false)) {
    try {
      const auto limits =
          co_await service_.read_rate_limits({.exclude_reset_credit_details = true});
      audience_.notify<protocol::AccountRateLimitsUpdated>({.rate_limits = limits.rate_limits});
    } catch (const protocol::Error& error) {
      spdlog::debug("nobody can be told of the new limits: {}", error.what());
    }
  }
}

int run_app_server(const Config& config, const AppServerOptions& options,
                   const std::vector<transport::ListenAddress>& addresses) {
  const bool any = std::any_of(addresses.begin(), addresses.end(), [](const auto& address) {
    return address.kind != transport::ListenAddress::Kind::kOff;
  });
  if (!any) {
    std::fprintf(stderr, "quotad: nothing to serve; use --listen with another URL than off\n");
    return EXIT_FAILURE;
  }
  if (config.problem) spdlog::error("{}", *config.problem);
  asio::io_context context(1);
  AppServer app(context.get_executor(), config, options);
  transport::Server& server = app.server();
  bool gave_up = false;
  StopSignals signals(
      context.get_executor(), options.shutdown_grace, [&] { server.stop(); },
      [&] {
        gave_up = true;
        server.give_up();
      });
  try {
    for (const transport::ListenAddress& address : addresses) {
      const std::string url = server.listen(address);
      if (!url.empty()) std::fprintf(stderr, "listening on: %s\n", url.c_str());
    }
  } catch (const protocol::Error& error) {
    std::fprintf(stderr, "quotad: %s\n", error.what());
    return EXIT_FAILURE;
  }
  asio::co_spawn(context, server.finished(), [&](const std::exception_ptr&) {
    // A redemption that was given up on is still on its way, and nobody waits for it any more.
    if (gave_up) std::_Exit(EXIT_SUCCESS);
    app.cancel_updates();
    // One whose client has not waited goes on, and a signal still ends it.
    asio::co_spawn(context, app.redemptions_over(),
                   [&](const std::exception_ptr&) { signals.cancel(); });
  });
  context.run();
  return EXIT_SUCCESS;
}

}  // namespace quotad::cli
