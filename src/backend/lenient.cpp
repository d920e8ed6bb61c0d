#include "backend/lenient.hpp"

#include <charconv>
#include <cmath>

#include "backend/rfc3339.hpp"

namespace quotad::backend::lenient {
namespace {

// All of `text` as a number of type T, or nullopt.
template <class T>
std::optional<T> parse_all(std::string_view text) {
  T number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> round_half_up(double number) {
  const double below = std::floor(number);
  const double rounded = number - below >= 0.5 ? below + 1 : below;
  constexpr double kTwoTo63 = 9'223'372'036'854'775'808.0;  // the largest int64 is no double
  if (!(rounded >= -kTwoTo63 && rounded < kTwoTo63)) return std::nullopt;
  return static_cast<std::int64_t>(rounded);
}

// A number, or the number in a text; nullopt for anything else.
std::optional<double> number_of(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return parse_all<double>(value.get_ref<const std::string&>());
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> read_integer(const nlohmann::json& value, bool& odd) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  odd = true;
  if (value.is_number_float()) return round_half_up(value.get<double>());
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (const auto integer = parse_all<std::int64_t>(text)) return integer;
    if (const auto number = parse_all<double>(text)) return round_half_up(*number);
  }
  return std::nullopt;
}

std::optional<Decimal> read_decimal(const nlohmann::json& value, bool& odd) {
  if (value.is_string()) return Decimal{value.get<std::string>()};
  odd = true;
  if (value.is_number_integer()) return Decimal{value.dump()};
  if (value.is_number_float()) {
    // The longest double in plain notation has 309 digits before the point or 324 after it.
    std::array<char, 512> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(),
                                            value.get<double>(), std::chars_format::fixed);
    if (error == std::errc()) return Decimal{std::string(text.data(), end)};
  }
  return std::nullopt;
}

std::optional<Timestamp> read_timestamp(const nlohmann::json& value, bool& odd) {
  if (value.is_string()) {
    if (const auto time = parse_rfc3339(value.get_ref<const std::string&>())) {
      return Timestamp{*time};
    }
  }
  odd = true;
  bool ignored = false;
  if (const auto seconds = read_integer(value, ignored)) return Timestamp{*seconds};
  return std::nullopt;
}

std::optional<UsedPercent> read_used_percent(const nlohmann::json& value, bool& odd) {
  const auto rounded = read_integer(value, odd);
  if (!rounded) return std::nullopt;
  return UsedPercent{*rounded == 100 && number_of(value) < 100.0 ? 99 : *rounded};
}

std::optional<LeftPercent> read_left_percent(const nlohmann::json& value, bool& odd) {
  const auto rounded = read_integer(value, odd);
  if (!rounded) return std::nullopt;
  return LeftPercent{*rounded == 0 && number_of(value) > 0.0 ? 1 : *rounded};
}

std::optional<ReachedType> read_reached_type(const nlohmann::json& value, bool& odd) {
  const nlohmann::json* name = &value;
  odd = !value.is_object();
  if (value.is_object()) {
    const auto type = value.find("type");
    if (type == value.end()) return std::nullopt;
    name = &*type;
  }
  if (!name->is_string()) return std::nullopt;
  return ReachedType{name->get<std::string>()};
}

}  // namespace quotad::backend::lenient
