// `skills/list` and `model/list`: what an app-server that runs turns can offer. This one offers nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

struct SkillsListParams {
  std::vector<std::string> cwds;
  bool force_reload = false;
};

struct SkillsListResponse {
  std::vector<Json> data;
};

struct ModelListParams {
  std::optional<std::string> model_provider;
  std::optional<std::string> cursor;
  std::optional<std::int64_t> limit;
  std::optional<bool> include_hidden;
};

struct ModelListResponse {
  std::vector<Json> data;
  std::optional<std::string> next_cursor;
};

template <>
struct Description<SkillsListParams> {
  static constexpr std::string_view kName = "SkillsListParams";
  static constexpr std::string_view kDoc = "Which skills to list.";
  static constexpr auto kMembers = std::tuple{
      optional("cwds", &SkillsListParams::cwds, "Folders whose skills count."),
      optional("forceReload", &SkillsListParams::force_reload, "Whether to look at the disk anew."),
  };
};

template <>
struct Description<SkillsListResponse> {
  static constexpr std::string_view kName = "SkillsListResponse";
  static constexpr std::string_view kDoc = "The skills that there are.";
  static constexpr auto kMembers = std::tuple{
      required("data", &SkillsListResponse::data, "Always empty."),
  };
};

template <>
struct Description<ModelListParams> {
  static constexpr std::string_view kName = "ModelListParams";
  static constexpr std::string_view kDoc = "Which models to list.";
  static constexpr auto kMembers = std::tuple{
      optional("modelProvider", &ModelListParams::model_provider, "Whose models count."),
      optional("cursor", &ModelListParams::cursor, "Where an earlier answer ended."),
      optional("limit", &ModelListParams::limit, "How many at most."),
      optional("includeHidden", &ModelListParams::include_hidden,
               "Whether models count that are not shown at first."),
  };
};

template <>
struct Description<ModelListResponse> {
  static constexpr std::string_view kName = "ModelListResponse";
  static constexpr std::string_view kDoc = "The models that there are.";
  static constexpr auto kMembers = std::tuple{
      required("data", &ModelListResponse::data, "Always empty."),
      nullable("nextCursor", &ModelListResponse::next_cursor,
               "Always `null`: there is nothing more."),
  };
};

}  // namespace quotad::protocol
