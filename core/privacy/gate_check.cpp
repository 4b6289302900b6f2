// The gate's one decision, in a file of its own: the canary test is also run on a daemon that is linked with
// another one in its place (tests/live/mutants/), and must fail there.
#include "privacy/gate.h"

namespace ambit::privacy {

// The set of readers the recipient stands for must lie inside the readers of the label.
Result<void> Gate::check(const Label& label, const Recipient& recipient) const {
    if (!roster_) {
        return Error{ErrorCode::NotAMember, "this device has no household yet"};
    }
    ReaderSet gaining;
    if (const auto* device = std::get_if<DeviceId>(&recipient)) {
        const auto bit = index_.find(*device);
        if (bit == index_.end() || !members_.test(bit->second)) {
            return Error{ErrorCode::NotAMember, "device " + device->short_hex()};
        }
        gaining.set(bit->second);
    } else {
        const auto& service = std::get<Service>(recipient);
        const auto own = services_.find(service.name);
        if (own == services_.end()) {
            return Error{ErrorCode::UnknownService, service.name};
        }
        const Resolved& readers = resolved(own->second.audience);
        if (readers.error) {
            return *readers.error;
        }
        gaining = readers.readers;
    }
    const Resolved& allowed = resolved(label.audience);
    if (allowed.error) {
        return *allowed.error;
    }
    if ((gaining & ~allowed.readers).any()) {
        return Error{ErrorCode::AudienceForbids, "may be read by " + describe(label.audience, *roster_)};
    }
    return {};
}

}  // namespace ambit::privacy
