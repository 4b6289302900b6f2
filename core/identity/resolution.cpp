#include "identity/resolution.h"

#include <algorithm>
#include <queue>

#include "identity/authority.h"

namespace ambit::identity {
namespace {

// Parents before children; of those that could come next, the smallest hash.
std::vector<Position> ordered(const History& history, const PositionSet& set) {
    const auto later = [&](Position a, Position b) {
        return history[b].operation.hash < history[a].operation.hash;
    };
    std::priority_queue<Position, std::vector<Position>, decltype(later)> ready(later);
    std::map<Position, std::vector<Position>> children;
    std::map<Position, std::size_t> parents_left;
    for (Position at = 0; at < history.size(); ++at) {
        if (!set.test(at)) {
            continue;
        }
        const auto& parents = history[at].parents;
        parents_left[at] = parents.size();
        for (const Position parent : parents) {
            children[parent].push_back(at);
        }
        if (parents.empty()) {
            ready.push(at);
        }
    }
    std::vector<Position> order;
    while (!ready.empty()) {
        const Position at = ready.top();
        ready.pop();
        order.push_back(at);
        for (const Position child : children[at]) {
            if (--parents_left[child] == 0) {
                ready.push(child);
            }
        }
    }
    return order;
}

// Strong removal as a graph of attacks: a removal or demotion attacks what the affected devices did
// concurrently, and what was done with an authority that rests on that.
class Attacks {
  public:
    Attacks(const History& history, const std::vector<Position>& order) : history_(history), order_(order) {
        for (const Position attacker : order) {
            if (!history[attacker].affected.empty()) {
                add_attacks_of(attacker);
            }
        }
    }

    PositionSet survivors() {
        do {
            settle();
        } while (accept_mutual());
        PositionSet out;
        for (const Position at : order_) {
            if (!lost_.test(at)) {
                out.set(at);
            }
        }
        return out;
    }

  private:
    bool hits_directly(Position attacker, Position target) const {
        const Entry& entry = history_[attacker];
        const DeviceId& author = history_[target].operation.author;
        return history_.concurrent(attacker, target) && author != entry.operation.author &&
               std::find(entry.affected.begin(), entry.affected.end(), author) != entry.affected.end();
    }

    void add_attacks_of(Position attacker) {
        PositionSet direct;
        for (const Position target : order_) {
            if (hits_directly(attacker, target)) {
                direct.set(target);
            }
        }
        for (const Position target : order_) {
            if (direct.test(target) || (history_[target].support & direct).any()) {
                attackers_[target].push_back(attacker);
            }
        }
        direct_[attacker] = direct;
    }

    // True if `attacker` is lost, or reaches `target` only through what it stands with in a circle.
    bool harmless(Position attacker, Position target) const {
        const PositionSet& direct = direct_.at(attacker);
        return lost_.test(attacker) ||
               (!direct.test(target) && (history_[target].support & direct & ~mutual_).none());
    }

    // What nobody who stands attacks, stands; what somebody who stands attacks, is lost; until nothing
    // changes.
    void settle() {
        for (bool changed = true; changed;) {
            changed = false;
            for (auto& [target, attackers] : attackers_) {
                if (lost_.test(target) || mutual_.test(target)) {
                    continue;
                }
                if (std::any_of(attackers.begin(), attackers.end(),
                                [this, on = target](Position a) { return stands(a) && !harmless(a, on); })) {
                    lost_.set(target);
                    changed = true;
                }
            }
        }
    }

    bool stands(Position at) const {
        if (lost_.test(at)) {
            return false;
        }
        const auto found = attackers_.find(at);
        return mutual_.test(at) || found == attackers_.end() ||
               std::all_of(found->second.begin(), found->second.end(),
                           [&](Position a) { return harmless(a, at); });
    }

    bool undecided(Position at) const { return !lost_.test(at) && !stands(at); }

    // Everything undecided that attacks `at`, directly or through others.
    PositionSet undecided_behind(Position at) const {
        PositionSet seen;
        std::vector<Position> open = {at};
        while (!open.empty()) {
            const Position next = open.back();
            open.pop_back();
            const auto found = attackers_.find(next);
            if (found == attackers_.end()) {
                continue;
            }
            for (const Position attacker : found->second) {
                if (undecided(attacker) && !seen.test(attacker)) {
                    seen.set(attacker);
                    open.push_back(attacker);
                }
            }
        }
        return seen;
    }

    // Removals that attack each other in a circle, with nobody outside of it attacking: all of them stand.
    bool accept_mutual() {
        std::map<Position, PositionSet> behind;
        for (const auto& [at, attackers] : attackers_) {
            if (undecided(at)) {
                behind[at] = undecided_behind(at);
            }
        }
        PositionSet accepted;
        for (const auto& [at, attackers] : behind) {
            bool circle = true;
            for (const auto& [other, others_behind] : behind) {
                circle = circle && (!attackers.test(other) || others_behind.test(at));
            }
            if (circle) {
                accepted.set(at);
            }
        }
        mutual_ |= accepted;
        return accepted.any();
    }

    const History& history_;
    const std::vector<Position>& order_;
    std::map<Position, std::vector<Position>> attackers_;
    std::map<Position, PositionSet> direct_;
    PositionSet lost_;
    PositionSet mutual_;
};

// An author with more than kOperationsOfAuthorMax operations has written many beside each other, as no honest
// device does: of those, only what others built on counts.
PositionSet ignored_in(const History& history, const PositionSet& set) {
    std::map<DeviceId, PositionSet> by_author;
    for (Position at = 0; at < history.size(); ++at) {
        if (set.test(at)) {
            by_author[history[at].operation.author].set(at);
        }
    }
    PositionSet ignored;
    for (const auto& [author, written] : by_author) {
        if (written.count() <= kOperationsOfAuthorMax) {
            continue;
        }
        PositionSet built_on;
        for (Position at = 0; at < history.size(); ++at) {
            if (set.test(at) && !written.test(at)) {
                built_on |= history[at].ancestors;
            }
        }
        ignored |= written & ~built_on;
    }
    return ignored;
}

// The state in the past of each operation of a set, folded once for each branch.
class Pasts {
  public:
    Pasts(const History& history, const std::vector<Position>& order) : history_(history), order_(order) {
        for (const Position at : order) {
            if (history[at].parents.size() == 1) {
                ++children_[history[at].parents.front()];
            }
        }
    }

    // REQUIRES: everything before `at` in the order was told with after().
    Fold before(Position at, const PositionSet& counting) {
        const auto& parents = history_[at].parents;
        if (parents.size() != 1) {
            return fold_of(counting & history_[at].ancestors);
        }
        // An operation comes after everything in its past, so that the state after its only parent is the
        // state before it.
        const Position parent = parents.front();
        const bool last = --children_[parent] == 0;
        const auto known = after_.find(parent);
        if (known == after_.end()) {
            Fold past = fold_of(counting & history_[at].ancestors);
            if (!last) {
                keep(parent, past);
            }
            return past;
        }
        return last ? std::move(after_.extract(known).mapped()) : known->second;
    }

    void after(Position at, Fold past, bool counts) {
        if (children_.count(at) == 0) {
            return;
        }
        if (counts) {
            past.apply(at);
        }
        keep(at, std::move(past));
    }

  private:
    static constexpr std::size_t kBranchesMax = 64;

    void keep(Position at, Fold after) {
        if (after_.size() < kBranchesMax) {
            after_.emplace(at, std::move(after));
        }
    }

    Fold fold_of(const PositionSet& counting) const {
        Fold fold(history_);
        for (const Position at : order_) {
            if (counting.test(at)) {
                fold.apply(at);
            }
        }
        return fold;
    }

    const History& history_;
    const std::vector<Position>& order_;
    std::map<Position, std::size_t> children_;  // of those with a single parent, by that parent
    std::map<Position, Fold> after_;
};

}  // namespace

Resolved resolve(const History& history, const PositionSet& set) {
    Resolved resolved{{}, ignored_in(history, set), Fold(history)};
    const std::vector<Position> order = ordered(history, set & ~resolved.ignored);
    const PositionSet survivors = Attacks(history, order).survivors();
    Pasts pasts(history, order);
    PositionSet done;
    for (const Position at : order) {
        // Judged again in its own past, now that more is known about that past.
        const bool knows_all = (history[at].ancestors & done) == done;
        done.set(at);
        if (knows_all) {
            if (survivors.test(at) && authorise(resolved.fold, history[at].operation)) {
                resolved.counting.set(at);
                resolved.fold.apply(at);
            }
            continue;
        }
        Fold past = pasts.before(at, resolved.counting);
        const bool counts = survivors.test(at) && authorise(past, history[at].operation);
        if (counts) {
            resolved.counting.set(at);
            resolved.fold.apply(at);
        }
        pasts.after(at, std::move(past), counts);
    }
    return resolved;
}

}  // namespace ambit::identity
