// `quotad redemptions`: the record of redemptions, for people.
#pragma once

#include <cstddef>
#include <filesystem>

namespace quotad::cli {

struct RedemptionsOptions {
  bool json = false;
  std::size_t limit = 50;
};

// Prints the newest redemptions of every account of this user, those whose outcome is not known
// first. Gives the exit code.
int run_redemptions(const std::filesystem::path& state_home, const RedemptionsOptions& options);

}  // namespace quotad::cli
