// The generate commands: what they write, and what they leave alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "harness/process.hpp"
#include "harness/quotad.hpp"

namespace quotad::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

struct Outcome {
  int code = 0;
  std::string output;
  std::string errors;
};

Outcome run(const Arguments& arguments) {
  Process process(arguments);
  process.close_input();
  Outcome outcome;
  outcome.output = process.read_rest();
  outcome.errors = process.read_error_rest();
  outcome.code = process.wait();
  return outcome;
}

Outcome generate(const std::string& what, const std::string& out, const Arguments& more = {}) {
  Arguments arguments = {program(), "app-server", "generate-" + what, "--out", out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(arguments);
}

std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) continue;
    files[entry.path().lexically_relative(folder)] = read_file(entry.path());
  }
  return files;
}

TEST(Generate, WritesTheSameBytesEveryTime) {
  for (const std::string what : {"json-schema", "ts", "openrpc"}) {
    const TemporaryFolder folder;
    const Outcome first = generate(what, folder.file("deep/er"));
    ASSERT_EQ(first.code, 0) << first.errors;
    EXPECT_EQ(first.output + first.errors, "");
    ASSERT_EQ(generate(what, folder.file("other")).code, 0);
    const auto files = files_in(folder.file("deep/er"));
    EXPECT_FALSE(files.empty());
    EXPECT_EQ(files, files_in(folder.file("other")));
    ASSERT_EQ(generate(what, folder.file("other")).code, 0) << "over its own work";
    EXPECT_EQ(files, files_in(folder.file("other")));
  }
}

TEST(Generate, TakesTheShortFlagsOfTheReference) {
  const TemporaryFolder folder;
  EXPECT_EQ(run({program(), "app-server", "generate-ts", "-o", folder.file("out")}).code, 0);
  EXPECT_TRUE(fs::exists(folder.file("out/index.ts")));
  const Outcome without = run({program(), "app-server", "generate-ts"});
  EXPECT_EQ(without.code, 2);
  EXPECT_THAT(without.errors + without.output, HasSubstr("--out"));
}

TEST(Generate, LeavesAForeignFolderAsItIs) {
  const TemporaryFolder folder;
  write_file(folder.file("notes.txt"), "mine");
  write_file(folder.file("index.ts"), "export {};\n");
  const auto before = files_in(folder.path());
  for (const std::string what : {"json-schema", "ts", "openrpc"}) {
    const Outcome outcome = generate(what, folder.path());
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.errors,
                AllOf(HasSubstr(folder.path()), HasSubstr("notes.txt"), HasSubstr("index.ts")));
    EXPECT_EQ(files_in(folder.path()), before);
  }
}

TEST(Generate, SharesAFolderWithTheOtherGenerators) {
  const TemporaryFolder folder;
  write_file(folder.file(".gitignore"), "*\n");
  for (const std::string what : {"json-schema", "ts", "openrpc", "ts"}) {
    const Outcome outcome = generate(what, folder.path());
    EXPECT_EQ(outcome.code, 0) << outcome.errors;
  }
  for (const char* name : {".gitignore", "openrpc.json", "index.ts", "v2/index.ts",
                           "v2/GetAccountResponse.json", "v2/GetAccountResponse.ts"}) {
    EXPECT_TRUE(fs::exists(folder.file(name))) << name;
  }
}

TEST(Generate, RemovesWhatAnEarlierVersionMade) {
  const TemporaryFolder folder;
  ASSERT_EQ(generate("ts", folder.path()).code, 0);
  const auto files = files_in(folder.path());
  fs::create_directory(folder.file("v0"));
  fs::copy_file(folder.file("RequestId.ts"), folder.file("v0/Old.ts"));
  fs::create_directory(folder.file(".quotad-left"));  // by a run that was killed
  ASSERT_EQ(generate("ts", folder.path()).code, 0);
  EXPECT_EQ(files_in(folder.path()), files);
  EXPECT_FALSE(fs::exists(folder.file("v0")));
  EXPECT_FALSE(fs::exists(folder.file(".quotad-left")));
}

TEST(Generate, SaysWhyItCannotWrite) {
  const TemporaryFolder folder;
  write_file(folder.file("file"), "mine");
  const Outcome file = generate("ts", folder.file("file"));
  EXPECT_EQ(file.code, 1);
  EXPECT_THAT(file.errors, HasSubstr("file is not a folder"));
  const Outcome below = generate("ts", folder.file("file/below"));
  EXPECT_EQ(below.code, 1);
  EXPECT_THAT(below.errors, AllOf(HasSubstr("cannot write to"), HasSubstr("file/below")));
  EXPECT_EQ(read_file(folder.file("file")), "mine");
  const Outcome proc = generate("json-schema", "/proc/nothing");
  EXPECT_EQ(proc.code, 1);
  EXPECT_THAT(proc.errors, HasSubstr("cannot write to /proc/nothing"));
}

// A limit on the size of files stands in for a disk that is full.
TEST(Generate, ChangesNothingWhereTheDiskIsFull) {
  const TemporaryFolder folder;
  ASSERT_EQ(generate("json-schema", folder.file("old")).code, 0);
  const auto before = files_in(folder.file("old"));
  for (const char* out : {"old", "new/er"}) {
    const Outcome outcome =
        run({"/bin/sh", "-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"", program(),
             "app-server", "generate-json-schema", "--out", folder.file(out)});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.errors, HasSubstr("cannot write"));
  }
  EXPECT_EQ(files_in(folder.file("old")), before);
  EXPECT_FALSE(fs::exists(folder.file("new")));
}

TEST(Generate, RunsPrettierBeforeAnythingIsReplaced) {
  const TemporaryFolder folder;
  const std::string out = folder.file("out");
  write_file(folder.file("fake"),
             "#!/bin/sh\nfor file; do case $file in *.ts) echo '// pretty'"
             " >>\"$file\";; esac; done; echo \"$1 $2 $3\"\n");
  fs::permissions(folder.file("fake"), fs::perms::owner_all);
  const Outcome good = generate("ts", out, {"--prettier", folder.file("fake")});
  EXPECT_EQ(good.code, 0) << good.errors;
  EXPECT_EQ(good.output, "");
  EXPECT_EQ(good.errors, "--write --log-level warn\n");
  EXPECT_THAT(read_file(out + "/v2/index.ts"), HasSubstr("// pretty"));

  const auto before = files_in(out);
  for (const std::string prettier : {"/bin/false", "/nowhere/prettier"}) {
    const Outcome bad = generate("ts", out, {"-p", prettier});
    EXPECT_EQ(bad.code, 1);
    EXPECT_THAT(bad.errors, HasSubstr(prettier));
    EXPECT_EQ(files_in(out), before);
  }
}

TEST(Generate, WritesTheReferencePageOverItsOwnOnly) {
  const TemporaryFolder folder;
  const std::string page = folder.file("protocol.md");
  ASSERT_EQ(generate("docs", page).code, 0);
  EXPECT_THAT(read_file(page), HasSubstr("## account/rateLimits/read"));
  EXPECT_EQ(generate("docs", page).code, 0);
  write_file(folder.file("mine.md"), "mine");
  const Outcome foreign = generate("docs", folder.file("mine.md"));
  EXPECT_EQ(foreign.code, 1);
  EXPECT_THAT(foreign.errors, HasSubstr("mine.md was not generated by quotad"));
  EXPECT_EQ(read_file(folder.file("mine.md")), "mine");
  EXPECT_EQ(generate("docs", folder.file("no/such.md")).code, 1);
  EXPECT_EQ(files_in(folder.path()).size(), 2U);
}

TEST(Generate, IncludesWhatIsExperimentalWhenAsked) {
  const TemporaryFolder folder;
  ASSERT_EQ(generate("ts", folder.file("all"), {"--experimental"}).code, 0);
  EXPECT_THAT(read_file(folder.file("all/v2/GetAccountResponse.ts")),
              HasSubstr("workspaceRouting"));
}

// Before the handshake and after it, in both dialects.
TEST(Discover, GivesTheOpenRpcDocument) {
  const Json document = Json::parse(read_file(source("schema/openrpc.json")));
  const TemporaryFolder nobody;
  AppServer server(nobody.path());
  EXPECT_EQ(server.ask("rpc.discover")["result"], document);
  server.initialize(true);
  EXPECT_EQ(server.ask("rpc.discover", Json::object())["result"], document);
  const Json refused = server.ask("rpc.discover", "all of it");
  EXPECT_EQ(refused["error"]["data"]["path"], "params");
  EXPECT_EQ(server.finish(), 0);
}

}  // namespace
}  // namespace quotad::testing
