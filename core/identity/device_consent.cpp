#include "identity/device_consent.h"

#include "crypto/hash.h"
#include "identity/operation.h"
#include "identity/records.h"
#include "proto/roster.pb.h"

namespace ambit::identity {
namespace {

Bytes consent_message(const HouseholdId& household, ByteView record) {
    Bytes message(household.bytes().begin(), household.bytes().end());
    message.insert(message.end(), record.begin(), record.end());
    return message;
}

}  // namespace

PersonId person_id_of(const NewPerson& person, const std::optional<crypto::VerifyKey>& first_device) {
    const ByteView key = first_device ? first_device->bytes() : ByteView();
    const Digest digest = crypto::hash_parts("person-id", {person.nonce, key});
    return PersonId::from_bytes(digest.bytes().first(PersonId::kSize)).value();
}

DeviceConsent consent_to_join(const crypto::SigningKey& device_key,
                              const DeviceDescription& device,
                              const HouseholdId& household,
                              const Belonging& belonging) {
    v1::DeviceRecord record;
    record.set_verify_key(to_text(device.verify_key.bytes()));
    record.set_seal_key(to_text(device.seal_key.bytes()));
    record.set_name(device.name);
    record.set_kind(device.kind);
    record.set_mains_powered(device.mains_powered);
    if (belonging.owner) {
        record.set_owner(to_text(belonging.owner->bytes()));
    }
    if (belonging.meant_for) {
        record.set_meant_for(to_text(belonging.meant_for->bytes()));
    }
    DeviceConsent consent{to_bytes(record.SerializeAsString()), {}, device, belonging};
    consent.signature = device_key.sign(crypto::kRosterConsent, consent_message(household, consent.record));
    return consent;
}

Result<DeviceConsent> parse_consent(ByteView record, ByteView signature) {
    v1::DeviceRecord fields;
    if (!fields.ParseFromArray(record.data(), static_cast<int>(record.size()))) {
        return Error{ErrorCode::BadOperation, "device record"};
    }
    DeviceConsent consent;
    consent.record.assign(record.begin(), record.end());
    AMBIT_TRY_ASSIGN(consent.signature, crypto::Signature::from_bytes(signature));
    AMBIT_TRY_ASSIGN(consent.device.verify_key, crypto::VerifyKey::from_bytes(view_of(fields.verify_key())));
    AMBIT_TRY_ASSIGN(consent.device.seal_key, crypto::SealPublicKey::from_bytes(view_of(fields.seal_key())));
    AMBIT_TRY_ASSIGN(consent.device.name, checked_text(fields.name(), kNameBytesMax, "device name"));
    AMBIT_TRY_ASSIGN(consent.device.kind, checked_text(fields.kind(), kKindBytesMax, "device kind"));
    consent.device.mains_powered = fields.mains_powered();
    AMBIT_TRY_ASSIGN(consent.belonging.owner, optional_id<PersonId>(fields.owner()));
    AMBIT_TRY_ASSIGN(consent.belonging.meant_for, optional_id<PersonId>(fields.meant_for()));
    if (consent.belonging.owner && consent.belonging.meant_for) {
        return Error{ErrorCode::BadOperation, "a device has an owner or is meant for somebody, not both"};
    }
    return consent;
}

Result<void> verify_consent(const DeviceConsent& consent, const HouseholdId& household) {
    return consent.device.verify_key.verify(crypto::kRosterConsent,
                                            consent_message(household, consent.record), consent.signature);
}

}  // namespace ambit::identity
