// A household of Facts on memory storage, with a network that delivers, drops, repeats and reorders on
// demand.
//
// Ownership: value.  Threads: one.  Failure: EXPECTs inside.  Only for *_test.cpp.
#pragma once

#include <gtest/gtest.h>

#include "crypto/seeded_random.h"
#include "facts/facts.h"
#include "privacy/home_testing.h"
#include "storage/memory_storage.h"

namespace ambit::facts::testing {

using privacy::Household;
using privacy::OnePerson;
using privacy::ThisDevice;

inline const privacy::Here kHere("facts tests");

inline Now at_ms(std::int64_t ms) {
    return {WallTime(milliseconds(1'795'000'000'000 + ms)), MonoTime(milliseconds(1'000'000 + ms))};
}

inline Draft draft_of(const privacy::NamedAudience& audience,
                      const std::string& subject,
                      const Value& value,
                      Draft::Kind kind = Draft::Kind::Set) {
    Draft draft;
    draft.kind = kind;
    draft.key = {audience, subject, "state"};
    draft.value = value;
    draft.time = at_ms(0).wall;
    return draft;
}

// One device: its disk survives restarts and crashes.
class Node final : public storage::StorageEvents {
  public:
    Node(DeviceId device, const crypto::SigningKey& signing_key, std::uint8_t seed)
        : id(device), key_(signing_key), random_(crypto::Seed{seed}) {}

    void start(identity::RosterView roster, Now at, bool fresh = false) {
        now = at;
        disk.set_events(this);
        facts = std::make_unique<Facts>(id, key_, random_, disk, [] { return Digest(); });
        ASSERT_TRUE(facts->load(fresh, now));
        facts->set_roster(std::move(roster), now);
    }

    // All that came is on the disk.
    void settle() {
        facts->commit_arrivals(now);
        disk.settle();
    }

    void put(const Draft& draft) { ASSERT_TRUE(facts->put(draft, now)); }

    void on_durable(storage::Ticket up_to) override { note(facts->on_durable(up_to, now)); }

    void on_read(storage::ReadId read, Result<storage::Items> items) override {
        if (read_error) {
            items = *read_error;
        }
        if (auto answer = facts->on_read(read, items, now)) {
            served.push_back(std::move(*answer));
        }
        note(facts->take_changes());
    }

    void on_storage_failed(const Error& error) override { facts->on_storage_failed(error); }

    // Stops; on the disk, item `seq` of every stream is then as `change` leaves it.
    void tamper(std::uint64_t seq, const std::function<void(Bytes&)>& change) {
        disk.settle();
        facts.reset();
        storage::MemoryStorage copy;
        for (const char* table : {"facts.self", "facts.guests", "facts.forks", "facts.bases"}) {
            const auto records = disk.load_table(table).value();
            for (const auto& [key, value] : records) {
                copy.commit({storage::Put{table, key, value}});
            }
        }
        ASSERT_TRUE(disk.load_streams("", [&](const std::string& stream, std::uint64_t at, ByteView item) {
            Bytes bytes(item.begin(), item.end());
            if (at == seq) {
                change(bytes);
            }
            copy.commit({storage::Append{stream, at, {std::move(bytes)}}});
        }));
        copy.settle();
        disk = std::move(copy);
    }

    std::optional<Value> value(const Key& key) const {
        const auto fact = facts->get(key);
        return fact ? std::optional(fact->read(kHere).value) : std::nullopt;
    }

    std::vector<Event::Kind> events() {
        std::vector<Event::Kind> kinds;
        for (const Event& event : facts->take_events()) {
            kinds.push_back(event.kind);
        }
        return kinds;
    }

    DeviceId id;
    Now now = at_ms(0);
    storage::MemoryStorage disk;
    std::unique_ptr<Facts> facts;
    std::vector<Served> served;
    std::vector<Change> changes;
    std::optional<Error> read_error;  // what the disk says to every reading

  private:
    void note(std::vector<Change> fresh) {
        changes.insert(changes.end(), std::make_move_iterator(fresh.begin()),
                       std::make_move_iterator(fresh.end()));
    }

    const crypto::SigningKey& key_;
    crypto::SeededRandom random_;
};

class Network {
  public:
    explicit Network(std::uint8_t seed = 1) : random(crypto::Seed{seed, 99}) {}

    Node& add(const DeviceId& id) {
        auto node = std::make_unique<Node>(id, home.key(id), static_cast<std::uint8_t>(nodes.size() + 1));
        node->start(home.view(), at_ms(0));
        nodes.push_back(std::move(node));
        return *nodes.back();
    }

    Node& node(const DeviceId& id) {
        for (auto& node : nodes) {
            if (node->id == id) {
                return *node;
            }
        }
        ADD_FAILURE() << "no such node";
        return *nodes.front();
    }

    void set_roster() {
        for (auto& node : nodes) {
            node->facts->set_roster(home.view(), node->now);
        }
        settle();
    }

    void settle() {
        for (auto& node : nodes) {
            node->settle();
        }
    }

    // `asker` gets from `holder` what it lacks; each message is lost or repeated with the given chances in
    // 100. Returns the first error that either of them raised.
    Result<void> sync(Node& asker, Node& holder, unsigned loss = 0, unsigned repeats = 0) {
        Result<void> first_error;
        const auto check = [&first_error](Result<void> result) {
            if (!result && first_error) {
                first_error = std::move(result);
            }
        };
        asker.facts->forget_peer(holder.id);
        holder.facts->forget_peer(asker.id);
        for (const auto& heights : holder.facts->heights(asker.id)) {
            if (!chance(loss)) {
                check(asker.facts->on_heights(holder.id, encoded(heights), asker.now));
            }
        }
        for (std::vector<Want> wants = asker.facts->wants(holder.id); !wants.empty();
             wants = asker.facts->wants(holder.id)) {
            for (const Want& want : wants) {
                const auto decoded = decode_want(encode_want(want));
                check(answer(asker, holder, decoded.value(), loss, repeats));
                asker.facts->close_want(holder.id, want.channel);
            }
        }
        asker.settle();
        return first_error;
    }

    // Everybody with everybody, until nothing is new.
    void sync_all() {
        settle();
        for (std::size_t round = 0; round < nodes.size(); ++round) {
            for (auto& asker : nodes) {
                for (auto& holder : nodes) {
                    if (asker != holder) {
                        const auto result = sync(*asker, *holder);
                        EXPECT_TRUE(result) << result.error().message();
                    }
                }
            }
        }
    }

    void expect_converged(const privacy::NamedAudience& audience) const {
        std::optional<Digest> hash;
        for (const auto& node : nodes) {
            if (privacy::may_read(privacy::Audience(audience), home.roster, node->id)) {
                const Digest its = node->facts->state_hash(audience);
                EXPECT_EQ(hash.value_or(its), its) << privacy::to_string(audience);
                hash = its;
            }
        }
    }

    static const Bytes& encoded(const privacy::Labelled<Bytes>& message) { return message.read(kHere); }

    bool chance(unsigned percent) { return percent != 0 && random.below(100) < percent; }

    ambit::testing::Home home;
    crypto::SeededRandom random;
    std::vector<std::unique_ptr<Node>> nodes;

  private:
    Result<void> answer(Node& asker, Node& holder, Want want, unsigned loss, unsigned repeats) {
        for (;;) {
            if (chance(loss)) {
                return {};
            }
            AMBIT_TRY(holder.facts->serve(asker.id, want));
            holder.settle();
            if (holder.served.empty()) {
                return {};
            }
            const Served served = std::move(holder.served.back());
            holder.served.clear();
            if (encoded(served.range).empty() || chance(loss)) {
                return {};
            }
            AMBIT_TRY(asker.facts->receive(holder.id, encoded(served.range), asker.now));
            if (chance(repeats)) {
                AMBIT_TRY(asker.facts->receive(holder.id, encoded(served.range), asker.now));
            }
            if (asker.facts->range_credit() < 2) {
                asker.settle();
            }
            if (!served.next) {
                return {};
            }
            want = *served.next;
        }
    }
};

}  // namespace ambit::facts::testing
