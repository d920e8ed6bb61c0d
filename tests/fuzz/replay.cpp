// Runs every file of the given folders through a target, where there is no libFuzzer: the ordinary
// suite. The first folder is the corpus, which must not be empty; the others may be absent.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz.hpp"

namespace {

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void run(const std::filesystem::path& file) {
  // Whoever dies of it has named it.
  std::printf("%s\n", file.c_str());
  std::fflush(stdout);
  std::ifstream input(file, std::ios::binary);
  quotad::fuzz::require(input.is_open());
  const std::vector<char> bytes{std::istreambuf_iterator<char>(input), {}};
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::filesystem::path> folders(words + 1, words + count);
  if (folders.empty()) {
    std::fprintf(stderr, "usage: %s CORPUS [FOLDER…]\n", words[0]);
    return 2;
  }
  if (files_of(folders.front()).empty()) {
    std::fprintf(stderr, "there is nothing in %s\n", folders.front().c_str());
    return 1;
  }
  for (const auto& folder : folders) {
    for (const auto& file : files_of(folder)) run(file);
  }
  return 0;
}
