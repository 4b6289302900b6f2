// The schema of the store, as steps: step n leads from version n to n + 1.  Steps never change once released.
//
// Ownership: constants.  Threads: any.  Failure: none.
#pragma once

#include <array>

namespace ambit::store {

// Streams are interned, so that a run (database.h) costs its number and not the name of its stream.  Runs go
// by the number of their last item: the first one from there on is the one that holds a wanted item.
inline constexpr std::array kMigrations = {
    "CREATE TABLE streams(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE runs(stream INTEGER NOT NULL, last_seq INTEGER NOT NULL, items BLOB NOT NULL,"
    "                  PRIMARY KEY(stream, last_seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE records(tbl TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,"
    "                     PRIMARY KEY(tbl, key)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
};

inline constexpr int kSchemaVersion = static_cast<int>(kMigrations.size());

}  // namespace ambit::store
