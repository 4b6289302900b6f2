#include <algorithm>

#include "identity/fold.h"

namespace ambit::identity {

// One overload a kind of operation.
struct Fold::Applier {
    Fold& fold;
    const Entry& entry;
    Position at;

    DeviceId add_device(const DeviceConsent& consent, bool recovery) {
        const DeviceId id = crypto::device_id_of(consent.device.verify_key);
        DeviceState& device = fold.devices_[id];
        device.adds.push_back(at);
        device.description = consent.device;
        device.name = consent.device.name;
        state_belonging(id, consent.belonging, recovery);
        device.admin.push_back({at, false, recovery});
        return id;
    }

    void state_belonging(const DeviceId& id, const Belonging& belonging, bool recovery) {
        fold.devices_[id].belongings.push_back({at, belonging, recovery});
    }

    void add_person(const PersonId& id, const NewPerson& created, bool with_device, bool recovery) {
        PersonState& person = fold.people_[id];
        person.adds.push_back(at);
        person.name = created.name;
        person.born_with_device = person.born_with_device || with_device;
        person.roles.push_back({at, {created.role, created.expires}, recovery});
    }

    void remove(const DeviceId& id, const std::vector<ChannelHead>& heads) {
        DeviceState& device = fold.devices_[id];
        device.removes.push_back(at);
        for (const ChannelHead& head : heads) {
            const auto known = std::find_if(device.heads.begin(), device.heads.end(),
                                            [&](const ChannelHead& h) { return h.channel == head.channel; });
            if (known == device.heads.end()) {
                device.heads.push_back(head);
            } else if (std::pair(known->seq, head.hash) < std::pair(head.seq, known->hash)) {
                *known = head;  // the furthest that any remover saw; of two forks the smaller hash
            }
        }
        std::sort(device.heads.begin(), device.heads.end(),
                  [](const ChannelHead& a, const ChannelHead& b) { return a.channel < b.channel; });
    }

    void operator()(const GenesisChange& change) {
        fold.has_genesis_ = true;
        fold.household_ = entry.operation.household;
        fold.name_ = change.name;
        fold.recovery_key_ = change.recovery_key.key;
        const DeviceId founder = add_device(change.founder, false);
        if (change.person) {
            add_person(*change.founder.belonging.owner, *change.person, true, false);
        }
        fold.devices_[founder].admin = {{at, !change.person.has_value(), false}};
    }

    void operator()(const AddPersonChange& change) {
        const auto& device = change.first_device;
        const auto key = device ? std::optional(device->device.verify_key) : std::nullopt;
        add_person(person_id_of(change.person, key), change.person, device.has_value(), false);
        if (device) {
            add_device(*device, false);
        }
    }

    void operator()(const AddDeviceChange& change) {
        const auto& owner = change.device.belonging.owner;
        const DeviceId id = add_device(change.device, false);
        if (entry.gives_first_device) {
            fold.people_[*owner].first_devices.push_back({at, id, false});
        }
    }

    void operator()(const BindDeviceChange& change) {
        state_belonging(change.device, {change.person, std::nullopt}, false);
    }

    void operator()(const RemoveDeviceChange& change) { remove(change.device, change.heads); }

    void operator()(const RemovePersonChange& change) {
        fold.people_[change.person].removes.push_back(at);
        for (const DeviceId& device : entry.affected) {
            const auto heads = change.heads.find(device);
            remove(device, heads == change.heads.end() ? std::vector<ChannelHead>() : heads->second);
        }
    }

    void operator()(const SetRoleChange& change) {
        fold.people_[change.person].roles.push_back({at, {change.role, change.expires}, false});
    }

    void operator()(const SetDeviceAdminChange& change) {
        fold.devices_[change.device].admin.push_back({at, change.admin, false});
        if (change.pass_to) {
            fold.people_[*change.pass_to].roles.push_back({at, {Role::Admin, std::nullopt}, false});
        }
    }

    void operator()(const SetBridgesChange& change) { fold.bridges_[change.source] = change.devices; }

    void operator()(const RenameChange& change) {
        if (const auto* device = std::get_if<DeviceId>(&change.what)) {
            fold.devices_[*device].name = change.name;
        } else if (const auto* person = std::get_if<PersonId>(&change.what)) {
            fold.people_[*person].name = change.name;
        } else {
            fold.name_ = change.name;
        }
    }

    void operator()(const RecoverChange& change) {
        const auto* consent = std::get_if<DeviceConsent>(&change.device);
        const DeviceId id = consent != nullptr ? crypto::device_id_of(consent->device.verify_key)
                                               : std::get<DeviceId>(change.device);
        if (consent != nullptr) {
            fold.devices_[id].recoveries.push_back(at);
            add_device(*consent, true);
        } else {
            fold.devices_[id].adds.push_back(at);
            fold.devices_[id].recoveries.push_back(at);
        }
        const auto* created = std::get_if<NewPerson>(&change.person);
        const auto& key = fold.devices_[id].description.verify_key;
        const PersonId owner =
            created != nullptr ? person_id_of(*created, key) : std::get<PersonId>(change.person);
        PersonState& person = fold.people_[owner];
        person.recoveries.push_back(at);
        if (created != nullptr) {
            add_person(owner, *created, true, true);
        } else {
            person.adds.push_back(at);
        }
        person.roles.push_back({at, {Role::Admin, std::nullopt}, true});
        person.born_with_device = true;
        if (consent == nullptr) {
            state_belonging(id, {owner, std::nullopt}, true);
        }
        if (change.next_recovery_key) {
            fold.recovery_key_ = change.next_recovery_key->key;
        }
    }

    void operator()(const UnknownChange&) {}
};

void Fold::apply(Position at) {
    const Entry& entry = (*history_)[at];
    std::visit(Applier{*this, entry, at}, entry.operation.change);
}

}  // namespace ambit::identity
