// A small household for tests: two people, three personal devices, two shared ones, with real keys.
//
// Ownership: value.  Threads: one.  Failure: none.  Only for *_test.cpp and benchmarks.
#pragma once

#include <map>

#include "crypto/seeded_random.h"
#include "privacy/gate.h"

namespace ambit::testing {

struct Home {
    Home() {
        crypto::SeededRandom random(crypto::Seed{7});
        ada = random.id<PersonId>();
        ben = random.id<PersonId>();
        roster.people[ada] = {ada, "Ada", identity::Role::Adult, std::nullopt};
        roster.people[ben] = {ben, "Ben", identity::Role::Adult, std::nullopt};
        phone = add(random, "phone", ada);
        watch = add(random, "watch", ada);
        tablet = add(random, "tablet", ben);
        hub = add(random, "hub", std::nullopt);
        speaker = add(random, "speaker", std::nullopt);
    }

    DeviceId add(Random& random, const std::string& name, std::optional<PersonId> owner) {
        auto key = crypto::SigningKey::generate(random);
        const DeviceId id = crypto::device_id_of(key.verify_key());
        identity::Device& device = roster.devices[id];
        device.id = id;
        device.verify_key = key.verify_key();
        device.name = name;
        device.kind = name;
        device.owner = owner;
        keys.emplace(id, std::move(key));
        return id;
    }

    identity::RosterView view() const { return std::make_shared<const identity::Roster>(roster); }

    const crypto::SigningKey& key(const DeviceId& id) const { return keys.at(id); }

    PersonId ada;
    PersonId ben;
    DeviceId phone;
    DeviceId watch;
    DeviceId tablet;
    DeviceId hub;
    DeviceId speaker;
    identity::Roster roster;
    std::map<DeviceId, crypto::SigningKey> keys;
};

// `at` seconds after a fixed moment in November 2026.
inline Now now_at(std::int64_t at) {
    return {WallTime(seconds(1'795'000'000 + at)), MonoTime(seconds(1'000 + at))};
}

}  // namespace ambit::testing
