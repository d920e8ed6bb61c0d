#include "protocol/openrpc.hpp"

#include <set>
#include <utility>

#include "protocol/json_schema.hpp"

namespace quotad::protocol {
namespace {

// The method that gives the document; it is of the document, not in it.
constexpr std::string_view kDiscover = "rpc.discover";

std::string in_components(const TypeModel& type) {
  return "#/components/schemas/" + std::string(type.name);
}

// Params that are one of several structs: the tag, and every member that one of them has.
OrderedJson union_params(const TypeModel& type) {
  OrderedJson tag;
  tag["name"] = type.tag_name;
  tag["description"] = type.doc;
  tag["required"] = true;
  tag["schema"]["type"] = "string";
  OrderedJson members = OrderedJson::object();
  for (const TypeModel* alternative : type.alternatives) {
    tag["schema"]["enum"].push_back(alternative->tag);
    const OrderedJson schema = schema_of(*alternative, in_components);
    for (const MemberModel& member : alternative->members) {
      OrderedJson param;
      param["name"] = member.name;
      param["description"] = member.doc;
      param["required"] = false;
      param["schema"] = schema["properties"][std::string(member.name)];
      members.emplace(std::string(member.name), std::move(param));
    }
  }
  OrderedJson params = OrderedJson::array({std::move(tag)});
  for (auto& param : members) params.push_back(std::move(param));
  return params;
}

OrderedJson params_of(const MethodModel& method) {
  OrderedJson params = OrderedJson::array();
  if (method.params == nullptr) return params;
  if (method.params->kind == TypeModel::Kind::kUnion) return union_params(*method.params);
  const OrderedJson schema = schema_of(*method.params, in_components);
  for (const MemberModel& member : method.params->members) {
    OrderedJson param;
    param["name"] = member.name;
    param["description"] = member.doc;
    param["required"] = member.presence == Presence::kRequired;
    param["schema"] = schema["properties"][std::string(member.name)];
    params.push_back(std::move(param));
  }
  return params;
}

OrderedJson result_of(const MethodModel& method) {
  OrderedJson result;
  result["name"] = method.result->name;
  result["description"] = method.result->doc;
  result["schema"]["$ref"] = in_components(*method.result);
  return result;
}

OrderedJson errors_of(const MethodModel& method, const Examples& examples) {
  OrderedJson errors = OrderedJson::array();
  for (const Failure& failure : examples.failures) {
    if (failure.method != method.name) continue;
    OrderedJson error;
    error["code"] = failure.standard_code;
    error["message"] = failure.when;
    error["data"] = encode(failure.data);
    errors.push_back(std::move(error));
  }
  return errors;
}

OrderedJson examples_of(const MethodModel& method, const Examples& examples) {
  OrderedJson pairings = OrderedJson::array();
  for (const Exchange& exchange : examples.exchanges) {
    if (exchange.method != method.name || !exchange.standard) continue;
    const OrderedJson request = OrderedJson::parse(exchange.request);
    const OrderedJson answer = OrderedJson::parse(exchange.answer);
    OrderedJson pairing;
    pairing["name"] = method.name;
    pairing["params"] = OrderedJson::array();
    if (request.contains("params")) {
      for (const auto& [name, value] : request["params"].items()) {
        OrderedJson param;
        param["name"] = name;
        param["value"] = value;
        pairing["params"].push_back(std::move(param));
      }
    }
    pairing["result"]["name"] = method.result->name;
    pairing["result"]["value"] = answer["result"];
    pairings.push_back(std::move(pairing));
  }
  return pairings;
}

}  // namespace

OrderedJson openrpc_document(const Model& model, const Examples& examples,
                             const std::string& version) {
  OrderedJson document;
  document["openrpc"] = "1.3.2";
  document["x-origin"] = made_by("generate-openrpc");
  OrderedJson& info = document["info"];
  info["title"] = "quotad";
  info["version"] = version;
  info["description"] =
      "The account part of the Codex app-server protocol: allowance, usage and reset credits. "
      "Error codes are those of JSON-RPC 2.0; a client that leaves out `jsonrpc` gets those of the "
      "reference.";
  info["license"]["name"] = "Apache-2.0";
  info["license"]["url"] = "https://www.apache.org/licenses/LICENSE-2.0";

  std::map<std::string_view, const TypeModel*> parts;
  const auto add_part = [&](const TypeModel& type) {
    parts[type.name] = &type;
    for (const TypeModel* part : parts_of(type)) parts[part->name] = part;
  };
  OrderedJson methods = OrderedJson::array();
  for (const MethodModel& method : model.methods) {
    if (method.name == kDiscover) continue;
    OrderedJson row;
    row["name"] = method.name;
    row["summary"] = method.doc;
    if (method.is_extension) row["x-extension"] = true;
    row["paramStructure"] = "by-name";
    row["params"] = params_of(method);
    row["result"] = result_of(method);
    row["errors"] = errors_of(method, examples);
    row["examples"] = examples_of(method, examples);
    methods.push_back(std::move(row));
    add_part(*method.result);
    if (method.params != nullptr) add_part(*method.params);
  }
  add_part(*model.types.at("ErrorData"));
  document["methods"] = std::move(methods);
  OrderedJson schemas = OrderedJson::object();
  for (const auto& [name, type] : parts)
    schemas[std::string(name)] = schema_of(*type, in_components);
  document["components"]["schemas"] = std::move(schemas);
  return document;
}

GeneratedFiles openrpc_files(const OrderedJson& document) {
  return {{"openrpc.json", document.dump(2) + "\n"}};
}

}  // namespace quotad::protocol
