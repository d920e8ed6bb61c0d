// The service as a case scripts it, one for each program under test.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "conformance/case.hpp"
#include "harness/scripted_server.hpp"

namespace quotad::conformance {

class Service {
 public:
  Service();
  // Ends the wait of whoever waits here.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::string url() const;

  // Answers as the case says, and forgets earlier requests.
  void play(const Case& test);
  // Lets go of what is held; its connections are closed without an answer.
  void release();
  // The requests since `play`, each as {method, path, body, authorization, …}, in a fixed order.
  Json requests() const;
  bool has_seen(Route route) const;
  // From now on nothing is answered, and connections are refused: the service is gone.
  void stop();
  bool stopped() const;

 private:
  std::string answer(const std::string& request);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Route, Reply> replies_;
  std::vector<Json> requests_;
  std::map<Route, int> seen_;
  bool released_ = false;
  bool stopped_ = false;
  testing::ScriptedServer server_;  // last: its threads use the others
};

}  // namespace quotad::conformance
