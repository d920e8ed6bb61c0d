// What a message looks like, said once: a struct's wire names, member pointers, presence and
// sentences, in one table that the codec and every generator read.
//
// For whoever adds a message or a member. It does no encoding or decoding (see codec.hpp).
//
//   template <> struct Description<Point> {
//     static constexpr std::string_view kName = "Point";
//     static constexpr std::string_view kDoc = "A place on the map.";
//     static constexpr auto kMembers = std::tuple{
//         required("x", &Point::x, "Metres east of the origin."),
//         nullable("label", &Point::label, "What people call it, or `null`."),
//     };
//   };
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>

namespace quotad::protocol {

// Specialised beside each message struct (kMembers), enum (kValues), tagged union (kTagName) and
// wrapper of one value (kWrapped).
template <class T>
struct Description;

enum class Presence {
  kRequired,  // Always written; its absence is an error.
  kNullable,  // A std::optional: always written, `null` where unknown; may be absent when read.
  kOptional,  // May be absent (a std::optional may be null) when read; an empty one is not written.
  kSparse,    // A std::optional: left out where empty, never `null`.
};

constexpr bool leaves_out_empty(Presence presence) {
  return presence == Presence::kOptional || presence == Presence::kSparse;
}

// Where the generated typings of a type stand: those of the handshake and of older methods are
// "v1", what several messages share stands at the root, all else is "v2". The reference's layout.
enum class Folder { kRoot, kV1, kV2 };

template <class Owner, class Value>
struct Member {
  std::string_view name;
  Value Owner::*pointer;
  std::string_view doc;
  Presence presence;
  // On the wire, but left out of the generated schemas, as the reference does with its own.
  bool experimental = false;
  // Whether an empty string is refused.
  bool not_empty = false;

  constexpr Member as_experimental() const {
    Member copy = *this;
    copy.experimental = true;
    return copy;
  }
  constexpr Member as_not_empty() const {
    Member copy = *this;
    copy.not_empty = true;
    return copy;
  }
};

template <class Owner, class Value>
constexpr Member<Owner, Value> required(std::string_view name, Value Owner::*pointer,
                                        std::string_view doc) {
  return {name, pointer, doc, Presence::kRequired};
}

template <class Owner, class Value>
constexpr Member<Owner, std::optional<Value>> nullable(std::string_view name,
                                                       std::optional<Value> Owner::*pointer,
                                                       std::string_view doc) {
  return {name, pointer, doc, Presence::kNullable};
}

template <class Owner, class Value>
constexpr Member<Owner, Value> optional(std::string_view name, Value Owner::*pointer,
                                        std::string_view doc) {
  return {name, pointer, doc, Presence::kOptional};
}

template <class Owner, class Value>
constexpr Member<Owner, std::optional<Value>> sparse(std::string_view name,
                                                     std::optional<Value> Owner::*pointer,
                                                     std::string_view doc) {
  return {name, pointer, doc, Presence::kSparse};
}

template <class Enum>
struct EnumValue {
  Enum value;
  std::string_view name;
  std::string_view doc;
};

template <class T>
concept DescribedStruct = requires { Description<T>::kMembers; };
template <class T>
concept DescribedEnum = requires { Description<T>::kValues; };
// A std::variant of described structs that each have a kTag, told apart by the member kTagName.
template <class T>
concept DescribedUnion = requires { Description<T>::kTagName; };
// A value that has a name of its own but is written as the one member that kWrapped points to.
template <class T>
concept DescribedWrapper = requires { Description<T>::kWrapped; };

// The folder of T's typings.
template <class T>
constexpr Folder folder_of() {
  if constexpr (requires { Description<T>::kFolder; }) return Description<T>::kFolder;
  return Folder::kV2;
}

// Calls `visit(member)` for each member of `T`, in wire order.
template <DescribedStruct T, class Visitor>
constexpr void for_each_member(Visitor&& visit) {
  std::apply([&](const auto&... member) { (visit(member), ...); }, Description<T>::kMembers);
}

template <DescribedStruct T>
constexpr std::size_t member_count() {
  return std::tuple_size_v<std::remove_cvref_t<decltype(Description<T>::kMembers)>>;
}

// How many members of `T` must be present.
template <DescribedStruct T>
constexpr std::size_t required_count() {
  std::size_t count = 0;
  for_each_member<T>([&](const auto& member) {
    if (member.presence == Presence::kRequired) ++count;
  });
  return count;
}

// The wire name of an enum value.
template <DescribedEnum Enum>
constexpr std::string_view wire_name(Enum value) {
  for (const auto& row : Description<Enum>::kValues) {
    if (row.value == value) return row.name;
  }
  return {};
}

// The sentence about an enum value.
template <DescribedEnum Enum>
constexpr std::string_view doc_of(Enum value) {
  for (const auto& row : Description<Enum>::kValues) {
    if (row.value == value) return row.doc;
  }
  return {};
}

// The enum value with that wire name, or nullopt.
template <DescribedEnum Enum>
constexpr std::optional<Enum> from_wire_name(std::string_view name) {
  for (const auto& row : Description<Enum>::kValues) {
    if (row.name == name) return row.value;
  }
  return std::nullopt;
}

}  // namespace quotad::protocol
