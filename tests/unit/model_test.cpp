// The descriptions, seen as a whole.
#include "protocol/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace quotad::protocol {
namespace {

// Clients read sentences where they read types: none may be missing.
TEST(Descriptions, SayASentenceForEverything) {
  const auto check = [](std::string_view owner, std::string_view name, std::string_view doc) {
    EXPECT_THAT(std::string(doc), ::testing::EndsWith(".")) << owner << "." << name;
  };
  const auto check_type = [&](const TypeModel& type) {
    check(type.name, "", type.doc);
    for (const MemberModel& member : type.members) check(type.name, member.name, member.doc);
    for (const ValueModel& value : type.values) check(type.name, value.name, value.doc);
  };
  for (const auto& [name, type] : model().types) check_type(*type);
  for (const auto& alternative : model().alternatives) check_type(*alternative);
  for (const MethodModel& method : model().methods) check(method.name, "", method.doc);
}

bool is_camel(std::string_view name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
         name.find('_') == std::string_view::npos;
}

TEST(Descriptions, WireNamesAreCamelCase) {
  // Names of the service's own, and a version.
  const std::set<std::string_view> others = {"PlanType", "RateLimitReachedType", "JSONRPCVersion",
                                             "DesktopOnboardingEntrypoint"};
  for (const auto& [name, type] : model().types) {
    for (const MemberModel& member : type->members) {
      EXPECT_TRUE(is_camel(member.name)) << name << "." << member.name;
    }
    if (others.count(name) != 0) continue;
    for (const ValueModel& value : type->values) {
      EXPECT_TRUE(is_camel(value.name)) << name << "." << value.name;
    }
  }
}

TEST(Model, LeavesOutWhatIsExperimentalUnlessAsked) {
  const auto names = [](const Model& model) {
    std::vector<std::string_view> found;
    for (const auto& member : model.types.at("GetAccountResponse")->members) {
      found.push_back(member.name);
    }
    return found;
  };
  EXPECT_THAT(names(model()), ::testing::Not(::testing::Contains("workspaceRouting")));
  EXPECT_THAT(names(model(true)), ::testing::Contains("workspaceRouting"));
}

}  // namespace
}  // namespace quotad::protocol
