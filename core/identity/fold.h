// Fold: the state of a household after a set of operations that count, and the roster it shows.
//
// Inside core/identity only.  Apply operations so that parents come before children; apart from names and
// bridges (last applied wins) the result does not depend on the order. Ownership: value; borrows the History.
// Threads: one.  Failure: none. Spec: docs/spec/roster.md, section "State".
#pragma once

#include "identity/history.h"

namespace ambit::identity {

// Something said about a member at one position; what was said later replaces it, what was said concurrently
// stays beside it.
template <typename T>
struct Statement {
    Position at = 0;
    T value{};
    bool recovery = false;
};

struct MemberState {
    std::vector<Position> adds;
    std::vector<Position> recoveries;
    std::vector<Position> removes;
    std::string name;
};

struct DeviceState : MemberState {
    DeviceDescription description;
    std::vector<Statement<Belonging>> belongings;
    std::vector<Statement<bool>> admin;
    std::vector<ChannelHead> heads;
};

struct RoleGrant {
    Role role = Role::Guest;
    std::optional<WallTime> expires;
};

struct PersonState : MemberState {
    std::vector<Statement<RoleGrant>> roles;
    bool born_with_device = false;
    // First devices that an admin gave to a person born without one.
    std::vector<Statement<DeviceId>> first_devices;
};

class Fold {
  public:
    explicit Fold(const History& history) : history_(&history) {}

    // REQUIRES: every operation that counts and is before `at` was applied.
    void apply(Position at);

    bool has_genesis() const { return has_genesis_; }

    const crypto::VerifyKey& recovery_key() const { return recovery_key_; }

    const std::map<DeviceId, DeviceState>& devices() const { return devices_; }

    const std::map<PersonId, PersonState>& people() const { return people_; }

    const std::map<std::string, std::vector<DeviceId>>& bridges() const { return bridges_; }

    bool is_member(const DeviceId& device) const;
    bool is_member(const PersonId& person) const;
    Belonging belonging_of(const DeviceId& device) const;

    std::optional<PersonId> owner_of(const DeviceId& device) const { return belonging_of(device).owner; }

    bool holds_admin(const DeviceId& device) const;  // by itself
    bool is_admin(const DeviceId& device) const;     // by itself or by its owner
    RoleGrant role_of(const PersonId& person) const;
    // True once a device was ever bound to the person: from then on only they (or recovery) bind others.
    bool ever_had_device(const PersonId& person) const;
    std::vector<DeviceId> devices_of(const PersonId& person) const;
    // The operations that make `device` a member with the authority it has.
    PositionSet support_of(const DeviceId& device) const;

    // Everything but `version` and `unknown_critical`.
    Roster roster() const;

  private:
    struct Applier;

    bool present(const MemberState& member) const;
    bool alive(const MemberState& member, Position add) const;
    template <typename T>
    std::vector<Statement<T>> latest(const std::vector<Statement<T>>& statements,
                                     const MemberState& member) const;

    const History* history_;
    bool has_genesis_ = false;
    HouseholdId household_;
    std::string name_;
    crypto::VerifyKey recovery_key_;
    std::map<DeviceId, DeviceState> devices_;
    std::map<PersonId, PersonState> people_;
    std::map<std::string, std::vector<DeviceId>> bridges_;
};

}  // namespace ambit::identity
