// Files that processes lock against each other with flock(2); the kernel frees a lock when its
// holder dies.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "system/descriptor.hpp"

namespace quotad::system {

// Held until this object goes.
class FileLock {
 public:
  // The lock of `file`, which is made with `mode` if it is missing; nullopt if somebody has it. Does
  // not wait. Throws std::system_error.
  static std::optional<FileLock> try_take(const std::filesystem::path& file, mode_t mode = 0600);

 private:
  explicit FileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

}  // namespace quotad::system
