// What one call to the service is authorised with.
#pragma once

#include <string>
#include <vector>

namespace quotad::backend {

struct Credentials {
  std::string authorization;  // the whole value of the header: "Bearer …"
  std::string account_id;     // ChatGPT-Account-Id; empty leaves the header out
  bool fedramp = false;       // X-OpenAI-Fedramp: true
  // Not sent. What an error must not repeat, beside the above: ids of the person.
  std::vector<std::string> confidential;
};

}  // namespace quotad::backend
