// Tokens do not stay in memory that they were freed from: this program looks into all that it frees. It is one of
// its own for that reason, and not built with sanitizers, which have other ways to free memory.

#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

#include "auth/credential_store.hpp"
#include "harness/process.hpp"
#include "quotad/protocol/error.hpp"

namespace {

// What is looked for; its letters are nowhere else.
std::string_view sought;
std::atomic<int> found = 0;

void release(void* memory) {
  if (memory != nullptr && !sought.empty() &&
      memmem(memory, malloc_usable_size(memory), sought.data(), sought.size()) != nullptr) {
    ++found;
  }
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { release(memory); }

namespace quotad::auth {
namespace {

class Wiping : public ::testing::Test {
 protected:
  // How often `text` is freed with what it stands in while `work` is done. Not the beginning of a string: emptying
  // that overwrites a byte.
  template <class Work>
  static int freed(std::string_view text, Work work) {
    found = 0;
    sought = text;
    work();
    sought = {};
    return found;
  }
  void write(const char* content) {
    quotad::testing::write_file(folder_.file("auth.json"), content);
  }
  void look() {
    context_.restart();
    auto result = boost::asio::co_spawn(context_, store_.current(), boost::asio::use_future);
    context_.run();
    try {
      result.get();
    } catch (const protocol::Error&) {
      // Nobody answers whose a personal access token is.
    }
  }

  quotad::testing::TemporaryFolder folder_;
  boost::asio::io_context context_;
  static CommonOptions options() {
    CommonOptions result;
    result.api.auth_api_url = "http://127.0.0.1:9";
    return result;
  }
  Common common_{context_.get_executor(), options()};
  CredentialStore store_{common_, folder_.path(), StoreMode::kFile, std::nullopt};
};

TEST_F(Wiping, SeesWhatIsFreed) {
  const auto work = [] {
    const std::string text = std::string("a text that is longer than it looks");
  };
  EXPECT_GT(freed("text that is longer", work), 0);
  EXPECT_EQ(freed("another text that is longer", work), 0);
}

TEST_F(Wiping, TokensWhoseTimeIsOver) {
  write(
      R"({"tokens":{"access_token":"the-first-access-token-of-all","refresh_token":"the-first-refresh-token-of-all"}})");
  look();
  write(
      R"({"tokens":{"access_token":"the-second-access-token","refresh_token":"the-second-refresh-token"}})");
  EXPECT_EQ(freed("-first-", [&] { look(); }), 0);
  write(R"({"personal_access_token":"at-the-personal-token-of-somebody"})");
  EXPECT_EQ(freed("-second-", [&] { look(); }), 0);
  std::remove(folder_.file("auth.json").c_str());
  EXPECT_EQ(freed("-personal-token", [&] { look(); }), 0);
}

// The colon tells it from the copies of the JSON parser.
TEST_F(Wiping, TheTextOfTheFile) {
  write(R"({"tokens":{"access_token":"the-first-access-token-of-all"}})");
  EXPECT_EQ(freed(R"(:"the-first-access-token-of-all")", [&] { look(); }), 0);
}

}  // namespace
}  // namespace quotad::auth
