// TestHousehold: keys from small numbers and the operations a test needs, in one line each.
//
// For tests of core/identity.  Ownership: value.  Threads: one.  Failure: a failed operation throws
// (value()).
#pragma once

#include <sstream>

#include "crypto/seeded_random.h"
#include "identity/roster_author.h"

namespace ambit::identity {

inline constexpr WallTime kTestTime{milliseconds(1'700'000'000'000)};

inline crypto::Seed test_seed(std::uint8_t number) {
    crypto::Seed seed{};
    seed[0] = number;
    return seed;
}

// A device whose keys follow from `number`.
struct TestDevice {
    explicit TestDevice(std::uint8_t number, std::string name = "device", std::string kind = "hub")
        : key(crypto::SigningKey::from_seed(test_seed(number))),
          description{key.verify_key(), crypto::SealKey::from_seed(test_seed(number)).public_key(),
                      std::move(name), std::move(kind), false} {}

    DeviceId id() const { return crypto::device_id_of(key.verify_key()); }

    DeviceConsent consent(const RosterLog& log, const Belonging& belonging = {}) const {
        return consent_to_join(key, description, log.roster()->household, belonging);
    }

    RosterAuthor author(const RosterLog& log) const { return {log, key, kTestTime}; }

    crypto::SigningKey key;
    DeviceDescription description;
};

inline NewPerson test_person(std::uint8_t number, std::string name, Role role = Role::Adult) {
    NewPerson person;
    person.nonce[0] = number;
    person.name = std::move(name);
    person.role = role;
    return person;
}

inline crypto::SigningKey test_recovery_key() {
    return crypto::SigningKey::from_seed(test_seed(250));
}

inline Bytes test_genesis(const TestDevice& founder, const std::optional<NewPerson>& person = std::nullopt) {
    return make_genesis({"Home", founder.description, person}, crypto::SigningKey::from_seed(test_seed(251)),
                        test_recovery_key(), founder.key, kTestTime)
        .value();
}

// Writes and adds; for operations that a test expects to be fine.
inline void add(RosterLog& log, const Result<Bytes>& operation) {
    const Result<AddOutcome> outcome = log.add(operation.value());
    AMBIT_CHECK(outcome.has_value() && *outcome == AddOutcome::Accepted);
}

inline RosterLog copy_of(const RosterLog& log) {
    RosterLog copy;
    for (const Bytes& operation : log.all()) {
        AMBIT_CHECK(copy.add(operation).has_value());
    }
    return copy;
}

// Everything a roster says, line by line: equal texts are equal rosters.
inline std::string text_of(const Roster& roster) {
    std::ostringstream out;
    out << roster.household.hex() << ' ' << roster.name << ' ' << roster.version.hex() << ' '
        << roster.recovery_key.hex() << ' ' << roster.unknown_critical << '\n';
    for (const auto& [id, device] : roster.devices) {
        out << "device " << id.hex() << ' ' << device.name << ' ' << device.kind << ' '
            << (device.owner ? device.owner->hex() : "shared") << ' '
            << (device.meant_for ? device.meant_for->hex() : "-") << ' ' << device.admin << '\n';
    }
    for (const auto& [id, person] : roster.people) {
        out << "person " << id.hex() << ' ' << person.name << ' ' << name_of(person.role) << ' '
            << (person.expires ? person.expires->time_since_epoch().count() : 0) << ' ' << person.had_device
            << '\n';
    }
    for (const auto& [source, order] : roster.bridges) {
        out << "bridge " << source;
        for (const DeviceId& id : order) {
            out << ' ' << id.hex();
        }
        out << '\n';
    }
    for (const auto& [id, removal] : roster.removed) {
        out << "removed " << id.hex();
        for (const ChannelHead& head : removal.heads) {
            out << ' ' << head.channel << '@' << head.seq << '=' << head.hash.hex();
        }
        out << '\n';
    }
    return out.str();
}

// Adds everything `from` has and `to` lacks.
inline void sync(const RosterLog& from, RosterLog& to) {
    for (const Bytes& operation : from.missing_for(to.hashes())) {
        AMBIT_CHECK(to.add(operation).has_value());
    }
}

}  // namespace ambit::identity
