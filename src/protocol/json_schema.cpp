#include "protocol/json_schema.hpp"

#include <utility>

namespace quotad::protocol {
namespace {

constexpr const char* kBundle = "codex_app_server_protocol.schemas.json";
constexpr const char* kFlatBundle = "codex_app_server_protocol.v2.schemas.json";

OrderedJson object(std::initializer_list<std::pair<const char*, OrderedJson>> members) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [name, value] : members) json[name] = value;
  return json;
}

OrderedJson list(std::initializer_list<OrderedJson> items) {
  OrderedJson json = OrderedJson::array();
  for (const OrderedJson& item : items) json.push_back(item);
  return json;
}

OrderedJson type_name(const char* name, bool nullable) {
  return nullable ? list({name, "null"}) : OrderedJson(name);
}

OrderedJson schema_of(const Shape& shape, const Reference& reference) {
  switch (shape.kind) {
    case Shape::Kind::kBoolean:
      return object({{"type", type_name("boolean", shape.nullable)}});
    case Shape::Kind::kInt32:
      return object({{"type", type_name("integer", shape.nullable)}, {"format", "int32"}});
    case Shape::Kind::kInt64:
      return object({{"type", type_name("integer", shape.nullable)}, {"format", "int64"}});
    case Shape::Kind::kString:
      return object({{"type", type_name("string", shape.nullable)}});
    case Shape::Kind::kAny:
      return true;
    case Shape::Kind::kList:
      return object({{"type", type_name("array", shape.nullable)},
                     {"items", schema_of(*shape.item, reference)}});
    case Shape::Kind::kMap:
      return object({{"type", type_name("object", shape.nullable)},
                     {"additionalProperties", schema_of(*shape.item, reference)}});
    case Shape::Kind::kNamed:
      break;
  }
  if (shape.nullable) return nullable_schema_of(*shape.named, reference);
  return object({{"$ref", reference(*shape.named)}});
}

OrderedJson schema_of(const MemberModel& member, const Reference& reference) {
  OrderedJson schema = object({{"description", member.doc}});
  const OrderedJson shape = schema_of(member.shape, reference);
  if (shape.contains("$ref")) {
    schema["allOf"] = list({shape});  // draft-07 ignores what stands beside a $ref
  } else if (shape.is_object()) {
    schema.update(shape);
  }
  if (member.not_empty) schema["minLength"] = 1;
  if (member.default_value) schema["default"] = *member.default_value;
  return schema;
}

OrderedJson one_value(std::string_view value) {
  return object({{"type", "string"}, {"enum", list({OrderedJson(value)})}});
}

// A struct; of a union's alternative, with the member that tells which one it is.
OrderedJson struct_schema(const TypeModel& type, std::string_view tag_name,
                          const Reference& reference) {
  OrderedJson properties = OrderedJson::object();
  OrderedJson required = OrderedJson::array();
  if (!tag_name.empty()) {
    OrderedJson tag = object({{"title", std::string(type.name) + "Type"}});
    tag.update(one_value(type.tag));
    properties[std::string(tag_name)] = tag;
    required.push_back(tag_name);
  }
  for (const MemberModel& member : type.members) {
    properties[std::string(member.name)] = schema_of(member, reference);
    if (member.presence == Presence::kRequired) required.push_back(member.name);
  }
  OrderedJson schema = object({{"description", type.doc}, {"type", "object"}});
  if (!properties.empty()) schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

std::string in_definitions(const TypeModel& type) {
  return "#/definitions/" + std::string(type.name);
}

std::string folder_name(Folder folder) {
  switch (folder) {
    case Folder::kV1:
      return "v1/";
    case Folder::kV2:
      return "v2/";
    default:
      return "";
  }
}

// "account/rateLimits/read" is titled "Account/rateLimits/readRequest", as the reference does.
std::string title_of(std::string_view name, const char* suffix) {
  std::string title(name);
  if (title.front() >= 'a' && title.front() <= 'z') title.front() += 'A' - 'a';
  return title + suffix;
}

OrderedJson request_schema(const MethodModel& method, const TypeModel& request,
                           const Reference& reference) {
  OrderedJson properties = OrderedJson::object();
  OrderedJson required = OrderedJson::array();
  for (const MemberModel& member : request.members) {
    if (member.name == "trace") continue;
    properties[std::string(member.name)] = schema_of(member, reference);
    if (member.presence == Presence::kRequired) required.push_back(member.name);
  }
  properties["method"] = object({{"title", title_of(method.name, "RequestMethod")}});
  properties["method"].update(one_value(method.name));
  if (method.params == nullptr) {
    properties["params"] = object({{"type", "null"}});
  } else if (method.params_required) {
    properties["params"] = object({{"$ref", reference(*method.params)}});
    required.push_back("params");
  } else {
    properties["params"] = nullable_schema_of(*method.params, reference);
  }
  return object({{"title", title_of(method.name, "Request")},
                 {"description", method.doc},
                 {"type", "object"},
                 {"properties", properties},
                 {"required", required}});
}

OrderedJson notification_schema(const NotificationModel& notification, const Reference& reference) {
  OrderedJson properties = OrderedJson::object();
  OrderedJson required = list({"method"});
  properties["method"] = object({{"title", title_of(notification.name, "NotificationMethod")}});
  properties["method"].update(one_value(notification.name));
  if (notification.params != nullptr) {
    properties["params"] = object({{"$ref", reference(*notification.params)}});
    required.push_back("params");
  }
  return object({{"title", title_of(notification.name, "Notification")},
                 {"description", notification.doc},
                 {"type", "object"},
                 {"properties", properties},
                 {"required", required}});
}

using Parts = std::map<std::string_view, const TypeModel*>;

void add_with_parts(Parts& parts, const TypeModel* type) {
  if (type == nullptr) return;
  parts[type->name] = type;
  for (const TypeModel* part : parts_of(*type)) parts[part->name] = part;
}

// One thing that has a schema under a name: a type, params that may be left out, or everything that
// one side may say.
struct Definition {
  std::string name;
  std::string title;  // "" for what is only a part of messages
  Folder folder = Folder::kRoot;
  bool has_file = false;
  Parts parts;  // what it refers to, at any depth
  std::function<OrderedJson(const Reference&)> schema;
};

using Definitions = std::map<std::string, Definition>;

void add(Definitions& definitions, Definition definition) {
  const std::string name = definition.name;
  definitions.emplace(name, std::move(definition));
}

Definition definition_of(const TypeModel& type) {
  Definition definition{.name = std::string(type.name),
                        .title = type.is_message ? std::string(type.name) : "",
                        .folder = type.folder,
                        .has_file = type.is_message,
                        .parts = {},
                        .schema = [&type](const Reference& reference) {
                          return protocol::schema_of(type, reference);
                        }};
  for (const TypeModel* part : parts_of(type)) definition.parts[part->name] = part;
  return definition;
}

Definition nullable_definition_of(const TypeModel& type) {
  Definition definition{.name = "Nullable" + std::string(type.name),
                        .title = "Nullable_" + std::string(type.name),
                        .folder = type.folder,
                        .has_file = true,
                        .parts = {},
                        .schema = [&type](const Reference& reference) {
                          return nullable_schema_of(type, reference);
                        }};
  add_with_parts(definition.parts, &type);
  return definition;
}

Definition any_request(const std::string& name, const std::string& doc, const Model& model,
                       const std::vector<MethodModel>& methods) {
  Definition definition{
      .name = name,
      .title = name,
      .has_file = true,
      .parts = {},
      .schema = [doc, &model, &methods](const Reference& reference) {
        OrderedJson any = OrderedJson::array();
        for (const MethodModel& method : methods) {
          any.push_back(request_schema(method, *model.types.at("JSONRPCRequest"), reference));
        }
        return object({{"description", doc}, {"oneOf", any}});
      }};
  add_with_parts(definition.parts, model.types.at("RequestId").get());
  add_with_parts(definition.parts, model.types.at("JSONRPCVersion").get());
  for (const MethodModel& method : methods) add_with_parts(definition.parts, method.params);
  return definition;
}

// `envelope` has the members beside `method` and `params`, if there are any.
Definition any_notification(const std::string& name, const std::string& doc,
                            const std::vector<NotificationModel>& notifications,
                            const TypeModel* envelope) {
  Definition definition{.name = name,
                        .title = name,
                        .has_file = true,
                        .parts = {},
                        .schema = [doc, &notifications, envelope](const Reference& reference) {
                          OrderedJson any = OrderedJson::array();
                          for (const NotificationModel& notification : notifications) {
                            any.push_back(notification_schema(notification, reference));
                          }
                          OrderedJson schema = object({{"description", doc}});
                          if (envelope != nullptr) {
                            schema.update(struct_schema(*envelope, "", reference));
                            schema["description"] = doc;
                          }
                          schema["oneOf"] = any;
                          return schema;
                        }};
  for (const NotificationModel& notification : notifications) {
    add_with_parts(definition.parts, notification.params);
  }
  return definition;
}

Definitions definitions_of(const Model& model) {
  Definitions definitions;
  for (const auto& [name, type] : model.types) add(definitions, definition_of(*type));
  for (const MethodModel& method : model.methods) {
    if (method.params == nullptr || method.params_required) continue;
    add(definitions, nullable_definition_of(*method.params));
    definitions.at(std::string(method.params->name)).has_file = false;
  }
  add(definitions,
      any_request("ClientRequest", "Any request that a client may send.", model, model.methods));
  add(definitions, any_request("ServerRequest", "Any request that the server may send.", model,
                               model.server_requests));
  add(definitions,
      any_notification("ClientNotification", "Any notification that a client may send.",
                       model.client_notifications, nullptr));
  add(definitions,
      any_notification("ServerNotification", "Any notification that the server may send.",
                       model.server_notifications, &model.server_notification_envelope));
  return definitions;
}

OrderedJson titled(const std::string& title, const OrderedJson& schema) {
  if (title.empty()) return schema;
  OrderedJson json = object({{"title", title}});
  json.update(schema);
  return json;
}

OrderedJson head() {
  return object({{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"$comment", made_by("generate-json-schema")}});
}

std::string text_of(const OrderedJson& json) { return json.dump(2) + "\n"; }

std::string file_of(const Definition& definition) {
  OrderedJson json = head();
  json.update(titled(definition.title, definition.schema(in_definitions)));
  for (const auto& [name, part] : definition.parts) {
    json["definitions"][std::string(name)] = protocol::schema_of(*part, in_definitions);
  }
  return text_of(json);
}

std::string bundle_of(const char* title, OrderedJson definitions) {
  OrderedJson json = head();
  json["title"] = title;
  json["type"] = "object";
  json["definitions"] = std::move(definitions);
  return text_of(json);
}

// Every definition in one list.
std::string flat_bundle(const Definitions& definitions) {
  OrderedJson all = OrderedJson::object();
  for (const auto& [name, definition] : definitions) {
    all[name] = titled(definition.title, definition.schema(in_definitions));
  }
  return bundle_of("CodexAppServerProtocolV2", std::move(all));
}

// The definitions of v2, with what they share, in a list of their own below `v2`.
std::string nested_bundle(const Definitions& definitions) {
  const Reference from_v2 = [](const TypeModel& type) {
    return "#/definitions/v2/" + std::string(type.name);
  };
  const Reference from_root = [&](const TypeModel& type) {
    return type.folder == Folder::kV2 ? from_v2(type) : in_definitions(type);
  };
  std::map<std::string, OrderedJson> root;
  std::map<std::string, OrderedJson> v2;
  for (const auto& [name, definition] : definitions) {
    if (definition.folder != Folder::kV2) {
      root[name] = titled(definition.title, definition.schema(from_root));
      continue;
    }
    v2[name] = titled(definition.title, definition.schema(from_v2));
    for (const auto& [part_name, part] : definition.parts) {
      v2.emplace(part_name, protocol::schema_of(*part, from_v2));
    }
  }
  OrderedJson all = OrderedJson::object();
  for (auto& [name, schema] : root) all[name] = std::move(schema);
  for (auto& [name, schema] : v2) all["v2"][name] = std::move(schema);
  return bundle_of("CodexAppServerProtocol", std::move(all));
}

}  // namespace

OrderedJson schema_of(const TypeModel& type, const Reference& reference) {
  switch (type.kind) {
    case TypeModel::Kind::kStruct:
      return struct_schema(type, "", reference);
    case TypeModel::Kind::kEnum: {
      OrderedJson any = OrderedJson::array();
      for (const ValueModel& value : type.values) {
        any.push_back(object({{"description", value.doc}}));
        any.back().update(one_value(value.name));
      }
      return object({{"description", type.doc}, {"oneOf", any}});
    }
    case TypeModel::Kind::kUnion: {
      OrderedJson any = OrderedJson::array();
      for (const TypeModel* alternative : type.alternatives) {
        any.push_back(object({{"title", alternative->name}}));
        any.back().update(struct_schema(*alternative, type.tag_name, reference));
      }
      return object({{"description", type.doc}, {"oneOf", any}});
    }
    case TypeModel::Kind::kChoice: {
      OrderedJson any = OrderedJson::array();
      for (const Shape& choice : type.choices) any.push_back(schema_of(choice, reference));
      return object({{"description", type.doc}, {"anyOf", any}});
    }
    case TypeModel::Kind::kWrapper:
      break;
  }
  OrderedJson schema = object({{"description", type.doc}});
  schema.update(schema_of(type.wrapped, reference));
  return schema;
}

OrderedJson nullable_schema_of(const TypeModel& type, const Reference& reference) {
  return object(
      {{"anyOf", list({object({{"$ref", reference(type)}}), object({{"type", "null"}})})}});
}

GeneratedFiles json_schema_files(const Model& model) {
  const Definitions definitions = definitions_of(model);
  GeneratedFiles files;
  for (const auto& [name, definition] : definitions) {
    if (definition.has_file) {
      files[folder_name(definition.folder) + name + ".json"] = file_of(definition);
    }
  }
  files[kBundle] = nested_bundle(definitions);
  files[kFlatBundle] = flat_bundle(definitions);
  return files;
}

}  // namespace quotad::protocol
