// The folder of the record, and the locks in it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "ledger/ledger.hpp"

namespace quotad::storage {

// Makes the folder with mode 0700 if it is missing. Throws protocol::Error if it cannot, or if the
// folder is not this user's own.
void require_private_folder(const std::filesystem::path& folder);

// Waits for the lock of `file`, which is made if it is missing; throws protocol::Error after 10 s.
std::unique_ptr<ledger::Lease> take_lock(const std::filesystem::path& file);

// The same without waiting; empty if somebody has it.
std::unique_ptr<ledger::Lease> try_lock(const std::filesystem::path& file);

// What every failure of the ledger says: that nothing is spent without a record.
[[noreturn]] void fail(const std::filesystem::path& place, const std::string& why,
                       const std::string& remedy);

}  // namespace quotad::storage
