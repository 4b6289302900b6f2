// Operation: one signed change of the roster, parsed and checked as far as that needs no other operation.
//
// Inside core/identity only.  Ownership: values.  Threads: any.
// Failure: BadOperation, BadSignature, BadKey, LimitExceeded (1000-1299).  Spec: docs/spec/roster.md.
#pragma once

#include <variant>

#include "identity/device_consent.h"
#include "identity/recovery_key.h"
#include "identity/roster_log.h"

namespace ambit::identity {

inline constexpr std::size_t kKindBytesMax = 32;
inline constexpr std::size_t kChannelTextMax = 256;

struct GenesisChange {
    std::string name;
    RecoveryKey recovery_key;
    DeviceConsent founder;
    std::optional<NewPerson> person;
};

struct AddPersonChange {
    NewPerson person;
    std::optional<DeviceConsent> first_device;
};

struct AddDeviceChange {
    DeviceConsent device;
};

struct BindDeviceChange {
    DeviceId device;
    PersonId person;
};

using DeviceHeads = std::map<DeviceId, std::vector<ChannelHead>>;

struct RemoveDeviceChange {
    DeviceId device;
    std::vector<ChannelHead> heads;
};

struct RemovePersonChange {
    PersonId person;
    DeviceHeads heads;
};

struct SetRoleChange {
    PersonId person;
    Role role = Role::Guest;
    std::optional<WallTime> expires;
};

struct SetDeviceAdminChange {
    DeviceId device;
    bool admin = false;
    std::optional<PersonId> pass_to;
};

struct SetBridgesChange {
    std::string source;
    std::vector<DeviceId> devices;
};

struct RenameChange {
    std::variant<std::monostate, DeviceId, PersonId> what;  // monostate: the household
    std::string name;
};

struct RecoverChange {
    std::variant<DeviceId, DeviceConsent> device;
    std::variant<PersonId, NewPerson> person;
    std::optional<RecoveryKey> next_recovery_key;
};

// From a newer version: kept and relayed, without effect.
struct UnknownChange {
    std::uint32_t kind = 0;
};

using Change = std::variant<GenesisChange,
                            AddPersonChange,
                            AddDeviceChange,
                            BindDeviceChange,
                            RemoveDeviceChange,
                            RemovePersonChange,
                            SetRoleChange,
                            SetDeviceAdminChange,
                            SetBridgesChange,
                            RenameChange,
                            RecoverChange,
                            UnknownChange>;

struct Operation {
    OperationHash hash;
    HouseholdId household;  // of the genesis: its own hash
    std::vector<OperationHash> parents;
    crypto::VerifyKey author_key;
    DeviceId author;  // the id that belongs to author_key
    bool critical = false;
    Change change;

    bool is_genesis() const { return std::holds_alternative<GenesisChange>(change); }
};

// Parses, checks every limit, the author's signature and the consent of every device in it.
Result<Operation> parse_operation(ByteView bytes);

// The bytes of a new operation.  `household` and `parents` are empty for the genesis.
Bytes encode_operation(const std::optional<HouseholdId>& household,
                       const std::vector<OperationHash>& parents,
                       const Change& change,
                       const crypto::SigningKey& author,
                       WallTime now);

}  // namespace ambit::identity
