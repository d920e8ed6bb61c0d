#include "storage/sqlite/ledger.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/error.hpp"
#include "storage/sqlite/folder_lock.hpp"
#include "system/clock.hpp"
#include "system/descriptor.hpp"

namespace quotad::storage {
using ledger::Entry;
using ledger::is_finished;
using ledger::Lease;
using ledger::may_have_spent;
using ledger::Outcome;
using ledger::Query;
using ledger::Request;
using ledger::State;
namespace {

constexpr int kBusyMilliseconds = 10'000;  // a commit of another process takes a few
constexpr std::int64_t kKeptSeconds = std::int64_t{400} * 24 * 3600;
constexpr std::int64_t kKeptEntries = 1000;  // the newest, however old: the clock may be wrong
constexpr int kApplicationId = 0x71756f74;   // "quot"

// From one version of the database to the next; the number of them is its user_version.
constexpr std::array kMigrations{
    "CREATE TABLE redemptions ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  account TEXT NOT NULL,"
    "  key TEXT NOT NULL,"
    "  credit_id TEXT,"
    "  state TEXT NOT NULL CHECK (state IN ('pending', 'unknown', 'refused', 'settled')),"
    "  outcome TEXT CHECK ((outcome IS NULL) = (state <> 'settled')),"
    "  attempts INTEGER NOT NULL,"
    "  created_at INTEGER NOT NULL,"
    "  updated_at INTEGER NOT NULL,"
    "  UNIQUE (account, key)"
    ") STRICT;"
    "CREATE INDEX open_redemptions ON redemptions (key) WHERE state IN ('pending', 'unknown')",
    // What another account has spent with a key counts, too.
    "DROP INDEX open_redemptions;"
    "CREATE INDEX redemptions_by_key ON redemptions (key)",
};

constexpr const char* kColumns =
    "account, key, credit_id, state, outcome, attempts, created_at, updated_at, number";

const char* name_of(State state) {
  switch (state) {
    case State::kPending:
      return "pending";
    case State::kUnknown:
      return "unknown";
    case State::kRefused:
      return "refused";
    case State::kSettled:
      return "settled";
  }
  return "";
}

State state_of(const std::string& name) {
  for (const State state : {State::kPending, State::kRefused, State::kSettled}) {
    if (name == name_of(state)) return state;
  }
  return State::kUnknown;
}

std::optional<std::string> text_of(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return column.getString();
}

// The row that a statement with kColumns stands on.
Entry entry_of(SQLite::Statement& row) {
  Entry entry;
  entry.request = {row.getColumn(0).getString(), row.getColumn(1).getString(),
                   text_of(row.getColumn(2))};
  entry.state = state_of(row.getColumn(3).getString());
  if (const auto outcome = text_of(row.getColumn(4))) {
    entry.outcome = protocol::from_wire_name<Outcome>(*outcome);
  }
  entry.attempts = row.getColumn(5).getInt64();
  entry.created_at = row.getColumn(6).getInt64();
  entry.updated_at = row.getColumn(7).getInt64();
  entry.number = row.getColumn(8).getInt64();
  return entry;
}

void bind_text(SQLite::Statement& statement, int index, const std::optional<std::string>& text) {
  if (text) {
    statement.bind(index, *text);
  } else {
    statement.bind(index);
  }
}

std::string hash_of(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string hex;
  for (std::size_t i = 0; i < 8; ++i) {
    constexpr const char* kDigits = "0123456789abcdef";
    hex += kDigits[digest[i] >> 4U];
    hex += kDigits[digest[i] & 0xFU];
  }
  return hex;
}

bool is_damage(const SQLite::Exception& error) {
  return error.getErrorCode() == SQLITE_CORRUPT || error.getErrorCode() == SQLITE_NOTADB;
}

}  // namespace

struct SqliteLedger::Database {
  explicit Database(const std::filesystem::path& file)
      : connection(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMilliseconds) {
  }

  SQLite::Database connection;
  ino_t inode = 0;
};

SqliteLedger::SqliteLedger(std::filesystem::path folder)
    : folder_(std::move(folder)), file_(folder_ / "redemptions.sqlite3") {}

SqliteLedger::~SqliteLedger() = default;

bool SqliteLedger::exists() const {
  struct stat status {};
  return stat(file_.c_str(), &status) == 0 || errno != ENOENT;
}

std::unique_ptr<Lease> SqliteLedger::try_lease(const std::string& account) {
  require_private_folder(folder_);
  return try_lock(folder_ / ("account-" + hash_of(account) + ".lock"));
}

namespace {

// Makes the file, readable for its owner only, if it is missing; refuses somebody else's.
ino_t require_private_file(const std::filesystem::path& file) {
  const system::Descriptor descriptor(
      ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  struct stat status {};
  if (descriptor.get() < 0 || fstat(descriptor.get(), &status) != 0) {
    fail(file, std::strerror(errno), "make it writable for this user");
  }
  if (!S_ISREG(status.st_mode)) fail(file, "it is not a file", "move it away");
  if (status.st_uid != geteuid()) {
    fail(file, "it belongs to another user", "set QUOTAD_STATE_HOME to a folder of your own");
  }
  if ((status.st_mode & 077U) != 0 && fchmod(descriptor.get(), 0600) != 0) {
    fail(file, std::strerror(errno), "run `chmod 600 " + file.string() + "`");
  }
  return status.st_ino;
}

// A new file outlives a power cut only once its folder is on disk.
void sync_folder(const std::filesystem::path& folder) {
  const system::Descriptor own(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (own.get() < 0 || fsync(own.get()) != 0) {
    fail(folder, std::strerror(errno), "see that its file system can be written");
  }
  const system::Descriptor above(
      ::open(folder.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (above.get() >= 0) fsync(above.get());  // which need not be ours
}

void migrate(SQLite::Database& database, const std::filesystem::path& file) {
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  const int newest = static_cast<int>(kMigrations.size());
  if (version > newest) {
    fail(file, "a later version of quotad has written it", "use that version");
  }
  if (version == newest) return;
  sync_folder(file.parent_path());  // first: who finds it migrated may rely on it
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  for (int next = version; next < newest; ++next) {
    database.exec(kMigrations[static_cast<std::size_t>(next)]);
  }
  database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  database.exec("PRAGMA user_version = " + std::to_string(newest));
  transaction.commit();
}

// Drops what is over, behind the newest: what is old, and what spent nothing, whose key may be used again.
// Not worth a failure, on a full disk, say, nor waiting for somebody who writes.
void prune(SQLite::Database& database) {
  database.setBusyTimeout(0);
  try {
    SQLite::Statement old(
        database,
        "DELETE FROM redemptions WHERE (state = 'refused' OR state = 'settled' AND "
        "(updated_at < ? OR outcome IN ('noCredit', 'nothingToReset'))) AND number <= "
        "(SELECT number FROM redemptions ORDER BY number DESC LIMIT 1 OFFSET ?)");
    old.bind(1, system::unix_now() - kKeptSeconds);
    old.bind(2, kKeptEntries);
    old.exec();
  } catch (const SQLite::Exception&) {
    // The next time.
  }
  database.setBusyTimeout(kBusyMilliseconds);
}

// Sets the damaged file aside, with what SQLite keeps beside it. The lock of the folder is held.
[[noreturn]] void set_aside(const std::filesystem::path& file) {
  const std::string stem = file.string() + ".damaged-" + std::to_string(system::unix_now());
  std::string aside = stem;
  for (int i = 2; renameat2(AT_FDCWD, file.c_str(), AT_FDCWD, aside.c_str(), RENAME_NOREPLACE) != 0;
       ++i) {
    if (errno != EEXIST) {
      fail(file, std::string("it is damaged, and cannot be renamed: ") + std::strerror(errno),
           "move it away");
    }
    aside = stem + "-" + std::to_string(i);
  }
  for (const char* end : {"-wal", "-shm"}) {
    ::rename((file.string() + end).c_str(), (aside + end).c_str());  // where there is one
  }
  fail(file, "it was damaged, and is now " + aside,
       "try again, with the same idempotency keys, which the service knows; a new record is made");
}

}  // namespace

SqliteLedger::Database& SqliteLedger::open() {
  if (database_) {
    // Somebody may have put another file in its place, or taken it away.
    struct stat status {};
    if (stat(file_.c_str(), &status) == 0 && status.st_ino == database_->inode) return *database_;
    database_.reset();
  }
  require_private_folder(folder_);
  const auto lock = take_lock(folder_ / "open.lock");
  const ino_t inode = require_private_file(file_);
  try {
    auto database = std::make_unique<Database>(file_);
    database->inode = inode;
    SQLite::Database& connection = database->connection;
    connection.exec("PRAGMA journal_mode = WAL");
    connection.exec("PRAGMA synchronous = FULL");
    const std::string verdict = connection.execAndGet("PRAGMA integrity_check(1)").getString();
    if (verdict != "ok") {
      database.reset();
      set_aside(file_);
    }
    migrate(connection, file_);
    prune(connection);
    database_ = std::move(database);
  } catch (const SQLite::Exception& error) {
    if (is_damage(error)) set_aside(file_);
    throw;
  }
  return *database_;
}

template <class Work>
auto SqliteLedger::with_database(Work work) {
  try {
    return work(open().connection);
  } catch (const SQLite::Exception& error) {
    // The next call opens it anew, and so finds out about damage.
    database_.reset();
    fail(file_, error.what(), "see that the disk has room and that the file is this user's own");
  }
}

namespace {

// The first entry that has the key and to which the rest of `condition` applies: ?1 is the account.
std::optional<Entry> first_of(SQLite::Database& database, const std::string& condition,
                              const std::string& account, const std::string& key) {
  SQLite::Statement row(database, std::string("SELECT ") + kColumns +
                                      " FROM redemptions WHERE key = ?2 AND " + condition +
                                      " LIMIT 1");
  row.bind(1, account);
  row.bind(2, key);
  if (!row.executeStep()) return std::nullopt;
  return entry_of(row);
}

std::optional<Entry> find_in(SQLite::Database& database, const std::string& account,
                             const std::string& key) {
  auto own = first_of(database, "account = ?1", account, key);
  if (own && (is_finished(*own) || may_have_spent(*own))) return own;
  auto elsewhere = first_of(database,
                            "account <> ?1 AND (state IN ('pending', 'unknown')"
                            " OR outcome IN ('reset', 'alreadyRedeemed'))",
                            account, key);
  return elsewhere ? elsewhere : own;
}

}  // namespace

std::optional<Entry> SqliteLedger::find(const std::string& account, const std::string& key) {
  return with_database([&](SQLite::Database& database) { return find_in(database, account, key); });
}

std::optional<Entry> SqliteLedger::begin(const Request& request, std::int64_t now) {
  return with_database([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    auto before = find_in(database, request.account, request.key);
    if (before && (is_finished(*before) || before->request.account != request.account ||
                   before->request.credit_id != request.credit_id)) {
      return before;
    }
    SQLite::Statement others(database,
                             "UPDATE redemptions SET state = 'unknown' WHERE account = ? AND state "
                             "= 'pending' AND key <> ?");
    others.bind(1, request.account);
    others.bind(2, request.key);
    others.exec();
    // Not one statement for both: an insert that conflicts takes a number all the same.
    SQLite::Statement write(
        database,
        before
            ? "UPDATE redemptions SET state = 'pending', outcome = NULL, attempts = attempts + 1,"
              " updated_at = ?4 WHERE account = ?1 AND key = ?2"
            : "INSERT INTO redemptions (account, key, credit_id, state, attempts, created_at,"
              " updated_at) VALUES (?1, ?2, ?3, 'pending', 1, ?4, ?4)");
    write.bind(1, request.account);
    write.bind(2, request.key);
    bind_text(write, 3, request.credit_id);
    write.bind(4, now);
    write.exec();
    transaction.commit();
    if (!before && database.getLastInsertRowid() % kKeptEntries == 0) prune(database);
    return before;
  });
}

void SqliteLedger::end(const Request& request, State state, std::optional<Outcome> outcome,
                       std::int64_t attempts, std::int64_t now) {
  with_database([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    std::optional<std::string> name;
    if (outcome) name = std::string(protocol::wire_name(*outcome));
    const auto run = [&](const char* sql) {
      SQLite::Statement write(database, sql);
      write.bind(1, request.account);
      write.bind(2, request.key);
      bind_text(write, 3, request.credit_id);
      write.bind(4, name_of(state));
      bind_text(write, 5, name);
      write.bind(6, attempts);
      write.bind(7, now);
      return write.exec();  // how many entries it wrote
    };
    const int found = run(
        "UPDATE redemptions SET state = ?4, outcome = ?5, attempts = attempts + ?6, updated_at = ?7"
        " WHERE account = ?1 AND key = ?2");
    if (found == 0) {  // the record was set aside in the meantime
      run("INSERT INTO redemptions (account, key, credit_id, state, outcome, attempts, created_at,"
          " updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6 + 1, ?7, ?7)");
    }
    transaction.commit();
  });
}

std::vector<Entry> SqliteLedger::list(const Query& query) {
  // To look for what is not there makes no file, and needs no folder that can be written.
  if (!exists()) return {};
  return with_database([&](SQLite::Database& database) {
    SQLite::Statement rows(database, std::string("SELECT ") + kColumns +
                                         " FROM redemptions WHERE (?1 IS NULL OR account = ?1)"
                                         " AND (?2 IS NULL OR number < ?2)"
                                         " AND (NOT ?3 OR state IN ('pending', 'unknown'))"
                                         " ORDER BY number DESC LIMIT ?4");
    bind_text(rows, 1, query.account);
    if (query.before) {
      rows.bind(2, *query.before);
    } else {
      rows.bind(2);
    }
    rows.bind(3, query.only_open ? 1 : 0);
    rows.bind(4, static_cast<std::int64_t>(query.limit));
    std::vector<Entry> entries;
    while (rows.executeStep()) entries.push_back(entry_of(rows));
    return entries;
  });
}

}  // namespace quotad::storage
