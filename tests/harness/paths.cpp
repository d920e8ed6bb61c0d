#include "harness/paths.hpp"

namespace quotad::testing {

const std::string& program() {
  static const std::string path = QUOTAD_PROGRAM;
  return path;
}

std::string source(const std::string& path) { return std::string(QUOTAD_SOURCE) + "/" + path; }

}  // namespace quotad::testing
