#include "cli/app_server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "account/mapping.hpp"
#include "cli/signals.hpp"
#include "cli/system.hpp"
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
    : credentials_(config.codex_home, config.store_mode, config.problem),
      backend_(executor, backend_options(config, std::move(options.backend))),
      service_(executor, credentials_, backend_),
      dispatcher_(rpc::make_dispatcher(service_)),
      server_(executor, session_maker(executor, dispatcher_, audience_, config, options.limits),
              options.server) {
  credentials_.on_change([this](const auth::SignIn& sign_in) {
    audience_.notify<protocol::AccountUpdated>(account::to_account_updated(sign_in));
  });
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
    signals.cancel();
  });
  context.run();
  return EXIT_SUCCESS;
}

}  // namespace quotad::cli
