#include "identity/roster_log.h"

#include <algorithm>
#include <deque>
#include <set>
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
    std::deque<Waiting> waiting;              // oldest first
    std::map<DeviceId, std::size_t> written;  // by author
    Resolved now{{}, {}, Fold(history)};
    RosterView view = std::make_shared<Roster>();

    Result<AddOutcome> add(ByteView bytes, bool refuse_floods);

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
        Entry entry;
        PositionSet parents;
        for (const OperationHash& hash : operation.parents) {
            const Position parent = positions.at(hash);
            parents.set(parent);
            entry.parents.push_back(parent);
            entry.ancestors |= history[parent].ancestors;
        }
        if ((entry.ancestors & parents).any()) {
            return Error{ErrorCode::BadOperation, "a parent is an ancestor of another"};
        }
        entry.ancestors |= parents;
        entry.operation = std::move(operation);
        entry.bytes.assign(bytes.begin(), bytes.end());

        const bool knows_all = entry.ancestors == shown();
        const Resolved past = knows_all ? now : resolve(history, entry.ancestors);
        AMBIT_TRY(authorise(past.fold, entry.operation));
        AMBIT_TRY(check_amount(past.fold, entry));
        annotate(past.fold, entry);
        const bool urgent =
            !entry.affected.empty() || std::holds_alternative<RecoverChange>(entry.operation.change);
        if (history.size() >= kRosterOperationsMax - (urgent ? 0 : kRosterOperationsReserved)) {
            return Error{ErrorCode::LimitExceeded, "operations of a household"};
        }
        return entry;
    }

    // One member cannot fill the log of everybody.
    Result<void> check_amount(const Fold& past, const Entry& entry) const {
        const Operation& operation = entry.operation;
        const bool trusted = past.is_admin(operation.author) || operation.author_key == past.recovery_key();
        const std::size_t most = trusted ? kOperationsOfAuthorMax : kOperationsOfNonAdminMax;
        std::size_t count = 0;
        for (Position at = 0; at < history.size(); ++at) {
            count += entry.ancestors.test(at) && history[at].operation.author == operation.author ? 1 : 0;
        }
        if (count >= most) {
            return Error{ErrorCode::LimitExceeded, "operations of one author"};
        }
        return {};
    }

    // One more than the limit proves to every peer that the author floods; further ones would say no more.
    bool is_flood(const Operation& operation) const {
        const auto count = written.find(operation.author);
        return count != written.end() && count->second > kOperationsOfAuthorMax && !is_awaited(operation);
    }

    // True if what waits, written by another member, builds on it: directly, or through the author's own.
    bool is_awaited(const Operation& operation) const {
        std::vector<OperationHash> open = {operation.hash};
        std::set<OperationHash> seen;
        while (!open.empty()) {
            const OperationHash next = open.back();
            open.pop_back();
            if (!seen.insert(next).second) {
                continue;
            }
            for (const Waiting& later : waiting) {
                const auto& parents = later.operation.parents;
                if (std::find(parents.begin(), parents.end(), next) == parents.end()) {
                    continue;
                }
                if (later.operation.author != operation.author &&
                    now.fold.is_member(later.operation.author)) {
                    return true;
                }
                open.push_back(later.operation.hash);
            }
        }
        return false;
    }

    PositionSet shown() const { return everything & ~now.ignored; }

    // Those that count for the version, and that the next operation builds on.
    PositionSet shown_heads() const {
        if (now.ignored.none()) {
            return heads;
        }
        PositionSet inner;
        for (Position at = 0; at < history.size(); ++at) {
            if (shown().test(at)) {
                inner |= history[at].ancestors;
            }
        }
        return shown() & ~inner;
    }

    void accept(Entry entry) {
        const Position at = history.size();
        const bool knows_all = entry.ancestors == shown();
        household = entry.operation.household;
        positions[entry.operation.hash] = at;
        heads &= ~entry.ancestors;
        heads.set(at);
        everything.set(at);
        const bool floods = ++written[entry.operation.author] > kOperationsOfAuthorMax;
        history.push(std::move(entry));
        if (knows_all && !floods) {
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
                const bool flood = is_flood(ready.operation);  // its peer offers it again when it matters
                auto entry = judged(std::move(ready.operation), ready.bytes);
                if (entry && !flood) {
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
        for (const OperationHash& head : hashes_of(shown_heads())) {
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
    return state_->add(bytes, true);
}

Result<AddOutcome> RosterLog::restore(ByteView bytes) {
    return state_->add(bytes, false);
}

Result<AddOutcome> RosterLog::State::add(ByteView bytes, bool refuse_floods) {
    if (positions.count(crypto::hash("roster-op", bytes)) != 0) {
        return AddOutcome::AlreadyKnown;
    }
    AMBIT_TRY_ASSIGN(Operation operation, parse_operation(bytes));
    AMBIT_TRY(check_household(operation));
    if (!parents_known(operation)) {
        keep_waiting(std::move(operation), bytes);
        return AddOutcome::WaitingForParents;
    }
    if (refuse_floods && is_flood(operation)) {
        return AddOutcome::NotKept;
    }
    AMBIT_TRY_ASSIGN(Entry entry, judged(std::move(operation), bytes));
    accept(std::move(entry));
    accept_waiting();
    refresh_view();
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
    return state_->hashes_of(state_->shown_heads());
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
