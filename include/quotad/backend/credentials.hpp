// What one call to the service is authorised with.
#pragma once

#include <string>

namespace quotad::backend {

struct Credentials {
  std::string authorization;  // the whole value of the header: "Bearer …"
  std::string account_id;     // ChatGPT-Account-Id; empty leaves the header out
  bool fedramp = false;       // X-OpenAI-Fedramp: true
};

}  // namespace quotad::backend
