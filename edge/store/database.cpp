#include "store/database.h"

#include <sqlite3.h>

#include "store/migrations.h"

namespace ambit::store {
namespace {

// Calls `visit(seq, item)` for each item of a run, whose last one has the number `last_seq`.
template <typename Visit>
Result<void> visit_run(std::uint64_t last_seq, ByteView run, const Visit& visit) {
    AMBIT_TRY_ASSIGN(const storage::ItemsView items, storage::ItemsView::parse(run));
    if (items.size() == 0 || items.size() > last_seq) {
        return Error{ErrorCode::StoreDamaged, "a run has no items, or more than its stream"};
    }
    std::uint64_t seq = last_seq - items.size();
    for (const ByteView item : items) {
        visit(++seq, item);
    }
    return {};
}

}  // namespace

// One prepared statement; begin() takes arguments in order, and the next begin() resets it.
class Database::Statement {
  public:
    Statement(sqlite3* handle, const char* sql) {
        sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    }

    ~Statement() { sqlite3_finalize(statement_); }

    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    template <typename... Arguments>
    Statement& begin(const Arguments&... arguments) {
        sqlite3_reset(statement_);
        int index = 0;
        (bind(++index, arguments), ...);
        return *this;
    }

    // SQLITE_ROW, SQLITE_DONE or an error.
    int step() { return statement_ != nullptr ? sqlite3_step(statement_) : SQLITE_ERROR; }

    void reset() { sqlite3_reset(statement_); }

    std::int64_t integer(int column) { return sqlite3_column_int64(statement_, column); }

    ByteView bytes(int column) {
        const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }

    std::string text(int column) { return to_text(bytes(column)); }

  private:
    // Arguments outlive the step that uses them, so SQLite need not copy them.
    void bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }

    void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }

    void bind(int index, const std::string& text) {
        sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    }

    void bind(int index, const Bytes& bytes) {
        const void* data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
        sqlite3_bind_blob(statement_, index, data, static_cast<int>(bytes.size()), SQLITE_STATIC);
    }

    sqlite3_stmt* statement_ = nullptr;
};

struct Database::Statements {
    explicit Statements(sqlite3* handle) : handle_(handle) {}

    sqlite3* handle_;
    Statement start{handle_, "BEGIN IMMEDIATE"};
    Statement commit{handle_, "COMMIT"};
    Statement append{handle_, "INSERT INTO runs VALUES(?, ?, ?)"};
    Statement trim{handle_, "DELETE FROM runs WHERE stream = ? AND last_seq < ?"};
    Statement shorten{handle_, "UPDATE runs SET items = ? WHERE stream = ? AND last_seq = ?"};
    Statement put{handle_, "INSERT OR REPLACE INTO records VALUES(?, ?, ?)"};
    Statement erase{handle_, "DELETE FROM records WHERE tbl = ? AND key = ?"};
    Statement find_stream{handle_, "SELECT id FROM streams WHERE name = ?"};
    Statement add_stream{handle_, "INSERT INTO streams(name) VALUES(?) RETURNING id"};
    Statement last_seq{handle_, "SELECT max(last_seq) FROM runs WHERE stream = ?"};
    Statement read{handle_,
                   "SELECT last_seq, items FROM runs WHERE stream = ? AND last_seq >= ? ORDER BY last_seq"};
    Statement load_streams{handle_,
                           "SELECT name, last_seq, items FROM streams JOIN runs ON runs.stream = streams.id "
                           "WHERE substr(name, 1, ?) = ? ORDER BY streams.id, last_seq"};
    Statement load_table{handle_, "SELECT key, value FROM records WHERE tbl = ?"};
};

Database::Database(sqlite3* handle) : handle_(handle) {}

Database::~Database() {
    if (opened_ && statements_) {
        // Best effort: without it, the next start only checks more.
        static_cast<void>(execute("UPDATE state SET value = 0 WHERE name = 'open'"));
    }
    statements_.reset();
    sqlite3_close(handle_);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const std::string& vfs) {
    sqlite3* handle = nullptr;
    const int rc = sqlite3_open_v2(path.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                                   vfs.empty() ? nullptr : vfs.c_str());
    std::unique_ptr<Database> database(new Database(handle));
    if (rc != SQLITE_OK) {
        return database->failure(ErrorCode::StoreUnusable);
    }
    AMBIT_TRY(database->configure());
    AMBIT_TRY(database->migrate());
    AMBIT_TRY(database->check_after_unclean_stop());
    database->statements_ = std::make_unique<Statements>(handle);
    return database;
}

Result<void> Database::configure() {
    // Exclusive: no shared memory file, and a second daemon can't open it.
    AMBIT_TRY(execute(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"));
    AMBIT_TRY(
        execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA "
                "wal_autocheckpoint = 256;"));
    // Takes the lock now rather than with the first write.
    return execute("BEGIN IMMEDIATE; COMMIT;");
}

Result<void> Database::migrate() {
    AMBIT_TRY_ASSIGN(const std::int64_t version, integer("PRAGMA user_version"));
    if (version > kSchemaVersion || version < 0) {
        return Error{ErrorCode::StoreNewer, "schema " + std::to_string(version) +
                                                ", this daemon knows up to " +
                                                std::to_string(kSchemaVersion)};
    }
    is_new_ = version == 0;
    for (auto step = static_cast<std::size_t>(version); step < kMigrations.size(); ++step) {
        const std::string sql = std::string("BEGIN IMMEDIATE;") + kMigrations[step] +
                                "PRAGMA user_version = " + std::to_string(step + 1) + "; COMMIT;";
        AMBIT_TRY(execute(sql.c_str()));
    }
    return {};
}

Result<void> Database::check_after_unclean_stop() {
    AMBIT_TRY_ASSIGN(const std::int64_t unclean,
                     integer("SELECT count(*) FROM state WHERE name = 'open' AND value = 1"));
    if (unclean != 0) {
        Statement check(handle_, "PRAGMA quick_check(1)");
        if (check.step() != SQLITE_ROW || check.text(0) != "ok") {
            return Error{ErrorCode::StoreDamaged, check.text(0)};
        }
    }
    AMBIT_TRY(execute("INSERT OR REPLACE INTO state VALUES('open', 1)"));
    opened_ = true;
    return {};
}

Result<void> Database::apply(std::span<const storage::Batch> batches) {
    if (statements_->start.begin().step() != SQLITE_DONE) {
        return failure(ErrorCode::StorageFailed);
    }
    Result<void> result;
    for (const storage::Batch& batch : batches) {
        for (const auto& operation : batch) {
            result = std::visit([this](const auto& one) { return perform(one); }, operation);
            if (!result) {
                break;
            }
        }
        if (!result) {
            break;
        }
    }
    if (result) {
        result = write_runs();
    }
    if (result && statements_->commit.begin().step() != SQLITE_DONE) {
        result = failure(ErrorCode::StorageFailed);
    }
    if (!result) {
        static_cast<void>(execute("ROLLBACK"));
        unwritten_.clear();
        streams_.clear();
    }
    return result;
}

Result<void> Database::perform(const storage::Append& append) {
    AMBIT_TRY_ASSIGN(Stream* const stream, this->stream(append.stream, true));
    if (stream->last_seq != 0 && append.first_seq != stream->last_seq + 1) {
        return Error{ErrorCode::StorageFailed, append.stream + " is not as long as expected"};
    }
    if (append.items.empty()) {
        return {};
    }
    if (stream->run.empty()) {
        unwritten_.push_back(stream);
    }
    stream->last_seq = append.first_seq - 1;
    for (const ByteView item : append.items) {
        stream->run.push_back(item);
        ++stream->last_seq;
        if (stream->run.packed().size() >= kRunBytes) {
            AMBIT_TRY(write_run(*stream));
        }
    }
    return {};
}

Result<void> Database::write_run(Stream& stream) {
    if (!stream.run.empty() &&
        statements_->append.begin(stream.id, stream.last_seq, stream.run.packed()).step() != SQLITE_DONE) {
        return failure(ErrorCode::StorageFailed);
    }
    stream.run.clear();
    return {};
}

Result<void> Database::write_runs() {
    for (Stream* const stream : unwritten_) {
        AMBIT_TRY(write_run(*stream));
    }
    unwritten_.clear();
    return {};
}

Result<void> Database::perform(const storage::Trim& trim) {
    AMBIT_TRY(write_runs());
    AMBIT_TRY_ASSIGN(const Stream* const stream, this->stream(trim.stream, false));
    if (stream == nullptr) {
        return {};
    }
    if (statements_->trim.begin(stream->id, trim.first_kept_seq).step() != SQLITE_DONE) {
        return failure(ErrorCode::StorageFailed);
    }
    // The first run that is left may begin with items that go.
    Statement& read = statements_->read.begin(stream->id, trim.first_kept_seq);
    const int rc = read.step();
    if (rc != SQLITE_ROW) {
        return rc == SQLITE_DONE ? Result<void>() : failure(ErrorCode::StorageFailed);
    }
    const auto last_seq = static_cast<std::uint64_t>(read.integer(0));
    storage::Items kept;
    const auto visited = visit_run(last_seq, read.bytes(1), [&](std::uint64_t seq, ByteView item) {
        if (seq >= trim.first_kept_seq) {
            kept.push_back(item);
        }
    });
    read.reset();
    AMBIT_TRY(visited);
    if (statements_->shorten.begin(kept.packed(), stream->id, last_seq).step() != SQLITE_DONE) {
        return failure(ErrorCode::StorageFailed);
    }
    return {};
}

Result<void> Database::perform(const storage::Put& put) {
    if (statements_->put.begin(put.table, put.key, put.value).step() != SQLITE_DONE) {
        return failure(ErrorCode::StorageFailed);
    }
    return {};
}

Result<void> Database::perform(const storage::Erase& erase) {
    if (statements_->erase.begin(erase.table, erase.key).step() != SQLITE_DONE) {
        return failure(ErrorCode::StorageFailed);
    }
    return {};
}

Result<Database::Stream*> Database::stream(const std::string& name, bool create) {
    const auto known = streams_.find(name);
    if (known != streams_.end()) {
        return &known->second;
    }
    Stream found;
    Statement& find = statements_->find_stream.begin(name);
    const int rc = find.step();
    if (rc == SQLITE_ROW) {
        found.id = find.integer(0);
        find.reset();
    } else if (rc != SQLITE_DONE) {
        return failure(ErrorCode::StorageFailed);
    } else if (!create) {
        return static_cast<Stream*>(nullptr);
    } else {
        Statement& add = statements_->add_stream.begin(name);
        if (add.step() != SQLITE_ROW) {
            return failure(ErrorCode::StorageFailed);
        }
        found.id = add.integer(0);
        add.step();
        add.reset();
    }
    Statement& last = statements_->last_seq.begin(found.id);
    if (last.step() != SQLITE_ROW) {
        return failure(ErrorCode::StorageFailed);
    }
    found.last_seq = static_cast<std::uint64_t>(last.integer(0));
    last.reset();
    return &(streams_[name] = found);
}

Result<storage::Items> Database::read(const storage::ReadRequest& request) {
    storage::Items items;
    AMBIT_TRY_ASSIGN(const Stream* const stream, this->stream(request.stream, false));
    if (stream == nullptr) {
        return items;
    }
    Statement& read = statements_->read.begin(stream->id, request.first_seq);
    std::size_t bytes = 0;
    bool full = request.items_max == 0;
    const auto take = [&](std::uint64_t seq, ByteView item) {
        if (full || seq < request.first_seq) {
            return;
        }
        bytes += item.size();
        full = !items.empty() && bytes > request.bytes_max;
        if (!full) {
            items.push_back(item);
            full = items.size() == request.items_max;
        }
    };
    Result<void> visited;
    int rc = SQLITE_ROW;
    while (visited && !full && (rc = read.step()) == SQLITE_ROW) {
        visited = visit_run(static_cast<std::uint64_t>(read.integer(0)), read.bytes(1), take);
    }
    read.reset();
    AMBIT_TRY(visited);
    if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
        return failure(ErrorCode::StoreDamaged);
    }
    return items;
}

Result<void> Database::load_streams(std::string_view prefix, const storage::Storage::StreamVisitor& visitor) {
    const std::string wanted(prefix);
    Statement& load = statements_->load_streams.begin(static_cast<std::uint64_t>(wanted.size()), wanted);
    Result<void> visited;
    int rc = SQLITE_ROW;
    while (visited && (rc = load.step()) == SQLITE_ROW) {
        const std::string name = load.text(0);
        visited = visit_run(static_cast<std::uint64_t>(load.integer(1)), load.bytes(2),
                            [&](std::uint64_t seq, ByteView item) { visitor(name, seq, item); });
    }
    load.reset();
    AMBIT_TRY(visited);
    return rc == SQLITE_DONE ? Result<void>() : failure(ErrorCode::StoreDamaged);
}

Result<std::map<std::string, Bytes>> Database::load_table(const std::string& table) {
    std::map<std::string, Bytes> records;
    Statement& load = statements_->load_table.begin(table);
    int rc = SQLITE_ROW;
    while ((rc = load.step()) == SQLITE_ROW) {
        const ByteView value = load.bytes(1);
        records.emplace(load.text(0), Bytes(value.begin(), value.end()));
    }
    load.reset();
    if (rc != SQLITE_DONE) {
        return failure(ErrorCode::StoreDamaged);
    }
    return records;
}

Result<void> Database::execute(const char* sql) {
    const int rc = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (rc == SQLITE_OK) {
        return {};
    }
    switch (rc & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return failure(ErrorCode::StoreLocked);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return failure(ErrorCode::StoreDamaged);
        default:
            return failure(statements_ ? ErrorCode::StorageFailed : ErrorCode::StoreUnusable);
    }
}

Result<std::int64_t> Database::integer(const char* sql) {
    Statement statement(handle_, sql);
    if (statement.step() != SQLITE_ROW) {
        return failure(ErrorCode::StoreDamaged);
    }
    return statement.integer(0);
}

Error Database::failure(ErrorCode code) const {
    return Error{code, sqlite3_errmsg(handle_)};
}

}  // namespace ambit::store
