#include "identity/roster_author.h"

#include <algorithm>

#include "identity/operation.h"

namespace ambit::identity {
namespace {

// Admins left if `gone` were members no more, or no admins.
bool leaves_no_admin(const Roster& roster, const std::vector<DeviceId>& gone) {
    return std::none_of(roster.devices.begin(), roster.devices.end(), [&](const auto& entry) {
        return roster.is_admin(entry.first) && std::find(gone.begin(), gone.end(), entry.first) == gone.end();
    });
}

Result<void> keeps_an_admin(const Roster& roster, const std::vector<DeviceId>& gone) {
    if (leaves_no_admin(roster, gone)) {
        return Error{ErrorCode::LastAdmin, ""};
    }
    return {};
}

// What makes the household wider has to wait while something critical is not understood.
Result<void> may_widen(const Roster& roster) {
    if (roster.unknown_critical > 0) {
        return Error{ErrorCode::RosterTooNew, std::to_string(roster.unknown_critical) + " unknown changes"};
    }
    return {};
}

// As many as fit into one operation, the longest logs first: who writes hundreds of logs must not be safe
// from being removed by that.
DeviceHeads longest(const DeviceHeads& heads) {
    std::vector<std::pair<DeviceId, ChannelHead>> all;
    DeviceHeads kept;
    for (const auto& [device, logs] : heads) {
        kept[device];
        for (const ChannelHead& head : logs) {
            all.emplace_back(device, head);
        }
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.second.seq > b.second.seq; });
    all.resize(std::min(all.size(), kRemovalHeadsMax));
    for (auto& [device, head] : all) {
        kept[device].push_back(std::move(head));
    }
    return kept;
}

Result<Bytes> written(const RosterLog& log,
                      const crypto::SigningKey& key,
                      WallTime now,
                      const Change& change) {
    std::vector<OperationHash> parents = log.heads();
    // More branches than an operation may join: the next one joins the rest.
    parents.resize(std::min(parents.size(), kOperationParentsMax));
    Bytes bytes = encode_operation(log.roster()->household, parents, change, key, now);
    AMBIT_TRY(log.check(bytes));
    return bytes;
}

}  // namespace

Result<Bytes> make_genesis(const Genesis& genesis,
                           crypto::SigningKey root,
                           const crypto::SigningKey& recovery,
                           const crypto::SigningKey& founder_key,
                           WallTime now) {
    Belonging belonging;
    if (genesis.person) {
        belonging.owner = person_id_of(*genesis.person, founder_key.verify_key());
    }
    const auto root_id = HouseholdId::from_bytes(root.verify_key().bytes());
    const GenesisChange change{genesis.household_name, prove_recovery_key(recovery, *root_id),
                               consent_to_join(founder_key, genesis.founder, *root_id, belonging),
                               genesis.person};
    Bytes bytes = encode_operation(std::nullopt, {}, change, root, now);
    AMBIT_TRY(parse_operation(bytes));
    return bytes;
}

RosterAuthor::RosterAuthor(const RosterLog& log, const crypto::SigningKey& key, WallTime now)
    : log_(log), key_(key), now_(now) {}

Result<Bytes> RosterAuthor::add_person(const NewPerson& person,
                                       const std::optional<DeviceConsent>& first_device) const {
    AMBIT_TRY(may_widen(*log_.roster()));
    return written(log_, key_, now_, AddPersonChange{person, first_device});
}

Result<Bytes> RosterAuthor::add_device(const DeviceConsent& consent) const {
    AMBIT_TRY(may_widen(*log_.roster()));
    return written(log_, key_, now_, AddDeviceChange{consent});
}

Result<Bytes> RosterAuthor::bind_device(const DeviceId& device) const {
    const RosterView roster = log_.roster();
    AMBIT_TRY(may_widen(*roster));
    const Device* self = roster->device(crypto::device_id_of(key_.verify_key()));
    const Device* bound = roster->device(device);
    if (bound == nullptr) {
        return Error{ErrorCode::NoSuchMember, device.short_hex()};
    }
    // The recovery key has no person of its own: it binds to the one the device is meant for.
    const auto person = self != nullptr && self->owner ? self->owner : bound->meant_for;
    if (!person) {
        return Error{ErrorCode::NotAllowed, "the device is meant for nobody"};
    }
    return written(log_, key_, now_, BindDeviceChange{device, *person});
}

Result<Bytes> RosterAuthor::remove_device(const DeviceId& device,
                                          const std::vector<ChannelHead>& heads) const {
    AMBIT_TRY(keeps_an_admin(*log_.roster(), {device}));
    return written(log_, key_, now_, RemoveDeviceChange{device, longest({{device, heads}}).at(device)});
}

Result<Bytes> RosterAuthor::remove_person(const PersonId& person, const DeviceHeads& heads) const {
    AMBIT_TRY(keeps_an_admin(*log_.roster(), log_.roster()->devices_of(person)));
    return written(log_, key_, now_, RemovePersonChange{person, longest(heads)});
}

Result<Bytes> RosterAuthor::set_role(const PersonId& person,
                                     Role role,
                                     std::optional<WallTime> expires) const {
    const RosterView roster = log_.roster();
    if (role != Role::Admin) {
        std::vector<DeviceId> demoted = roster->devices_of(person);
        std::erase_if(demoted, [&](const DeviceId& id) { return roster->device(id)->admin; });
        AMBIT_TRY(keeps_an_admin(*roster, demoted));
    }
    const Person* known = roster->person(person);
    if (known == nullptr || known->role < role) {
        AMBIT_TRY(may_widen(*roster));
    }
    return written(log_, key_, now_, SetRoleChange{person, role, expires});
}

Result<Bytes> RosterAuthor::set_device_admin(const DeviceId& device, bool admin) const {
    const RosterView roster = log_.roster();
    if (admin) {
        AMBIT_TRY(may_widen(*roster));
    } else {
        const Device* known = roster->device(device);
        const Person* owner = known != nullptr && known->owner ? roster->person(*known->owner) : nullptr;
        if (owner == nullptr || owner->role != Role::Admin) {
            AMBIT_TRY(keeps_an_admin(*roster, {device}));
        }
    }
    return written(log_, key_, now_, SetDeviceAdminChange{device, admin, std::nullopt});
}

Result<Bytes> RosterAuthor::yield_admin(const PersonId& to) const {
    const DeviceId self = crypto::device_id_of(key_.verify_key());
    return written(log_, key_, now_, SetDeviceAdminChange{self, false, to});
}

Result<Bytes> RosterAuthor::set_bridges(const std::string& source,
                                        const std::vector<DeviceId>& devices) const {
    return written(log_, key_, now_, SetBridgesChange{source, devices});
}

Result<Bytes> RosterAuthor::rename_household(const std::string& name) const {
    return written(log_, key_, now_, RenameChange{std::monostate(), name});
}

Result<Bytes> RosterAuthor::rename_person(const PersonId& person, const std::string& name) const {
    return written(log_, key_, now_, RenameChange{person, name});
}

Result<Bytes> RosterAuthor::rename_device(const DeviceId& device, const std::string& name) const {
    return written(log_, key_, now_, RenameChange{device, name});
}

Result<Bytes> RosterAuthor::recover(const Recovery& recovery) const {
    RecoverChange change;
    change.device = recovery.device;
    change.next_recovery_key = recovery.next_recovery_key;
    if (recovery.person) {
        change.person = *recovery.person;
    } else if (recovery.owner) {
        change.person = *recovery.owner;
    } else {
        const auto* id = std::get_if<DeviceId>(&recovery.device);
        const RosterView roster = log_.roster();
        const Device* device = id != nullptr ? roster->device(*id) : nullptr;
        if (device == nullptr || !device->owner) {
            return Error{ErrorCode::InvalidArgument, "say whose the recovered device is"};
        }
        change.person = *device->owner;
    }
    return written(log_, key_, now_, change);
}

std::optional<Bytes> RosterAuthor::follow_up() const {
    const RosterView roster = log_.roster();
    const Device* self = roster->device(crypto::device_id_of(key_.verify_key()));
    if (self == nullptr || self->owner || !self->admin) {
        return std::nullopt;
    }
    // An admin first, else the adult with the smallest id: every device would choose the same.
    const Person* heir = nullptr;
    for (const auto& [id, person] : roster->people) {
        if (person.role >= Role::Adult && !roster->devices_of(id).empty() &&
            (heir == nullptr || heir->role < person.role)) {
            heir = &person;
        }
    }
    if (heir == nullptr) {
        return std::nullopt;
    }
    auto bytes = yield_admin(heir->id);
    return bytes ? std::optional(*std::move(bytes)) : std::nullopt;
}

}  // namespace ambit::identity
