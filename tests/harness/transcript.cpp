#include "harness/transcript.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "harness/process.hpp"

namespace quotad::testing {
namespace {

// "Suite.Test.3": the third of its test.
std::string next_name() {
  static int count = 0;
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = test == nullptr ? std::string("none")
                                     : std::string(test->test_suite_name()) + "." + test->name();
  for (char& c : name) {
    if (c == '/') c = '-';
  }
  return name + "." + std::to_string(++count);
}

// Whole or not at all: other runs of the same test may write the same file.
void write_whole(const std::string& path, const std::string& text) {
  const std::string part = path + "." + std::to_string(getpid());
  write_file(part, text);
  std::filesystem::rename(part, path);
}

}  // namespace

Transcript::Transcript() {
  if (const char* folder = std::getenv("QUOTAD_TRANSCRIPTS")) folder_ = folder;
}

Transcript::~Transcript() {
  if (folder_.empty() || sent_.empty() || received_.empty()) return;
  std::filesystem::create_directories(folder_);
  const std::string path = folder_ + "/" + next_name();
  write_whole(path + ".sent", sent_);
  write_whole(path + ".received", received_);
}

}  // namespace quotad::testing
