// RosterLog: the signed operations that make up a household, and what they come to.
//
// Ownership: value, one per node; roster() snapshots live on by themselves.  Threads: one.
// Every device that holds the same set of operations resolves the same roster, in whatever order they came.
// Failure: BadOperation, BadSignature, NotAllowed, OtherHousehold, LimitExceeded (1000-1299); a refused
// operation changes nothing and is refused by everybody. Spec: docs/spec/roster.md.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "identity/roster.h"

namespace ambit::identity {

inline constexpr std::size_t kRosterOperationsMax = 4096;
inline constexpr std::size_t kOperationBytesMax = 16 * 1024;
inline constexpr std::size_t kOperationParentsMax = 16;
// The last places are for those that remove, demote or recover: nobody can lock a household by filling its
// log.
inline constexpr std::size_t kRosterOperationsReserved = 512;
// Operations that an author may have in the past of its next one: a member, and an admin or the recovery key.
inline constexpr std::size_t kOperationsOfNonAdminMax = 64;
inline constexpr std::size_t kOperationsOfAuthorMax = 512;
inline constexpr std::size_t kOperationsWaitingMax = 256;

using OperationHash = Digest;

enum class AddOutcome : std::uint8_t {
    Accepted,           // it counts from now on (and so may some that waited for it)
    AlreadyKnown,       // nothing changed
    WaitingForParents,  // kept in memory until its parents come; the oldest goes when too many wait
    NotKept,            // of an author who floods the log; kept once another author's builds on it
};

class RosterLog {
  public:
    // Empty: accepts the genesis of any household, then only operations of that one.
    RosterLog();
    // Accepts only `household`.
    explicit RosterLog(const HouseholdId& household);
    RosterLog(RosterLog&&) noexcept;
    RosterLog& operator=(RosterLog&&) noexcept;
    ~RosterLog();

    Result<AddOutcome> add(ByteView operation);
    // The same for what all() gave before a restart: it was kept once, and is kept again.
    Result<AddOutcome> restore(ByteView operation);
    // What add() would say of an operation whose parents are all known; changes nothing.
    Result<void> check(ByteView operation) const;

    // Before the genesis: a roster with nobody in it.
    RosterView roster() const;
    bool empty() const;
    // True if the operation is in the log and counts in roster().
    bool counts(const OperationHash& hash) const;

    // Sorted.
    std::vector<OperationHash> heads() const;
    std::vector<OperationHash> hashes() const;
    // What a peer that says it has `known` lacks, parents before children.  Hashes we do not know are
    // ignored.
    std::vector<Bytes> missing_for(const std::vector<OperationHash>& known) const;
    // Every operation, parents before children: to persist, and to load again with add().
    std::vector<Bytes> all() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ambit::identity
