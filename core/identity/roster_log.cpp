#include "identity/roster_log.h"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "crypto/hash.h"
#include "identity/authority.h"
#include "identity/resolution.h"

namespace ambit::identity {

struct RosterLog::State {
    struct Waiting {
        Operation operation;
        Bytes bytes;
    };

    std::optional<HouseholdId> household;
    History history;
    std::unordered_map<OperationHash, Position> positions;
    PositionSet everything;
    PositionSet heads;
    std::deque<Waiting> waiting;  // oldest first
    Resolved now{{}, Fold(history)};
    RosterView view = std::make_shared<Roster>();

    bool parents_known(const Operation& operation) const {
        return std::all_of(operation.parents.begin(), operation.parents.end(),
                           [&](const OperationHash& parent) { return positions.count(parent) != 0; });
    }

    Result<void> check_household(const Operation& operation) const {
        if (household && operation.household != *household) {
            return Error{ErrorCode::OtherHousehold, operation.household.short_hex()};
        }
        if (history.size() > 0 && operation.is_genesis()) {
            return Error{ErrorCode::BadOperation, "a second genesis"};
        }
        return {};
    }

    // The operation with its place in the graph, if it is allowed in its own past.  REQUIRES:
    // parents_known().
    Result<Entry> judged(Operation operation, ByteView bytes) const {
        AMBIT_TRY(check_household(operation));
        if (history.size() == kRosterOperationsMax) {
            return Error{ErrorCode::LimitExceeded, "operations of a household"};
        }
        Entry entry;
        PositionSet parents;
        for (const OperationHash& hash : operation.parents) {
            const Position parent = positions.at(hash);
            parents.set(parent);
            entry.ancestors |= history[parent].ancestors;
        }
        if ((entry.ancestors & parents).any()) {
            return Error{ErrorCode::BadOperation, "a parent is an ancestor of another"};
        }
        entry.ancestors |= parents;
        entry.operation = std::move(operation);
        entry.bytes.assign(bytes.begin(), bytes.end());

        const bool knows_all = entry.ancestors == everything;
        const Resolved past = knows_all ? now : resolve(history, entry.ancestors);
        AMBIT_TRY(authorise(past.fold, entry.operation));
        AMBIT_TRY(check_amount(past.fold, entry));
        annotate(past.fold, entry);
        return entry;
    }

    // One member cannot fill the log of everybody.
    Result<void> check_amount(const Fold& past, const Entry& entry) const {
        const Operation& operation = entry.operation;
        if (operation.is_genesis() || past.is_admin(operation.author) ||
            operation.author_key == past.recovery_key()) {
            return {};
        }
        std::size_t count = 0;
        for (Position at = 0; at < history.size(); ++at) {
            count += entry.ancestors.test(at) && history[at].operation.author == operation.author ? 1 : 0;
        }
        if (count >= kOperationsOfNonAdminMax) {
            return Error{ErrorCode::LimitExceeded, "operations of a member who is no admin"};
        }
        return {};
    }

    void accept(Entry entry) {
        const Position at = history.size();
        const bool knows_all = entry.ancestors == everything;
        household = entry.operation.household;
        positions[entry.operation.hash] = at;
        heads &= ~entry.ancestors;
        heads.set(at);
        everything.set(at);
        history.push(std::move(entry));
        if (knows_all) {
            now.counting.set(at);
            now.fold.apply(at);
        } else {
            now = resolve(history, everything);
        }
    }

    void accept_waiting() {
        for (bool changed = true; changed;) {
            changed = false;
            for (auto it = waiting.begin(); it != waiting.end(); ++it) {
                if (!parents_known(it->operation)) {
                    continue;
                }
                Waiting ready = std::move(*it);
                waiting.erase(it);
                if (auto entry = judged(std::move(ready.operation), ready.bytes)) {
                    accept(*std::move(entry));
                }
                changed = true;
                break;
            }
        }
    }

    void keep_waiting(Operation operation, ByteView bytes) {
        const bool known = std::any_of(waiting.begin(), waiting.end(), [&](const Waiting& other) {
            return other.operation.hash == operation.hash;
        });
        if (known) {
            return;
        }
        if (waiting.size() == kOperationsWaitingMax) {
            waiting.pop_front();
        }
        waiting.push_back({std::move(operation), Bytes(bytes.begin(), bytes.end())});
    }

    std::vector<OperationHash> hashes_of(const PositionSet& set) const {
        std::vector<OperationHash> out;
        for (Position at = 0; at < history.size(); ++at) {
            if (set.test(at)) {
                out.push_back(history[at].operation.hash);
            }
        }
        std::sort(out.begin(), out.end());
        return out;
    }

    void refresh_view() {
        Roster roster = now.fold.roster();
        Bytes sorted_heads;
        for (const OperationHash& head : hashes_of(heads)) {
            sorted_heads.insert(sorted_heads.end(), head.bytes().begin(), head.bytes().end());
        }
        roster.version = crypto::hash("roster-version", sorted_heads);
        for (Position at = 0; at < history.size(); ++at) {
            const Operation& operation = history[at].operation;
            if (operation.critical && std::holds_alternative<UnknownChange>(operation.change) &&
                now.counting.test(at) && now.fold.is_admin(operation.author)) {
                ++roster.unknown_critical;
            }
        }
        view = std::make_shared<const Roster>(std::move(roster));
    }
};

RosterLog::RosterLog() : state_(std::make_unique<State>()) {}

RosterLog::RosterLog(const HouseholdId& household) : RosterLog() {
    state_->household = household;
}

RosterLog::RosterLog(RosterLog&&) noexcept = default;

RosterLog& RosterLog::operator=(RosterLog&&) noexcept = default;

RosterLog::~RosterLog() = default;

Result<AddOutcome> RosterLog::add(ByteView bytes) {
    if (state_->positions.count(crypto::hash("roster-op", bytes)) != 0) {
        return AddOutcome::AlreadyKnown;
    }
    AMBIT_TRY_ASSIGN(Operation operation, parse_operation(bytes));
    AMBIT_TRY(state_->check_household(operation));
    if (!state_->parents_known(operation)) {
        state_->keep_waiting(std::move(operation), bytes);
        return AddOutcome::WaitingForParents;
    }
    AMBIT_TRY_ASSIGN(Entry entry, state_->judged(std::move(operation), bytes));
    state_->accept(std::move(entry));
    state_->accept_waiting();
    state_->refresh_view();
    return AddOutcome::Accepted;
}

Result<void> RosterLog::check(ByteView bytes) const {
    AMBIT_TRY_ASSIGN(Operation operation, parse_operation(bytes));
    if (!state_->parents_known(operation)) {
        return Error{ErrorCode::BadOperation, "its parents are not known"};
    }
    AMBIT_TRY(state_->judged(std::move(operation), bytes));
    return {};
}

RosterView RosterLog::roster() const {
    return state_->view;
}

bool RosterLog::empty() const {
    return state_->history.size() == 0;
}

bool RosterLog::counts(const OperationHash& hash) const {
    const auto at = state_->positions.find(hash);
    return at != state_->positions.end() && state_->now.counting.test(at->second);
}

std::vector<OperationHash> RosterLog::heads() const {
    return state_->hashes_of(state_->heads);
}

std::vector<OperationHash> RosterLog::hashes() const {
    return state_->hashes_of(state_->everything);
}

std::vector<Bytes> RosterLog::missing_for(const std::vector<OperationHash>& known) const {
    PositionSet theirs;
    for (const OperationHash& hash : known) {
        const auto at = state_->positions.find(hash);
        if (at != state_->positions.end()) {
            theirs.set(at->second);
        }
    }
    std::vector<Bytes> out;
    for (Position at = 0; at < state_->history.size(); ++at) {
        if (!theirs.test(at)) {
            out.push_back(state_->history[at].bytes);
        }
    }
    return out;
}

std::vector<Bytes> RosterLog::all() const {
    return missing_for({});
}

}  // namespace ambit::identity
