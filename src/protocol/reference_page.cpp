#include "protocol/reference_page.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace quotad::protocol {
namespace {

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string link(const TypeModel& type) {
  std::string anchor(type.name);
  for (char& c : anchor) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return "[" + std::string(type.name) + "](#" + anchor + ")";
}

std::string type_of(const Shape& shape) {
  std::string type;
  switch (shape.kind) {
    case Shape::Kind::kBoolean:
      type = "boolean";
      break;
    case Shape::Kind::kInt32:
      type = "integer (32 bits)";
      break;
    case Shape::Kind::kInt64:
      type = "integer (64 bits)";
      break;
    case Shape::Kind::kString:
      type = "string";
      break;
    case Shape::Kind::kAny:
      return "any JSON";
    case Shape::Kind::kNamed:
      type = link(*shape.named);
      break;
    case Shape::Kind::kList:
      type = "array of " + type_of(*shape.item);
      break;
    case Shape::Kind::kMap:
      type = "object with values of " + type_of(*shape.item);
      break;
  }
  return shape.nullable ? type + " or `null`" : type;
}

std::string presence_of(const MemberModel& member) {
  switch (member.presence) {
    case Presence::kRequired:
    case Presence::kNullable:
      return "always";
    case Presence::kSparse:
      return "where known";
    case Presence::kOptional:
      break;
  }
  return member.default_value ? "may be absent: " + code(member.default_value->dump())
                              : "may be absent";
}

// A line that is too long to be read, over several.
std::string unfolded(const std::string& line) {
  constexpr std::size_t kWidth = 170;
  return line.size() <= kWidth ? line : OrderedJson::parse(line).dump(2);
}

class Page {
 public:
  Page(const Model& model, const Examples& examples) : model_(model), examples_(examples) {}

  std::string text() {
    out_
        << "<!-- " << made_by("generate-docs") << "; ./dev schema refreshes it. -->\n\n"
        << "# Protocol\n\n"
        << "Messages are JSON-RPC, one JSON value each. A client that sends "
           "`\"jsonrpc\": \"2.0\"` is\nanswered in the standard's dialect; one that leaves it out, "
           "in the reference's, called lite.\nNumbers of 64 bits are plain JSON numbers. Members "
           "that a table does not know are ignored in\nwhat comes in, and may be added to what "
           "goes out. Messages are shown over\nseveral lines where they are long; on the wire "
           "each is one.\n\n"
        << "Typings: [JSON Schema](../schema/json), [TypeScript](../schema/typescript),\n"
        << "[OpenRPC](../schema/openrpc.json), which the server also gives as `rpc.discover`.\n";
    write_method_list();
    for (const MethodModel& method : model_.methods) write_method(method);
    for (const MethodModel& request : model_.server_requests) {
      write_method(request, " (asked by the server)");
    }
    write_notifications("Notifications from the client", model_.client_notifications);
    write_notifications("Notifications from the server", model_.server_notifications);
    out_ << "\nBeside `method` and `params`, each has:\n\n";
    write_members(model_.server_notification_envelope.members);
    write_error_kinds();
    out_ << "\n## Types\n";
    for (const auto& [name, type] : model_.types) {
      if (!is_shown_elsewhere(*type)) write_type(*type);
    }
    return out_.str();
  }

 private:
  void write_method_list() {
    out_ << "\n| method | |\n| --- | --- |\n";
    for (const MethodModel& method : model_.methods) {
      out_ << "| " << code(method.name) << " | " << cell(method.doc) << " |\n";
    }
  }

  void write_members(const std::vector<MemberModel>& members) {
    out_ << "| member | type | present | |\n| --- | --- | --- | --- |\n";
    for (const MemberModel& member : members) {
      out_ << "| " << code(member.name) << " | " << type_of(member.shape) << " | "
           << presence_of(member) << " | " << cell(member.doc) << " |\n";
    }
  }

  void write_alternatives(const TypeModel& type) {
    for (const TypeModel* alternative : type.alternatives) {
      out_ << "\n"
           << code(type.tag_name) << " is " << code(alternative->tag) << ": " << alternative->doc
           << "\n";
      if (!alternative->members.empty()) {
        out_ << "\n";
        write_members(alternative->members);
      }
    }
  }

  void write_struct(const std::string& title, const TypeModel& type) {
    out_ << "\n" << title << " (" << code(type.name) << "): " << type.doc << "\n";
    if (type.kind == TypeModel::Kind::kUnion) {
      write_alternatives(type);
    } else if (type.members.empty()) {
      out_ << "\nNo members.\n";
    } else {
      out_ << "\n";
      write_members(type.members);
    }
  }

  void write_method(const MethodModel& method, const char* whose = "") {
    out_ << "\n## " << method.name << whose << "\n\n" << method.doc << "\n";
    if (method.params == nullptr) {
      out_ << "\nIt takes no params.\n";
    } else {
      write_struct(method.params_required ? "**Params**" : "**Params**, which may be left out",
                   *method.params);
    }
    if (method.result != nullptr) write_struct("**Result**", *method.result);
    write_failures(method);
    write_exchanges(method);
  }

  void write_failures(const MethodModel& method) {
    bool first = true;
    for (const Failure& failure : examples_.failures) {
      if (failure.method != method.name) continue;
      if (std::exchange(first, false)) {
        out_ << "\n**Errors**\n\n| when | lite | 2.0 | `data` |\n| --- | --- | --- | --- |\n";
      }
      out_ << "| " << cell(failure.when) << " | " << failure.lite_code << " | "
           << failure.standard_code << " | " << code(cell(encode(failure.data).dump())) << " |\n";
    }
  }

  void write_exchanges(const MethodModel& method) {
    for (const bool standard : {false, true}) {
      for (const Exchange& exchange : examples_.exchanges) {
        if (exchange.method != method.name || exchange.standard != standard) continue;
        out_ << (standard ? "\nIn JSON-RPC 2.0:" : "\nIn lite:") << "\n\n```text\n→ "
             << unfolded(exchange.request) << "\n← " << unfolded(exchange.answer) << "\n```\n";
      }
    }
  }

  void write_notifications(const std::string& title,
                           const std::vector<NotificationModel>& notifications) {
    if (notifications.empty()) return;
    out_ << "\n## " << title << "\n\n| notification | params | |\n| --- | --- | --- |\n";
    for (const NotificationModel& notification : notifications) {
      out_ << "| " << code(notification.name) << " | "
           << (notification.params != nullptr ? link(*notification.params) : "none") << " | "
           << cell(notification.doc) << " |\n";
    }
  }

  void write_error_kinds() {
    out_ << "\n## Errors\n\nEvery error is `{code, message, data}`. `message` is for people; "
            "`data` is for programs:\n\n";
    write_members(model_.types.at("ErrorData")->members);
    out_ << "\n| `kind` | |\n| --- | --- |\n";
    for (const ValueModel& kind : model_.types.at("ErrorKind")->values) {
      out_ << "| " << code(kind.name) << " | " << cell(kind.doc) << " |\n";
    }
  }

  bool is_shown_elsewhere(const TypeModel& type) const {
    if (type.name == "ErrorData" || type.name == "ErrorKind") return true;
    const auto shows = [&](const MethodModel& method) {
      return method.params == &type || method.result == &type;
    };
    return std::any_of(model_.methods.begin(), model_.methods.end(), shows) ||
           std::any_of(model_.server_requests.begin(), model_.server_requests.end(), shows);
  }

  void write_type(const TypeModel& type) {
    out_ << "\n### " << type.name << "\n\n" << type.doc << "\n";
    switch (type.kind) {
      case TypeModel::Kind::kStruct:
        out_ << "\n";
        write_members(type.members);
        break;
      case TypeModel::Kind::kEnum:
        out_ << "\n| value | |\n| --- | --- |\n";
        for (const ValueModel& value : type.values) {
          out_ << "| " << code(value.name) << " | " << cell(value.doc) << " |\n";
        }
        break;
      case TypeModel::Kind::kUnion:
        write_alternatives(type);
        break;
      case TypeModel::Kind::kChoice:
        out_ << "\nOne of:\n\n";
        for (const Shape& choice : type.choices) out_ << "- " << type_of(choice) << "\n";
        break;
      case TypeModel::Kind::kWrapper:
        out_ << "\nOn the wire: " << type_of(type.wrapped) << ".\n";
        break;
    }
  }

  const Model& model_;
  const Examples& examples_;
  std::ostringstream out_;
};

}  // namespace

std::string reference_page(const Model& model, const Examples& examples) {
  return Page(model, examples).text();
}

}  // namespace quotad::protocol
