// A program under test, with its own service and its own homes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "conformance/case.hpp"
#include "conformance/service.hpp"
#include "harness/process.hpp"

namespace quotad::conformance {

// What a program said in a case, and what it asked the service for. Ports, folders and versions of
// its own are replaced by words.
struct Observation {
  Json answers = Json::array();  // in the order of their ids
  Json requests = Json::array();
  Json notifications = Json::array();  // those that quotad has too, in the order in which they came
};

class Subject {
 public:
  enum class Kind { kReference, kQuotad };

  // `homes` is a folder for its CODEX_HOMEs; the reference refuses to live below a temporary one.
  // `states` is one for quotad's records.
  Subject(Kind kind, std::string program, std::string homes, std::string states);

  // Throws std::runtime_error that names the case when the program ends, or is silent too long, or
  // never asks the service for what the case is about.
  Observation run(const Case& test);

  const char* name() const { return kind_ == Kind::kReference ? "the reference" : "quotad"; }

  // For the tests of the suite itself.
  void kill_program();
  void kill_service() { service_.stop(); }

 private:
  struct Running {
    std::string home;
    std::unique_ptr<testing::Process> process;
  };

  std::string make_home(const World& world);
  std::map<std::string, std::string> environment_of(const World& world,
                                                    const std::string& home) const;
  std::unique_ptr<testing::Process> start(const World& world, const std::string& home) const;
  Json run_command(const Case& test, const World& world);
  testing::Process& process_of(const World& world);
  const World& world_of(const Case& test) const;
  int answers_due(const Case& test) const;
  static void shake_hands(testing::Process& process);
  void speak(testing::Process& process, const Case& test, Observation& seen);
  void read_answers(testing::Process& process, const Case& test, Observation& seen);
  void read_to_the_end(testing::Process& process, Observation& seen);
  Json plain(Json value, const Case& test) const;
  [[noreturn]] void fail(const Case& test, const std::string& what) const;

  Kind kind_;
  std::string program_;
  std::string homes_;
  std::string states_;
  std::vector<World> worlds_;
  std::map<std::string, Running> running_;
  int made_homes_ = 0;
  Service service_;
};

}  // namespace quotad::conformance
