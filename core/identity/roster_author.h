// RosterAuthor: writes the signed operations that change a household.
//
// Each function returns the bytes of one operation on top of the log's heads, already checked against the
// log; the caller makes it durable, then gives it to RosterLog::add() and to the peers.  To write two in a
// row, add the first before making the second. Ownership: borrows the log and the key for one call chain.
// Threads: the log's. Failure: NotAllowed, NoSuchMember, AlreadyMember, LastAdmin, RosterTooNew,
// LimitExceeded (1000-1299). Spec: docs/spec/roster.md.
#pragma once

#include <variant>

#include "identity/device_consent.h"
#include "identity/recovery_key.h"
#include "identity/roster_log.h"

namespace ambit::identity {

// Creates a household: the first operation of its log.  `root` signs it and is wiped with the call's end;
// `recovery` proves that it is this household's.
// With `person`, the founding device is that person's and the person is its admin; without, the device is
// shared and holds admin itself until follow_up() passes it on.
struct Genesis {
    std::string household_name;
    DeviceDescription founder;
    std::optional<NewPerson> person;
};

Result<Bytes> make_genesis(const Genesis& genesis,
                           crypto::SigningKey root,
                           const crypto::SigningKey& recovery,
                           const crypto::SigningKey& founder_key,
                           WallTime now);

// A removal says how far so many of the removed devices' logs count: what one operation has room for.
inline constexpr std::size_t kRemovalHeadsMax = 64;

class RosterAuthor {
  public:
    // `key`: this device's, or the household's recovery key, which may do everything an admin and every
    // person may.
    RosterAuthor(const RosterLog& log, const crypto::SigningKey& key, WallTime now);

    // A person with their first device (whose consent names the person as owner), or without one.
    Result<Bytes> add_person(const NewPerson& person, const std::optional<DeviceConsent>& first_device) const;
    // Shared, meant for a person, or another device of this device's own person.
    Result<Bytes> add_device(const DeviceConsent& consent) const;
    // Gives a device that was meant for this device's person to that person.
    Result<Bytes> bind_device(const DeviceId& device) const;
    // `heads`: the last entry seen of each of the device's channels; the longest kRemovalHeadsMax count.
    Result<Bytes> remove_device(const DeviceId& device, const std::vector<ChannelHead>& heads) const;
    // Removes the person and all of their devices.
    Result<Bytes> remove_person(const PersonId& person,
                                const std::map<DeviceId, std::vector<ChannelHead>>& heads) const;
    Result<Bytes> set_role(const PersonId& person, Role role, std::optional<WallTime> expires) const;
    // Grants admin to a device itself, or takes it.
    Result<Bytes> set_device_admin(const DeviceId& device, bool admin) const;
    // This device gives up the admin it holds itself; `to` becomes an admin by it.
    Result<Bytes> yield_admin(const PersonId& to) const;
    Result<Bytes> set_bridges(const std::string& source, const std::vector<DeviceId>& devices) const;
    Result<Bytes> rename_household(const std::string& name) const;
    Result<Bytes> rename_person(const PersonId& person, const std::string& name) const;
    Result<Bytes> rename_device(const DeviceId& device, const std::string& name) const;

    // With the recovery key only.  Makes a device (a member already, or a new one with its consent) the
    // device of an admin, and wins over concurrent removals.  Whose: `person`, who is new; or `owner`, who
    // exists; or, with neither, its present owner's.  `next_recovery_key` replaces the recovery key, so that
    // the words that were typed are used up.
    struct Recovery {
        std::variant<DeviceId, DeviceConsent> device;
        std::optional<NewPerson> person;
        std::optional<PersonId> owner;
        std::optional<RecoveryKey> next_recovery_key;
    };

    Result<Bytes> recover(const Recovery& recovery) const;

    // What this device should add by itself after the log changed, if anything: a shared device that created
    // the household passes admin to the first adult with a personal device.  Call it after every accepted
    // operation, unless the settings say that this device keeps admin; add and send what it returns.
    std::optional<Bytes> follow_up() const;

  private:
    const RosterLog& log_;
    const crypto::SigningKey& key_;
    WallTime now_;
};

}  // namespace ambit::identity
