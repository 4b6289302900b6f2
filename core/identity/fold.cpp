#include "identity/fold.h"

#include <algorithm>

namespace ambit::identity {

// An addition dies by every removal that it did not know of or that followed it; one by recovery only by
// those that followed it.
bool Fold::alive(const MemberState& member, Position add) const {
    const bool recovery =
        std::find(member.recoveries.begin(), member.recoveries.end(), add) != member.recoveries.end();
    return std::all_of(member.removes.begin(), member.removes.end(), [&](Position remove) {
        return recovery ? !history_->before(add, remove) : history_->before(remove, add);
    });
}

bool Fold::present(const MemberState& member) const {
    return std::any_of(member.adds.begin(), member.adds.end(),
                       [&](Position add) { return alive(member, add); });
}

// The statements that are alive and have no later one among those; only recovery's, where there are any.
template <typename T>
std::vector<Statement<T>> Fold::latest(const std::vector<Statement<T>>& statements,
                                       const MemberState& member) const {
    std::vector<Statement<T>> live;
    std::copy_if(statements.begin(), statements.end(), std::back_inserter(live),
                 [&](const auto& statement) { return alive(member, statement.at); });
    std::vector<Statement<T>> out;
    std::copy_if(live.begin(), live.end(), std::back_inserter(out), [&](const auto& statement) {
        return std::none_of(live.begin(), live.end(),
                            [&](const auto& other) { return history_->before(statement.at, other.at); });
    });
    if (std::any_of(out.begin(), out.end(), [](const auto& statement) { return statement.recovery; })) {
        std::erase_if(out, [](const auto& statement) { return !statement.recovery; });
    }
    return out;
}

bool Fold::is_member(const PersonId& person) const {
    const auto at = people_.find(person);
    return at != people_.end() && present(at->second);
}

Belonging Fold::belonging_of(const DeviceId& device) const {
    const auto at = devices_.find(device);
    if (at == devices_.end()) {
        return {};
    }
    const auto statements = latest(at->second.belongings, at->second);
    if (statements.empty()) {
        return {};
    }
    const Belonging& first = statements.front().value;
    const bool agreed = std::all_of(statements.begin(), statements.end(),
                                    [&](const auto& statement) { return statement.value == first; });
    if (!agreed) {
        return {};
    }
    if (first.owner) {
        // Two admins gave different first devices to one person at once: neither may read that person's data.
        const auto owner = people_.find(*first.owner);
        if (owner == people_.end()) {
            return {};
        }
        const auto& claims = owner->second.first_devices;
        const auto claims_it = [&](const auto& claim) { return claim.value == device; };
        if (std::any_of(claims.begin(), claims.end(), claims_it) &&
            !std::all_of(claims.begin(), claims.end(), claims_it) && !statements.front().recovery) {
            return {};
        }
    }
    return first;
}

bool Fold::is_member(const DeviceId& device) const {
    const auto at = devices_.find(device);
    if (at == devices_.end() || !present(at->second)) {
        return false;
    }
    const auto owner = owner_of(device);
    return !owner || is_member(*owner);
}

bool Fold::holds_admin(const DeviceId& device) const {
    const auto at = devices_.find(device);
    if (at == devices_.end() || !is_member(device)) {
        return false;
    }
    const auto statements = latest(at->second.admin, at->second);
    return !statements.empty() && std::all_of(statements.begin(), statements.end(),
                                              [](const auto& statement) { return statement.value; });
}

bool Fold::is_admin(const DeviceId& device) const {
    const auto owner = owner_of(device);
    return holds_admin(device) || (is_member(device) && owner && role_of(*owner).role == Role::Admin);
}

// What was said at once: the least of it holds.
RoleGrant Fold::role_of(const PersonId& person) const {
    const auto at = people_.find(person);
    if (at == people_.end()) {
        return {};
    }
    const auto statements = latest(at->second.roles, at->second);
    const auto least =
        std::min_element(statements.begin(), statements.end(), [](const auto& a, const auto& b) {
            const auto order = [](const RoleGrant& grant) {
                return std::pair(grant.role, grant.expires.value_or(WallTime::max()));
            };
            return order(a.value) < order(b.value);
        });
    return least == statements.end() ? RoleGrant{} : least->value;
}

bool Fold::ever_had_device(const PersonId& person) const {
    const auto at = people_.find(person);
    return at != people_.end() && (at->second.born_with_device || !at->second.first_devices.empty());
}

std::vector<DeviceId> Fold::devices_of(const PersonId& person) const {
    std::vector<DeviceId> out;
    for (const auto& [id, state] : devices_) {
        if (owner_of(id) == person && is_member(id)) {
            out.push_back(id);
        }
    }
    return out;
}

PositionSet Fold::support_of(const DeviceId& device) const {
    PositionSet direct;
    const auto take = [&](const auto& statements, const MemberState& member) {
        for (const auto& statement : latest(statements, member)) {
            direct.set(statement.at);
        }
    };
    const auto take_adds = [&](const MemberState& member) {
        for (const Position add : member.adds) {
            if (alive(member, add)) {
                direct.set(add);
            }
        }
    };
    const auto at = devices_.find(device);
    if (at == devices_.end()) {
        return direct;
    }
    take_adds(at->second);
    take(at->second.belongings, at->second);
    take(at->second.admin, at->second);
    if (const auto owner = owner_of(device)) {
        const PersonState& person = people_.at(*owner);
        take_adds(person);
        take(person.roles, person);
    }
    PositionSet all = direct;
    for (Position i = 0; i < history_->size(); ++i) {
        if (direct.test(i)) {
            all |= (*history_)[i].support;
        }
    }
    return all;
}

Roster Fold::roster() const {
    Roster roster;
    roster.household = household_;
    roster.name = name_;
    roster.recovery_key = recovery_key_;
    for (const auto& [id, state] : people_) {
        if (roster.people.size() < kPeopleMax && is_member(id)) {
            const RoleGrant grant = role_of(id);
            roster.people[id] = {id, state.name, grant.role, grant.expires, ever_had_device(id)};
        }
    }
    for (const auto& [id, state] : devices_) {
        if (!state.removes.empty()) {
            roster.removed[id] = {id, state.description.verify_key, state.heads};
        }
        const Belonging belonging = belonging_of(id);
        if (roster.devices.size() == kDevicesMax || !is_member(id) ||
            (belonging.owner && roster.people.count(*belonging.owner) == 0)) {
            continue;
        }
        Device device;
        device.id = id;
        device.verify_key = state.description.verify_key;
        device.seal_key = state.description.seal_key;
        device.name = state.name;
        device.kind = state.description.kind;
        device.owner = belonging.owner;
        device.meant_for = belonging.meant_for;
        device.admin = holds_admin(id);
        device.mains_powered = state.description.mains_powered;
        roster.devices[id] = std::move(device);
    }
    for (const auto& [source, order] : bridges_) {
        std::vector<DeviceId> present_order;
        std::copy_if(order.begin(), order.end(), std::back_inserter(present_order),
                     [&](const DeviceId& id) { return roster.devices.count(id) != 0; });
        if (!present_order.empty() && roster.bridges.size() < kBridgesMax) {
            roster.bridges[source] = std::move(present_order);
        }
    }
    return roster;
}

}  // namespace ambit::identity
