// Random sequences of redemptions, faults, time-outs, kills and restarts against a model of what may
// be true. The model knows what each key's last answer claims; the service knows what was spent. It
// is a scripted one: the simulator's windows fill by the second, which is slow.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "harness/quotad.hpp"
#include "harness/scripted_server.hpp"
#include "harness/sign_in.hpp"

namespace quotad::testing {
namespace {

constexpr int kSteps = 10'000;
constexpr int kStepsBetweenAudits = 500;
constexpr int kLiveKeys = 6;
const char* const kConsume = "account/rateLimitResetCredit/consume";

// What is claimed of a key by the last answer about it.
enum class Claim {
  kNothing,   // no answer yet
  kNotSpent,  // it has spent no credit
  kSpent,     // it has
  kUnknown,   // the answer was lost, and the record says so
  kOpen,      // the process was killed over it, or goes on with it after a time-out
};

struct Key {
  std::string name;
  std::optional<std::string> credit;  // that it comes with
  bool bound = false;                 // the record is known to have it
  Claim claim = Claim::kNothing;
  std::string story;  // what was asked and answered, a line each
};

// What happens to the next calls in place of an answer.
struct Fault {
  int times = 0;
  bool applied = false;  // the call does its work all the same
  int status = 200;
  std::string body;   // of a status; "" hangs up
  bool hold = false;  // until it is let go
};

class Service {
 public:
  Service() : server_([this](const std::string& request) { return answer(request); }) {}
  ~Service() { let_go(); }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::uint16_t port() const { return server_.port(); }
  void inject(const Fault& fault) {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
  }
  // Ends every hold, and every fault.
  void let_go() {
    const std::lock_guard lock(mutex_);
    fault_ = {};
    ++releases_;
    released_.notify_all();
  }
  void set_nothing_to_reset(bool nothing) {
    const std::lock_guard lock(mutex_);
    nothing_to_reset_ = nothing;
  }
  std::map<std::string, int> spent() const {
    const std::lock_guard lock(mutex_);
    return spent_;
  }
  // The credits that came with each key, `null` for none.
  std::map<std::string, std::set<Json>> sent_with() const {
    const std::lock_guard lock(mutex_);
    return sent_with_;
  }

 private:
  std::string answer(const std::string& request) {
    const Json body = Json::parse(request.substr(request.find("\r\n\r\n") + 4));
    std::unique_lock lock(mutex_);
    Fault fault;
    if (fault_.times > 0) {
      --fault_.times;
      fault = fault_;
      fault.times = 1;
    }
    const std::string key = body.at("redeem_request_id");
    sent_with_[key].insert(body.value("credit_id", Json()));
    std::string code;
    if (fault.times == 0 || fault.applied) code = redeem(key, body.value("credit_id", Json()));
    if (fault.hold) {
      const int before = releases_;
      released_.wait(lock, [&] { return releases_ != before; });
      if (code.empty()) code = redeem(key, body.value("credit_id", Json()));
      return http_ok(Json{{"code", code}}.dump());
    }
    if (fault.times == 0) return http_ok(Json{{"code", code}}.dump());
    if (fault.body.empty()) return "";
    return "HTTP/1.1 " + std::to_string(fault.status) +
           " Scripted\r\nContent-Length: " + std::to_string(fault.body.size()) + "\r\n\r\n" +
           fault.body;
  }

  std::string redeem(const std::string& key, const Json& credit) {
    if (spent_.count(key) > 0) return "already_redeemed";
    if (!credit.is_null() && used_.count(credit) > 0) return "no_credit";
    if (nothing_to_reset_) return "nothing_to_reset";
    ++spent_[key];
    if (!credit.is_null()) used_.insert(credit);
    return "reset";
  }

  mutable std::mutex mutex_;
  std::condition_variable released_;
  int releases_ = 0;
  Fault fault_;
  bool nothing_to_reset_ = false;
  std::map<std::string, int> spent_;
  std::set<Json> used_;
  std::map<std::string, std::set<Json>> sent_with_;
  ScriptedServer server_;  // last: its threads use the others
};

// In memory where the machine has room for files there: a kill loses nothing that the kernel has, and how
// fast the disk is must not matter to thousands of commits.
std::filesystem::path folder_of_homes() {
  const std::filesystem::path memory = "/dev/shm";
  return access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    write_file(home_.file("auth.json"), chatgpt_sign_in().dump());
    write_file(home_.file("config.toml"), "chatgpt_base_url = \"http://127.0.0.1:" +
                                              std::to_string(service_.port()) + "/backend-api\"\n");
    for (int i = 0; i < kLiveKeys; ++i) keys_.push_back(fresh_key());
    restart();
  }

  void step() {
    if (chance(0.004)) restart();
    if (chance(0.01)) put_something_in_the_way();
    if (chance(0.05)) service_.set_nothing_to_reset(chance(0.3));
    Key& key = keys_[below(keys_.size())];
    if (chance(key.claim == Claim::kSpent ? 0.3 : 0.03)) {
      retire(key);
      key = fresh_key();
    }
    if (chance(0.05) && key.bound) {
      ask_with_another_credit(key);
    } else if (chance(0.01)) {
      kill_in_flight(key);
    } else {
      if (chance(0.25)) inject_fault();
      consume(key);
    }
  }

  // Compares what has been claimed with what the service knows.
  void audit() {
    const auto spent = service_.spent();
    for (const auto& [name, times] : spent) {
      EXPECT_EQ(times, 1) << name;
      EXPECT_TRUE(names_.count(name)) << name << " is nobody's key";
    }
    const auto check = [&](const Key& key) {
      const bool is_spent = spent.count(key.name) > 0;
      if (key.claim == Claim::kUnknown || key.claim == Claim::kOpen) return;
      EXPECT_EQ(is_spent, key.claim == Claim::kSpent) << key.name;
      ++audited_;
    };
    for (const Key& key : keys_) check(key);
    for (const Key& key : retired_) check(key);
    for (const auto& [name, credits] : service_.sent_with()) {
      EXPECT_EQ(credits.size(), 1U) << name << " was sent with several credits";
    }
    retired_.clear();
  }

  std::string summary() const {
    std::string text;
    for (const auto& [what, count] : counts_) text += what + " " + std::to_string(count) + ", ";
    return text + "audited " + std::to_string(audited_);
  }
  int count(const std::string& what) const {
    const auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  bool chance(double p) { return std::bernoulli_distribution(p)(random_); }
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }

  Key fresh_key() {
    Key key;
    key.name = "key-" + std::to_string(names_.size());
    names_.insert(key.name);
    if (chance(0.4)) key.credit = "credit-" + std::to_string(below(3000));
    return key;
  }

  void retire(const Key& key) { retired_.push_back(key); }

  // Ends the process, one way or another, and starts one; sometimes where files may not grow.
  void restart() {
    if (server_) {
      if (chance(0.5)) server_->send_signal(SIGKILL);
      server_->close_input();
      server_->wait();
    }
    const bool is_full = chance(0.15);
    const std::string limit = is_full ? "ulimit -f " + std::to_string(8 + below(400)) + "; " : "";
    server_ = std::make_unique<Process>(
        Arguments{"/bin/sh", "-c",
                  limit + "exec \"$0\" --log-level off app-server --consume-timeout-ms 250"
                          " --consume-retry-delay-ms 1",
                  program()},
        Environment{{"CODEX_HOME", home_.path()}});
    server_->write_line(
        R"({"id":0,"method":"initialize","params":{"clientInfo":{"name":"p","version":"1"},)"
        R"("capabilities":{"optOutNotificationMethods":["account/rateLimits/updated"]}}})");
    ASSERT_TRUE(server_->read_line());
    ++counts_[is_full ? "starts on a full disk" : "starts"];
  }

  // For one redemption, where the folder of the record should be there is a file.
  void put_something_in_the_way() {
    const std::filesystem::path state = home_.path() + "/state";
    const std::filesystem::path aside = home_.path() + "/state-aside";
    if (!std::filesystem::exists(state)) return;
    // At one stroke: a redemption that goes on from before would make the folder anew.
    const auto swap = [&] {
      ASSERT_EQ(renameat2(AT_FDCWD, state.c_str(), AT_FDCWD, aside.c_str(), RENAME_EXCHANGE), 0);
    };
    write_file(aside.string(), "in the way");
    swap();
    consume(keys_[below(keys_.size())]);
    swap();
    std::filesystem::remove(aside);
    ++counts_["times without a record"];
  }

  void inject_fault() {
    static const std::vector<Fault> kFaults = {{.status = 500, .body = "x"},
                                               {.status = 502, .body = "x"},
                                               {.status = 503, .body = "x"},
                                               {.status = 429, .body = "x"},
                                               {.status = 400, .body = "x"},
                                               {.status = 200, .body = "garbage"},
                                               {}};
    Fault fault = kFaults[below(kFaults.size())];
    fault.times = chance(0.04) ? 1'000'000 : 1 + static_cast<int>(below(3));
    // A refusal that is none would be a lie of the service.
    fault.applied = fault.status != 429 && fault.status != 400 && chance(0.5);
    fault.hold = chance(0.02);
    faulted_ = true;
    service_.inject(fault);
  }

  Json params_of(const Key& key) const {
    Json params = {{"idempotencyKey", key.name}};
    if (key.credit) params["creditId"] = *key.credit;
    return params;
  }

  Json ask(const Json& params) {
    server_->write_line(request(++last_id_, kConsume, params).dump());
    const auto line = server_->read_line();
    if (!line) throw std::runtime_error("the program ended");
    Json answer = Json::parse(*line);
    EXPECT_EQ(answer["id"], last_id_);
    return answer;
  }

  void consume(Key& key) {
    const Claim before = key.claim;
    const Json answer = ask(params_of(key));
    key.story += "\n  " + answer.dump();
    const bool faulted = std::exchange(faulted_, false);
    service_.let_go();
    if (answer.contains("result")) {
      const std::string outcome = answer["result"]["outcome"];
      ++counts_[outcome];
      key.bound = true;
      const bool spent = outcome == "reset" || outcome == "alreadyRedeemed";
      // A retry within the call finds out, too.
      const bool may_say_so = outcome == "alreadyRedeemed"
                                  ? before == Claim::kSpent || before == Claim::kUnknown ||
                                        before == Claim::kOpen || faulted
                                  : before != Claim::kSpent;
      EXPECT_TRUE(may_say_so) << key.name << ": " << outcome;
      key.claim = spent ? Claim::kSpent : Claim::kNotSpent;
      return;
    }
    const Json data = answer["error"]["data"];
    const std::string kind = data["kind"];
    ++counts_["error " + kind];
    EXPECT_NE(kind, "idempotencyMismatch") << answer;
    const bool unknown = data.value("outcomeUnknown", false);
    // A finished key is answered without the network: only the record itself can be in the way.
    if (before == Claim::kSpent) {
      EXPECT_TRUE(kind == "internal" || kind == "timeout") << answer;
      return;
    }
    if (before == Claim::kUnknown && kind != "internal") {
      // Once unknown, an error does not make it known. (Where there is no record to be read, or
      // another redemption is in the way, the error says nothing of the key.)
      EXPECT_TRUE(unknown || kind == "timeout") << answer;
    }
    if (unknown && kind == "timeout") {
      key.claim = Claim::kOpen;  // not bound: on a slow disk its time ends before it is on record
    } else if (unknown) {
      key.claim = Claim::kUnknown;
      key.bound = true;
    } else if (before == Claim::kOpen && kind != "internal" && kind != "timeout") {
      key.claim = Claim::kNotSpent;  // the record has been read, and nothing is unknown
    } else if (before == Claim::kNothing && kind != "internal") {
      key.claim = Claim::kNotSpent;
    }
  }

  void ask_with_another_credit(Key& key) {
    Json params = {{"idempotencyKey", key.name}};
    if (!key.credit || chance(0.5)) params["creditId"] = "credit-of-somebody-else";
    if (params.value("creditId", Json()) == (key.credit ? Json(*key.credit) : Json())) return;
    const Json answer = ask(params);
    ++counts_["asked with another credit"];
    key.story += "\n  with another credit: " + answer.dump();
    ASSERT_TRUE(answer.contains("error")) << key.name << key.story;
    const std::string kind = answer["error"]["data"]["kind"];
    // A slow machine may not have got to the record by the time that the client waits.
    EXPECT_TRUE(kind == "idempotencyMismatch" || kind == "internal" || kind == "timeout") << answer;
  }

  void kill_in_flight(Key& key) {
    server_->write_line(request(++last_id_, kConsume, params_of(key)).dump());
    server_->send_signal(SIGKILL);
    server_->wait();
    // It may have got to the end, and so to an outcome, of what was unknown before, too.
    if (key.claim != Claim::kSpent) key.claim = Claim::kOpen;
    key.story += "\n  killed over it";
    server_.reset();
    ++counts_["kills in flight"];
    restart();
  }

  std::mt19937 random_;
  const TemporaryFolder home_{folder_of_homes()};
  Service service_;
  std::unique_ptr<Process> server_;
  std::vector<Key> keys_;
  std::vector<Key> retired_;
  std::set<std::string> names_;
  std::map<std::string, int> counts_;
  bool faulted_ = false;
  int audited_ = 0;
  int last_id_ = 0;
};

// QUOTAD_SEED=N plays the same sequence again.
TEST(RedemptionProperty, NothingIsSpentTwiceAndNothingFalseIsTold) {
  const char* given = std::getenv("QUOTAD_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
  std::printf("seed %u\n", seed);
  World world(seed);
  for (int i = 1; i <= kSteps && !::testing::Test::HasFailure(); ++i) {
    world.step();
    if (i % kStepsBetweenAudits == 0) world.audit();
  }
  std::printf("%s\n", world.summary().c_str());
  EXPECT_FALSE(::testing::Test::HasFailure()) << "QUOTAD_SEED=" << seed;
  // The sequence has been somewhere.
  for (const char* what :
       {"reset", "alreadyRedeemed", "noCredit", "nothingToReset", "error timeout",
        "error backendStatus", "error backendUnreachable", "error backendPayload",
        "error rateLimited", "error internal", "kills in flight", "starts", "starts on a full disk",
        "times without a record", "asked with another credit"}) {
    EXPECT_GT(world.count(what), 0) << what;
  }
}

}  // namespace
}  // namespace quotad::testing
