#include "cli/flags.hpp"

#include <cstdint>

namespace quotad::cli {

void add_milliseconds(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                      const std::string& what) {
  app.add_option_function<std::uint32_t>(
         name, [&value](std::uint32_t given) { value = std::chrono::milliseconds(given); }, what)
      ->check(CLI::PositiveNumber)
      ->default_str(std::to_string(value.count()))
      ->type_name("MS");
}

CLI::Option* add_seconds(CLI::App& app, const std::string& name, std::chrono::seconds& value,
                         const std::string& what) {
  return app
      .add_option_function<std::uint32_t>(
          name, [&value](std::uint32_t given) { value = std::chrono::seconds(given); }, what)
      ->default_str(std::to_string(value.count()))
      ->type_name("SEC");
}

void add_count(CLI::App& app, const std::string& name, std::size_t& value,
               const std::string& what) {
  app.add_option(name, value, what)
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
}

void add_service_flags(CLI::App& command, daemon::AppServerOptions& options) {
  add_milliseconds(command, "--usage-timeout-ms", options.backend.usage_timeout,
                   "Time limit of the call for the usage windows");
  add_milliseconds(command, "--details-timeout-ms", options.backend.details_timeout,
                   "Time limit of the call for reset-credit details");
  add_milliseconds(command, "--consume-timeout-ms", options.redeemer.client_time,
                   "Time that a client waits for a redemption, retries included");
  add_milliseconds(command, "--consume-background-ms", options.redeemer.background_time,
                   "Time that the service is waited for, so that the record learns the outcome");
  add_milliseconds(command, "--consume-retry-delay-ms", options.redeemer.retry_delay,
                   "Pause before the first retry of a redemption; doubles with each");
  add_count(command, "--max-key-bytes", options.redeemer.max_key_bytes,
            "Longest idempotency key, and longest id of a credit");
  add_milliseconds(command, "--profile-timeout-ms", options.backend.profile_timeout,
                   "Time limit of the call for the token usage");
  add_milliseconds(command, "--thread-usage-timeout-ms", options.backend.thread_usage_timeout,
                   "Time limit of the call for a thread's usage");
  add_milliseconds(command, "--auth-timeout-ms", options.sign_in.api.timeout,
                   "Time limit of each call to the sign-in service, for example to renew tokens");
  add_milliseconds(command, "--refresh-retry-delay-ms", options.sign_in.refresh_retry_delay,
                   "Pause after a failed attempt to renew tokens; doubles with each, up to 5 min");
  add_milliseconds(command, "--auth-file-wait-ms", options.sign_in.half_written_wait,
                   "How long an auth.json that holds no JSON counts as not yet written");
  add_count(command, "--max-upstream-connections", options.backend.max_connections,
            "Most connections to the service at a time");
  command
      .add_option("--circuit-failures", options.backend.circuit.failures,
                  "Failures of an endpoint of the service in a row before it is left alone for a "
                  "while; 0: it never is")
      ->capture_default_str()
      ->type_name("N");
  add_milliseconds(command, "--circuit-delay-ms", options.backend.circuit.delay,
                   "How long, at first; doubles with each further failure");
  add_milliseconds(command, "--circuit-longest-delay-ms", options.backend.circuit.longest_delay,
                   "How long at most");
  add_seconds(command, "--max-retry-after-sec", options.backend.circuit.longest_retry_after,
              "Longest time that the service is left alone where it asks for it; 0: not at all");
  add_count(command, "--max-body-bytes", options.backend.max_body_bytes,
            "Largest answer that is taken from the service");
  add_count(command, "--max-error-body-bytes", options.backend.max_error_body_bytes,
            "Most of the service's answer that an error repeats");
  add_count(command, "--max-body-depth", options.backend.max_depth,
            "Most arrays and objects inside each other in the service's answer");
}

}  // namespace quotad::cli
