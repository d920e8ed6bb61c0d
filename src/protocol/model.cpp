#include "protocol/model.hpp"

#include <algorithm>
#include <set>
#include <type_traits>
#include <variant>

#include "quotad/protocol/json_rpc.hpp"
#include "quotad/protocol/methods.hpp"

namespace quotad::protocol {
namespace {

template <class T>
concept Untagged = requires { Description<T>::kUntagged; };

// The JSON of a member that has not been touched, where it is a plain value or none.
template <class Field>
std::optional<OrderedJson> default_of(const Field& field) {
  if constexpr (detail::kIsOptional<Field> || std::is_same_v<Field, Json>) {
    return OrderedJson(nullptr);
  } else if constexpr (std::is_arithmetic_v<Field> || std::is_same_v<Field, std::string>) {
    return OrderedJson(field);
  } else {
    return std::nullopt;
  }
}

// Walks the descriptions and writes down what it meets.
class Gatherer {
 public:
  Gatherer(Model& model, bool with_experimental)
      : model_(model), with_experimental_(with_experimental) {}

  template <class T>
  const TypeModel* type() {
    auto& place = model_.types[Description<T>::kName];
    if (place) return place.get();
    place = std::make_unique<TypeModel>();
    TypeModel& type = *place;
    describe<T>(type);
    return &type;
  }

  // A type that is sent by itself, or that clients refer to by itself.
  template <class T>
  const TypeModel* message() {
    const TypeModel* type = this->type<T>();
    model_.types[type->name]->is_message = true;
    return type;
  }

  template <class Params>
  const TypeModel* params() {
    if constexpr (std::is_same_v<Params, NoParams>) {
      return nullptr;
    } else {
      return message<Params>();
    }
  }

  template <class Method>
  MethodModel method() {
    constexpr bool kIsExtension = requires { Method::kExtension; };
    MethodModel method{.name = Method::kName,
                       .doc = Method::kDoc,
                       .params_required = Method::kParamsRequired,
                       .is_extension = kIsExtension,
                       .params = params<typename Method::Params>()};
    if constexpr (!std::is_same_v<typename Method::Result, Json>) {
      method.result = message<typename Method::Result>();
    }
    return method;
  }

  template <class Notification>
  NotificationModel notification() {
    return {.name = Notification::kName,
            .doc = Notification::kDoc,
            .params = params<typename Notification::Params>()};
  }

  // For a type that is not among those of the model.
  template <class T>
  void describe(TypeModel& type) {
    type.name = Description<T>::kName;
    type.doc = Description<T>::kDoc;
    type.folder = folder_of<T>();
    if constexpr (DescribedStruct<T>) {
      describe_members<T>(type);
    } else if constexpr (DescribedEnum<T>) {
      type.kind = TypeModel::Kind::kEnum;
      for (const auto& row : Description<T>::kValues) type.values.push_back({row.name, row.doc});
    } else if constexpr (DescribedUnion<T>) {
      type.kind = TypeModel::Kind::kUnion;
      type.tag_name = Description<T>::kTagName;
      describe_alternatives(type, static_cast<T*>(nullptr));
    } else if constexpr (Untagged<T>) {
      type.kind = TypeModel::Kind::kChoice;
      describe_choices(type, static_cast<T*>(nullptr));
    } else {
      type.kind = TypeModel::Kind::kWrapper;
      type.wrapped = shape<std::remove_cvref_t<decltype(T{}.*Description<T>::kWrapped)>>();
    }
  }

 private:
  template <class T>
  void describe_members(TypeModel& type) {
    const T empty{};
    for_each_member<T>([&](const auto& member) {
      if (member.experimental && !with_experimental_) return;
      using Field = std::remove_cvref_t<decltype(empty.*member.pointer)>;
      MemberModel row{.name = member.name,
                      .doc = member.doc,
                      .presence = member.presence,
                      .not_empty = member.not_empty,
                      .shape = shape<Field>(),
                      .default_value = std::nullopt};
      // Left out is not null: what is sparse is never written as null.
      if (member.presence == Presence::kSparse) row.shape.nullable = false;
      if (member.presence == Presence::kNullable || member.presence == Presence::kOptional) {
        row.default_value = default_of(empty.*member.pointer);
      }
      type.members.push_back(std::move(row));
    });
  }

  template <class... Ts>
  void describe_alternatives(TypeModel& type, std::variant<Ts...>* /*which*/) {
    const auto add = [&](auto* which) {
      using T = std::remove_pointer_t<decltype(which)>;
      auto alternative = std::make_unique<TypeModel>();
      describe<T>(*alternative);
      alternative->tag = Description<T>::kTag;
      type.alternatives.push_back(alternative.get());
      model_.alternatives.push_back(std::move(alternative));
    };
    (add(static_cast<Ts*>(nullptr)), ...);
  }

  template <class... Ts>
  void describe_choices(TypeModel& type, std::variant<Ts...>* /*which*/) {
    (type.choices.push_back(shape<Ts>()), ...);
  }

  template <class T>
  Shape shape() {
    using Kind = Shape::Kind;
    if constexpr (detail::kIsOptional<T>) {
      Shape inner = shape<typename T::value_type>();
      inner.nullable = true;
      return inner;
    } else if constexpr (std::is_same_v<T, Json>) {
      return {.kind = Kind::kAny};
    } else if constexpr (std::is_same_v<T, bool>) {
      return {.kind = Kind::kBoolean};
    } else if constexpr (std::is_same_v<T, std::int32_t>) {
      return {.kind = Kind::kInt32};
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      return {.kind = Kind::kInt64};
    } else if constexpr (std::is_same_v<T, std::string>) {
      return {.kind = Kind::kString};
    } else if constexpr (detail::kIsOrderedMap<T>) {
      return {.kind = Kind::kMap,
              .item = std::make_shared<Shape>(shape<typename T::value_type::second_type>())};
    } else if constexpr (detail::kIsVector<T>) {
      return {.kind = Kind::kList,
              .item = std::make_shared<Shape>(shape<typename T::value_type>())};
    } else {
      return {.kind = Kind::kNamed, .named = type<T>()};
    }
  }

  Model& model_;
  bool with_experimental_;
};

template <class... Methods, class... Requests, class... FromClient, class... FromServer>
Model gather(std::tuple<Methods...>* /*which*/, std::tuple<Requests...>* /*which*/,
             std::tuple<FromClient...>* /*which*/, std::tuple<FromServer...>* /*which*/,
             bool with_experimental) {
  Model model;
  Gatherer gatherer(model, with_experimental);
  gatherer.message<JsonRpcMessage>();
  gatherer.message<JsonRpcRequest>();
  gatherer.message<JsonRpcNotification>();
  gatherer.message<JsonRpcResponse>();
  gatherer.message<JsonRpcError>();
  gatherer.message<JsonRpcErrorError>();
  gatherer.message<RequestId>();
  gatherer.message<ErrorData>();
  (model.methods.push_back(gatherer.method<Methods>()), ...);
  (model.server_requests.push_back(gatherer.method<Requests>()), ...);
  (model.client_notifications.push_back(gatherer.notification<FromClient>()), ...);
  (model.server_notifications.push_back(gatherer.notification<FromServer>()), ...);
  gatherer.describe<ServerNotificationEnvelope>(model.server_notification_envelope);
  return model;
}

using Parts = std::map<std::string_view, const TypeModel*>;

void add_parts(const TypeModel& type, Parts& parts);

void add_parts(const Shape& shape, Parts& parts) {
  if (shape.item) add_parts(*shape.item, parts);
  if (shape.named != nullptr && parts.emplace(shape.named->name, shape.named).second) {
    add_parts(*shape.named, parts);
  }
}

void add_parts(const TypeModel& type, Parts& parts) {
  for (const MemberModel& member : type.members) add_parts(member.shape, parts);
  for (const TypeModel* alternative : type.alternatives) add_parts(*alternative, parts);
  for (const Shape& choice : type.choices) add_parts(choice, parts);
  add_parts(type.wrapped, parts);
}

}  // namespace

const Model& model(bool with_experimental) {
  const auto make = [](bool experimental) {
    return gather(static_cast<Methods*>(nullptr), static_cast<ServerRequests*>(nullptr),
                  static_cast<ClientNotifications*>(nullptr),
                  static_cast<ServerNotifications*>(nullptr), experimental);
  };
  if (with_experimental) {
    static const Model whole = make(true);
    return whole;
  }
  static const Model stable = make(false);
  return stable;
}

std::string made_by(std::string_view command) {
  return "Made by quotad app-server " + std::string(command);
}

std::vector<const TypeModel*> parts_of(const TypeModel& type) {
  Parts parts;
  add_parts(type, parts);
  parts.erase(type.name);
  std::vector<const TypeModel*> list;
  list.reserve(parts.size());
  for (const auto& [name, part] : parts) list.push_back(part);
  return list;
}

}  // namespace quotad::protocol
