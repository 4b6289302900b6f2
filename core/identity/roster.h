// Roster: who belongs to the household, as everybody who knows the same operations resolves it.
//
// Immutable once resolved: RosterLog::roster() returns a shared snapshot, and a new one after every accepted
// operation.  Threads: any (const).  Failure: none here; see roster_log.h for what is refused.
// Spec: docs/spec/roster.md; rules: DESIGN.md section 4 "identity".
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/keys.h"

namespace ambit::identity {

enum class Role : std::uint8_t { Guest = 1, Child = 2, Adult = 3, Admin = 4 };
std::string_view name_of(Role role);

// Hash of the sorted heads of the operations a roster was resolved from.
using RosterVersion = Digest;

struct Person {
    PersonId id;
    std::string name;
    Role role = Role::Guest;
    std::optional<WallTime> expires;  // guests only
};

struct Device {
    DeviceId id;
    crypto::VerifyKey verify_key;
    Bytes seal_key;  // X25519 public key, 32 bytes
    std::string name;
    std::string kind;               // "phone", "watch", "hub", "speaker", "car", "workstation", ...
    std::optional<PersonId> owner;  // none: a shared device
    bool admin = false;             // holds admin itself (the founder until it yields)
    bool mains_powered = false;
};

class Roster {
  public:
    HouseholdId household;
    RosterVersion version;
    // Ordered by id, so that a device's index is the same on everybody with this version.
    std::map<DeviceId, Device> devices;
    std::map<PersonId, Person> people;
    // Source id (for example "mqtt:home") -> who acts for it, first, then its standbys in order.
    std::map<std::string, std::vector<DeviceId>> bridges;

    const Device* device(const DeviceId& id) const;
    const Device* device_named(std::string_view name) const;
    const Person* person(const PersonId& id) const;
    const Person* person_named(std::string_view name) const;
    std::vector<DeviceId> devices_of(const PersonId& person) const;
    // True for a device that holds admin itself or belongs to a person with role Admin.
    bool is_admin(const DeviceId& id) const;
    std::size_t admin_count() const;  // distinct admin people + devices that hold admin themselves
};

using RosterView = std::shared_ptr<const Roster>;

}  // namespace ambit::identity
