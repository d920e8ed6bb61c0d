// What a test and the program said to each other, kept in files, so that every answer that the
// tests see can be checked against the generated schemas (tests/typings/answers.cjs).
#pragma once

#include <string>
#include <string_view>

#include "harness/secrets.hpp"

namespace quotad::testing {

class Transcript {
 public:
  // Keeps nothing unless QUOTAD_TRANSCRIPTS names a folder.
  Transcript();
  // Writes NAME.sent and NAME.received, named after the test that runs.
  ~Transcript();
  Transcript(const Transcript&) = delete;
  Transcript& operator=(const Transcript&) = delete;

  void sent(std::string_view bytes) {
    note_secrets_sent(bytes);
    keep(sent_, bytes);
  }
  void received(std::string_view bytes) { keep(received_, bytes); }

 private:
  void keep(std::string& text, std::string_view bytes) const {
    if (!folder_.empty()) text += bytes;
  }

  std::string folder_;
  std::string sent_;
  std::string received_;
};

}  // namespace quotad::testing
