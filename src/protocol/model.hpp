// The protocol as data: every described type, method and notification, gathered from the
// descriptions once, so that a generator is a plain function from a Model to text.
//
// Made by `model()` and read by the generators beside it. It knows no output format. Views into it
// live as long as the program.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

struct TypeModel;

// What one value looks like.
struct Shape {
  enum class Kind { kBoolean, kInt32, kInt64, kString, kAny, kNamed, kList, kMap };
  Kind kind = Kind::kAny;
  bool nullable = false;
  const TypeModel* named = nullptr;   // of kNamed
  std::shared_ptr<const Shape> item;  // of kList; of kMap, whose keys are strings
};

struct MemberModel {
  std::string_view name;
  std::string_view doc;
  Presence presence = Presence::kRequired;
  bool not_empty = false;
  Shape shape;
  // What its absence means, where it may be absent and that means something.
  std::optional<OrderedJson> default_value;
};

struct ValueModel {
  std::string_view name;
  std::string_view doc;
};

struct TypeModel {
  enum class Kind {
    kStruct,   // members
    kEnum,     // values
    kUnion,    // alternatives, each a struct with a tag
    kChoice,   // choices, told apart by what they look like
    kWrapper,  // another name for `wrapped`
  };
  Kind kind = Kind::kStruct;
  std::string_view name;
  std::string_view doc;
  Folder folder = Folder::kV2;
  bool is_message = false;  // sent by itself, not only as a part of others
  std::vector<MemberModel> members;
  std::vector<ValueModel> values;
  std::string_view tag_name;                   // of a union
  std::string_view tag;                        // of a union's alternative
  std::vector<const TypeModel*> alternatives;  // of a union
  std::vector<Shape> choices;
  Shape wrapped;
};

struct MethodModel {
  std::string_view name;
  std::string_view doc;
  bool params_required = false;
  bool is_extension = false;          // the reference has no such method
  const TypeModel* params = nullptr;  // nullptr: takes none
  const TypeModel* result = nullptr;  // nullptr: any JSON
};

struct NotificationModel {
  std::string_view name;
  std::string_view doc;
  const TypeModel* params = nullptr;  // nullptr: has none
};

struct Model {
  // By name. Alternatives of unions are not among them: they have no name outside their union.
  std::map<std::string_view, std::unique_ptr<TypeModel>> types;
  std::vector<std::unique_ptr<TypeModel>> alternatives;
  std::vector<MethodModel> methods;
  std::vector<MethodModel> server_requests;  // what the server asks a client
  std::vector<NotificationModel> client_notifications;
  std::vector<NotificationModel> server_notifications;
  // What stands beside `method` and `params` of those; not among `types`.
  TypeModel server_notification_envelope;
};

// What this server speaks; with what is marked experimental, or without.
const Model& model(bool with_experimental = false);

// What a generator makes: text by path within the folder that it is written to. Each text holds,
// near its start, the words `made_by` of the command that made it.
using GeneratedFiles = std::map<std::string, std::string>;

// By what a file is known as the work of `quotad app-server COMMAND`.
std::string made_by(std::string_view command);

// The types that `type` is made of, itself left out, in alphabetical order.
std::vector<const TypeModel*> parts_of(const TypeModel& type);

}  // namespace quotad::protocol
