// People and devices before they belong: what they say about themselves, and a device's consent to join.
//
// Ownership: values.  Threads: any.  Failure: BadOperation, BadSignature, BadKey (1100-1299).
// Spec: docs/spec/roster.md, sections "People" and "Consent".
#pragma once

#include <array>
#include <optional>

#include "identity/roster.h"

namespace ambit::identity {

// What a device says about itself.
struct DeviceDescription {
    crypto::VerifyKey verify_key;
    crypto::SealPublicKey seal_key;
    std::string name;
    std::string kind;
    bool mains_powered = false;
};

// A person who does not exist yet.  `nonce` is random; the id follows from it and from the first device, so
// that nobody can put another first device under the same id.
struct NewPerson {
    std::array<std::uint8_t, 16> nonce{};
    std::string name;
    Role role = Role::Adult;
    std::optional<WallTime> expires;  // guests only
};

// `first_device`: the key of the device that joins with the person; none for a person without one.
PersonId person_id_of(const NewPerson& person, const std::optional<crypto::VerifyKey>& first_device);

// Whose a device says it will be: at most one of the two.
struct Belonging {
    std::optional<PersonId> owner;
    std::optional<PersonId> meant_for;
    friend bool operator==(const Belonging&, const Belonging&) = default;
};

// A device's own signature under joining a household as described.  `record` is what it signed, byte for
// byte; `device` and `belonging` are what it says.
struct DeviceConsent {
    Bytes record;
    crypto::Signature signature;
    DeviceDescription device;
    Belonging belonging;
};

DeviceConsent consent_to_join(const crypto::SigningKey& device_key,
                              const DeviceDescription& device,
                              const HouseholdId& household,
                              const Belonging& belonging);
// BadOperation unless `record` is well formed; the signature is checked by verify_consent().
Result<DeviceConsent> parse_consent(ByteView record, ByteView signature);
// BadSignature unless the device itself signed exactly this.
Result<void> verify_consent(const DeviceConsent& consent, const HouseholdId& household);

}  // namespace ambit::identity
