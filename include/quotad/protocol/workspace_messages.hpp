// `account/workspaceMessages/read`: what a workspace tells its members. This server asks for none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

enum class WorkspaceMessageType { kHeadline, kAnnouncement, kUnknown };

struct WorkspaceMessage {
  std::string message_id;
  WorkspaceMessageType message_type = WorkspaceMessageType::kUnknown;
  std::string message_body;
  std::optional<std::int64_t> created_at;
  std::optional<std::int64_t> archived_at;
};

struct GetWorkspaceMessagesResponse {
  bool feature_enabled = false;
  std::vector<WorkspaceMessage> messages;
};

template <>
struct Description<WorkspaceMessageType> {
  static constexpr std::string_view kName = "WorkspaceMessageType";
  static constexpr std::string_view kDoc = "How a workspace's message is meant.";
  static constexpr auto kValues = std::to_array<EnumValue<WorkspaceMessageType>>({
      {WorkspaceMessageType::kHeadline, "headline", "A line at the top."},
      {WorkspaceMessageType::kAnnouncement, "announcement", "An announcement."},
      {WorkspaceMessageType::kUnknown, "unknown", "In a way of a later version."},
  });
};

template <>
struct Description<WorkspaceMessage> {
  static constexpr std::string_view kName = "WorkspaceMessage";
  static constexpr std::string_view kDoc = "What a workspace tells its members.";
  static constexpr auto kMembers = std::tuple{
      required("messageId", &WorkspaceMessage::message_id, "Tells this message from others."),
      required("messageType", &WorkspaceMessage::message_type, "How it is meant."),
      required("messageBody", &WorkspaceMessage::message_body, "Its text."),
      nullable("createdAt", &WorkspaceMessage::created_at,
               "When it was written, Unix time in seconds, or `null`."),
      nullable("archivedAt", &WorkspaceMessage::archived_at,
               "When it was put away, Unix time in seconds, or `null`."),
  };
};

template <>
struct Description<GetWorkspaceMessagesResponse> {
  using T = GetWorkspaceMessagesResponse;
  static constexpr std::string_view kName = "GetWorkspaceMessagesResponse";
  static constexpr std::string_view kDoc = "The messages of a workspace.";
  static constexpr auto kMembers = std::tuple{
      required("featureEnabled", &T::feature_enabled,
               "Always false: this server does not ask for messages."),
      required("messages", &T::messages, "Always empty."),
  };
};

}  // namespace quotad::protocol
