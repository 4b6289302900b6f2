// The schema of the store, as steps: step n leads from version n to n + 1.  Steps never change once released.
//
// Ownership: constants.  Threads: any.  Failure: none.
#pragma once

#include <array>

namespace ambit::store {

// Streams are interned, so that an item costs its number and not the name of its stream.
inline constexpr std::array kMigrations = {
    "CREATE TABLE streams(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE items(stream INTEGER NOT NULL, seq INTEGER NOT NULL, item BLOB NOT NULL,"
    "                   PRIMARY KEY(stream, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE records(tbl TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,"
    "                     PRIMARY KEY(tbl, key)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
};

inline constexpr int kSchemaVersion = static_cast<int>(kMigrations.size());

}  // namespace ambit::store
