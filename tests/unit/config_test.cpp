#include "daemon/config.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "harness/process.hpp"
#include "quotad/backend/client.hpp"

namespace quotad::daemon {
namespace {

using auth::StoreMode;

class ConfigFile : public ::testing::Test {
 protected:
  Config load(const std::string& toml, const std::vector<std::string>& overrides = {}) {
    quotad::testing::write_file(folder_.file("config.toml"), toml);
    return load_config(folder_.path(), overrides);
  }
  quotad::testing::TemporaryFolder folder_;
};

TEST_F(ConfigFile, DefaultsWithoutAFile) {
  const Config config = load_config(folder_.path(), {});
  EXPECT_EQ(config.base_url, "https://chatgpt.com/backend-api/");
  EXPECT_EQ(config.store_mode, StoreMode::kFile);
  EXPECT_FALSE(config.problem);
}

TEST_F(ConfigFile, ReadsItsKeysAndIgnoresOthers) {
  const Config config = load(
      "model = \"x\"\nchatgpt_base_url = \"http://a/b\"\n"
      "cli_auth_credentials_store = \"auto\"\n[table]\nkey = 1\n");
  EXPECT_EQ(config.base_url, "http://a/b");
  EXPECT_EQ(config.store_mode, StoreMode::kAuto);
}

TEST_F(ConfigFile, OverridesWinWithAndWithoutQuotes) {
  EXPECT_EQ(load("chatgpt_base_url = \"http://a\"", {"chatgpt_base_url=https://b"}).base_url,
            "https://b");
  EXPECT_EQ(load("", {"chatgpt_base_url=\"https://b\""}).base_url, "https://b");
  EXPECT_EQ(load("", {"cli_auth_credentials_store=keyring"}).store_mode, StoreMode::kKeyring);
  EXPECT_FALSE(load("", {"model=o3", "a.b.c=[1,2]"}).problem);
  EXPECT_EQ(load("", {"chatgpt_base_url = https://b"}).base_url, "https://b");
  EXPECT_EQ(load("", {"chatgpt_base_url='https://b"}).base_url, "https://b");
  const Config last = load("", {"chatgpt_base_url=5", "chatgpt_base_url=https://c"});
  EXPECT_EQ(last.base_url, "https://c");
  EXPECT_FALSE(last.problem);
}

TEST_F(ConfigFile, WhatIsThereAndCannotBeReadIsAProblem) {
  const std::filesystem::path file = folder_.file("config.toml");
  const auto problem = [&] { return load_config(folder_.path(), {}).problem.value_or("none"); };
  EXPECT_EQ(problem(), "none") << "there is no file";
  std::filesystem::create_directory(file);
  EXPECT_EQ(problem(),
            "cannot use " + file.string() + ": it is not a regular file; mend or remove the file");
  std::filesystem::remove(file);
  std::filesystem::create_symlink(file, file);
  EXPECT_NE(problem().find("Too many levels of symbolic links"), std::string::npos) << problem();
}

TEST_F(ConfigFile, CredentialsDoNotCrossANetworkWithoutTls) {
  for (const char* url : {"http://127.0.0.1:1", "http://localhost/x", "http://[::1]:2"}) {
    EXPECT_FALSE(load("", {std::string("chatgpt_base_url=") + url}).problem) << url;
  }
  for (const char* url : {"http://b", "http://127.0.0.1.b", "HTTP://b", "http://127.0.0.1@b"}) {
    const auto problem = load("", {std::string("chatgpt_base_url=") + url}).problem.value_or("");
    EXPECT_NE(problem.find("without TLS"), std::string::npos) << url << problem;
  }
  for (const char* url :
       {"b", "b:1", "127.0.0.1:1/x", "user:hidden@b/x", "//b", "ftp://b", "https://"}) {
    const auto problem = load("", {std::string("chatgpt_base_url=") + url}).problem.value_or("");
    EXPECT_NE(problem.find("is no https:// URL"), std::string::npos) << url << problem;
    EXPECT_EQ(problem.find("hidden"), std::string::npos) << problem;
  }
}

TEST_F(ConfigFile, OneThatEverybodyMayWriteToIsNotUsed) {
  const std::string file = folder_.file("config.toml");
  load("chatgpt_base_url = \"https://service.example\"\n");
  std::filesystem::permissions(file, std::filesystem::perms{0666});
  const Config config = load_config(folder_.path(), {});
  EXPECT_EQ(config.problem,
            "cannot use " + file + ": everybody may write to it; run: chmod o-w '" + file + "'");
  EXPECT_EQ(config.base_url, Config().base_url);
  std::filesystem::permissions(file, std::filesystem::perms{0664});
  EXPECT_FALSE(load_config(folder_.path(), {}).problem);
}

TEST_F(ConfigFile, ProblemsNameTheFileAndThePlace) {
  const std::string file = folder_.file("config.toml");
  const auto problem = [&](const char* toml) { return load(toml).problem.value_or(""); };
  EXPECT_NE(problem("a = = 3").find(file + ": line 1, column"), std::string::npos);
  EXPECT_EQ(
      problem("chatgpt_base_url = 5"),
      "cannot use " + file + ": `chatgpt_base_url` must be a string; mend or remove the file");
  EXPECT_NE(problem("cli_auth_credentials_store = \"zzz\"").find("must be one of \"file\""),
            std::string::npos);
  EXPECT_NE(load("", {"nonsense"}).problem.value_or("").find("expected key=value"),
            std::string::npos);
}

TEST_F(ConfigFile, NothingIsFromAFileWithAProblem) {
  const Config config = load("chatgpt_base_url = \"http://a\"\ncli_auth_credentials_store = 5\n");
  EXPECT_TRUE(config.problem);
  EXPECT_EQ(config.base_url, Config().base_url);
  EXPECT_EQ(config.store_mode, Config().store_mode);
}

TEST(CodexHome, FromTheEnvironment) {
  const auto env = [](std::map<std::string, const char*> values) -> GetEnv {
    return [values](const char* name) {
      const auto at = values.find(name);
      return at == values.end() ? nullptr : at->second;
    };
  };
  EXPECT_EQ(find_codex_home(env({{"CODEX_HOME", "/c"}, {"HOME", "/h"}})), "/c");
  EXPECT_EQ(find_codex_home(env({{"CODEX_HOME", ""}, {"HOME", "/h"}})), "/h/.codex");
  EXPECT_EQ(find_codex_home(env({{"HOME", "/h"}})), "/h/.codex");
}

TEST(BaseUrl, IsCompletedAsTheReferenceDoes) {
  using backend::resolve_base_url;
  EXPECT_EQ(resolve_base_url("https://chatgpt.com/backend-api/"),
            "https://chatgpt.com/backend-api");
  EXPECT_EQ(resolve_base_url("https://chatgpt.com"), "https://chatgpt.com/backend-api");
  EXPECT_EQ(resolve_base_url("https://chat.openai.com///"), "https://chat.openai.com/backend-api");
  EXPECT_EQ(resolve_base_url("http://127.0.0.1:1/x/"), "http://127.0.0.1:1/x");
}

// The time limits of reference behaviour, section 2, and our own of `usage`.
TEST(Defaults, OfTheClient) {
  using std::chrono::seconds;
  const backend::ClientOptions options;
  EXPECT_EQ(options.usage_timeout, seconds(30));
  EXPECT_EQ(options.details_timeout, seconds(5));
  EXPECT_EQ(options.consume_timeout, seconds(10));
  EXPECT_EQ(options.profile_timeout, seconds(10));
  EXPECT_EQ(options.thread_usage_timeout, seconds(60));
  EXPECT_EQ(options.max_body_bytes, std::size_t{1} << 20U);
}

TEST(CaEnvironment, TheCodexVariableComesFirst) {
  const auto options = [](std::map<std::string, const char*> values) {
    backend::ClientOptions result;
    backend::use_ca_environment(result, [&](const char* name) {
      const auto at = values.find(name);
      return at == values.end() ? nullptr : at->second;
    });
    return result;
  };
  const auto both = options({{"CODEX_CA_CERTIFICATE", "/c"}, {"SSL_CERT_FILE", "/s"}});
  EXPECT_EQ(both.ca_file, "/c");
  const auto ssl = options({{"SSL_CERT_FILE", "/s"}, {"SSL_CERT_DIR", "/d"}});
  EXPECT_EQ(ssl.ca_file, "/s");
  EXPECT_EQ(ssl.ca_dir, "/d");
  EXPECT_FALSE(ssl.trust_system);
  EXPECT_TRUE(both.trust_system);
  EXPECT_EQ(options({}).ca_file, "");
  EXPECT_TRUE(options({}).trust_system);
}

TEST(StateHome, IsFoundInTheEnvironment) {
  const auto found = [](std::map<std::string, std::string> environment) {
    return find_state_home([&](const char* name) -> const char* {
             const auto value = environment.find(name);
             return value == environment.end() ? nullptr : value->second.c_str();
           })
        .string();
  };
  EXPECT_EQ(found({{"HOME", "/h"}}), "/h/.local/state/quotad");
  EXPECT_EQ(found({{"HOME", "/h"}, {"XDG_STATE_HOME", "/s"}}), "/s/quotad");
  EXPECT_EQ(found({{"HOME", "/h"}, {"XDG_STATE_HOME", "relative"}}), "/h/.local/state/quotad");
  for (const char* own : {"/x/y", "/x/y/", "/x/./y//", "/x/y/.", "/x/z/../y"}) {
    EXPECT_EQ(found({{"XDG_STATE_HOME", "/s"}, {"QUOTAD_STATE_HOME", own}}), "/x/y") << own;
  }
  EXPECT_EQ(found({{"QUOTAD_STATE_HOME", "x"}}), (std::filesystem::current_path() / "x").string());
}

}  // namespace
}  // namespace quotad::daemon
