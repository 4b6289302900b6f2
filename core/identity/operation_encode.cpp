#include "identity/operation.h"
#include "proto/roster.pb.h"

namespace ambit::identity {
namespace {

template <typename IdType>
std::string text_of(const IdType& id) {
    return to_text(id.bytes());
}

std::uint64_t ms_of(const std::optional<WallTime>& time) {
    return time ? static_cast<std::uint64_t>(
                      std::chrono::duration_cast<milliseconds>(time->time_since_epoch()).count())
                : 0;
}

void fill(v1::Consent& out, const DeviceConsent& consent) {
    out.set_record(to_text(consent.record));
    out.set_signature(text_of(consent.signature));
}

void fill(v1::PersonRecord& out, const NewPerson& person) {
    out.set_nonce(to_text(person.nonce));
    out.set_name(person.name);
    out.set_role(static_cast<std::uint32_t>(person.role));
    out.set_expires_ms(ms_of(person.expires));
}

void fill(v1::DeviceHeads& out, const DeviceId& device, const std::vector<ChannelHead>& heads) {
    out.set_device(text_of(device));
    for (const ChannelHead& head : heads) {
        v1::Head& entry = *out.add_heads();
        entry.set_channel(head.channel);
        entry.set_seq(head.seq);
        entry.set_hash(text_of(head.hash));
    }
}

// One overload a kind: change -> message.
v1::GenesisOperation message_of(const GenesisChange& change) {
    v1::GenesisOperation message;
    message.set_household_name(change.name);
    message.set_recovery_key(text_of(change.recovery_key.key));
    message.set_recovery_proof(text_of(change.recovery_key.proof));
    fill(*message.mutable_founder(), change.founder);
    if (change.person) {
        fill(*message.mutable_person(), *change.person);
    }
    return message;
}

v1::AddPersonOperation message_of(const AddPersonChange& change) {
    v1::AddPersonOperation message;
    fill(*message.mutable_person(), change.person);
    if (change.first_device) {
        fill(*message.mutable_first_device(), *change.first_device);
    }
    return message;
}

v1::AddDeviceOperation message_of(const AddDeviceChange& change) {
    v1::AddDeviceOperation message;
    fill(*message.mutable_device(), change.device);
    return message;
}

v1::BindDeviceOperation message_of(const BindDeviceChange& change) {
    v1::BindDeviceOperation message;
    message.set_device(text_of(change.device));
    message.set_person(text_of(change.person));
    return message;
}

v1::RemoveDeviceOperation message_of(const RemoveDeviceChange& change) {
    v1::RemoveDeviceOperation message;
    fill(*message.mutable_device(), change.device, change.heads);
    return message;
}

v1::RemovePersonOperation message_of(const RemovePersonChange& change) {
    v1::RemovePersonOperation message;
    message.set_person(text_of(change.person));
    for (const auto& [device, heads] : change.heads) {
        fill(*message.add_devices(), device, heads);
    }
    return message;
}

v1::SetRoleOperation message_of(const SetRoleChange& change) {
    v1::SetRoleOperation message;
    message.set_person(text_of(change.person));
    message.set_role(static_cast<std::uint32_t>(change.role));
    message.set_expires_ms(ms_of(change.expires));
    return message;
}

v1::SetDeviceAdminOperation message_of(const SetDeviceAdminChange& change) {
    v1::SetDeviceAdminOperation message;
    message.set_device(text_of(change.device));
    message.set_admin(change.admin);
    if (change.pass_to) {
        message.set_pass_to(text_of(*change.pass_to));
    }
    return message;
}

v1::SetBridgesOperation message_of(const SetBridgesChange& change) {
    v1::SetBridgesOperation message;
    message.set_source(change.source);
    for (const DeviceId& device : change.devices) {
        message.add_devices(text_of(device));
    }
    return message;
}

v1::RenameOperation message_of(const RenameChange& change) {
    v1::RenameOperation message;
    if (const auto* device = std::get_if<DeviceId>(&change.what)) {
        message.set_device(text_of(*device));
    } else if (const auto* person = std::get_if<PersonId>(&change.what)) {
        message.set_person(text_of(*person));
    }
    message.set_name(change.name);
    return message;
}

v1::RecoverOperation message_of(const RecoverChange& change) {
    v1::RecoverOperation message;
    if (const auto* consent = std::get_if<DeviceConsent>(&change.device)) {
        fill(*message.mutable_new_device(), *consent);
    } else {
        message.set_device(text_of(std::get<DeviceId>(change.device)));
    }
    if (const auto* person = std::get_if<NewPerson>(&change.person)) {
        fill(*message.mutable_person(), *person);
    } else {
        message.set_owner(text_of(std::get<PersonId>(change.person)));
    }
    if (change.next_recovery_key) {
        message.set_next_recovery_key(text_of(change.next_recovery_key->key));
        message.set_next_recovery_proof(text_of(change.next_recovery_key->proof));
    }
    return message;
}

// Never written: what this version does not know it cannot say.
v1::Operation message_of(const UnknownChange&) {
    return {};
}

// The number of a kind is its place in Change, from 1 (OperationKind).
std::uint32_t kind_of(const Change& change) {
    if (const auto* unknown = std::get_if<UnknownChange>(&change)) {
        return unknown->kind;
    }
    return static_cast<std::uint32_t>(change.index() + 1);
}

}  // namespace

Bytes encode_operation(const std::optional<HouseholdId>& household,
                       const std::vector<OperationHash>& parents,
                       const Change& change,
                       const crypto::SigningKey& author,
                       WallTime now) {
    v1::Operation body;
    if (household) {
        body.set_household(text_of(*household));
    }
    for (const OperationHash& parent : parents) {
        body.add_parents(text_of(parent));
    }
    body.set_author(text_of(author.verify_key()));
    body.set_wall_ms(ms_of(now));
    body.set_kind(kind_of(change));
    body.set_critical(true);
    body.set_payload(
        std::visit([](const auto& known) { return message_of(known).SerializeAsString(); }, change));
    const Bytes bytes = to_bytes(body.SerializeAsString());
    const crypto::Signature signature = author.sign(crypto::kRosterOperation, bytes);
    Bytes operation(signature.bytes().begin(), signature.bytes().end());
    operation.insert(operation.end(), bytes.begin(), bytes.end());
    return operation;
}

}  // namespace ambit::identity
