// RFC 3339 timestamps to Unix seconds, and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quotad::backend {

// "2026-11-01T00:00:00Z", "2026-11-01t01:30:00.25+01:30" → seconds since 1970, the fraction cut
// off. Without a zone, which RFC 3339 does not allow and the service sends, it is UTC. nullopt if `text` is
// anything else. A leap second counts as the second before it.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// "2026-11-01T00:00:00Z" of seconds since 1970, in whole seconds.
std::string format_rfc3339(std::int64_t unix_seconds);

}  // namespace quotad::backend
