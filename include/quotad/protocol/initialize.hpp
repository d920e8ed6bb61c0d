// The handshake: `initialize` and what it settles for the connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

struct ClientInfo {
  std::string name;
  std::optional<std::string> title;
  std::string version;
};

struct InitializeCapabilities {
  bool experimental_api = false;
  bool request_attestation = false;
  bool required_human_approval = false;
  bool explicit_gateway_oauth = false;
  bool mcp_server_openai_form_elicitation = false;
  std::optional<std::vector<std::string>> opt_out_notification_methods;
  std::optional<OrderedMap<Json>> extensions;
};

struct InitializeParams {
  ClientInfo client_info;
  std::optional<InitializeCapabilities> capabilities;
};

// A path, which the reference gives a name of its own.
struct AbsolutePathBuf {
  std::string path;
};

struct InitializeResponse {
  std::string user_agent;
  AbsolutePathBuf codex_home;
  std::string platform_family;
  std::string platform_os;
};

template <>
struct Description<ClientInfo> {
  static constexpr std::string_view kName = "ClientInfo";
  static constexpr Folder kFolder = Folder::kV1;
  static constexpr std::string_view kDoc = "Who is asking.";
  static constexpr auto kMembers = std::tuple{
      required("name", &ClientInfo::name, "Short name of the client, for example `my-statusbar`."),
      optional("title", &ClientInfo::title, "Name of the client as people know it."),
      required("version", &ClientInfo::version, "Version of the client."),
  };
};

template <>
struct Description<InitializeCapabilities> {
  static constexpr std::string_view kName = "InitializeCapabilities";
  static constexpr Folder kFolder = Folder::kV1;
  static constexpr std::string_view kDoc =
      "What the client can do or wants. Members that are not listed here are ignored.";
  static constexpr auto kMembers = std::tuple{
      optional("experimentalApi", &InitializeCapabilities::experimental_api,
               "Accepted for compatibility; nothing here depends on it."),
      optional("requestAttestation", &InitializeCapabilities::request_attestation,
               "Accepted for compatibility; this server asks for no attestation."),
      optional("requiredHumanApproval", &InitializeCapabilities::required_human_approval,
               "Accepted for compatibility; this server asks for no approvals."),
      optional("explicitGatewayOauth", &InitializeCapabilities::explicit_gateway_oauth,
               "Accepted for compatibility; this server has no gateway."),
      optional("mcpServerOpenaiFormElicitation",
               &InitializeCapabilities::mcp_server_openai_form_elicitation,
               "Accepted for compatibility; this server runs no MCP servers."),
      optional("optOutNotificationMethods", &InitializeCapabilities::opt_out_notification_methods,
               "Exact names of notifications that this connection does not want."),
      optional("extensions", &InitializeCapabilities::extensions,
               "Accepted for compatibility: settings of MCP extensions, by name."),
  };
};

template <>
struct Description<InitializeParams> {
  static constexpr std::string_view kName = "InitializeParams";
  static constexpr Folder kFolder = Folder::kV1;
  static constexpr std::string_view kDoc = "Opens a connection.";
  static constexpr auto kMembers = std::tuple{
      required("clientInfo", &InitializeParams::client_info, "Who is asking."),
      optional("capabilities", &InitializeParams::capabilities, "What the client can do."),
  };
};

template <>
struct Description<AbsolutePathBuf> {
  static constexpr std::string_view kName = "AbsolutePathBuf";
  static constexpr Folder kFolder = Folder::kRoot;
  static constexpr std::string_view kDoc = "An absolute path of the machine the server runs on.";
  static constexpr auto kWrapped = &AbsolutePathBuf::path;
};

template <>
struct Description<InitializeResponse> {
  static constexpr std::string_view kName = "InitializeResponse";
  static constexpr Folder kFolder = Folder::kV1;
  static constexpr std::string_view kDoc = "What the client is talking to.";
  static constexpr auto kMembers = std::tuple{
      required("userAgent", &InitializeResponse::user_agent,
               "The client's name, the protocol version, the operating system, and the server "
               "with its version."),
      required("codexHome", &InitializeResponse::codex_home,
               "Absolute path of the folder that holds `auth.json` and `config.toml`."),
      required("platformFamily", &InitializeResponse::platform_family, "Always `unix`."),
      required("platformOs", &InitializeResponse::platform_os, "Always `linux`."),
  };
};

}  // namespace quotad::protocol
