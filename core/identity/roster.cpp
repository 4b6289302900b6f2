#include "identity/roster.h"

#include <algorithm>
#include <set>

namespace ambit::identity {

std::string_view name_of(Role role) {
    switch (role) {
        case Role::Guest:
            return "guest";
        case Role::Child:
            return "child";
        case Role::Adult:
            return "adult";
        case Role::Admin:
            return "admin";
    }
    return "unknown";
}

const Device* Roster::device(const DeviceId& id) const {
    const auto at = devices.find(id);
    return at == devices.end() ? nullptr : &at->second;
}

const Device* Roster::device_named(std::string_view wanted) const {
    const auto at = std::find_if(devices.begin(), devices.end(),
                                 [&](const auto& entry) { return entry.second.name == wanted; });
    return at == devices.end() ? nullptr : &at->second;
}

const Person* Roster::person(const PersonId& id) const {
    const auto at = people.find(id);
    return at == people.end() ? nullptr : &at->second;
}

const Person* Roster::person_named(std::string_view wanted) const {
    const auto at = std::find_if(people.begin(), people.end(),
                                 [&](const auto& entry) { return entry.second.name == wanted; });
    return at == people.end() ? nullptr : &at->second;
}

std::vector<DeviceId> Roster::devices_of(const PersonId& person_id) const {
    std::vector<DeviceId> out;
    for (const auto& [id, entry] : devices) {
        if (entry.owner == person_id) {
            out.push_back(id);
        }
    }
    return out;
}

bool Roster::is_expired(const DeviceId& id, WallTime now) const {
    const Device* found = device(id);
    const Person* owner = found != nullptr && found->owner ? person(*found->owner) : nullptr;
    return owner != nullptr && owner->expires && *owner->expires <= now;
}

bool Roster::is_admin(const DeviceId& id) const {
    const Device* found = device(id);
    if (found == nullptr) {
        return false;
    }
    const Person* owner = found->owner ? person(*found->owner) : nullptr;
    return found->admin || (owner != nullptr && owner->role == Role::Admin);
}

bool Roster::is_recovery(const DeviceId& id) const {
    return recovery_key != crypto::VerifyKey() && id == crypto::device_id_of(recovery_key);
}

std::size_t Roster::admin_count() const {
    std::set<PersonId> admins;
    std::size_t by_themselves = 0;
    for (const auto& [id, entry] : devices) {
        const Person* owner = entry.owner ? person(*entry.owner) : nullptr;
        if (owner != nullptr && owner->role == Role::Admin) {
            admins.insert(owner->id);
        } else if (entry.admin) {
            ++by_themselves;
        }
    }
    return admins.size() + by_themselves;
}

}  // namespace ambit::identity
