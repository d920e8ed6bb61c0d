#include "conformance/subject.hpp"

#include <algorithm>
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
    if (test.own_process || test.ends_input) {
      const auto process = start(world, make_home(world));
      if (test.ends_input) shake_hands(*process);
      seen.answers = speak(*process, test);
    } else {
      seen.answers = speak(process_of(world), test);
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
  // A proxy that is not there keeps the reference's other traffic on this machine.
  const std::string nowhere = "http://127.0.0.1:9";
  return std::make_unique<testing::Process>(
      command, std::map<std::string, std::string>{
                   {"CODEX_HOME", home},
                   {"QUOTAD_STATE_HOME", states_ + home.substr(homes_.size())},
                   {"CODEX_REFRESH_TOKEN_URL_OVERRIDE", service_.url() + "/oauth/token"},
                   {"HTTPS_PROXY", nowhere},
                   {"HTTP_PROXY", nowhere},
                   {"NO_PROXY", "127.0.0.1"}});
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

Json Subject::speak(testing::Process& process, const Case& test) {
  for (const std::string& line : test.lines) process.write_line(line);
  if (!test.ends_input) return read_answers(process, test);
  process.close_input();
  // The reference stops without its answers; quotad waits for them.
  if (kind_ == Kind::kQuotad) service_.release();
  return read_to_the_end(process);
}

int Subject::answers_due(const Case& test) const {
  return kind_ == Kind::kReference ? test.answers - test.dropped_by_reference : test.answers;
}

Json Subject::read_answers(testing::Process& process, const Case& test) {
  process.write_line(kLast);
  std::vector<Json> answers;
  bool last_seen = false;
  while (!last_seen || static_cast<int>(answers.size()) < answers_due(test)) {
    const auto line = process.read_line();
    if (!line) {
      throw std::runtime_error("it ended in the middle of the case; stderr: " +
                               process.read_error_rest());
    }
    Json message = Json::parse(*line);
    if (message.is_object() && message.contains("method")) continue;  // it speaks on its own
    const bool is_last = message.is_object() && message.value("id", Json()) == "last";
    if (is_last) {
      last_seen = true;
    } else {
      answers.push_back(std::move(message));
    }
  }
  return sorted_by_id(std::move(answers));
}

Json Subject::read_to_the_end(testing::Process& process) {
  std::vector<Json> answers;
  while (const auto line = process.read_line()) {
    Json message = Json::parse(*line);
    if (!message.is_object() || !message.contains("method")) answers.push_back(std::move(message));
  }
  process.wait();
  return sorted_by_id(std::move(answers));
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
  static const std::regex agent(R"(^(\S*/0\.169\.0) \([^)]*\) \S+ \((.*)\)$)");
  text = std::regex_replace(text, agent, "$1 (SYSTEM) PROGRAM ($2)");
  static const std::regex number("[0-9]+");
  if (text.rfind(homes_ + "/", 0) == 0 &&
      std::regex_match(text.substr(homes_.size() + 1), number)) {
    text = "HOME";
  }
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
