// Reading the service's payloads without failing over one odd member (reference behaviour,
// section 4, is the list of what has been seen).
//
//   a number where a decimal string is due    its shortest decimal string
//   a fraction where an integer is due        rounded half up
//   the same for a percentage                 likewise, but 99.6 % used is 99, and 0.4 % left is 1
//   an integer or fraction as a string        read as the number
//   Unix seconds where RFC 3339 is due        read as the time
//   a time to lapse that cannot be read       an Expiry without a time: it is not known
//   a member that cannot be read              left out
//   a row or object without what it is for    left out
//   a list that holds nothing but such rows   left out, where it may be: unknown is not empty
//
// Each of these is told to `Warnings`, once per kind.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backend/payload_descriptions.hpp"
#include "quotad/backend/payloads.hpp"

namespace quotad::backend {

// A place in a payload: names of members without row numbers, so there are only so many. Made for
// every value, and written out only where there is something to tell. Lives no longer than the
// place around it and the names.
class Place {
 public:
  template <std::convertible_to<std::string_view> Text>
  Place(const Text& payload) : name_(payload) {}  // NOLINT(*-explicit-*): the outermost

  Place member(std::string_view name) const { return {this, ".", name}; }
  Place row() const { return {this, "[]", ""}; }

  std::string text() const {
    std::string text = outer_ == nullptr ? "" : outer_->text();
    return text.append(separator_).append(name_);
  }

 private:
  Place(const Place* outer, std::string_view separator, std::string_view name)
      : outer_(outer), separator_(separator), name_(name) {}

  const Place* outer_ = nullptr;
  std::string_view separator_;
  std::string_view name_;
};

class Warnings {
 public:
  explicit Warnings(std::function<void(std::string_view)> sink) : sink_(std::move(sink)) {}

  void unreadable(const Place& where) {
    tell("the service sent `" + where.text() + "` in a form that cannot be read; it is left out");
  }
  void odd(const Place& where) {
    tell("the service sent `" + where.text() + "` in an unusual form; it is read all the same");
  }

 private:
  void tell(const std::string& words) {
    if (sink_ && told_.insert(words).second) sink_(words);
  }

  std::function<void(std::string_view)> sink_;
  std::set<std::string> told_;
};

namespace lenient {

// These set `odd` if the value had to be converted.
std::optional<std::int64_t> read_integer(const nlohmann::json& value, bool& odd);
std::optional<Decimal> read_decimal(const nlohmann::json& value, bool& odd);
std::optional<Timestamp> read_timestamp(const nlohmann::json& value, bool& odd);
std::optional<UsedPercent> read_used_percent(const nlohmann::json& value, bool& odd);
std::optional<LeftPercent> read_left_percent(const nlohmann::json& value, bool& odd);
std::optional<ReachedType> read_reached_type(const nlohmann::json& value, bool& odd);

// What `read` gives, telling of an odd form if there is something to tell of.
template <class T>
std::optional<T> read_odd(std::optional<T> (*read)(const nlohmann::json&, bool&),
                          const nlohmann::json& value, const Place& where, Warnings& warnings) {
  bool odd = false;
  auto result = read(value, odd);
  if (odd && result) warnings.odd(where);
  return result;
}

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

template <class T>
std::optional<T> read(const nlohmann::json& value, const Place& where, Warnings& warnings);

template <class T>
std::optional<T> read_struct(const nlohmann::json& value, const Place& where, Warnings& warnings) {
  if (!value.is_object()) return std::nullopt;
  T result;
  bool complete = true;
  protocol::for_each_member<T>([&](const auto& member) {
    auto& field = result.*member.pointer;
    using Field = std::remove_cvref_t<decltype(field)>;
    const auto at = value.find(member.name);
    const bool given = at != value.end() && !at->is_null();
    const Place path = where.member(member.name);
    bool readable = false;
    if (given) {
      if constexpr (kIsOptional<Field>) {
        field = read<typename Field::value_type>(*at, path, warnings);
        readable = field.has_value();
        if constexpr (kIsVector<typename Field::value_type>) {
          if (readable && field->empty() && !at->empty()) field.reset();
        }
      } else if (auto found = read<Field>(*at, path, warnings)) {
        field = std::move(*found);
        readable = true;
      }
      if (!readable) warnings.unreadable(path);
    }
    if (!readable && member.presence == protocol::Presence::kRequired) complete = false;
  });
  if (!complete) return std::nullopt;
  return result;
}

// `value` as a T, or nullopt. `where` names it in warnings.
template <class T>
std::optional<T> read(const nlohmann::json& value, const Place& where, Warnings& warnings) {
  if constexpr (std::is_same_v<T, nlohmann::json>) {
    return value;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean()) return std::nullopt;
    return value.get<bool>();
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return read_odd(read_integer, value, where, warnings);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) return std::nullopt;
    return value.get<std::string>();
  } else if constexpr (std::is_same_v<T, Decimal>) {
    return read_odd(read_decimal, value, where, warnings);
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return read_odd(read_timestamp, value, where, warnings);
  } else if constexpr (std::is_same_v<T, Expiry>) {
    const auto time = read_odd(read_timestamp, value, where, warnings);
    if (time && time->unix_seconds > 0) return Expiry{time->unix_seconds};
    warnings.unreadable(where);
    return Expiry{};
  } else if constexpr (std::is_same_v<T, UsedPercent>) {
    return read_odd(read_used_percent, value, where, warnings);
  } else if constexpr (std::is_same_v<T, LeftPercent>) {
    return read_odd(read_left_percent, value, where, warnings);
  } else if constexpr (std::is_same_v<T, ReachedType>) {
    return read_odd(read_reached_type, value, where, warnings);
  } else if constexpr (protocol::DescribedEnum<T>) {
    if (!value.is_string()) return std::nullopt;
    return protocol::from_wire_name<T>(value.get_ref<const std::string&>());
  } else if constexpr (kIsVector<T>) {
    if (!value.is_array()) return std::nullopt;
    T rows;
    rows.reserve(value.size());
    const Place row_place = where.row();
    for (const auto& item : value) {
      if (auto row = read<typename T::value_type>(item, row_place, warnings)) {
        rows.push_back(std::move(*row));
      } else {
        warnings.unreadable(row_place);
      }
    }
    return rows;
  } else {
    return read_struct<T>(value, where, warnings);
  }
}

}  // namespace lenient
}  // namespace quotad::backend
