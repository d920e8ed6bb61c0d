#include "daemon/app_server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "account/mapping.hpp"
#include "daemon/program.hpp"
#include "daemon/signals.hpp"
#include "daemon/supervisor.hpp"
#include "daemon/url_files.hpp"
#include "quotad/protocol/methods.hpp"
#include "rpc/methods.hpp"
#include "storage/sqlite/ledger.hpp"
#include "system/clock.hpp"
#include "system/memory.hpp"

namespace quotad::daemon {
namespace asio = boost::asio;
namespace {

// Descriptors beside those of clients: the service's connections, files, the event loop.
constexpr std::size_t kOwnDescriptors = 128;

std::string user_agent() { return program_description() + " (" + system_description() + ")"; }

// What the reference prints, byte for byte where no token of ours is needed.
void tell_of_web_socket(const std::string& url, const ServeOptions& serve) {
  const std::string authority = url.substr(url.find("://"));
  const bool is_loopback =
      boost::asio::ip::make_address(transport::parse_listen_address(url).host).is_loopback();
  std::string text =
      std::string(serve.called_codex ? "codex" : "quotad") +
      " app-server (WebSockets)\n  listening on: " + url + serve.url_query + "\n  readyz: http" +
      authority + "/readyz\n  healthz: http" + authority + "/healthz\n  note: " +
      (is_loopback ? "binds localhost only (use SSH port-forwarding for remote access)"
                   : "websocket auth is required for non-localhost listeners") +
      "\n";
  if (!serve.url_query.empty()) {
    text +=
        "  note: clients need the token of the URL; start with QUOTAD_WS_TOKEN_CHECK=off to let "
        "every program of this machine in\n";
  }
  std::fputs(text.c_str(), stderr);
}

std::string listen(transport::Server& server, const transport::ListenAddress& address) {
  try {
    return server.listen(address);
  } catch (const protocol::Error& error) {
    if (address.use_instead.empty()) throw;
    spdlog::warn("{}; {} serves all the same", error.what(), address.use_instead);
    return "";
  }
}

transport::MakeSession session_maker(const asio::any_io_executor& executor,
                                     const rpc::Dispatcher& dispatcher,
                                     const std::shared_ptr<rpc::Audience>& audience,
                                     const Config& config, const rpc::Limits& limits) {
  const auto common =
      std::make_shared<rpc::Common>(rpc::Common{.info = {.codex_home = config.codex_home.string(),
                                                         .protocol_version = kReferenceVersion,
                                                         .system = system_description(),
                                                         .server = program_description(),
                                                         .version = program_version()},
                                                .limits = limits});
  return [executor, &dispatcher, audience, common](rpc::Session::Out out) {
    return std::make_shared<rpc::Session>(executor, dispatcher, audience, common, std::move(out));
  };
}

}  // namespace

void use_sign_in_environment(AppServerOptions& options, const Config& config,
                             const GetEnv& getenv) {
  auth::use_auth_environment(options.sign_in.api, backend::resolve_base_url(config.base_url),
                             getenv);
  const auto is_set = [&](const char* name) {
    const char* value = getenv(name);
    return value != nullptr && *value != '\0';
  };
  if (is_set("CODEX_HOME")) {
    options.own_account.home_origin = "CODEX_HOME names it";
  } else {
    options.own_account.home_origin =
        is_set("HOME") ? "CODEX_HOME is not set" : "neither CODEX_HOME nor HOME is set";
  }
  if (!config.state_home.empty()) {
    options.sign_in.refused_tokens_file = config.state_home / "refused-tokens";
  }
  const char* token = getenv("CODEX_ACCESS_TOKEN");
  if (token == nullptr) return;
  const std::string trimmed = boost::algorithm::trim_copy(std::string(token));
  if (!trimmed.empty()) options.own_account.access_token = trimmed;
}

backend::ClientOptions backend_options(const Config& config, const AppServerOptions& options) {
  backend::ClientOptions backend = options.backend;
  backend.base_url = config.base_url;
  backend.user_agent = user_agent();
  backend.clock = system::unix_now;
  backend.on_warning = [](std::string_view words) { spdlog::warn("{}", words); };
  return backend;
}

auth::CommonOptions sign_in_options(const AppServerOptions& options) {
  auth::CommonOptions sign_in = options.sign_in;
  sign_in.api.http = {.ca_file = options.backend.ca_file,
                      .ca_variable = options.backend.ca_variable,
                      .ca_dir = options.backend.ca_dir,
                      .trust_system = options.backend.trust_system,
                      .user_agent = user_agent(),
                      .max_body_bytes = options.backend.max_body_bytes,
                      .max_connections = options.backend.max_connections};
  sign_in.api.circuit = options.backend.circuit;
  return sign_in;
}

AppServer::AppServer(const asio::any_io_executor& executor, const Config& config,
                     AppServerOptions options)
    : executor_(executor),
      sign_in_(executor, sign_in_options(options)),
      credentials_(sign_in_, config.codex_home, config.store_mode, config.problem,
                   options.own_account),
      backend_(executor, backend_options(config, options)),
      service_(executor, credentials_, backend_,
               std::make_unique<storage::SqliteLedger>(config.state_home),
               std::move(options.redeemer)),
      dispatcher_(rpc::make_dispatcher(service_, options.token_request_time)),
      server_(executor, session_maker(executor, dispatcher_, audience_, config, options.limits),
              options.server) {
  credentials_.on_change([this](const auth::SignIn& sign_in) {
    audience_->notify<protocol::AccountUpdated>(account::to_account_updated(sign_in));
  });
  service_.on_login(
      [this](const auth::SignIn& sign_in, bool is_login) { tell_of_login(sign_in, is_login); });
  service_.on_reset([this] { tell_of_reset(); });
}

void AppServer::reconfigure(const Config& config, const GetEnv& getenv) {
  if (config.problem) {
    spdlog::error("the configuration stays as it was: {}", *config.problem);
    return;
  }
  auth::AuthApiOptions urls;
  auth::use_auth_environment(urls, backend::resolve_base_url(config.base_url), getenv);
  backend_.use_base_url(config.base_url);
  sign_in_.api.use_agent_api(urls.agent_api_url);
  credentials_.reconfigure(config.store_mode, std::nullopt);
  spdlog::info("the configuration was read again");
}

// After the answer to whoever asked for it, as in the reference.
void AppServer::tell_of_login(const auth::SignIn& sign_in, bool is_login) {
  asio::post(executor_, [this, is_login, update = account::to_account_updated(sign_in)] {
    if (is_login) audience_->notify<protocol::AccountLoginCompleted>({.success = true});
    audience_->notify<protocol::AccountUpdated>(update);
  });
}

asio::awaitable<void> AppServer::settled() {
  co_await service_.redemptions_over();
  co_await credentials_.settled();
}

void AppServer::tell_of_reset() {
  if (!audience_->wants(protocol::AccountRateLimitsUpdated::kName)) return;
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
      audience_->notify<protocol::AccountRateLimitsUpdated>({.rate_limits = limits.rate_limits});
    } catch (const protocol::Error& error) {
      spdlog::debug("nobody can be told of the new limits: {}", error.what());
    }
  }
}

void add_default_socket(std::vector<transport::ListenAddress>& addresses, const Config& config) {
  using Kind = transport::ListenAddress::Kind;
  const std::string path = default_socket(config);
  addresses.push_back({.kind = Kind::kUnix, .path = path, .is_private = true});
  addresses.push_back({.kind = Kind::kUnix,
                       .path = former_default_socket(config),
                       .is_private = true,
                       .use_instead = "unix://" + path});
}

int run_app_server(const Config& config, const AppServerOptions& options,
                   const ServeOptions& serve) {
  const auto& addresses = serve.addresses;
  const bool any = std::any_of(addresses.begin(), addresses.end(), [](const auto& address) {
    return address.kind != transport::ListenAddress::Kind::kOff;
  });
  if (!any) {
    std::fprintf(stderr, "quotad: nothing to serve; use --listen with another URL than off\n");
    return EXIT_FAILURE;
  }
  if (config.problem) spdlog::error("{}", *config.problem);
  system::keep_heap_small();
  allow_descriptors(options.server.max_connections + kOwnDescriptors);
  asio::io_context context(1);
  AppServer app(context.get_executor(), config, options);
  transport::Server& server = app.server();
  bool gave_up = false;
  // Whatever is still under way is left, but for tokens that are being renewed: a renewal that is
  // cut off would sign everybody out.
  const auto end_at_once = [&](int exit_code) {
    asio::co_spawn(context, app.sign_in_settled(),
                   [exit_code](const std::exception_ptr&) { std::_Exit(exit_code); });
  };
  UrlFiles url_files(serve.getenv);
  StopSignals signals(
      context.get_executor(), options.shutdown_grace,
      [&] {
        tell_supervisor(serve.getenv, "STOPPING=1");
        url_files.remove();
        server.stop();
      },
      [&] {
        gave_up = true;
        server.give_up();
      },
      end_at_once, [&] { app.reconfigure(serve.load_config(), serve.getenv); });
  try {
    for (const transport::ListenAddress& address : addresses) {
      const std::string url = listen(server, address);
      if (address.kind == transport::ListenAddress::Kind::kWebSocket) {
        url_files.add(address, url + serve.url_query);
        tell_of_web_socket(url, serve);
      } else if (!url.empty() && address.use_instead.empty()) {
        std::fprintf(stderr, "listening on: %s\n", url.c_str());
      }
    }
  } catch (const protocol::Error& error) {
    std::fprintf(stderr, "quotad: %s\n", error.what());
    return EXIT_FAILURE;
  }
  asio::co_spawn(context, server.finished(), [&](const std::exception_ptr&) {
    app.cancel_updates();
    app.stop_following_sign_in();
    // A redemption that was given up on is still on its way, and nobody waits for it any more.
    if (gave_up) {
      end_at_once(EXIT_SUCCESS);
      return;
    }
    // A redemption whose client has not waited goes on, and a signal still ends it.
    asio::co_spawn(context, app.settled(), [&](const std::exception_ptr&) { signals.cancel(); });
  });
  app.follow_sign_in();
  tell_supervisor(serve.getenv, "READY=1");
  server.run(context);
  return EXIT_SUCCESS;
}

}  // namespace quotad::daemon
