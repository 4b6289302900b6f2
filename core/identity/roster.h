// Roster: who belongs to the household, as everybody who knows the same operations resolves it.
//
// Immutable once resolved: RosterLog::roster() returns a shared snapshot, and a new one after every accepted
// operation.  Threads: any (const).  Failure: none here; see roster_log.h for what is refused.
// Spec: docs/spec/roster.md.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/keys.h"

namespace ambit::identity {

// Everything in a roster is bounded; the log refuses what would go over.
inline constexpr std::size_t kPeopleMax = 64;
inline constexpr std::size_t kDevicesMax = 255;
inline constexpr std::size_t kBridgesMax = 64;
inline constexpr std::size_t kNameBytesMax = 64;

enum class Role : std::uint8_t { Guest = 1, Child = 2, Adult = 3, Admin = 4 };
std::string_view name_of(Role role);

// Hash of the sorted heads of the operations a roster was resolved from.
using RosterVersion = Digest;

struct Person {
    PersonId id;
    std::string name;
    Role role = Role::Guest;
    std::optional<WallTime> expires;  // guests only
    // Once true, only this person's devices, or recovery, bind other devices to them.
    bool had_device = false;
};

// The last entry of one channel of a removed device that its remover had seen.
struct ChannelHead {
    std::string channel;
    std::uint64_t seq = 0;
    Digest hash;
    friend bool operator==(const ChannelHead&, const ChannelHead&) = default;
};

// A device that was removed.  What it wrote after `heads`, or in channels that are not listed, does not
// count. A device that was added again is in Roster::devices as well; its listed channels stay cut, so it
// starts a new incarnation.
struct Removal {
    DeviceId device;
    crypto::VerifyKey verify_key;
    std::vector<ChannelHead> heads;  // by channel; where several removals count, the furthest of each channel
};

struct Device {
    DeviceId id;
    crypto::VerifyKey verify_key;
    crypto::SealPublicKey seal_key;
    std::string name;
    std::string kind;               // "phone", "watch", "hub", "speaker", "car", "workstation", ...
    std::optional<PersonId> owner;  // none: a shared device
    // Joined for this person, who has yet to bind it with a device of their own; reads as a shared device
    // till then.
    std::optional<PersonId> meant_for;
    bool admin = false;  // holds admin itself (the founder until it yields)
    bool mains_powered = false;
};

class Roster {
  public:
    HouseholdId household;
    std::string name;
    RosterVersion version;
    // Ordered by id, so that a device's index is the same on everybody with this version.
    std::map<DeviceId, Device> devices;
    std::map<PersonId, Person> people;
    // Source id (for example "mqtt:home") -> who acts for it, first, then its standbys in order.
    std::map<std::string, std::vector<DeviceId>> bridges;
    std::map<DeviceId, Removal> removed;
    // The private half exists only as words (crypto/words.h); admins cannot change it.
    crypto::VerifyKey recovery_key;
    // Critical operations of an admin that this version does not understand: what widens the household is
    // refused here until the software is updated (docs/spec/roster.md, "Unknown kinds").
    std::size_t unknown_critical = 0;

    const Device* device(const DeviceId& id) const;
    const Device* device_named(std::string_view name) const;
    const Person* person(const PersonId& id) const;
    const Person* person_named(std::string_view name) const;
    std::vector<DeviceId> devices_of(const PersonId& person) const;
    // True for a device of a guest whose time is over; such a device is treated as no member.
    bool is_expired(const DeviceId& id, WallTime now) const;
    // True for a device that holds admin itself or belongs to a person with role Admin.
    bool is_admin(const DeviceId& id) const;
    // True for what the recovery key would be called if it were a device's: its holder is no member, and may
    // connect in order to become one (docs/spec/recovery.md).
    bool is_recovery(const DeviceId& id) const;
    std::size_t admin_count() const;  // distinct admin people + devices that hold admin themselves
};

using RosterView = std::shared_ptr<const Roster>;

}  // namespace ambit::identity
