// The handshake: `initialize` and what it settles for the connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

struct ClientInfo {
  std::string name;
  std::optional<std::string> title;
  std::string version;
};

struct InitializeCapabilities {
  bool experimental_api = false;
  std::optional<std::vector<std::string>> opt_out_notification_methods;
};

struct InitializeParams {
  ClientInfo client_info;
  std::optional<InitializeCapabilities> capabilities;
};

struct InitializeResponse {
  std::string user_agent;
  std::string codex_home;
  std::string platform_family;
  std::string platform_os;
};

template <>
struct Description<ClientInfo> {
  static constexpr std::string_view kName = "ClientInfo";
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
  static constexpr std::string_view kDoc =
      "What the client can do or wants. Members that are not listed here are ignored.";
  static constexpr auto kMembers = std::tuple{
      optional("experimentalApi", &InitializeCapabilities::experimental_api,
               "Accepted for compatibility; nothing here depends on it."),
      optional("optOutNotificationMethods", &InitializeCapabilities::opt_out_notification_methods,
               "Exact names of notifications that this connection does not want."),
  };
};

template <>
struct Description<InitializeParams> {
  static constexpr std::string_view kName = "InitializeParams";
  static constexpr std::string_view kDoc = "Opens a connection.";
  static constexpr auto kMembers = std::tuple{
      required("clientInfo", &InitializeParams::client_info, "Who is asking."),
      optional("capabilities", &InitializeParams::capabilities, "What the client can do."),
  };
};

template <>
struct Description<InitializeResponse> {
  static constexpr std::string_view kName = "InitializeResponse";
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
