// The record of redemptions by itself: what it remembers, what it refuses, and how it breaks.

#include "storage/sqlite/ledger.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <tuple>

#include "harness/process.hpp"
#include "quotad/protocol/error.hpp"
#include "system/clock.hpp"

namespace quotad::storage {
using namespace ledger;
namespace {

class Ledgers : public ::testing::Test {
 protected:
  std::string folder() const { return parent_.file("state"); }
  std::string file() const { return folder() + "/redemptions.sqlite3"; }
  // What a failing call says, and what to do about it.
  template <class Call>
  std::string failure(Call call) {
    try {
      call();
    } catch (const protocol::Error& error) {
      EXPECT_EQ(error.kind(), protocol::ErrorKind::kInternal);
      EXPECT_TRUE(error.data().detail) << error.what();
      return std::string(error.what()) + "\n" + error.data().detail.value_or("");
    }
    ADD_FAILURE() << "it did not fail";
    return "";
  }
  // So many entries which are never dropped.
  void add_others(int count) const {
    SQLite::Database(file(), SQLite::OPEN_READWRITE)
        .exec(
            "WITH RECURSIVE others(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM others WHERE n < " +
            std::to_string(count) +
            ") INSERT INTO redemptions (account, key, state, attempts, created_at, updated_at)"
            " SELECT 'others', hex(randomblob(16)), 'unknown', 1, 0, 0 FROM others");
  }

  quotad::testing::TemporaryFolder parent_;
};

Request request(const std::string& key, std::optional<std::string> credit = std::nullopt) {
  return {"account", key, std::move(credit)};
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 0777U;
}

TEST_F(Ledgers, NothingIsTouchedBeforeTheFirstCall) {
  const SqliteLedger ledger(folder());
  EXPECT_FALSE(ledger.exists());
  EXPECT_FALSE(std::filesystem::exists(folder()));
}

TEST_F(Ledgers, RemembersAcrossProcesses) {
  const std::int64_t now = system::unix_now();
  {
    SqliteLedger ledger(folder());
    EXPECT_FALSE(ledger.find("account", "k"));
    EXPECT_FALSE(ledger.begin(request("k", "c"), now));
  }
  SqliteLedger ledger(folder());
  auto entry = ledger.find("account", "k");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->state, State::kPending);
  EXPECT_EQ(entry->request.credit_id, "c");
  EXPECT_EQ(entry->attempts, 1);
  EXPECT_EQ(entry->created_at, now);
  ledger.end(request("k", "c"), State::kSettled, Outcome::kReset, 2, now + 5);
  entry = SqliteLedger(folder()).find("account", "k");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->state, State::kSettled);
  EXPECT_EQ(entry->outcome, Outcome::kReset);
  EXPECT_EQ(entry->attempts, 3);
  EXPECT_EQ(entry->created_at, now);
  EXPECT_EQ(entry->updated_at, now + 5);
}

TEST_F(Ledgers, AFinishedKeyStaysFinished) {
  for (const auto& [outcome, finished] : {std::pair{Outcome::kReset, true},
                                          {Outcome::kAlreadyRedeemed, true},
                                          {Outcome::kNothingToReset, false},
                                          {Outcome::kNoCredit, false}}) {
    SqliteLedger ledger(folder());
    const Request one = request("key " + std::to_string(static_cast<int>(outcome)));
    ledger.begin(one, 1);
    ledger.end(one, State::kSettled, outcome, 0, 2);
    const auto before = ledger.begin(one, 3);
    ASSERT_TRUE(before);
    EXPECT_EQ(is_finished(*before), finished);
    EXPECT_EQ(ledger.find("account", one.key)->state, finished ? State::kSettled : State::kPending);
  }
}

TEST_F(Ledgers, AKeyIsBoundToItsCredit) {
  SqliteLedger ledger(folder());
  ledger.begin(request("k", "c"), 1);
  for (const auto& credit : {std::optional<std::string>(), std::optional<std::string>("d")}) {
    const auto before = ledger.begin(request("k", credit), 2);
    ASSERT_TRUE(before);
    EXPECT_EQ(before->request.credit_id, "c");
    EXPECT_EQ(ledger.find("account", "k")->attempts, 1) << "nothing is written";
  }
}

TEST_F(Ledgers, ListsTheNewestFirst) {
  SqliteLedger ledger(folder());
  for (int i = 0; i < 5; ++i) ledger.begin(request("k" + std::to_string(i)), i);
  ledger.begin({"other", "x", std::nullopt}, 9);
  const auto first = ledger.list({.account = "account", .limit = 2});
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].request.key, "k4");
  const auto rest = ledger.list({.account = "account", .before = first[1].number});
  ASSERT_EQ(rest.size(), 3U);
  EXPECT_EQ(rest[0].request.key, "k2");
  EXPECT_EQ(ledger.list({}).size(), 6U);
  ledger.end(request("k1"), State::kSettled, Outcome::kReset, 0, 9);
  EXPECT_EQ(ledger.list({.account = "account", .only_open = true}).size(), 4U);
}

TEST_F(Ledgers, WhoBeginsHoldsTheLeaseSoNothingElseIsPending) {
  SqliteLedger ledger(folder());
  ledger.begin(request("dead"), 1);
  ledger.begin({"other", "alive", std::nullopt}, 1);
  ledger.begin(request("k"), 2);
  EXPECT_EQ(ledger.find("account", "dead")->state, State::kUnknown);
  EXPECT_EQ(ledger.find("account", "k")->state, State::kPending);
  EXPECT_EQ(ledger.find("other", "alive")->state, State::kPending);
}

TEST_F(Ledgers, AKeyThatHasSpentElsewhereOrMayHaveIsNotBegun) {
  const Request elsewhere{"other", "k", std::nullopt};
  const auto ends = {std::tuple{State::kUnknown, std::optional<Outcome>(), true},
                     {State::kRefused, std::nullopt, false},
                     {State::kSettled, Outcome::kReset, true},
                     {State::kSettled, Outcome::kAlreadyRedeemed, true},
                     {State::kSettled, Outcome::kNothingToReset, false},
                     {State::kSettled, Outcome::kNoCredit, false}};
  SqliteLedger ledger(folder());
  ledger.begin(elsewhere, 1);
  EXPECT_EQ(ledger.find("account", "k")->request.account, "other") << "pending";
  EXPECT_EQ(ledger.begin(request("k"), 2)->request.account, "other");
  // Neither does it help that the key was used here, too, and spent nothing.
  for (const bool was_used_here : {false, true}) {
    for (const auto& [state, outcome, is_taken] : ends) {
      ledger.end(elsewhere, state, outcome, 0, 3);
      if (was_used_here) ledger.end(request("k"), State::kRefused, std::nullopt, 0, 4);
      const auto found = ledger.find("account", "k");
      EXPECT_EQ(found && found->request.account == "other", is_taken);
      if (!is_taken) continue;
      const auto before = ledger.begin(request("k"), 5);
      ASSERT_TRUE(before);
      EXPECT_EQ(before->request.account, "other");
      EXPECT_EQ(ledger.list({.account = "account"}).size(), was_used_here ? 1U : 0U);
    }
  }
  // Whoever has begun may find out.
  ledger.end(elsewhere, State::kRefused, std::nullopt, 0, 6);
  ledger.begin(request("k"), 7);
  ledger.end(elsewhere, State::kUnknown, std::nullopt, 0, 8);
  EXPECT_EQ(ledger.begin(request("k"), 9)->request.account, "account");
  EXPECT_EQ(ledger.find("account", "k")->attempts, 3);
}

TEST_F(Ledgers, ALockFileThatIsTakenAwayIsNoLease) {
  SqliteLedger ledger(folder());
  auto lease = ledger.try_lease("account");
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    std::filesystem::remove(entry);
  }
  auto next = ledger.try_lease("account");
  EXPECT_TRUE(next) << "a new file is locked";
  EXPECT_FALSE(ledger.try_lease("account")) << "and found by who comes next";
}

TEST_F(Ledgers, KeysAndCreditsAreAnyText) {
  SqliteLedger ledger(folder());
  const std::string key("a'b\"c;\0d\xF0\x9F\x94\x91", 12);
  ledger.begin(request(key, "'; DROP TABLE redemptions; --"), 1);
  ASSERT_TRUE(ledger.find("account", key));
  EXPECT_EQ(ledger.find("account", key)->request.key, key);
  EXPECT_FALSE(ledger.find("account", "a'b\"c;"));
}

TEST_F(Ledgers, OnlyOneHoldsTheLeaseOfAnAccount) {
  SqliteLedger ledger(folder());
  SqliteLedger other(folder());
  auto lease = ledger.try_lease("account");
  ASSERT_TRUE(lease);
  EXPECT_FALSE(ledger.try_lease("account"));
  EXPECT_FALSE(other.try_lease("account"));
  EXPECT_TRUE(other.try_lease("another"));
  lease.reset();
  EXPECT_TRUE(other.try_lease("account"));
}

TEST_F(Ledgers, IsTheUsersAlone) {
  SqliteLedger ledger(folder());
  ledger.begin(request("k"), 1);
  EXPECT_EQ(mode_of(folder()), 0700U);
  EXPECT_EQ(mode_of(file()), 0600U);
  EXPECT_EQ(mode_of(file() + "-wal"), 0600U);

  chmod(folder().c_str(), 0755);
  SqliteLedger open_to_others(folder());
  const std::string words = failure([&] { open_to_others.find("account", "k"); });
  EXPECT_NE(words.find("chmod 700 " + folder()), std::string::npos) << words;
}

TEST_F(Ledgers, SomebodyElsesFolderIsRefused) {
  std::string theirs = "/usr";
  if (geteuid() == 0) {  // whose that is
    constexpr uid_t kNobody = 65534;
    std::filesystem::create_directory(folder());
    ASSERT_EQ(chown(folder().c_str(), kNobody, kNobody), 0);
    theirs = folder();
  }
  SqliteLedger ledger(theirs);
  const std::string words = failure([&] { ledger.begin(request("k"), 1); });
  EXPECT_NE(words.find(theirs + ": it belongs to another user"), std::string::npos) << words;
  EXPECT_FALSE(std::filesystem::exists(theirs + "/redemptions.sqlite3"));
}

TEST_F(Ledgers, WhatIsInTheWayIsNamed) {
  quotad::testing::write_file(folder(), "a file");
  SqliteLedger ledger(folder());
  const std::string words = failure([&] { ledger.begin(request("k"), 1); });
  EXPECT_NE(words.find(folder()), std::string::npos) << words;
  EXPECT_NE(words.find("not a folder"), std::string::npos) << words;
  EXPECT_EQ(quotad::testing::read_file(folder()), "a file");
}

TEST_F(Ledgers, ALinkIsNotFollowed) {
  SqliteLedger(folder()).begin(request("k"), 1);
  std::filesystem::rename(file(), folder() + "/elsewhere");
  std::filesystem::create_symlink("elsewhere", file());
  SqliteLedger ledger(folder());
  failure([&] { ledger.find("account", "k"); });
}

TEST_F(Ledgers, ADamagedFileIsSetAsideAndNotOverwritten) {
  const std::string garbage(20'000, 'x');
  SqliteLedger(folder()).begin(request("k"), 1);
  quotad::testing::write_file(file(), garbage);
  std::filesystem::remove(file() + "-wal");
  SqliteLedger ledger(folder());
  const std::string words = failure([&] { ledger.begin(request("l"), 2); });
  const std::size_t at = words.find(file() + ".damaged-");
  ASSERT_NE(at, std::string::npos) << words;
  const std::string aside = words.substr(at, words.find_first_of(" ;)\n", at) - at);
  EXPECT_EQ(quotad::testing::read_file(aside), garbage);
  // A second one beside it, within the same second, takes nothing away.
  quotad::testing::write_file(file(), "damaged, too; " + garbage);
  SqliteLedger again(folder());
  failure([&] { again.find("account", "l"); });
  EXPECT_EQ(quotad::testing::read_file(aside), garbage);
  // Whoever tries again gets a new one.
  EXPECT_FALSE(ledger.begin(request("l"), 3));
  EXPECT_EQ(quotad::testing::read_file(aside), garbage);
}

TEST_F(Ledgers, DamageInsideIsFoundWhenItIsOpened) {
  {
    SqliteLedger ledger(folder());
    for (int i = 0; i < 200; ++i) ledger.begin(request("key " + std::to_string(i)), i);
  }
  std::string text = quotad::testing::read_file(file());
  ASSERT_GT(text.size(), 12'288U);
  for (std::size_t i = 4096 + 8; i < 8192; ++i) text[i] = '\x5a';
  quotad::testing::write_file(file(), text);
  SqliteLedger ledger(folder());
  EXPECT_NE(failure([&] { ledger.find("account", "key 1"); }).find(".damaged-"), std::string::npos);
}

TEST_F(Ledgers, AFileOfALaterVersionIsLeftAlone) {
  SqliteLedger(folder()).begin(request("k"), 1);
  SQLite::Database(file(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  SqliteLedger ledger(folder());
  EXPECT_NE(failure([&] { ledger.begin(request("k"), 2); }).find("later version"),
            std::string::npos);
  EXPECT_EQ(SQLite::Database(file()).execAndGet("PRAGMA user_version").getInt(), 99);
}

TEST_F(Ledgers, AFileOfAnEarlierVersionIsBroughtUpToDate) {
  SqliteLedger(folder()).begin(request("k"), 1);
  SQLite::Database(file(), SQLite::OPEN_READWRITE)
      .exec(
          "DROP INDEX redemptions_by_key;"
          "CREATE INDEX open_redemptions ON redemptions (key) WHERE state IN ('pending', "
          "'unknown');"
          "PRAGMA user_version = 1");
  EXPECT_TRUE(SqliteLedger(folder()).find("account", "k"));
  SQLite::Database database(file());
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 2);
  EXPECT_EQ(database.execAndGet("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE INDEX%'")
                .getString(),
            "redemptions_by_key");
}

// The entries that are over are dropped when the record is opened, if nobody writes.
TEST_F(Ledgers, AnOpeningDoesNotWaitForSomebodyWhoWrites) {
  SqliteLedger(folder()).begin(request("k"), 1);
  SQLite::Database writer(file(), SQLite::OPEN_READWRITE);
  writer.exec("BEGIN IMMEDIATE");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(SqliteLedger(folder()).find("account", "k"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << "ten is its time";
}

TEST_F(Ledgers, AFileThatIsReplacedIsOpenedAnew) {
  SqliteLedger ledger(folder());
  ledger.begin(request("k"), 1);
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file() + end);
  EXPECT_FALSE(ledger.find("account", "k"));
  ledger.begin(request("l"), 2);
  EXPECT_TRUE(SqliteLedger(folder()).find("account", "l"));
}

// The record was set aside between the two.
TEST_F(Ledgers, AnEndWithoutItsBeginIsRecorded) {
  SqliteLedger ledger(folder());
  ledger.end(request("key", "credit"), State::kSettled, Outcome::kReset, 2, 100);
  const auto entry = ledger.find("account", "key");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->request.credit_id, "credit");
  EXPECT_EQ(entry->state, State::kSettled);
  EXPECT_EQ(entry->outcome, Outcome::kReset);
  EXPECT_EQ(entry->attempts, 3);
  EXPECT_EQ(entry->created_at, 100);
}

TEST_F(Ledgers, OnlyANewKeyTakesANumber) {
  SqliteLedger ledger(folder());
  for (int i = 0; i < 3; ++i) {
    ledger.begin(request("asked again"), 100);
    ledger.end(request("asked again"), State::kSettled, Outcome::kNoCredit, 1, 100);
  }
  ledger.begin(request("next"), 100);
  EXPECT_EQ(ledger.find("account", "asked again")->number, 1);
  EXPECT_EQ(ledger.find("account", "next")->number, 2);
}

TEST_F(Ledgers, WhatIsOldAndOverIsPrunedBehindAThousandOthers) {
  const std::int64_t now = system::unix_now();
  const std::int64_t long_ago = now - std::int64_t{401} * 24 * 3600;
  {
    SqliteLedger ledger(folder());
    for (const char* key : {"old", "old and unknown", "young", "refused", "no credit"})
      ledger.begin(request(key), long_ago);
    ledger.end(request("old"), State::kSettled, Outcome::kReset, 0, long_ago);
    ledger.end(request("old and unknown"), State::kUnknown, std::nullopt, 0, long_ago);
    ledger.end(request("young"), State::kSettled, Outcome::kReset, 0, now - 1000);
    ledger.end(request("refused"), State::kRefused, std::nullopt, 0, now);
    ledger.end(request("no credit"), State::kSettled, Outcome::kNoCredit, 0, now);
  }
  add_others(995);
  EXPECT_TRUE(SqliteLedger(folder()).find("account", "old"));  // one of a thousand
  SqliteLedger(folder()).begin(request("one more"), now);
  SqliteLedger ledger(folder());
  EXPECT_FALSE(ledger.find("account", "old"));
  EXPECT_TRUE(ledger.find("account", "refused"));
  EXPECT_TRUE(ledger.find("account", "no credit"));
  // One that stays open drops them with every thousandth.
  add_others(998);
  EXPECT_TRUE(ledger.find("account", "refused"));
  ledger.begin(request("the two thousandth"), now);
  EXPECT_FALSE(ledger.find("account", "refused"));
  EXPECT_FALSE(ledger.find("account", "no credit"));
  EXPECT_TRUE(ledger.find("account", "old and unknown"));
  EXPECT_TRUE(ledger.find("account", "young"));
}

// Version 0.1.0 once took a number whenever a key was asked for, or ended.
TEST_F(Ledgers, EntriesAreCountedAndNotTheirNumbers) {
  {
    SqliteLedger ledger(folder());
    ledger.begin(request("no credit"), 100);
    ledger.end(request("no credit"), State::kSettled, Outcome::kNoCredit, 0, 100);
  }
  SQLite::Database(file(), SQLite::OPEN_READWRITE).exec("UPDATE sqlite_sequence SET seq = 5000");
  SqliteLedger(folder()).begin(request("next"), 100);
  EXPECT_TRUE(SqliteLedger(folder()).find("account", "no credit"));
}

}  // namespace
}  // namespace quotad::storage
