// What is committed of the generators' work is what they make today.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "daemon/program.hpp"
#include "harness/paths.hpp"
#include "harness/process.hpp"
#include "protocol/json_schema.hpp"
#include "protocol/openrpc.hpp"
#include "protocol/reference_page.hpp"
#include "protocol/typescript.hpp"
#include "quotad/protocol/methods.hpp"

namespace quotad::protocol {
namespace {

namespace fs = std::filesystem;
using testing::source;

const char* const kRefresh = "out of date; refresh it with ./dev schema";

GeneratedFiles files_in(const fs::path& folder) {
  GeneratedFiles files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().lexically_relative(folder)] = testing::read_file(entry.path());
  }
  return files;
}

void expect_same(const GeneratedFiles& committed, const GeneratedFiles& made) {
  for (const auto& [name, text] : made) {
    ASSERT_EQ(committed.count(name), 1U) << name << " is not committed: " << kRefresh;
    EXPECT_EQ(committed.at(name), text) << name << " is " << kRefresh;
  }
  for (const auto& [name, text] : committed) {
    EXPECT_EQ(made.count(name), 1U) << name << " is made by nothing: " << kRefresh;
  }
}

TEST(GeneratedFiles, JsonSchemaIsCommitted) {
  expect_same(files_in(source("schema/json")), json_schema_files(model()));
}

TEST(GeneratedFiles, TypeScriptIsCommitted) {
  expect_same(files_in(source("schema/typescript")), typescript_files(model()));
}

TEST(GeneratedFiles, OpenRpcIsCommitted) {
  const auto document = openrpc_document(model(), examples(), daemon::program_version());
  EXPECT_EQ(testing::read_file(source("schema/openrpc.json")),
            openrpc_files(document).at("openrpc.json"))
      << kRefresh;
}

TEST(GeneratedFiles, ReferencePageIsCommitted) {
  EXPECT_EQ(testing::read_file(source("docs/protocol.md")), reference_page(model(), examples()))
      << kRefresh;
}

TEST(Examples, ShowEveryMethodInBothDialectsAndAnError) {
  for (const MethodModel& method : model().methods) {
    if (method.name == Discover::kName) continue;
    for (const bool standard : {false, true}) {
      EXPECT_TRUE(std::any_of(examples().exchanges.begin(), examples().exchanges.end(),
                              [&](const Exchange& exchange) {
                                return exchange.method == method.name &&
                                       exchange.standard == standard;
                              }))
          << method.name << " is not among the calls of tests/integration/examples_test.cpp";
    }
    EXPECT_TRUE(std::any_of(examples().failures.begin(), examples().failures.end(),
                            [&](const Failure& failure) { return failure.method == method.name; }))
        << method.name;
  }
}

}  // namespace
}  // namespace quotad::protocol
