#include "identity/pairing_ownership.h"

namespace ambit::identity {
namespace {

// At once where the host may give the device to that person, else when a device of theirs binds it.
Result<AgreedOwnership> of_member(const PersonId& id, const Roster& roster, const DeviceId& host) {
    const Person* person = roster.person(id);
    if (person == nullptr) {
        return Error{ErrorCode::NoSuchMember, id.short_hex()};
    }
    const Device* self = roster.device(host);
    const bool own = self != nullptr && self->owner == id && person->role >= Role::Adult;
    if (own || !person->had_device) {
        return AgreedOwnership{{id, std::nullopt}, std::nullopt};
    }
    return AgreedOwnership{{std::nullopt, id}, std::nullopt};
}

}  // namespace

Result<AgreedOwnership> agree_ownership(const Ownership& wanted,
                                        const Roster& roster,
                                        const DeviceId& host,
                                        const crypto::VerifyKey& joiner,
                                        Random& random) {
    if (const Device* member = roster.device(crypto::device_id_of(joiner))) {
        return AgreedOwnership{{member->owner, member->meant_for}, std::nullopt};  // joined before, unaware
    }
    if (const auto* of = std::get_if<DeviceOf>(&wanted)) {
        return of_member(of->person, roster, host);
    }
    if (const auto* created = std::get_if<NewPerson>(&wanted)) {
        NewPerson person = *created;
        person.nonce = random.bytes<16>();
        const Belonging belonging{person_id_of(person, joiner), std::nullopt};
        return AgreedOwnership{belonging, std::move(person)};
    }
    return AgreedOwnership{};
}

}  // namespace ambit::identity
