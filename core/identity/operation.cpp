#include "identity/operation.h"

#include <algorithm>

#include "crypto/hash.h"
#include "identity/records.h"
#include "proto/roster.pb.h"

namespace ambit::identity {
namespace {

std::optional<WallTime> time_of(std::uint64_t ms) {
    if (ms == 0) {
        return std::nullopt;
    }
    // Far enough for everybody, and microseconds of it fit.
    constexpr std::uint64_t kMsMax = std::uint64_t{1} << 52U;
    return WallTime(milliseconds(static_cast<std::int64_t>(std::min(ms, kMsMax))));
}

Result<Role> role_of(std::uint32_t role) {
    if (role < 1 || role > 4) {
        return Error{ErrorCode::BadOperation, "role"};
    }
    return static_cast<Role>(role);
}

Result<NewPerson> person_of(const v1::PersonRecord& record) {
    NewPerson person;
    if (record.nonce().size() != person.nonce.size()) {
        return Error{ErrorCode::BadOperation, "person nonce"};
    }
    std::copy(record.nonce().begin(), record.nonce().end(), person.nonce.begin());
    AMBIT_TRY_ASSIGN(person.name, checked_text(record.name(), kNameBytesMax, "person name"));
    AMBIT_TRY_ASSIGN(person.role, role_of(record.role()));
    person.expires = time_of(record.expires_ms());
    if (person.expires && person.role != Role::Guest) {
        return Error{ErrorCode::BadOperation, "only guests expire"};
    }
    return person;
}

Result<DeviceConsent> consent_of(const v1::Consent& consent, const HouseholdId& household) {
    AMBIT_TRY_ASSIGN(DeviceConsent parsed,
                     parse_consent(view_of(consent.record()), view_of(consent.signature())));
    AMBIT_TRY(verify_consent(parsed, household));
    return parsed;
}

Result<RecoveryKey> recovery_key_of(const std::string& key,
                                    const std::string& proof,
                                    const HouseholdId& household) {
    RecoveryKey recovery;
    AMBIT_TRY_ASSIGN(recovery.key, crypto::VerifyKey::from_bytes(view_of(key)));
    AMBIT_TRY_ASSIGN(recovery.proof, crypto::Signature::from_bytes(view_of(proof)));
    AMBIT_TRY(verify_recovery_key(recovery, household));
    return recovery;
}

// A person's first device names exactly that person as its owner.
Result<void> check_first_device(const NewPerson& person, const DeviceConsent& device) {
    if (device.belonging.owner != person_id_of(person, device.device.verify_key)) {
        return Error{ErrorCode::BadOperation, "the device does not consent to this owner"};
    }
    return {};
}

template <typename Heads>
Result<std::vector<ChannelHead>> heads_of(const Heads& heads) {
    std::vector<ChannelHead> out;
    for (const v1::Head& head : heads) {
        AMBIT_TRY_ASSIGN(std::string channel, checked_text(head.channel(), kChannelTextMax, "channel"));
        AMBIT_TRY_ASSIGN(Digest hash, Digest::from_bytes(view_of(head.hash())));
        out.push_back({std::move(channel), head.seq(), hash});
    }
    return out;
}

// One overload a kind: message -> change.  `household` is the one whose consents must verify.
Result<Change> change_of(const v1::GenesisOperation& message, const HouseholdId& household) {
    GenesisChange change;
    AMBIT_TRY_ASSIGN(change.name, checked_text(message.household_name(), kNameBytesMax, "household name"));
    AMBIT_TRY_ASSIGN(change.recovery_key,
                     recovery_key_of(message.recovery_key(), message.recovery_proof(), household));
    AMBIT_TRY_ASSIGN(change.founder, consent_of(message.founder(), household));
    if (message.has_person()) {
        AMBIT_TRY_ASSIGN(change.person, person_of(message.person()));
        AMBIT_TRY(check_first_device(*change.person, change.founder));
        if (change.person->role != Role::Admin) {
            return Error{ErrorCode::BadOperation, "the founding person is an admin"};
        }
    } else if (change.founder.belonging != Belonging()) {
        return Error{ErrorCode::BadOperation, "the founder's owner is missing"};
    }
    return Change(std::move(change));
}

Result<Change> change_of(const v1::AddPersonOperation& message, const HouseholdId& household) {
    AddPersonChange change;
    AMBIT_TRY_ASSIGN(change.person, person_of(message.person()));
    if (message.has_first_device()) {
        AMBIT_TRY_ASSIGN(change.first_device, consent_of(message.first_device(), household));
        AMBIT_TRY(check_first_device(change.person, *change.first_device));
    }
    return Change(std::move(change));
}

Result<Change> change_of(const v1::AddDeviceOperation& message, const HouseholdId& household) {
    AMBIT_TRY_ASSIGN(DeviceConsent device, consent_of(message.device(), household));
    return Change(AddDeviceChange{std::move(device)});
}

Result<Change> change_of(const v1::BindDeviceOperation& message, const HouseholdId&) {
    BindDeviceChange change;
    AMBIT_TRY_ASSIGN(change.device, DeviceId::from_bytes(view_of(message.device())));
    AMBIT_TRY_ASSIGN(change.person, PersonId::from_bytes(view_of(message.person())));
    return Change(change);
}

Result<Change> change_of(const v1::RemoveDeviceOperation& message, const HouseholdId&) {
    RemoveDeviceChange change;
    AMBIT_TRY_ASSIGN(change.device, DeviceId::from_bytes(view_of(message.device().device())));
    AMBIT_TRY_ASSIGN(change.heads, heads_of(message.device().heads()));
    return Change(std::move(change));
}

Result<Change> change_of(const v1::RemovePersonOperation& message, const HouseholdId&) {
    RemovePersonChange change;
    AMBIT_TRY_ASSIGN(change.person, PersonId::from_bytes(view_of(message.person())));
    for (const v1::DeviceHeads& heads : message.devices()) {
        AMBIT_TRY_ASSIGN(const DeviceId device, DeviceId::from_bytes(view_of(heads.device())));
        AMBIT_TRY_ASSIGN(change.heads[device], heads_of(heads.heads()));
    }
    return Change(std::move(change));
}

Result<Change> change_of(const v1::SetRoleOperation& message, const HouseholdId&) {
    SetRoleChange change;
    AMBIT_TRY_ASSIGN(change.person, PersonId::from_bytes(view_of(message.person())));
    AMBIT_TRY_ASSIGN(change.role, role_of(message.role()));
    change.expires = time_of(message.expires_ms());
    if (change.expires && change.role != Role::Guest) {
        return Error{ErrorCode::BadOperation, "only guests expire"};
    }
    return Change(change);
}

Result<Change> change_of(const v1::SetDeviceAdminOperation& message, const HouseholdId&) {
    SetDeviceAdminChange change;
    AMBIT_TRY_ASSIGN(change.device, DeviceId::from_bytes(view_of(message.device())));
    AMBIT_TRY_ASSIGN(change.pass_to, optional_id<PersonId>(message.pass_to()));
    change.admin = message.admin();
    if (change.admin && change.pass_to) {
        return Error{ErrorCode::BadOperation, "admin is granted or passed on, not both"};
    }
    return Change(change);
}

Result<Change> change_of(const v1::SetBridgesOperation& message, const HouseholdId&) {
    SetBridgesChange change;
    AMBIT_TRY_ASSIGN(change.source, checked_text(message.source(), kNameBytesMax, "source"));
    for (const std::string& device : message.devices()) {
        AMBIT_TRY_ASSIGN(const DeviceId id, DeviceId::from_bytes(view_of(device)));
        if (std::find(change.devices.begin(), change.devices.end(), id) != change.devices.end()) {
            return Error{ErrorCode::BadOperation, "a device twice in one bridge order"};
        }
        change.devices.push_back(id);
    }
    return Change(std::move(change));
}

Result<Change> change_of(const v1::RenameOperation& message, const HouseholdId&) {
    RenameChange change;
    AMBIT_TRY_ASSIGN(const auto device, optional_id<DeviceId>(message.device()));
    AMBIT_TRY_ASSIGN(const auto person, optional_id<PersonId>(message.person()));
    if (device && person) {
        return Error{ErrorCode::BadOperation, "one name at a time"};
    }
    if (device) {
        change.what = *device;
    } else if (person) {
        change.what = *person;
    }
    AMBIT_TRY_ASSIGN(change.name, checked_text(message.name(), kNameBytesMax, "name"));
    return Change(std::move(change));
}

Result<Change> change_of(const v1::RecoverOperation& message, const HouseholdId& household) {
    RecoverChange change;
    if (message.has_new_device() == !message.device().empty() ||
        message.has_person() == !message.owner().empty()) {
        return Error{ErrorCode::BadOperation, "a recovery names one device and one person"};
    }
    if (message.has_person()) {
        AMBIT_TRY_ASSIGN(change.person, person_of(message.person()));
    } else {
        AMBIT_TRY_ASSIGN(change.person, PersonId::from_bytes(view_of(message.owner())));
    }
    if (message.has_new_device()) {
        AMBIT_TRY_ASSIGN(DeviceConsent device, consent_of(message.new_device(), household));
        const auto* created = std::get_if<NewPerson>(&change.person);
        const PersonId owner = created != nullptr ? person_id_of(*created, device.device.verify_key)
                                                  : std::get<PersonId>(change.person);
        if (device.belonging.owner != owner) {
            return Error{ErrorCode::BadOperation, "the device does not consent to this owner"};
        }
        change.device = std::move(device);
    } else {
        AMBIT_TRY_ASSIGN(change.device, DeviceId::from_bytes(view_of(message.device())));
    }
    if (!message.next_recovery_key().empty()) {
        AMBIT_TRY_ASSIGN(
            change.next_recovery_key,
            recovery_key_of(message.next_recovery_key(), message.next_recovery_proof(), household));
    }
    return Change(std::move(change));
}

template <typename Message>
Result<Change> parse_change(const v1::Operation& body, const HouseholdId& household) {
    Message message;
    if (!message.ParseFromString(body.payload())) {
        return Error{ErrorCode::BadOperation, "payload"};
    }
    return change_of(message, household);
}

Result<Change> parse_payload(const v1::Operation& body, const HouseholdId& household) {
    switch (body.kind()) {
        case v1::OPERATION_GENESIS:
            return parse_change<v1::GenesisOperation>(body, household);
        case v1::OPERATION_ADD_PERSON:
            return parse_change<v1::AddPersonOperation>(body, household);
        case v1::OPERATION_ADD_DEVICE:
            return parse_change<v1::AddDeviceOperation>(body, household);
        case v1::OPERATION_BIND_DEVICE:
            return parse_change<v1::BindDeviceOperation>(body, household);
        case v1::OPERATION_REMOVE_DEVICE:
            return parse_change<v1::RemoveDeviceOperation>(body, household);
        case v1::OPERATION_REMOVE_PERSON:
            return parse_change<v1::RemovePersonOperation>(body, household);
        case v1::OPERATION_SET_ROLE:
            return parse_change<v1::SetRoleOperation>(body, household);
        case v1::OPERATION_SET_DEVICE_ADMIN:
            return parse_change<v1::SetDeviceAdminOperation>(body, household);
        case v1::OPERATION_SET_BRIDGES:
            return parse_change<v1::SetBridgesOperation>(body, household);
        case v1::OPERATION_RENAME:
            return parse_change<v1::RenameOperation>(body, household);
        case v1::OPERATION_RECOVER:
            return parse_change<v1::RecoverOperation>(body, household);
        default:
            return Change(UnknownChange{body.kind()});
    }
}

Result<std::vector<OperationHash>> parents_of(const v1::Operation& body) {
    if (static_cast<std::size_t>(body.parents_size()) > kOperationParentsMax) {
        return Error{ErrorCode::LimitExceeded, "parents of a roster operation"};
    }
    std::vector<OperationHash> parents;
    for (const std::string& parent : body.parents()) {
        AMBIT_TRY_ASSIGN(const OperationHash hash, OperationHash::from_bytes(view_of(parent)));
        if (!parents.empty() && !(parents.back() < hash)) {
            return Error{ErrorCode::BadOperation, "parents are not ascending"};
        }
        parents.push_back(hash);
    }
    return parents;
}

}  // namespace

Result<Operation> parse_operation(ByteView bytes) {
    if (bytes.size() > kOperationBytesMax) {
        return Error{ErrorCode::LimitExceeded, "size of a roster operation"};
    }
    v1::Operation body;
    if (bytes.size() <= crypto::Signature::kSize ||
        !body.ParseFromArray(bytes.data() + crypto::Signature::kSize,
                             static_cast<int>(bytes.size() - crypto::Signature::kSize))) {
        return Error{ErrorCode::BadOperation, "not a roster operation"};
    }
    const bool genesis = body.kind() == v1::OPERATION_GENESIS;
    if (genesis != body.household().empty() || genesis != body.parents().empty()) {
        return Error{ErrorCode::BadOperation, "a genesis, and nothing else, has no household and no parents"};
    }
    Operation operation;
    operation.hash = crypto::hash("roster-op", bytes);
    AMBIT_TRY_ASSIGN(operation.author_key, crypto::VerifyKey::from_bytes(view_of(body.author())));
    AMBIT_TRY_ASSIGN(const auto signature,
                     crypto::Signature::from_bytes(bytes.first(crypto::Signature::kSize)));
    AMBIT_TRY(operation.author_key.verify(crypto::kRosterOperation, bytes.subspan(crypto::Signature::kSize),
                                          signature));
    operation.author = crypto::device_id_of(operation.author_key);
    operation.critical = body.critical();
    AMBIT_TRY_ASSIGN(operation.parents, parents_of(body));
    // The household has no id before its genesis has a hash: there the root key stands for it in consents.
    const std::string& named = genesis ? body.author() : body.household();
    AMBIT_TRY_ASSIGN(const HouseholdId household, HouseholdId::from_bytes(view_of(named)));
    AMBIT_TRY_ASSIGN(operation.change, parse_payload(body, household));
    operation.household = genesis ? HouseholdId::from_bytes(operation.hash.bytes()).value() : household;
    return operation;
}

}  // namespace ambit::identity
