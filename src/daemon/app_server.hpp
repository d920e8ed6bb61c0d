// Puts the house together: backend, auth, account, rpc and transport, as one server.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "account/service.hpp"
#include "auth/common.hpp"
#include "auth/credential_store.hpp"
#include "daemon/config.hpp"
#include "daemon/program.hpp"
#include "quotad/backend/client.hpp"
#include "rpc/dispatcher.hpp"
#include "rpc/session.hpp"
#include "transport/server.hpp"

namespace quotad::daemon {

// Everything that a flag can change and config.toml does not hold.
struct AppServerOptions {
  backend::ClientOptions backend;  // base_url and user_agent are set from elsewhere
  auth::CommonOptions sign_in;     // its `http` is set from `backend`
  auth::StoreOptions own_account;  // of CODEX_HOME
  std::chrono::milliseconds token_request_time{10'000};  // for a client to bring new tokens
  rpc::Limits limits;
  transport::ServerOptions server;
  account::RedeemerOptions redeemer;
  std::chrono::milliseconds shutdown_grace{5'000};
};

// What the environment says of the sign-in: CODEX_ACCESS_TOKEN and where its services are.
void use_sign_in_environment(AppServerOptions& options, const Config& config, const GetEnv& getenv);

// The parts of a session that the commands share, too.
backend::ClientOptions backend_options(const Config& config, const AppServerOptions& options);
auth::CommonOptions sign_in_options(const AppServerOptions& options);

class AppServer {
 public:
  AppServer(const boost::asio::any_io_executor& executor, const Config& config,
            AppServerOptions options);
  AppServer(const AppServer&) = delete;
  AppServer& operator=(const AppServer&) = delete;

  transport::Server& server() { return server_; }

  // From the next call on; one with a problem is not taken over.
  void reconfigure(const Config& config, const GetEnv& getenv);

  // Nobody is left to be told of anything.
  void cancel_updates() { cancel_update_.emit(boost::asio::cancellation_type::terminal); }

  // Ends when nothing is under way that must not be cut off: redemptions, in the background too, and
  // the renewal of tokens.
  boost::asio::awaitable<void> settled();
  boost::asio::awaitable<void> sign_in_settled() { return credentials_.settled(); }

  // From now on clients are told when `auth.json` changes.
  void follow_sign_in() { credentials_.follow(); }
  void stop_following_sign_in() { credentials_.stop_following(); }

 private:
  void tell_of_login(const auth::SignIn& sign_in, bool is_login);
  void tell_of_reset();
  boost::asio::awaitable<void> send_update();

  boost::asio::any_io_executor executor_;
  std::shared_ptr<rpc::Audience> audience_ = std::make_shared<rpc::Audience>(unix_milliseconds);
  auth::Common sign_in_;
  auth::CredentialStore credentials_;
  backend::Client backend_;
  account::Service service_;
  rpc::Dispatcher dispatcher_;
  transport::Server server_;
  bool updating_ = false;
  bool update_again_ = false;
  boost::asio::cancellation_signal cancel_update_;
};

// Where to serve, and what comes from elsewhere than flags.
struct ServeOptions {
  std::vector<transport::ListenAddress> addresses;
  std::string url_query;      // of WebSocket URLs that are printed: "/?token=…"
  bool called_codex = false;  // by the reference's name, in place of our own
  GetEnv getenv;
  std::function<Config()> load_config;  // for SIGHUP
};

// What plain `unix://` means: the reference's place, and, for this version, the one of the version before.
void add_default_socket(std::vector<transport::ListenAddress>& addresses, const Config& config);

// Serves until there is nothing left to serve, or SIGTERM or SIGINT: then what is in
// flight is finished, within `shutdown_grace`. SIGHUP reads the configuration again. Gives the exit
// code of the program.
int run_app_server(const Config& config, const AppServerOptions& options,
                   const ServeOptions& serve);

}  // namespace quotad::daemon
