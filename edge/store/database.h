// Database: one SQLite connection, its schema, and what Storage needs of it.
//
// Ownership: the store's worker.  Threads: one at a time.  Failure: as store.h; after an error of apply()
// nothing of that call is in the database.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>

#include "storage/storage.h"

struct sqlite3;

namespace ambit::store {

// A run, which is what is appended to a stream in one transaction, is one row; one that has grown so far is
// written, and the next one begins.  One row for many items costs SQLite less than many rows
// (docs/benchmarks.md, facts-commit).
inline constexpr std::size_t kRunBytes = 128UL * 1024;

class Database {
  public:
    // Creates it if missing, brings it to this version's schema, and checks it after an unclean stop.
    static Result<std::unique_ptr<Database>> open(const std::string& path, const std::string& vfs);
    // Closes it cleanly.
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    bool is_new() const { return is_new_; }

    // All of `batches` in one transaction, durable when it returns.
    Result<void> apply(std::span<const storage::Batch> batches);
    Result<storage::Items> read(const storage::ReadRequest& request);
    Result<void> load_streams(std::string_view prefix, const storage::Storage::StreamVisitor& visitor);
    Result<std::map<std::string, Bytes>> load_table(const std::string& table);

  private:
    class Statement;
    struct Statements;

    struct Stream {
        std::int64_t id = 0;
        std::uint64_t last_seq = 0;  // 0: empty
        storage::Items run;          // of this transaction, up to last_seq; not written yet
    };

    explicit Database(sqlite3* handle);
    Result<void> configure();
    Result<void> migrate();
    Result<void> check_after_unclean_stop();
    Result<void> perform(const storage::Append& append);
    Result<void> perform(const storage::Trim& trim);
    Result<void> perform(const storage::Put& put);
    Result<void> perform(const storage::Erase& erase);
    Result<void> write_run(Stream& stream);
    Result<void> write_runs();
    Result<Stream*> stream(const std::string& name, bool create);
    Result<void> execute(const char* sql);
    Result<std::int64_t> integer(const char* sql);
    Error failure(ErrorCode code) const;

    sqlite3* handle_;
    std::unique_ptr<Statements> statements_;
    std::unordered_map<std::string, Stream> streams_;
    std::vector<Stream*> unwritten_;  // have a run
    bool is_new_ = false;
    bool opened_ = false;
};

}  // namespace ambit::store
