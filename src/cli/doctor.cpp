// `quotad doctor`: whether a reading would work, and with what it would be made.

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "account/mapping.hpp"
#include "account/redeemer.hpp"
#include "account/service.hpp"
#include "backend/rfc3339.hpp"
#include "cli/commands.hpp"
#include "cli/words.hpp"
#include "daemon/signals.hpp"
#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/error.hpp"
#include "storage/sqlite/ledger.hpp"
#include "system/clock.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

using protocol::OrderedJson;

struct Options {
  bool json = false;
  bool offline = false;  // judge by what is on this machine
};

constexpr int kInterrupted = 130;

// What is known of the service after asking it.
struct Answer {
  bool was_asked = false;
  std::optional<std::string> problem;
  std::int64_t milliseconds = 0;
};

struct Findings {
  auth::SignIn sign_in;
  std::string source;
  std::optional<std::string> renewal_obstacle;
  std::optional<std::string> base_url_problem;
  std::string base_url;
  std::string proxy;         // "" for none
  std::string certificates;  // a file or a folder; "" for the system's
  std::optional<std::string> certificates_problem;
  Answer answer;
  std::filesystem::path record;
  bool has_record = false;
  std::size_t open_redemptions = 0;
  std::optional<std::string> record_problem;

  bool would_work() const {
    const std::int64_t now = system::unix_now();
    const bool has_run_out = sign_in.expires_at && *sign_in.expires_at <= now && renewal_obstacle;
    return sign_in.serves_calls() && !has_run_out && !base_url_problem && !certificates_problem &&
           !answer.problem;
  }
};

std::string kind_of(const auth::SignIn& sign_in) {
  const auto mode = account::to_auth_status(sign_in, /*include_token=*/false).auth_method;
  return mode ? std::string(protocol::wire_name(*mode)) : "none";
}

// The proxy that libcurl takes for `url`: the variables that it reads, in its order; none without TLS.
std::string find_proxy(const std::string& url, const daemon::GetEnv& getenv) {
  if (backend::is_loopback_url(url) && url.rfind("https:", 0) != 0) return "";
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const char* value = getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string found = backend::without_user(value) + " (" + name + ")";
    for (const char* exception : {"no_proxy", "NO_PROXY"}) {
      const char* hosts = getenv(exception);
      if (hosts != nullptr && *hosts != '\0') {
        return found + ", but not for " + hosts + " (" + exception + ")";
      }
    }
    return found;
  }
  return "";
}

void look_at_certificates(Findings& findings, const backend::ClientOptions& options) {
  for (const std::string& place : {options.ca_file, options.ca_dir}) {
    if (place.empty()) continue;
    findings.certificates += (findings.certificates.empty() ? "" : ", ") + place;
    if (access(place.c_str(), R_OK) != 0) {
      findings.certificates_problem = "cannot read " + place +
                                      "; see CODEX_CA_CERTIFICATE, "
                                      "SSL_CERT_FILE and SSL_CERT_DIR";
    }
  }
}

void look_at_record(Findings& findings, const daemon::Config& config) {
  findings.record = config.state_home;
  try {
    storage::SqliteLedger ledger(config.state_home);
    findings.has_record = ledger.exists();
    constexpr std::size_t kAll = 1'000'000;
    if (findings.has_record) {
      findings.open_redemptions =
          account::list_redemptions(ledger, {.limit = kAll, .only_open = true}).size();
    }
  } catch (const protocol::Error& error) {
    findings.record_problem = error.data().detail.value_or(error.what());
  }
}

// Reads the limits as a client would.
asio::awaitable<void> read_then_settle(account::Service& service,
                                       auth::CredentialStore& credentials, Answer& answer) {
  protocol::GetAccountRateLimitsParams params;
  params.exclude_reset_credit_details = true;
  const auto start = std::chrono::steady_clock::now();
  try {
    co_await service.read_rate_limits(params);
  } catch (const protocol::Error& error) {
    answer.problem = error.what();
    if (error.data().detail) *answer.problem += ": " + *error.data().detail;
  }
  answer.milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::steady_clock::now() - start)
                            .count();
  co_await credentials.settled();
}

Answer ask_service(asio::io_context& context, const daemon::Config& config,
                   const daemon::AppServerOptions& options, auth::CredentialStore& credentials) {
  backend::Client backend(context.get_executor(), daemon::backend_options(config, options));
  account::Service service(context.get_executor(), credentials, backend,
                           std::make_unique<storage::SqliteLedger>(config.state_home), {});
  Answer answer{.was_asked = true, .problem = std::nullopt};
  // A renewal of tokens that is cut off would sign everybody out.
  std::unique_ptr<daemon::StopSignals> signals;
  const auto end = [&](int exit_code) {
    asio::co_spawn(context, credentials.settled(),
                   [exit_code](const std::exception_ptr&) { std::_Exit(exit_code); });
  };
  signals = std::make_unique<daemon::StopSignals>(
      context.get_executor(), std::chrono::hours(1), [&] { end(kInterrupted); }, [] {}, end);
  asio::co_spawn(context, read_then_settle(service, credentials, answer),
                 [&](const std::exception_ptr&) { signals->cancel(); });
  context.run();
  return answer;
}

OrderedJson text_or_null(const std::optional<std::string>& text) {
  return text ? OrderedJson(*text) : OrderedJson(nullptr);
}

OrderedJson time_or_null(const std::optional<std::int64_t>& time) {
  return time ? OrderedJson(backend::format_rfc3339(*time)) : OrderedJson(nullptr);
}

void print_json(const Findings& findings) {
  const auth::SignIn& sign_in = findings.sign_in;
  OrderedJson credentials;
  credentials["source"] = findings.source;
  credentials["kind"] = kind_of(sign_in);
  credentials["account"] =
      sign_in.account_id ? OrderedJson(short_account(*sign_in.account_id)) : OrderedJson(nullptr);
  credentials["plan"] = text_or_null(sign_in.plan_type);
  credentials["expiresAt"] = time_or_null(sign_in.expires_at);
  credentials["renewedAt"] = time_or_null(sign_in.refreshed_at);
  credentials["renewalProblem"] = text_or_null(findings.renewal_obstacle);
  credentials["problem"] = text_or_null(sign_in.problem);
  OrderedJson service;
  service["baseUrl"] = findings.base_url;
  service["baseUrlProblem"] = text_or_null(findings.base_url_problem);
  service["proxy"] = findings.proxy.empty() ? OrderedJson(nullptr) : OrderedJson(findings.proxy);
  service["certificates"] =
      findings.certificates.empty() ? OrderedJson(nullptr) : OrderedJson(findings.certificates);
  service["certificatesProblem"] = text_or_null(findings.certificates_problem);
  service["wasAsked"] = findings.answer.was_asked;
  service["milliseconds"] =
      findings.answer.was_asked ? OrderedJson(findings.answer.milliseconds) : OrderedJson(nullptr);
  service["problem"] = text_or_null(findings.answer.problem);
  OrderedJson record;
  record["folder"] = findings.record.string();
  record["exists"] = findings.has_record;
  record["openRedemptions"] = findings.open_redemptions;
  record["problem"] = text_or_null(findings.record_problem);
  OrderedJson all;
  all["ok"] = findings.would_work();
  all["credentials"] = std::move(credentials);
  all["service"] = std::move(service);
  all["record"] = std::move(record);
  std::printf("%s\n", all.dump(2, ' ', false, OrderedJson::error_handler_t::replace).c_str());
}

// "2026-11-21T12:00:00Z, in 9 h"
std::string expiry_words(const Findings& findings) {
  const auto& expires_at = findings.sign_in.expires_at;
  if (!expires_at) return "not told";
  constexpr std::int64_t kHour = 3'600;
  const std::int64_t left = *expires_at - system::unix_now();
  std::string words = backend::format_rfc3339(*expires_at);
  if (left <= 0) {
    words += ", which is over";
  } else {
    words += left < kHour ? ", in " + std::to_string(left / 60) + " min"
                          : ", in " + std::to_string(left / kHour) + " h";
  }
  return words + (findings.renewal_obstacle ? "; cannot be renewed: " + *findings.renewal_obstacle
                                            : "; renewed when needed");
}

std::string record_words(const Findings& findings) {
  if (findings.record_problem) return *findings.record_problem;
  const std::string folder = findings.record.string();
  if (!findings.has_record) return "none yet, in " + folder;
  if (findings.open_redemptions == 0) return "in " + folder + "; nothing is unfinished";
  return "in " + folder + "; " + std::to_string(findings.open_redemptions) +
         " unfinished: see quotad redemptions";
}

void print_words(const Findings& findings) {
  const auth::SignIn& sign_in = findings.sign_in;
  const auto line = [](const char* name, const std::string& words) {
    std::printf("%-13s %s\n", name, words.c_str());
  };
  line("credentials", findings.source);
  std::string kind = kind_of(sign_in);
  if (sign_in.kind == auth::SignIn::Kind::kNone) {
    kind += ": " + sign_in.problem.value_or("nobody is signed in; run `codex login`");
  }
  line("kind", kind);
  if (sign_in.serves_calls()) {
    line("account", (sign_in.account_id ? short_account(*sign_in.account_id) : "not told") +
                        ", plan " + sign_in.plan_type.value_or("not told"));
  }
  if (sign_in.kind == auth::SignIn::Kind::kChatgpt) line("expires", expiry_words(findings));
  line("service",
       findings.base_url + (findings.base_url_problem ? ", " + *findings.base_url_problem : ""));
  line("proxy", findings.proxy.empty() ? "none" : findings.proxy);
  line("certificates", findings.certificates_problem.value_or(
                           findings.certificates.empty() ? "the system's" : findings.certificates));
  if (findings.answer.problem) {
    line("reading", *findings.answer.problem);
  } else {
    line("reading", findings.answer.was_asked
                        ? "answered in " + std::to_string(findings.answer.milliseconds) + " ms"
                        : "not tried (--offline)");
  }
  line("record", record_words(findings));
  line("result", findings.would_work() ? "a reading works" : "a reading does not work");
}

// Prints what it finds, without any secret: of an account the last four characters. Gives 0 only if a
// reading works, or, offline, nothing speaks against it.
int examine(Program& program, const Options& options) {
  const daemon::Config config = program.configure();
  const daemon::AppServerOptions& server = program.server;
  asio::io_context context(1);
  auth::Common common(context.get_executor(), daemon::sign_in_options(server));
  auth::CredentialStore credentials(common, config.codex_home, config.store_mode, config.problem,
                                    server.own_account);
  Findings findings;
  findings.source = credentials.source();
  const std::string base_url = backend::resolve_base_url(config.base_url);
  findings.base_url = backend::without_user(base_url);
  findings.proxy = find_proxy(base_url, program.getenv);
  if (const auto why_not = backend::why_not_sent_to(base_url)) {
    findings.base_url_problem = "which " + *why_not + "; see chatgpt_base_url";
  }
  look_at_certificates(findings, server.backend);
  look_at_record(findings, config);
  if (!options.offline) findings.answer = ask_service(context, config, server, credentials);
  findings.sign_in = credentials.glance();
  // Whose a personal access token is, the reading has found out.
  if (!options.offline && findings.sign_in.serves_calls()) {
    context.restart();
    asio::co_spawn(
        context, credentials.who(),
        [&](const std::exception_ptr& error, const std::shared_ptr<const auth::SignIn>& sign_in) {
          if (!error) findings.sign_in = *sign_in;
        });
    context.run();
  }
  if (findings.sign_in.kind == auth::SignIn::Kind::kChatgpt) {
    findings.renewal_obstacle = credentials.renewal_obstacle();
  }
  if (options.json) {
    print_json(findings);
  } else {
    print_words(findings);
  }
  return findings.would_work() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

void add_doctor(Program& program) {
  CLI::App* command =
      program.add("doctor", "Tell whether a reading would work, and what it would be made with");
  const auto options = std::make_shared<Options>();
  command->add_flag("--json", options->json, "Print JSON");
  command->add_flag("--offline", options->offline, "Do not ask the service");
  program.on(command, [&program, options] { return examine(program, *options); });
}

}  // namespace quotad::cli
