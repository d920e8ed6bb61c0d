#include "protocol/typescript.hpp"

#include <set>
#include <sstream>

namespace quotad::protocol {
namespace {

constexpr std::string_view kJsonValue = "JsonValue";

// Longest line that a comment is broken into.
constexpr std::size_t kWidth = 100;

std::string module_folder(const TypeModel& type) { return type.folder == Folder::kV2 ? "v2" : ""; }

// A file under construction: its text, and what it must import.
class File {
 public:
  explicit File(std::string folder) : folder_(std::move(folder)) {}

  void import(const TypeModel& type) { imports_[std::string(type.name)] = module_folder(type); }
  void import(std::string_view name, const std::string& folder) {
    imports_[std::string(name)] = folder;
  }
  std::ostringstream& out() { return out_; }

  std::string text() const {
    std::ostringstream text;
    text << "// GENERATED CODE! DO NOT MODIFY BY HAND!\n// " << made_by("generate-ts") << ".\n";
    for (const auto& [name, folder] : imports_) {
      text << "import type { " << name << " } from \"" << path_to(folder) << name << "\";\n";
    }
    text << "\n" << out_.str();
    return text.str();
  }

 private:
  std::string path_to(const std::string& folder) const {
    if (folder == folder_) return "./";
    return (folder_.empty() ? "./" : "../") + (folder.empty() ? "" : folder + "/");
  }

  std::string folder_;
  std::map<std::string, std::string> imports_;
  std::ostringstream out_;
};

// A doc comment, indented.
std::string comment(std::string_view doc, const std::string& indent) {
  std::istringstream words{std::string(doc)};
  std::vector<std::string> lines(1);
  std::string word;
  while (words >> word) {
    std::string& line = lines.back();
    if (!line.empty() && indent.size() + 3 + line.size() + 1 + word.size() > kWidth) {
      lines.push_back(word);
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
  }
  if (lines.size() == 1 && indent.size() + lines[0].size() + 7 <= kWidth) {
    return indent + "/** " + lines[0] + " */\n";
  }
  std::string text = indent + "/**\n";
  for (const std::string& line : lines) text += indent + " * " + line + "\n";
  return text + indent + " */\n";
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string type_of(const Shape& shape, File& file) {
  std::string type;
  switch (shape.kind) {
    case Shape::Kind::kBoolean:
      type = "boolean";
      break;
    case Shape::Kind::kInt32:
    case Shape::Kind::kInt64:
      type = "number";
      break;
    case Shape::Kind::kString:
      type = "string";
      break;
    case Shape::Kind::kAny:
      file.import(kJsonValue, "serde_json");
      return std::string(kJsonValue);  // null is one of its values
    case Shape::Kind::kNamed:
      file.import(*shape.named);
      type = shape.named->name;
      break;
    case Shape::Kind::kList:
      type = "Array<" + type_of(*shape.item, file) + ">";
      break;
    case Shape::Kind::kMap:
      type = "{ [key in string]?: " + type_of(*shape.item, file) + " }";
      break;
  }
  return shape.nullable ? type + " | null" : type;
}

void write_member(const MemberModel& member, const std::string& indent, File& file) {
  const std::string type = type_of(member.shape, file);
  file.out() << comment(member.doc, indent) << indent << member.name
             << (leaves_out_empty(member.presence) ? "?: " : ": ") << type << ";\n";
}

void write_struct(const TypeModel& type, std::string_view tag_name, const std::string& indent,
                  File& file) {
  if (type.members.empty() && tag_name.empty()) {
    file.out() << "Record<string, never>";
    return;
  }
  file.out() << "{\n";
  if (!tag_name.empty()) {
    file.out() << indent << "  " << tag_name << ": " << quoted(type.tag) << ";\n";
  }
  for (const MemberModel& member : type.members) write_member(member, indent + "  ", file);
  file.out() << indent << "}";
}

std::string file_of(const TypeModel& type) {
  File file(module_folder(type));
  file.out() << comment(type.doc, "") << "export type " << type.name << " =";
  switch (type.kind) {
    case TypeModel::Kind::kStruct:
      file.out() << " ";
      write_struct(type, "", "", file);
      break;
    case TypeModel::Kind::kEnum:
      for (const ValueModel& value : type.values) {
        file.out() << "\n" << comment(value.doc, "  ") << "  | " << quoted(value.name);
      }
      break;
    case TypeModel::Kind::kUnion:
      for (const TypeModel* alternative : type.alternatives) {
        file.out() << "\n" << comment(alternative->doc, "  ") << "  | ";
        write_struct(*alternative, type.tag_name, "  ", file);
      }
      break;
    case TypeModel::Kind::kChoice:
      for (const Shape& choice : type.choices) file.out() << "\n  | " << type_of(choice, file);
      break;
    case TypeModel::Kind::kWrapper:
      file.out() << " " << type_of(type.wrapped, file);
      break;
  }
  file.out() << ";\n";
  return file.text();
}

std::string params_of(const MethodModel& method, File& file) {
  if (method.params == nullptr) return "params?: null";
  file.import(*method.params);
  const std::string type(method.params->name);
  return method.params_required ? "params: " + type : "params?: " + type + " | null";
}

std::string request_file(const std::string& name, const std::string& doc, const Model& model,
                         const std::vector<MethodModel>& methods) {
  File file("");
  file.import(*model.types.at("RequestId"));
  file.import(*model.types.at("JSONRPCVersion"));
  file.out() << comment(doc, "") << "export type " << name << " =";
  for (const MethodModel& method : methods) {
    file.out() << "\n"
               << comment(method.doc, "  ")
               << "  | { jsonrpc?: JSONRPCVersion; method: " << quoted(method.name)
               << "; id: RequestId; " << params_of(method, file) << " }";
  }
  file.out() << ";\n";
  return file.text();
}

std::string notification_file(const std::string& name, const std::string& doc,
                              const std::vector<NotificationModel>& notifications) {
  File file("");
  file.out() << comment(doc, "") << "export type " << name << " =";
  for (const NotificationModel& notification : notifications) {
    file.out() << "\n"
               << comment(notification.doc, "  ") << "  | { method: " << quoted(notification.name);
    if (notification.params != nullptr) {
      file.import(*notification.params);
      file.out() << "; params: " << notification.params->name;
    }
    file.out() << " }";
  }
  file.out() << ";\n";
  return file.text();
}

// What stands beside a notification's own members, and those.
std::string envelope_file(const TypeModel& envelope) {
  File file(module_folder(envelope));
  file.import("ServerNotification", "");
  file.out() << comment(envelope.doc, "") << "export type " << envelope.name << " = ";
  write_struct(envelope, "", "", file);
  file.out() << " & ServerNotification;\n";
  return file.text();
}

std::string method_map_file(const Model& model) {
  File file("");
  file.out() << comment("The params and the result of each method.", "")
             << "export type MethodMap = {\n";
  for (const MethodModel& method : model.methods) {
    std::string result(kJsonValue);
    if (method.result != nullptr) {
      result = method.result->name;
      file.import(*method.result);
    } else {
      file.import(kJsonValue, "serde_json");
    }
    file.out() << comment(method.doc, "  ") << "  " << quoted(method.name) << ": { "
               << params_of(method, file) << "; result: " << result << " };\n";
  }
  file.out() << "};\n\n"
             << comment("The name of a method.", "") << "export type Method = keyof MethodMap;\n\n"
             << comment("What a method takes.", "")
             << "export type MethodParams<M extends Method> = MethodMap[M][\"params\"];\n\n"
             << comment("What a method gives.", "")
             << "export type MethodResult<M extends Method> = MethodMap[M][\"result\"];\n\n"
             << comment(
                    "A function that asks the server. Params come second, and may be left out "
                    "where the method can do without.",
                    "")
             << "export type RequestFunction = <M extends Method>(\n"
             << "  method: M,\n"
             << "  ...params: undefined extends MethodParams<M>\n"
             << "    ? [params?: MethodParams<M>]\n    : [params: "
                "MethodParams<M>]\n"
             << ") => Promise<MethodResult<M>>;\n";
  return file.text();
}

std::string json_value_file() {
  File file("serde_json");
  file.out() << comment("Any JSON.", "") << "export type JsonValue =\n"
             << "  | number\n  | string\n  | boolean\n  | Array<JsonValue>\n"
             << "  | { [key in string]?: JsonValue }\n  | null;\n";
  return file.text();
}

// Exports what stands in `folder` of `files`.
std::string index_file(const GeneratedFiles& files, const std::string& folder) {
  File file(folder);
  const std::string prefix = folder.empty() ? "" : folder + "/";
  for (const auto& [path, text] : files) {
    if (path.compare(0, prefix.size(), prefix) != 0) continue;
    const std::string name = path.substr(prefix.size(), path.size() - prefix.size() - 3);
    if (name.find('/') != std::string::npos) continue;
    const std::string what = name == "MethodMap"
                                 ? "Method, MethodMap, MethodParams, MethodResult, RequestFunction"
                                 : name;
    file.out() << "export type { " << what << " } from \"./" << name << "\";\n";
  }
  if (folder.empty()) file.out() << "export * as v2 from \"./v2\";\n";
  return file.text();
}

}  // namespace

GeneratedFiles typescript_files(const Model& model) {
  GeneratedFiles files;
  for (const auto& [name, type] : model.types) {
    const std::string folder = module_folder(*type);
    files[(folder.empty() ? "" : folder + "/") + std::string(name) + ".ts"] = file_of(*type);
  }
  files["ClientRequest.ts"] =
      request_file("ClientRequest", "Any request that a client may send.", model, model.methods);
  files["ServerRequest.ts"] = request_file("ServerRequest", "Any request that the server may send.",
                                           model, model.server_requests);
  files["ClientNotification.ts"] = notification_file(
      "ClientNotification", "Any notification that a client may send.", model.client_notifications);
  files["ServerNotification.ts"] =
      notification_file("ServerNotification", "Any notification that the server may send.",
                        model.server_notifications);
  files["ServerNotificationEnvelope.ts"] = envelope_file(model.server_notification_envelope);
  files["MethodMap.ts"] = method_map_file(model);
  const std::string v2_index = index_file(files, "v2");
  files["index.ts"] = index_file(files, "");
  files["v2/index.ts"] = v2_index;
  files["serde_json/JsonValue.ts"] = json_value_file();
  return files;
}

}  // namespace quotad::protocol
