#include <memory>
#include <utility>

#include "account/service.hpp"
#include "cli/account_client.hpp"
#include "storage/sqlite/ledger.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

class OwnSession : public AccountClient {
 public:
  OwnSession(const asio::any_io_executor& executor, const daemon::Config& config,
             const daemon::AppServerOptions& options)
      : sign_in_(executor, daemon::sign_in_options(options)),
        credentials_(sign_in_, config.codex_home, config.store_mode, config.problem,
                     options.own_account),
        backend_(executor, daemon::backend_options(config, options)),
        service_(executor, credentials_, backend_,
                 std::make_unique<storage::SqliteLedger>(config.state_home), options.redeemer) {}

  asio::awaitable<protocol::GetAccountRateLimitsResponse> read_rate_limits(
      protocol::GetAccountRateLimitsParams params) override {
    return service_.read_rate_limits(params);
  }
  asio::awaitable<protocol::GetAccountTokenUsageResponse> read_token_usage(
      protocol::GetAccountTokenUsageParams params) override {
    return service_.read_token_usage(std::move(params));
  }
  asio::awaitable<protocol::ConsumeAccountRateLimitResetCreditResponse> consume_reset_credit(
      protocol::ConsumeAccountRateLimitResetCreditParams params) override {
    return service_.consume_reset_credit(std::move(params));
  }
  asio::awaitable<protocol::ListAccountRateLimitResetCreditResponse> list_redemptions(
      protocol::ListAccountRateLimitResetCreditParams params) override {
    return service_.list_redemptions(std::move(params));
  }
  asio::awaitable<void> settled() override { return credentials_.settled(); }

 private:
  auth::Common sign_in_;
  auth::CredentialStore credentials_;
  backend::Client backend_;
  account::Service service_;
};

}  // namespace

std::unique_ptr<AccountClient> make_own_session(const asio::any_io_executor& executor,
                                                const daemon::Config& config,
                                                const daemon::AppServerOptions& options) {
  return std::make_unique<OwnSession>(executor, config, options);
}

}  // namespace quotad::cli
