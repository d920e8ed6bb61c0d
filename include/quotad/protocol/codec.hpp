// Messages to JSON and back, driven by their descriptions.
//
// Decoding is strict about the members a description knows and silent about the ones it does not.
// Every failure is a DecodeError that names the path and says what was found and what was
// expected, in the words of the reference (the words of serde: reference behaviour, section 1).
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "quotad/protocol/description.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::protocol {

// What comes in. Its objects are trees, so that many members cost n log n, whoever sends them.
using Json = nlohmann::json;
// What goes out: members stay in the order of the description.
using OrderedJson = nlohmann::ordered_json;

// A JSON object with free keys that keeps their order. Each key stands in it once.
template <class T>
using OrderedMap = std::vector<std::pair<std::string, T>>;

namespace detail {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsOrderedMap = false;
template <class T>
inline constexpr bool kIsOrderedMap<OrderedMap<T>> = true;
template <class T>
inline constexpr bool kAlwaysFalse = false;

// "integer `5`", "string \"x\"", "map": how the reference names a value of the wrong type.
std::string name_value(const Json& value);
[[noreturn]] void fail_type(const std::string& path, const Json& value, std::string_view expected);
[[noreturn]] void fail_missing(const std::string& path, std::string_view member);
[[noreturn]] void fail_variant(const std::string& path, const std::string& found,
                               const std::vector<std::string_view>& expected);
[[noreturn]] void fail_length(const std::string& path, std::size_t length, std::string_view type,
                              std::size_t members);
const std::string& string_of(const Json& value, const std::string& path);

}  // namespace detail

namespace detail {

// `text` in quotes, with what JSON asks to be escaped; bytes that are not UTF-8 become U+FFFD.
void write_string(const std::string& text, std::string& out);
void write_json(const Json& json, std::string& out);
template <DescribedStruct T>
void write_members(const T& value, char before, std::string& out);

}  // namespace detail

// Appends `value` as compact JSON. Straight to text: building a tree first takes most of an answer's time
// (docs/performance.md).
template <class T>
void write(const T& value, std::string& out) {
  if constexpr (std::is_same_v<T, Json>) {
    detail::write_json(value, out);
  } else if constexpr (std::is_same_v<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
  } else if constexpr (std::is_same_v<T, std::string>) {
    detail::write_string(value, out);
  } else if constexpr (detail::kIsOptional<T>) {
    if (value) {
      write(*value, out);
    } else {
      out += "null";
    }
  } else if constexpr (detail::kIsOrderedMap<T>) {
    char before = '{';
    for (const auto& [key, item] : value) {
      out += std::exchange(before, ',');
      detail::write_string(key, out);
      out += ':';
      write(item, out);
    }
    out += before == '{' ? "{}" : "}";
  } else if constexpr (detail::kIsVector<T>) {
    char before = '[';
    for (const auto& item : value) {
      out += std::exchange(before, ',');
      write(item, out);
    }
    out += before == '[' ? "[]" : "]";
  } else if constexpr (DescribedWrapper<T>) {
    write(value.*Description<T>::kWrapped, out);
  } else if constexpr (DescribedEnum<T>) {
    (out += '"') += wire_name(value);
    out += '"';
  } else if constexpr (DescribedUnion<T>) {
    std::visit(
        [&out](const auto& alternative) {
          using Alternative = std::remove_cvref_t<decltype(alternative)>;
          ((out += "{\"") += Description<T>::kTagName) += "\":\"";
          (out += Description<Alternative>::kTag) += '"';
          detail::write_members(alternative, ',', out);
        },
        value);
  } else if constexpr (DescribedStruct<T>) {
    detail::write_members(value, '{', out);
  } else {
    static_assert(detail::kAlwaysFalse<T>, "no encoding for this type");
  }
}

namespace detail {

// The members and the closing brace; `before` stands in front of the first. Names need no escapes.
template <DescribedStruct T>
void write_members(const T& value, char before, std::string& out) {
  for_each_member<T>([&](const auto& member) {
    const auto& field = value.*member.pointer;
    if constexpr (kIsOptional<std::remove_cvref_t<decltype(field)>>) {
      if (!field && leaves_out_empty(member.presence)) return;
    }
    out += std::exchange(before, ',');
    ((out += '"') += member.name) += "\":";
    write(field, out);
  });
  if (before == '{') out += '{';
  out += '}';
}

}  // namespace detail

// `value` as a tree, for those who go on with it.
template <class T>
OrderedJson encode(const T& value) {
  std::string text;
  write(value, text);
  return OrderedJson::parse(text);
}

template <class T>
T decode(const Json& value, const std::string& path);

namespace detail {

template <class T>
T decode_struct(const Json& value, const std::string& path) {
  T result;
  const bool by_position = value.is_array();
  // The reference has a unit where a method takes no params.
  constexpr bool kIsUnit = member_count<T>() == 0;
  if (kIsUnit && (by_position ? !value.empty() : !value.is_object())) {
    fail_type(path, value, "unit");
  }
  if (!by_position && !value.is_object()) {
    fail_type(path, value, "struct " + std::string(Description<T>::kName));
  }
  // A list must name every member; only where all of them may be absent may it be shorter. The
  // reference is as strict: a slip in a list must not spend a credit.
  const bool may_be_short = required_count<T>() == 0;
  const bool is_short = by_position && value.size() < member_count<T>() && !may_be_short;
  std::size_t position = 0;
  for_each_member<T>([&](const auto& member) {
    using Field = std::remove_cvref_t<decltype(result.*member.pointer)>;
    const Json* found = nullptr;
    if (by_position) {
      if (position < value.size()) {
        found = &value[position];
      } else if (is_short) {
        fail_length(path, value.size(), Description<T>::kName, member_count<T>());
      }
      ++position;
    } else if (const auto at = value.find(member.name); at != value.end()) {
      found = &*at;
    }
    if (found != nullptr) {
      result.*member.pointer = decode<Field>(*found, path + "." + std::string(member.name));
    } else if (member.presence == Presence::kRequired) {
      fail_missing(path, member.name);
    }
  });
  if (by_position && value.size() > member_count<T>()) {
    fail_length(path, value.size(), Description<T>::kName, member_count<T>());
  }
  return result;
}

template <class T, std::size_t I = 0>
T decode_union(const Json& value, const std::string& path, const std::string& tag) {
  if constexpr (I == std::variant_size_v<T>) {
    std::vector<std::string_view> names;
    [&]<std::size_t... Is>(std::index_sequence<Is...>) {
      (names.push_back(Description<std::variant_alternative_t<Is, T>>::kTag), ...);
    }(std::make_index_sequence<std::variant_size_v<T>>{});
    fail_variant(path + "." + std::string(Description<T>::kTagName), tag, names);
  } else {
    using Alternative = std::variant_alternative_t<I, T>;
    if (tag == Description<Alternative>::kTag) return decode_struct<Alternative>(value, path);
    return decode_union<T, I + 1>(value, path, tag);
  }
}

template <class T>
T decode_integer(const Json& value, const std::string& path) {
  static_assert(std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::int32_t>);
  constexpr std::string_view kExpected = std::is_same_v<T, std::int64_t> ? "i64" : "i32";
  if (!value.is_number_integer()) fail_type(path, value, kExpected);
  const bool fits =
      value.is_number_unsigned()
          ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())
          : value.get<std::int64_t>() >= std::numeric_limits<T>::min();
  if (!fits) {
    throw DecodeError(
        path, "invalid value: " + name_value(value) + ", expected " + std::string(kExpected));
  }
  return value.get<T>();
}

}  // namespace detail

// `value` as a T. `path` is where the value stands, for the error: `params`, `params.creditId`.
template <class T>
T decode(const Json& value, const std::string& path) {
  if constexpr (std::is_same_v<T, Json>) {
    return value;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean()) detail::fail_type(path, value, "a boolean");
    return value.get<bool>();
  } else if constexpr (std::is_integral_v<T>) {
    return detail::decode_integer<T>(value, path);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return detail::string_of(value, path);
  } else if constexpr (detail::kIsOptional<T>) {
    if (value.is_null()) return std::nullopt;
    return decode<typename T::value_type>(value, path);
  } else if constexpr (detail::kIsOrderedMap<T>) {
    if (!value.is_object()) detail::fail_type(path, value, "a map");
    T result;
    for (const auto& [key, item] : value.items()) {
      result.emplace_back(key, decode<typename T::value_type::second_type>(item, path + "." + key));
    }
    return result;
  } else if constexpr (detail::kIsVector<T>) {
    if (!value.is_array()) detail::fail_type(path, value, "a sequence");
    T result;
    for (const auto& item : value) {
      result.push_back(
          decode<typename T::value_type>(item, path + "[" + std::to_string(result.size()) + "]"));
    }
    return result;
  } else if constexpr (DescribedWrapper<T>) {
    using Wrapped = std::remove_cvref_t<decltype(T{}.*Description<T>::kWrapped)>;
    T result;
    result.*Description<T>::kWrapped = decode<Wrapped>(value, path);
    return result;
  } else if constexpr (DescribedEnum<T>) {
    const std::string& name = detail::string_of(value, path);
    if (const auto known = from_wire_name<T>(name)) return *known;
    std::vector<std::string_view> names;
    names.reserve(Description<T>::kValues.size());
    for (const auto& row : Description<T>::kValues) names.push_back(row.name);
    detail::fail_variant(path, name, names);
  } else if constexpr (DescribedUnion<T>) {
    if (!value.is_object()) detail::fail_type(path, value, Description<T>::kName);
    const auto tag = value.find(Description<T>::kTagName);
    if (tag == value.end()) detail::fail_missing(path, Description<T>::kTagName);
    const std::string tag_path = path + "." + std::string(Description<T>::kTagName);
    if (!tag->is_string()) detail::fail_type(tag_path, *tag, "variant identifier");
    return detail::decode_union<T>(value, path, tag->template get_ref<const std::string&>());
  } else if constexpr (DescribedStruct<T>) {
    return detail::decode_struct<T>(value, path);
  } else {
    static_assert(detail::kAlwaysFalse<T>, "no decoding for this type");
  }
}

// Text for the wire: compact, and never throwing: bytes that are not UTF-8 become U+FFFD.
std::string to_text(const OrderedJson& json);

}  // namespace quotad::protocol
