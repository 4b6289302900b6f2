// What the benchmarks of facts share: a household, a device with its store, and what to write.
//
// Ownership: values.  Threads: one each.  Failure: prints and exits.
#pragma once

#include <boost/asio/io_context.hpp>

#include "crypto/seeded_random.h"
#include "facts/entry.h"
#include "plain_log.h"
#include "store/store.h"

namespace ambit::bench {

// Two shared devices of one household.
struct Household {
    Household() {
        auto roster_ = std::make_shared<identity::Roster>();
        for (auto* key : {&one, &two}) {
            identity::Device device;
            device.verify_key = key->verify_key();
            device.id = crypto::device_id_of(device.verify_key);
            roster_->devices[device.id] = device;
        }
        roster = roster_;
    }

    crypto::SigningKey one = crypto::SigningKey::from_seed({1});
    crypto::SigningKey two = crypto::SigningKey::from_seed({2});
    identity::RosterView roster;
};

// Facts on SQLite with a loop of its own.
class Device final : public storage::StorageEvents {
  public:
    Device(const std::string& folder,
           const crypto::SigningKey& key,
           identity::RosterView roster,
           std::uint8_t seed)
        : random_({seed}) {
        auto opened = store::SqliteStore::open({.folder = folder, .vfs = {}}, loop);
        require(opened.has_value(), "open the store");
        store = std::move(*opened);
        store->set_events(this);
        facts = std::make_unique<facts::Facts>(crypto::device_id_of(key.verify_key()), key, random_, *store,
                                               [] { return Digest(); });
        require(facts->load(false, Loop::now()).has_value(), "load");
        facts->set_roster(std::move(roster), Loop::now());
    }

    void on_durable(storage::Ticket up_to) override {
        ++transactions;
        facts->on_durable(up_to, Loop::now());
    }

    void on_read(storage::ReadId id, Result<storage::Items> items) override {
        if (auto served = facts->on_read(id, items, Loop::now()); served && on_served) {
            on_served(std::move(*served));
        }
    }

    void on_storage_failed(const Error& error) override { require(false, error.detail.c_str()); }

    void turn() { loop.io().run_one(); }

    void write(std::span<const facts::Draft> drafts) {
        const auto id = facts->put_all(drafts, Loop::now());
        require(id.has_value(), "put");
        while (facts->durable_write() < *id) {
            turn();
        }
    }

    Loop loop;
    std::unique_ptr<store::SqliteStore> store;
    std::unique_ptr<facts::Facts> facts;
    std::function<void(facts::Served)> on_served;
    std::size_t transactions = 0;

  private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop.io().get_executor()};
    crypto::SeededRandom random_;
};

inline facts::Draft draft(std::size_t number) {
    facts::Draft draft;
    draft.key = {privacy::Household{}, "entity:bench/light_" + std::to_string(number), "state"};
    draft.value = facts::Json{R"({"on":true,"brightness_pct":40})"};
    draft.time = Loop::now().wall;
    return draft;
}

}  // namespace ambit::bench
