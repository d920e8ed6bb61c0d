// Secrets that are not needed any more do not stay in memory that is ours.
#pragma once

#include <cstring>
#include <string>

namespace quotad::system {

// Overwrites `text`, also where it was cut off before, and empties it.
inline void wipe(std::string& text) {
  text.resize(text.capacity());  // which leaves it where it is
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace quotad::system
