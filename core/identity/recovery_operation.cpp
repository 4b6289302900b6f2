#include <algorithm>

#include "identity/recovery.h"

namespace ambit::identity {
namespace {

// Whose the device is to be: one of the two.
struct Whose {
    std::optional<PersonId> member;
    std::optional<NewPerson> created;
};

Result<Whose> only_admin(const Roster& roster) {
    std::optional<PersonId> admin;
    std::string names;
    for (const auto& [id, person] : roster.people) {
        if (person.role == Role::Admin) {
            admin = id;
            names += (names.empty() ? "" : ", ") + person.name;
        }
    }
    if (!admin || names != roster.person(*admin)->name) {
        return Error{ErrorCode::InvalidArgument,
                     "say whose the recovered device is" + (admin ? " (admins: " + names + ")" : "")};
    }
    return Whose{admin, std::nullopt};
}

Result<Whose> whose(const Roster& roster,
                    const DeviceId& self,
                    const std::optional<std::string>& owner,
                    Random& random) {
    if (!owner) {
        const Device* member = roster.device(self);
        return member != nullptr && member->owner ? Whose{member->owner, std::nullopt} : only_admin(roster);
    }
    if (const Person* person = roster.person_named(*owner)) {
        return Whose{person->id, std::nullopt};
    }
    return Whose{std::nullopt, NewPerson{random.bytes<16>(), *owner, Role::Admin, std::nullopt}};
}

}  // namespace

Result<MadeRecovery> make_recovery(const RosterLog& log,
                                   const crypto::RecoverySecret& secret,
                                   const crypto::SigningKey& device_key,
                                   const DeviceDescription& self,
                                   const std::optional<std::string>& owner,
                                   Random& random,
                                   WallTime now) {
    const RosterView roster = log.roster();
    const crypto::SigningKey key = secret.signing_key();
    if (key.verify_key() != roster->recovery_key) {
        return Error{ErrorCode::BadRecoveryWords, "they are of another household, or used up"};
    }
    const DeviceId id = crypto::device_id_of(device_key.verify_key());
    AMBIT_TRY_ASSIGN(const Whose person, whose(*roster, id, owner, random));
    const PersonId owner_id =
        person.created ? person_id_of(*person.created, device_key.verify_key()) : *person.member;
    RosterAuthor::Recovery recovery;
    recovery.device = id;
    if (roster->device(id) == nullptr) {
        recovery.device = consent_to_join(device_key, self, roster->household, {owner_id, std::nullopt});
    }
    recovery.person = person.created;
    recovery.owner = person.member;
    const auto next = crypto::RecoverySecret::generate(random);
    recovery.next_recovery_key = prove_recovery_key(next.signing_key(), roster->household);
    AMBIT_TRY_ASSIGN(Bytes operation, RosterAuthor(log, key, now).recover(recovery));
    return MadeRecovery{std::move(operation), next.words()};
}

}  // namespace ambit::identity
