// The ledger of one user on one machine: an SQLite database in a folder of its own.
//
//   redemptions.sqlite3          the entries; SQLite's -wal and -shm beside it
//   redemptions.sqlite3.damaged-UNIXTIME   a damaged one, set aside
//   open.lock, account-HASH.lock what processes lock against each other
//
// Any number of processes may use the folder at the same time. Nothing is touched before the first
// call.
#pragma once

#include <filesystem>
#include <memory>

#include "ledger/ledger.hpp"

namespace quotad::storage {

class SqliteLedger : public ledger::Ledger {
 public:
  // The folder is made (mode 0700) where it is missing; one that others may enter is refused.
  explicit SqliteLedger(std::filesystem::path folder);
  ~SqliteLedger() override;

  std::unique_ptr<ledger::Lease> try_lease(const std::string& account) override;
  std::optional<ledger::Entry> find(const std::string& account, const std::string& key) override;
  std::optional<ledger::Entry> begin(const ledger::Request& request, std::int64_t now) override;
  void end(const ledger::Request& request, ledger::State state,
           std::optional<ledger::Outcome> outcome, std::int64_t attempts,
           std::int64_t now) override;
  std::vector<ledger::Entry> list(const ledger::Query& query) override;

  // Whether there is a record, or something in its place; asks without making one.
  bool exists() const;

 private:
  struct Database;
  Database& open();
  template <class Work>
  auto with_database(Work work);

  std::filesystem::path folder_;
  std::filesystem::path file_;
  std::unique_ptr<Database> database_;
};

}  // namespace quotad::storage
