// What the record of redemptions costs: a redemption with it, and with one that forgets.
//
// Both in front of the same scripted service on loopback, one redemption after the other, each under
// a key of its own. `./dev bench` runs it; docs/redemption.md has the figures.

#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <map>
#include <memory>

#include "account/redeemer.hpp"
#include "harness/process.hpp"
#include "harness/scripted_server.hpp"
#include "storage/sqlite/ledger.hpp"

namespace quotad {
namespace {

namespace asio = boost::asio;

// Remembers nothing, and locks nobody out.
class NoLedger : public ledger::Ledger {
 public:
  std::unique_ptr<ledger::Lease> try_lease(const std::string& /*account*/) override {
    return std::make_unique<ledger::Lease>();
  }
  std::optional<ledger::Entry> find(const std::string& /*account*/,
                                    const std::string& /*key*/) override {
    return std::nullopt;
  }
  std::optional<ledger::Entry> begin(const ledger::Request& /*request*/,
                                     std::int64_t /*now*/) override {
    return std::nullopt;
  }
  void end(const ledger::Request& /*request*/, ledger::State /*state*/,
           std::optional<ledger::Outcome> /*outcome*/, std::int64_t /*attempts*/,
           std::int64_t /*now*/) override {}
  std::vector<ledger::Entry> list(const ledger::Query& /*query*/) override { return {}; }
};

// A redeemer, its service, and the sign-in that it redeems with.
class Bench {
 public:
  explicit Bench(bool recorded)
      : service_([](const std::string&) { return testing::http_ok(R"({"code":"reset"})"); }),
        backend_(
            context_.get_executor(),
            {.base_url = "http://127.0.0.1:" + std::to_string(service_.port()) + "/backend-api"}),
        credentials_(common_, folder_.path(), auth::StoreMode::kFile, std::nullopt),
        redeemer_(context_.get_executor(), credentials_, backend_, make_ledger(recorded), {}) {
    sign_in_ = std::make_shared<auth::SignIn>();
    sign_in_->kind = auth::SignIn::Kind::kChatgpt;
    sign_in_->account_id = "account";
    sign_in_->credentials.authorization = "Bearer token";
  }

  void redeem(const std::string& key) {
    std::exception_ptr failure;
    asio::co_spawn(
        context_, redeemer_.redeem(sign_in_, key, std::nullopt, redeemer_.deadline()),
        [&](const std::exception_ptr& error, ledger::Outcome /*outcome*/) { failure = error; });
    context_.restart();
    context_.run();
    if (failure) std::rethrow_exception(failure);
  }

 private:
  std::unique_ptr<ledger::Ledger> make_ledger(bool recorded) {
    if (!recorded) return std::make_unique<NoLedger>();
    return std::make_unique<storage::SqliteLedger>(folder_.file("state"));
  }

  testing::TemporaryFolder folder_;
  asio::io_context context_{1};
  testing::ScriptedServer service_;
  backend::Client backend_;
  auth::Common common_{context_.get_executor()};
  auth::CredentialStore credentials_;
  account::Redeemer redeemer_;
  std::shared_ptr<auth::SignIn> sign_in_;
};

void redeem_under_new_keys(benchmark::State& state, bool recorded) {
  Bench bench(recorded);
  bench.redeem("the first, which opens the record");
  std::int64_t key = 0;
  for (auto _ : state) bench.redeem("key " + std::to_string(++key));
}

void redeem_under_a_finished_key(benchmark::State& state) {
  Bench bench(true);
  bench.redeem("key");
  for (auto _ : state) bench.redeem("key");
}

void open_the_record(benchmark::State& state) {
  testing::TemporaryFolder folder;
  storage::SqliteLedger(folder.file("state")).find("account", "key");
  for (auto _ : state) storage::SqliteLedger(folder.file("state")).find("account", "key");
}

BENCHMARK_CAPTURE(redeem_under_new_keys, without_record, false)->UseRealTime();
BENCHMARK_CAPTURE(redeem_under_new_keys, with_record, true)->UseRealTime();
BENCHMARK(redeem_under_a_finished_key)->UseRealTime();
BENCHMARK(open_the_record)->UseRealTime();

}  // namespace
}  // namespace quotad

BENCHMARK_MAIN();
