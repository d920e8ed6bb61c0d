// Files that hold secrets: read only where nobody else could have read them.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

namespace quotad::system {

// Why a file with this status must not hold a secret, with the command that mends it, or nullopt.
std::optional<std::string> exposure(const std::filesystem::path& file, const struct stat& status);

// Largest file that `read_secret_file` takes.
constexpr std::size_t kMaxSecretFileBytes = std::size_t{64} * 1024;

// The text of `file` without white space around it. Throws std::system_error where it cannot be
// read, and std::runtime_error that says what is wrong with it where others could read it, too.
std::string read_secret_file(const std::filesystem::path& file);

}  // namespace quotad::system
