// What the fuzz targets share: the input as text, and a check that stands in every build.
//
// A target is a function that libFuzzer calls with inputs of its making, and replay.cpp with those
// in corpus/ and crashes/. It fails by dying: on a failed `require`, a sanitizer's finding, or an
// exception that the header of what it tries does not promise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <source_location>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace quotad::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return {};
  return {reinterpret_cast<const char*>(data), size};
}

inline void require(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: this does not hold\n", where.file_name(),
               static_cast<unsigned>(where.line()));
  std::abort();
}

// That `text` can stand in an answer as it is.
inline void require_utf8(const std::string& text,
                         std::source_location where = std::source_location::current()) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
  } catch (const nlohmann::json::exception&) {
    require(false, where);
  }
}

// `text`, which one of our writers has made.
inline nlohmann::json parse_ours(const std::string& text,
                                 std::source_location where = std::source_location::current()) {
  auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  require(!json.is_discarded(), where);
  return json;
}

}  // namespace quotad::fuzz
