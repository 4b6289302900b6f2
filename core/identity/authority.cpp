#include "identity/authority.h"

#include <algorithm>

namespace ambit::identity {
namespace {

Error refused(const char* why) {
    return {ErrorCode::NotAllowed, why};
}

// One overload a kind of operation.
class Judge {
  public:
    Judge(const Fold& past, const Operation& operation)
        : past_(past),
          author_(operation.author),
          recovery_(operation.author_key == past.recovery_key()),
          admin_(recovery_ || past.is_admin(author_)),
          person_(past.owner_of(author_)) {}

    Result<void> author_belongs() const {
        if (!recovery_ && !past_.is_member(author_)) {
            return refused("the author is not in the household");
        }
        return {};
    }

    Result<void> operator()(const GenesisChange&) const { return refused("a household begins once"); }

    Result<void> operator()(const AddPersonChange& change) const {
        AMBIT_TRY(admin_only());
        const auto& device = change.first_device;
        const auto key = device ? std::optional(device->device.verify_key) : std::nullopt;
        // Ids are never used again: an old consent must not bring a removed device back as a reader.
        if (past_.people().count(person_id_of(change.person, key)) != 0) {
            return Error{ErrorCode::AlreadyMember, "a person with this id was here before"};
        }
        AMBIT_TRY(room_for_person());
        return device ? room_for(*device) : Result<void>();
    }

    Result<void> operator()(const AddDeviceChange& change) const {
        const Belonging& belonging = change.device.belonging;
        if (belonging.meant_for && !past_.is_member(*belonging.meant_for)) {
            return Error{ErrorCode::NoSuchMember, "the person the device is meant for"};
        }
        if (!belonging.owner) {
            AMBIT_TRY(admin_only());
            return room_for(change.device);
        }
        if (!past_.is_member(*belonging.owner)) {
            return Error{ErrorCode::NoSuchMember, "the owner of the device"};
        }
        const bool own = person_ == belonging.owner && past_.role_of(*person_).role >= Role::Adult;
        const bool first = admin_ && !past_.ever_had_device(*belonging.owner);
        if (!recovery_ && !own && !first) {
            return refused("only a person's own device, or recovery, adds a device for them");
        }
        return room_for(change.device);
    }

    Result<void> operator()(const BindDeviceChange& change) const {
        AMBIT_TRY(member(change.device));
        AMBIT_TRY(member(change.person));
        const Belonging now = past_.belonging_of(change.device);
        if (now.owner) {
            return refused("the device has an owner");
        }
        if (!recovery_ && (person_ != change.person || now.meant_for != change.person)) {
            return refused("only the person a device is meant for binds it");
        }
        return {};
    }

    Result<void> operator()(const RemoveDeviceChange& change) const {
        AMBIT_TRY(member(change.device));
        const auto owner = past_.owner_of(change.device);
        if (!admin_ && change.device != author_ && !(owner && owner == person_)) {
            return refused("only an admin or its person removes a device");
        }
        return {};
    }

    Result<void> operator()(const RemovePersonChange& change) const {
        AMBIT_TRY(member(change.person));
        if (!admin_ && person_ != change.person) {
            return refused("only an admin removes another person");
        }
        return {};
    }

    Result<void> operator()(const SetRoleChange& change) const {
        AMBIT_TRY(member(change.person));
        return admin_only();
    }

    Result<void> operator()(const SetDeviceAdminChange& change) const {
        AMBIT_TRY(member(change.device));
        if (change.pass_to) {
            // Only one's own: a strike at somebody else may outlive its author, a grant must not with it.
            if (change.device != author_) {
                return refused("a device passes on its own admin only");
            }
            AMBIT_TRY(member(*change.pass_to));
            if (past_.role_of(*change.pass_to).role < Role::Adult ||
                past_.devices_of(*change.pass_to).empty()) {
                return refused("admin passes to an adult with a device");
            }
        }
        return admin_only();
    }

    Result<void> operator()(const SetBridgesChange& change) const {
        for (const DeviceId& device : change.devices) {
            AMBIT_TRY(member(device));
        }
        const auto known = past_.bridges().find(change.source);
        if (known == past_.bridges().end() && past_.bridges().size() >= kBridgesMax) {
            return Error{ErrorCode::LimitExceeded, "sources with a bridge order"};
        }
        const bool adult = person_ && past_.role_of(*person_).role >= Role::Adult;
        std::vector<DeviceId> before =
            known == past_.bridges().end() ? std::vector<DeviceId>() : known->second;
        std::vector<DeviceId> after = change.devices;
        std::erase(before, author_);
        std::erase(after, author_);
        // A device that serves a source puts itself behind those that already do, or takes itself off.
        const bool itself =
            before == after && (change.devices.size() == after.size() || change.devices.back() == author_);
        if (!admin_ && !adult && !(itself && !person_)) {
            return refused("only an adult changes who acts for a source");
        }
        return {};
    }

    Result<void> operator()(const RenameChange& change) const {
        if (const auto* device = std::get_if<DeviceId>(&change.what)) {
            AMBIT_TRY(member(*device));
            const auto owner = past_.owner_of(*device);
            return *device == author_ || (owner && owner == person_) ? Result<void>() : admin_only();
        }
        if (const auto* person = std::get_if<PersonId>(&change.what)) {
            AMBIT_TRY(member(*person));
            return person_ == *person ? Result<void>() : admin_only();
        }
        return admin_only();
    }

    Result<void> operator()(const RecoverChange& change) const {
        if (!recovery_) {
            return refused("only the recovery key recovers");
        }
        const auto* consent = std::get_if<DeviceConsent>(&change.device);
        if (consent != nullptr) {
            AMBIT_TRY(room_for(*consent));
        } else {
            AMBIT_TRY(known(std::get<DeviceId>(change.device)));
        }
        if (const auto* owner = std::get_if<PersonId>(&change.person)) {
            return past_.people().count(*owner) != 0
                       ? Result<void>()
                       : Error{ErrorCode::NoSuchMember, "the person to recover"};
        }
        return room_for_person();
    }

    // What a newer version may do is not for this one to say; it has no effect here.
    Result<void> operator()(const UnknownChange&) const { return {}; }

    bool admin() const { return admin_; }

  private:
    Result<void> admin_only() const { return admin_ ? Result<void>() : refused("only an admin may"); }

    Result<void> known(const DeviceId& device) const {
        return past_.devices().count(device) != 0 ? Result<void>()
                                                  : Error{ErrorCode::NoSuchMember, device.short_hex()};
    }

    template <typename IdType>
    Result<void> member(const IdType& id) const {
        return past_.is_member(id) ? Result<void>() : Error{ErrorCode::NoSuchMember, id.short_hex()};
    }

    Result<void> room_for(const DeviceConsent& consent) const {
        if (past_.is_member(crypto::device_id_of(consent.device.verify_key))) {
            return Error{ErrorCode::AlreadyMember, consent.device.name};
        }
        const auto members = std::count_if(past_.devices().begin(), past_.devices().end(),
                                           [&](const auto& device) { return past_.is_member(device.first); });
        if (static_cast<std::size_t>(members) >= kDevicesMax) {
            return Error{ErrorCode::LimitExceeded, "devices in a household"};
        }
        return {};
    }

    Result<void> room_for_person() const {
        const auto members = std::count_if(past_.people().begin(), past_.people().end(),
                                           [&](const auto& person) { return past_.is_member(person.first); });
        if (static_cast<std::size_t>(members) >= kPeopleMax) {
            return Error{ErrorCode::LimitExceeded, "people in a household"};
        }
        return {};
    }

    const Fold& past_;
    const DeviceId author_;
    const bool recovery_;
    const bool admin_;
    const std::optional<PersonId> person_;
};

std::vector<DeviceId> affected_by(const Fold& past, const Change& change) {
    if (const auto* removal = std::get_if<RemoveDeviceChange>(&change)) {
        return {removal->device};
    }
    if (const auto* removal = std::get_if<RemovePersonChange>(&change)) {
        return past.devices_of(removal->person);
    }
    if (const auto* role = std::get_if<SetRoleChange>(&change)) {
        const bool lowered = role->role < past.role_of(role->person).role;
        return lowered ? past.devices_of(role->person) : std::vector<DeviceId>();
    }
    if (const auto* admin = std::get_if<SetDeviceAdminChange>(&change)) {
        const bool lowered = !admin->admin && past.holds_admin(admin->device);
        return lowered ? std::vector<DeviceId>{admin->device} : std::vector<DeviceId>();
    }
    return {};
}

}  // namespace

Result<void> authorise(const Fold& past, const Operation& operation) {
    if (!past.has_genesis()) {
        return operation.is_genesis() ? Result<void>() : refused("the household has not begun");
    }
    const Judge judge(past, operation);
    AMBIT_TRY(judge.author_belongs());
    return std::visit(judge, operation.change);
}

void annotate(const Fold& past, Entry& entry) {
    const Operation& operation = entry.operation;
    entry.support = past.support_of(operation.author);
    entry.affected = affected_by(past, operation.change);
    if (const auto* added = std::get_if<AddDeviceChange>(&operation.change)) {
        const auto& owner = added->device.belonging.owner;
        entry.gives_first_device =
            owner && past.owner_of(operation.author) != owner && operation.author_key != past.recovery_key();
    }
}

}  // namespace ambit::identity
