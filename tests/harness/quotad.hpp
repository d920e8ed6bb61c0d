// The built program as tests use it: a simulated service, and an app-server in front of it.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/paths.hpp"
#include "harness/process.hpp"

namespace quotad::testing {

using Json = nlohmann::json;
using Arguments = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// One request to 127.0.0.1:`port`, with a connection of its own.
HttpAnswer http(const std::string& method, std::uint16_t port, const std::string& target,
                const std::string& body = "", const Environment& headers = {});

// `quotad simulate`, and a Codex home that is signed in to it.
class Simulator {
 public:
  Simulator();
  // Starts with a scenario in place of the built-in one, and with more arguments.
  explicit Simulator(const Json& scenario, const Arguments& arguments = {});

  const std::string& url() const { return url_; }
  std::uint16_t port() const;
  const std::string& home() const { return home_; }
  std::string home_file(const std::string& name) const { return home_ + "/" + name; }

  // See docs/simulator.md.
  void fault(const Json& faults) const;
  void release(const std::string& hold) const;
  void load(const Json& scenario) const;
  Json state() const;
  // What it was asked on `route`; waits until there are `at_least` in that `state`.
  Json calls(const std::string& route, std::size_t at_least = 0,
             const std::string& state = "") const;

 private:
  void start(const Arguments& arguments);
  Json control(const std::string& method, const std::string& target,
               const Json& body = nullptr) const;

  TemporaryFolder folder_;
  std::string home_;
  std::string url_;
  std::optional<Process> process_;
};

// `environment`, with the simulator for the sign-in service, too.
Environment at_simulator(const Simulator& simulator, Environment environment = {});

// `quotad app-server`, spoken to over stdio unless the arguments say otherwise.
class AppServer {
 public:
  explicit AppServer(const std::string& codex_home, const Arguments& arguments = {},
                     const Environment& environment = {});
  explicit AppServer(const Simulator& simulator, const Arguments& arguments = {},
                     const Environment& environment = {})
      : AppServer(simulator.home(), arguments, at_simulator(simulator, environment)) {}

  Process& process() { return process_; }

  // Sends `message` as a line.
  void send(const Json& message);
  // The next message.
  Json receive();
  // The next message, which is one that the server sends on its own.
  Json told();
  // The answer to a request with a new id; notifications that come first are passed over, other
  // answers are an error.
  Json ask(const std::string& method, const Json& params = nullptr);
  // The handshake; `opt_out` are notifications that are not wanted.
  void initialize(bool v2 = false, const Json& opt_out = Json::array());
  // Reads stderr up to "listening on: URL", with the lines that belong to a WebSocket's, and gives the URL.
  std::string listening_on();
  // No more requests; gives the exit code.
  int finish();

 private:
  Process process_;
  int last_id_ = 1000;
  bool v2_ = false;
};

// A notification of the server without the time at which it was sent, which it must have.
Json unstamped(Json notification);

// The port in "ws://127.0.0.1:PORT" or "http://127.0.0.1:PORT".
std::uint16_t port_of(const std::string& url);

// What is asked for in "ws://127.0.0.1:PORT/?token=…": "/?token=…", or "/" if nothing is.
std::string target_of(const std::string& url);

// A request of the lite dialect.
Json request(const Json& id, const std::string& method, const Json& params = nullptr);

extern const char* const kInitialize;  // a line

}  // namespace quotad::testing
