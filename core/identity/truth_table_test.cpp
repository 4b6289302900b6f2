// The truth table of strong removal: what three managers do at once, and what comes of it.
//
// Read the tables beside docs/spec/roster.md, "Resolution".  Every row is tried with every device in every
// role, and every case with its operations arriving in every order: up to four of them in any order at all,
// and what three managers did in every interleaving.
#include <algorithm>
#include <array>
#include <iostream>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "identity/test_household.h"

namespace ambit::identity {
namespace {

// A roster is written as its members: `A B C` are the managers, in lower case when they are members without
// admin, and missing when they are out; `x y z` are what A, B and C add.  "re-adds" is two operations: it
// removes and then adds again, without admin.
struct PairRow {
    const char* a;  // what A does, while ...
    const char* b;  // ... B does this, and C nothing
    const char* roster;
};

constexpr PairRow kPairs[] = {
    {"adds", "adds", "A B C x y"},
    {"adds", "removes A", "B C"},    // what a removed manager did at the same time does not count
    {"adds", "demotes A", "a B C"},  // nor what a demoted one did
    {"adds", "re-adds A", "a B C"},  // and adding again brings nothing of it back
    {"adds", "removes C", "A B x"},
    {"adds", "demotes C", "A B c x"},
    {"adds", "re-adds C", "A B c x"},

    {"removes B", "removes A", "C"},    // mutual removals both apply
    {"removes B", "demotes A", "a C"},  // and so do removal and demotion,
    {"removes B", "re-adds A", "C"},    // but the adding again is an act of a removed manager
    {"removes B", "removes C", "A C"},  // nobody removed B's remover: B's removal does not count
    {"removes B", "demotes C", "A C"},
    {"removes B", "re-adds C", "A C"},
    {"demotes B", "demotes A", "a b C"},
    {"demotes B", "re-adds A", "b C"},
    {"demotes B", "removes C", "A b C"},
    {"demotes B", "demotes C", "A b C"},
    {"demotes B", "re-adds C", "A b C"},
    {"re-adds B", "re-adds A", "C"},
    {"re-adds B", "removes C", "A b C"},
    {"re-adds B", "demotes C", "A b C"},
    {"re-adds B", "re-adds C", "A b C"},

    {"removes C", "removes C", "A B"},
    {"removes C", "demotes C", "A B"},
    {"removes C", "re-adds C", "A B"},  // an addition does not survive a removal it did not know
    {"demotes C", "demotes C", "A B c"},
    {"demotes C", "re-adds C", "A B c"},
    {"re-adds C", "re-adds C", "A B"},
};

// Three at once: who strikes (removes, demotes or re-adds) whom; who strikes nobody adds a device.
struct ShapeRow {
    const char* strikes;
    const char* count;   // whose acts count in full
    const char* circle;  // whose strike counts, and nothing else of them
};

constexpr ShapeRow kShapes[] = {
    {"", "ABC", ""},             // nobody
    {"A>B", "AC", ""},           // one
    {"A>B B>A", "C", "AB"},      // each other
    {"A>B C>B", "AC", ""},       // both the same
    {"A>B B>C", "AC", ""},       // the removed one's removal does not count
    {"A>B B>C C>A", "", "ABC"},  // in a circle: all
    {"A>B B>A C>A", "BC", ""},   // C's word settles whose of A and B counts
};

constexpr std::size_t kManagers = 3;

enum class Verb { Adds, Removes, Demotes, Readds };

struct Act {
    Verb verb = Verb::Adds;
    std::size_t target = 0;  // not for Adds
};

using Branch = std::vector<Bytes>;
// Which of the three devices plays A, B and C.
using Cast = std::array<std::size_t, kManagers>;

std::vector<Cast> casts() {
    std::vector<Cast> out;
    Cast cast = {0, 1, 2};
    do {
        out.push_back(cast);
    } while (std::next_permutation(cast.begin(), cast.end()));
    return out;
}

// A household with three managers; makes the operations of one act, on top of its common past.
class Household {
  public:
    virtual ~Household() = default;

    const TestDevice& manager(std::size_t i) const { return managers_[i]; }

    const TestDevice& newcomer(std::size_t i) const { return newcomers_[i]; }

    Branch branch(std::size_t who, const Act& act) {
        const std::array key = {who, static_cast<std::size_t>(act.verb), act.target};
        auto known = branches_.find(key);
        if (known == branches_.end()) {
            known = branches_.emplace(key, make_branch(who, act)).first;
        }
        return known->second;
    }

    RosterLog begin() const { return copy_of(past_); }

  protected:
    virtual Bytes remove(const RosterAuthor& author, std::size_t target) const = 0;
    virtual Bytes demote(const RosterAuthor& author, std::size_t target) const = 0;

    RosterLog past_;
    const std::array<TestDevice, kManagers> managers_ = {TestDevice(1), TestDevice(2), TestDevice(3)};

  private:
    Branch make_branch(std::size_t who, const Act& act) const {
        RosterLog log = copy_of(past_);
        const RosterAuthor author = managers_[who].author(log);
        Branch out;
        const auto write = [&](Bytes operation) {
            add(log, operation);
            out.push_back(std::move(operation));
        };
        switch (act.verb) {
            case Verb::Adds:
                write(author.add_device(newcomers_[who].consent(log)).value());
                break;
            case Verb::Removes:
                write(remove(author, act.target));
                break;
            case Verb::Demotes:
                write(demote(author, act.target));
                break;
            case Verb::Readds:
                write(remove(author, act.target));
                write(author.add_device(managers_[act.target].consent(log)).value());
                break;
        }
        return out;
    }

    const std::array<TestDevice, kManagers> newcomers_ = {TestDevice(11), TestDevice(12), TestDevice(13)};
    std::map<std::array<std::size_t, 3>, Branch> branches_;
};

// Managers are shared devices that hold admin themselves.
class DeviceManagers final : public Household {
  public:
    DeviceManagers() {
        add(past_, test_genesis(managers_[0]));
        for (std::size_t i = 1; i < kManagers; ++i) {
            add(past_, managers_[0].author(past_).add_device(managers_[i].consent(past_)));
            add(past_, managers_[0].author(past_).set_device_admin(managers_[i].id(), true));
        }
    }

  private:
    Bytes remove(const RosterAuthor& author, std::size_t target) const override {
        return author.remove_device(managers_[target].id(), {}).value();
    }

    Bytes demote(const RosterAuthor& author, std::size_t target) const override {
        return author.set_device_admin(managers_[target].id(), false).value();
    }
};

// Managers are people with role admin and one device each.  Nobody but they add it again.
class PersonManagers final : public Household {
  public:
    PersonManagers() {
        for (std::uint8_t i = 0; i < kManagers; ++i) {
            const NewPerson person = test_person(i, "person", Role::Admin);
            people_[i] = person_id_of(person, managers_[i].key.verify_key());
            if (i == 0) {
                add(past_, test_genesis(managers_[0], person));
            } else {
                add(past_, managers_[0].author(past_).add_person(
                               person, managers_[i].consent(past_, {people_[i], {}})));
            }
        }
    }

  private:
    Bytes remove(const RosterAuthor& author, std::size_t target) const override {
        return author.remove_person(people_[target], {}).value();
    }

    Bytes demote(const RosterAuthor& author, std::size_t target) const override {
        return author.set_role(people_[target], Role::Adult, std::nullopt).value();
    }

    std::array<PersonId, kManagers> people_;
};

std::string members(const Roster& roster, const Household& household, const Cast& cast) {
    std::string out;
    const auto say = [&](char name) { out += (out.empty() ? "" : " ") + std::string(1, name); };
    for (std::size_t i = 0; i < kManagers; ++i) {
        const DeviceId id = household.manager(cast[i]).id();
        if (roster.device(id) != nullptr) {
            say(static_cast<char>((roster.is_admin(id) ? 'A' : 'a') + i));
        }
    }
    for (std::size_t i = 0; i < kManagers; ++i) {
        if (roster.device(household.newcomer(cast[i]).id()) != nullptr) {
            say(static_cast<char>('x' + i));
        }
    }
    return out;
}

// The operations of a case in the order they arrive: of which branch, and which one of it.
struct Arriving {
    std::size_t branch = 0;
    std::size_t index = 0;
    friend auto operator<=>(const Arriving&, const Arriving&) = default;
};

using Arrival = std::vector<Arriving>;

// So many operations arrive in every order there is, a child before its parent too; more of them in every
// interleaving of their branches.
constexpr std::size_t kEveryOrderMax = 4;

std::vector<Arrival> arrivals(const std::vector<Branch>& branches) {
    Arrival all;
    std::vector<std::size_t> turns;
    for (std::size_t i = 0; i < branches.size(); ++i) {
        for (std::size_t k = 0; k < branches[i].size(); ++k) {
            all.push_back({i, k});
            turns.push_back(i);
        }
    }
    std::vector<Arrival> out;
    if (all.size() <= kEveryOrderMax) {
        do {
            out.push_back(all);
        } while (std::next_permutation(all.begin(), all.end()));
        return out;
    }
    do {
        std::vector<std::size_t> next(branches.size());
        Arrival arrival;
        for (const std::size_t i : turns) {
            arrival.push_back({i, next[i]++});
        }
        out.push_back(std::move(arrival));
    } while (std::next_permutation(turns.begin(), turns.end()));
    return out;
}

RosterView deliver(const Household& household, const std::vector<Branch>& branches, const Arrival& arrival) {
    RosterLog log = household.begin();
    for (const Arriving& one : arrival) {
        EXPECT_TRUE(log.add(branches[one.branch][one.index]).has_value());
    }
    return log.roster();
}

// How much was tried.
struct Tried {
    std::size_t cases = 0;
    std::size_t orders = 0;
};

// The members after all of it, if that is the same in every order; else what differs.
std::string outcome(const Household& household,
                    const std::vector<Branch>& branches,
                    const Cast& cast,
                    Tried& tried) {
    RosterView first;
    ++tried.cases;
    for (const Arrival& arrival : arrivals(branches)) {
        const RosterView roster = deliver(household, branches, arrival);
        ++tried.orders;
        if (first != nullptr && text_of(*roster) != text_of(*first)) {
            return "depends on the order: " + text_of(*first) + " or " + text_of(*roster);
        }
        first = roster;
    }
    return members(*first, household, cast);
}

// "re-adds C"; the letters as `cast` has them.
Act parse_act(const std::string& text, const Cast& cast) {
    const std::string verb = text.substr(0, text.find(' '));
    const Verb parsed = verb == "adds"      ? Verb::Adds
                        : verb == "removes" ? Verb::Removes
                        : verb == "demotes" ? Verb::Demotes
                                            : Verb::Readds;
    return {parsed, parsed == Verb::Adds ? 0 : cast[static_cast<std::size_t>(text.back() - 'A')]};
}

Tried expect_pairs(Household& household, bool with_readding) {
    Tried tried;
    for (const PairRow& row : kPairs) {
        for (const Cast& cast : casts()) {
            const Act a = parse_act(row.a, cast);
            const Act b = parse_act(row.b, cast);
            if (!with_readding && (a.verb == Verb::Readds || b.verb == Verb::Readds)) {
                continue;
            }
            const std::vector<Branch> branches{household.branch(cast[0], a), household.branch(cast[1], b)};
            EXPECT_EQ(outcome(household, branches, cast, tried), row.roster)
                << "A " << row.a << ", B " << row.b << "; A is device " << cast[0] << ", B " << cast[1];
        }
    }
    return tried;
}

// What the acts of a row come to: its members, from whose acts count.
std::string expected_members(const ShapeRow& shape, const std::array<Act, kManagers>& acts) {
    const auto is_in = [](const char* names, std::size_t i) {
        return std::string_view(names).find(static_cast<char>('A' + i)) != std::string_view::npos;
    };
    std::array<std::map<Verb, int>, kManagers> suffered;
    std::string added;
    for (std::size_t i = 0; i < kManagers; ++i) {
        if (acts[i].verb == Verb::Adds) {
            added += is_in(shape.count, i) ? std::string(" ") + static_cast<char>('x' + i) : "";
        } else if (is_in(shape.count, i)) {
            ++suffered[acts[i].target][acts[i].verb];
        } else if (is_in(shape.circle, i)) {
            // Of a re-adding by somebody who is struck as well, only the removal counts.
            ++suffered[acts[i].target][acts[i].verb == Verb::Readds ? Verb::Removes : acts[i].verb];
        }
    }
    std::string out;
    for (std::size_t i = 0; i < kManagers; ++i) {
        auto& by = suffered[i];
        // A re-adding survives no other removal; together with demotions it is a member without admin.
        if (by[Verb::Removes] == 0 && by[Verb::Readds] <= 1) {
            const bool manages = by[Verb::Readds] + by[Verb::Demotes] == 0;
            out += std::string(" ") + static_cast<char>((manages ? 'A' : 'a') + i);
        }
    }
    return (out + added).substr(out.empty() && added.empty() ? 0 : 1);
}

// Every way to fill a shape's strikes with verbs.
std::vector<std::array<Act, kManagers>> fillings(const ShapeRow& shape, const std::vector<Verb>& verbs) {
    std::vector<std::array<Act, kManagers>> out = {{}};
    const std::string_view text(shape.strikes);
    for (std::size_t at = 0; at + 3 <= text.size(); at += 4) {
        std::vector<std::array<Act, kManagers>> more;
        for (auto acts : out) {
            for (const Verb verb : verbs) {
                acts[static_cast<std::size_t>(text[at] - 'A')] = {
                    verb, static_cast<std::size_t>(text[at + 2] - 'A')};
                more.push_back(acts);
            }
        }
        out = std::move(more);
    }
    return out;
}

std::string story(const std::array<Act, kManagers>& acts) {
    static constexpr const char* kVerbs[] = {"adds", "removes ", "demotes ", "re-adds "};
    std::string out;
    for (std::size_t i = 0; i < kManagers; ++i) {
        out += std::string(1, static_cast<char>('A' + i)) + " " + kVerbs[static_cast<int>(acts[i].verb)];
        out += acts[i].verb == Verb::Adds ? "; "
                                          : std::string(1, static_cast<char>('A' + acts[i].target)) + "; ";
    }
    return out;
}

Tried expect_shapes(Household& household, const std::vector<Verb>& verbs) {
    Tried tried;
    std::set<std::vector<Branch>> seen;  // a circle is the same case whoever it begins with
    for (const ShapeRow& shape : kShapes) {
        for (const Cast& cast : casts()) {
            for (const auto& acts : fillings(shape, verbs)) {
                std::vector<Branch> branches(kManagers);
                for (std::size_t i = 0; i < kManagers; ++i) {
                    branches[cast[i]] = household.branch(
                        cast[i], {acts[i].verb, acts[i].verb == Verb::Adds ? 0 : cast[acts[i].target]});
                }
                if (seen.insert(branches).second) {
                    EXPECT_EQ(outcome(household, branches, cast, tried), expected_members(shape, acts))
                        << story(acts) << "A is device " << cast[0] << ", B " << cast[1];
                }
            }
        }
    }
    return tried;
}

// For whoever reads the log of a run: how much "every" is.
void tell(const char* table, const Tried& tried) {
    std::cout << "truth table, " << table << ": " << tried.cases << " cases, " << tried.orders << " orders\n";
}

// Arrivals of `sizes` operations each, all cases taken together, counted by hand and not by arrivals().
std::size_t every_order(const std::vector<std::size_t>& sizes) {
    const auto factorial = [](std::size_t n) {
        std::size_t product = 1;
        for (std::size_t i = 2; i <= n; ++i) {
            product *= i;
        }
        return product;
    };
    const std::size_t all = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
    std::size_t orders = factorial(all);
    for (const std::size_t size : sizes) {
        orders /= all <= kEveryOrderMax ? 1 : factorial(size);
    }
    return orders;
}

// Three managers, each with `short_acts` acts of one operation and `long_acts` of two.
std::size_t orders_of_three(std::size_t short_acts, std::size_t long_acts) {
    std::size_t orders = 0;
    for (std::size_t mask = 0; mask < 8; ++mask) {
        std::vector<std::size_t> sizes;
        std::size_t cases = 1;
        for (std::size_t i = 0; i < kManagers; ++i) {
            const bool is_long = (mask >> i & 1U) != 0;
            sizes.push_back(is_long ? 2 : 1);
            cases *= is_long ? long_acts : short_acts;
        }
        orders += cases * every_order(sizes);
    }
    return orders;
}

TEST(TruthTable, PairsOfDevicesThatManage) {
    DeviceManagers household;
    const Tried tried = expect_pairs(household, true);
    tell("pairs of devices", tried);
    EXPECT_EQ(tried.cases, std::size(kPairs) * casts().size());
}

TEST(TruthTable, PairsOfPeopleWhoManage) {
    PersonManagers household;
    tell("pairs of people", expect_pairs(household, false));
}

TEST(TruthTable, ThreeDevicesThatManage) {
    DeviceManagers household;
    // All there are: each of the three adds, or does one of three things to one of two.
    const Tried tried = expect_shapes(household, {Verb::Removes, Verb::Demotes, Verb::Readds});
    tell("three devices", tried);
    EXPECT_EQ(tried.cases, 7U * 7U * 7U);
    EXPECT_EQ(tried.orders, orders_of_three(5, 2));
}

TEST(TruthTable, ThreePeopleWhoManage) {
    PersonManagers household;
    const Tried tried = expect_shapes(household, {Verb::Removes, Verb::Demotes});
    tell("three people", tried);
    EXPECT_EQ(tried.cases, 5U * 5U * 5U);
    EXPECT_EQ(tried.orders, orders_of_three(5, 0));
}

}  // namespace
}  // namespace ambit::identity
