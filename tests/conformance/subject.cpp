#include "conformance/subject.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <regex>
#include <stdexcept>
#include <utility>

namespace quotad::conformance {
namespace {

const char* const kInitialize =
    R"({"id":"hello","method":"initialize","params":{"clientInfo":{"name":"t","version":"1"},)"
    // For this one quotad would ask the service for the limits after each reset.
    R"("capabilities":{"optOutNotificationMethods":["account/rateLimits/updated"]}}})";
// Answered at once, whatever else is under way, and after everything that is dropped.
const char* const kLast = R"({"id":"last","method":"the/last"})";

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  if (what.empty()) return;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
}

Json sorted_by_id(std::vector<Json> answers) {
  std::stable_sort(answers.begin(), answers.end(), [](const Json& a, const Json& b) {
    const auto key = [](const Json& answer) {
      return answer.is_object() && answer.contains("id") ? answer["id"].dump() : answer.dump();
    };
    return key(a) < key(b);
  });
  return answers;
}

// Whether it is what the program says on its own; kept if it is of a kind that both have.
bool take_notification(const Json& message, Observation& seen) {
  if (!message.is_object() || !message.contains("method")) return false;
  const std::string method = message["method"];
  if (method != "account/updated" && method != "account/login/completed" &&
      method != "account/rateLimits/updated") {
    return true;
  }
  Json kept = message;
  if (const Json time = message.value("emittedAtMs", Json()); time.is_number_integer()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto age = std::chrono::duration_cast<std::chrono::hours>(
        now - std::chrono::milliseconds(time.get<std::int64_t>()));
    if (age.count() == 0) kept["emittedAtMs"] = "NOW";
  }
  seen.notifications.push_back(std::move(kept));
  return true;
}

// The reference warns of homes in a temporary folder, which is where a clone may lie.
std::string without_folder_warning(const std::string& said) {
  static const std::regex warning(
      "(^|\n)WARNING: proceeding, even though we could not create PATH aliases[^\n]*\n");
  return std::regex_replace(said, warning, "$1");
}

}  // namespace

Subject::Subject(Kind kind, std::string program, std::string homes, std::string states)
    : kind_(kind),
      program_(std::move(program)),
      homes_(std::move(homes)),
      states_(std::move(states)),
      worlds_(all_worlds()) {}

Observation Subject::run(const Case& test) {
  const World& world = world_of(test);
  service_.play(test);
  Observation seen;
  try {
    if (!test.command.empty()) {
      seen.answers.push_back(run_command(test, world));
    } else if (test.own_process || test.ends_input) {
      const auto process = start(world, make_home(world));
      if (test.ends_input) shake_hands(*process);
      speak(*process, test, seen);
    } else {
      speak(process_of(world), test, seen);
    }
  } catch (const std::exception& error) {
    service_.release();
    fail(test, error.what());
  }
  for (const Route route : test.reaches) {
    if (!service_.has_seen(route)) {
      fail(test,
           "it did not ask the service for what the case is about; is the service gone? It "
           "said: " +
               seen.answers.dump().substr(0, 500));
    }
  }
  service_.release();
  seen.answers = plain(std::move(seen.answers), test);
  seen.notifications = plain(std::move(seen.notifications), test);
  if (test.compare_requests) seen.requests = plain(service_.requests(), test);
  return seen;
}

void Subject::kill_program() {
  for (auto& [name, running] : running_) running.process->send_signal(SIGKILL);
}

const World& Subject::world_of(const Case& test) const {
  const auto found = std::find_if(worlds_.begin(), worlds_.end(),
                                  [&](const World& world) { return world.name == test.world; });
  if (found == worlds_.end()) fail(test, "there is no world " + test.world);
  return *found;
}

std::string Subject::make_home(const World& world) {
  const std::string home = homes_ + "/" + std::to_string(++made_homes_);
  std::filesystem::create_directories(home);
  std::filesystem::permissions(home, std::filesystem::perms::owner_all);
  testing::write_file(home + "/config.toml", "chatgpt_base_url = \"" + service_.url() + world.base +
                                                 "\"\ncli_auth_credentials_store = \"file\"\n");
  if (!world.auth.empty()) {
    testing::write_file(home + "/auth.json", world.auth);
    std::filesystem::permissions(home + "/auth.json", std::filesystem::perms::owner_read |
                                                          std::filesystem::perms::owner_write);
  }
  return home;
}

std::unique_ptr<testing::Process> Subject::start(const World& world,
                                                 const std::string& home) const {
  std::vector<std::string> command{program_, "app-server"};
  if (kind_ == Kind::kQuotad) {
    // The reference asks a service again however often that has failed.
    command.insert(command.end(), {"--circuit-failures", "0", "--max-retry-after-sec", "0"});
    command.insert(command.end(), world.flags.begin(), world.flags.end());
  }
  return std::make_unique<testing::Process>(command, environment_of(world, home));
}

std::map<std::string, std::string> Subject::environment_of(const World& world,
                                                           const std::string& home) const {
  // A proxy that is not there keeps the reference's other traffic on this machine.
  const std::string nowhere = "http://127.0.0.1:9";
  std::map<std::string, std::string> environment = world.environment;
  environment.insert({{"CODEX_HOME", home},
                      {"QUOTAD_STATE_HOME", states_ + home.substr(homes_.size())},
                      {"CODEX_REFRESH_TOKEN_URL_OVERRIDE", service_.url() + "/oauth/token"},
                      {"CODEX_AUTHAPI_BASE_URL", service_.url() + "/authapi"},
                      {"HTTPS_PROXY", nowhere},
                      {"HTTP_PROXY", nowhere},
                      {"NO_PROXY", "127.0.0.1"}});
  return environment;
}

Json Subject::run_command(const Case& test, const World& world) {
  const std::string home = make_home(world);
  std::filesystem::create_directories(homes_ + "/bin");
  const std::string called = homes_ + "/bin/codex";
  if (!std::filesystem::exists(called)) {
    std::filesystem::create_symlink(std::filesystem::absolute(program_), called);
  }
  std::vector<std::string> command{called};
  command.insert(command.end(), test.command.begin(), test.command.end());
  std::map<std::string, std::string> environment = environment_of(world, home);
  // What stands in a log is each one's own.
  environment["RUST_LOG"] = "off";
  environment["QUOTAD_LOG"] = "off";
  testing::Process process(command, environment);
  process.close_input();
  const bool serves = std::count(test.command.begin(), test.command.end(), "--listen") > 0;
  std::string said;
  while (serves) {
    const auto line = process.read_error_line();
    if (!line) break;
    said += *line + "\n";
    if (line->find("note: ") == std::string::npos) continue;
    process.send_signal(SIGTERM);
    break;
  }
  said += process.read_error_rest();
  Json seen = {{"stdout", process.read_rest()}, {"stderr", without_folder_warning(said)}};
  const int exit_code = process.wait();
  if (!serves) seen["exitCode"] = exit_code;  // it may be ended before it knows how to end
  return seen;
}

testing::Process& Subject::process_of(const World& world) {
  Running& running = running_[world.name];
  if (!running.process) {
    running.home = make_home(world);
    running.process = start(world, running.home);
    shake_hands(*running.process);
  }
  return *running.process;
}

void Subject::shake_hands(testing::Process& process) {
  process.write_line(kInitialize);
  process.write_line(R"({"method":"initialized"})");
  if (!process.read_line()) throw std::runtime_error("it ended before it said hello");
}

void Subject::speak(testing::Process& process, const Case& test, Observation& seen) {
  for (const std::string& line : test.lines) process.write_line(line);
  if (!test.ends_input) {
    read_answers(process, test, seen);
    return;
  }
  process.close_input();
  // The reference stops without its answers; quotad waits for them.
  if (kind_ == Kind::kQuotad) service_.release();
  read_to_the_end(process, seen);
}

int Subject::answers_due(const Case& test) const {
  return kind_ == Kind::kReference ? test.answers - test.dropped_by_reference : test.answers;
}

void Subject::read_answers(testing::Process& process, const Case& test, Observation& seen) {
  process.write_line(kLast);
  std::vector<Json> answers;
  bool last_seen = false;
  while (!last_seen || static_cast<int>(answers.size()) < answers_due(test) ||
         static_cast<int>(seen.notifications.size()) < test.notifications) {
    const auto line = process.read_line();
    if (!line) {
      throw std::runtime_error("it ended in the middle of the case; stderr: " +
                               process.read_error_rest());
    }
    Json message = Json::parse(*line);
    if (take_notification(message, seen)) continue;
    const bool is_last = message.is_object() && message.value("id", Json()) == "last";
    if (is_last) {
      last_seen = true;
    } else {
      answers.push_back(std::move(message));
    }
  }
  seen.answers = sorted_by_id(std::move(answers));
}

void Subject::read_to_the_end(testing::Process& process, Observation& seen) {
  std::vector<Json> answers;
  while (const auto line = process.read_line()) {
    Json message = Json::parse(*line);
    if (!take_notification(message, seen)) answers.push_back(std::move(message));
  }
  process.wait();
  seen.answers = sorted_by_id(std::move(answers));
}

// With words in place of what differs from run to run and from program to program.
Json Subject::plain(Json value, const Case& test) const {
  if (value.is_structured()) {
    for (auto& member : value) member = plain(std::move(member), test);
    return value;
  }
  if (value.is_number_integer()) {
    constexpr std::int64_t kSlack = 30;  // for a program that is slow to answer
    for (const std::int64_t seconds : test.ahead) {
      const std::int64_t from_now = value.get<std::int64_t>() - std::time(nullptr);
      if (from_now <= seconds && from_now > seconds - kSlack) return ahead(seconds);
    }
  }
  if (!value.is_string()) return value;
  auto text = value.get<std::string>();
  replace_all(text, service_.url(), "http://SERVICE");
  // Errors repeat what the service said, word for word; a long body is told by its name.
  constexpr std::size_t kLong = 100;
  for (const auto& [route, reply] : test.replies) {
    if (reply.body.size() >= kLong) replace_all(text, reply.body, "BODY");
  }
  static const std::regex agent(R"(^(\S*/0\.171\.0) \([^)]*\) \S+ \((.*)\)$)");
  text = std::regex_replace(text, agent, "$1 (SYSTEM) PROGRAM ($2)");
  static const std::regex number("[0-9]+");
  if (text.rfind(homes_ + "/", 0) == 0 &&
      std::regex_match(text.substr(homes_.size() + 1), number)) {
    text = "HOME";
  }
  static const std::regex port(R"(((?:ws|http)://127\.0\.0\.1:)[0-9]+)");
  text = std::regex_replace(text, port, "$1PORT");
  if (!test.command.empty()) replace_all(text, homes_ + "/" + std::to_string(made_homes_), "HOME");
  // What a JSON parser says of a text that it cannot read is its own.
  static const std::regex parser(R"((Decode error for \S+: )[^;]*(; content-type=))");
  text = std::regex_replace(text, parser, "$1WORDS$2");
  // The list of every method that the reference has is 3 kB long.
  const std::size_t list = text.find(", expected one of `");
  if (list != std::string::npos && text.size() > 2000) text = text.substr(0, list) + ", LIST";
  return text;
}

void Subject::fail(const Case& test, const std::string& what) const {
  throw std::runtime_error(std::string(name()) + ", case \"" + full_name(test) + "\": " + what);
}

}  // namespace quotad::conformance
