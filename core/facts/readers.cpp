// In a file of its own, so that the mutants of the canary test (tests/live/mutants/) can be linked without
// it.
#include "facts/readers.h"

namespace ambit::facts {

bool Readers::may_read(const privacy::NamedAudience& audience, const DeviceId& device) const {
    const auto& readers = resolved(audience);
    if (!readers) {
        return false;
    }
    const auto at = roster_->devices.find(device);
    return at != roster_->devices.end() &&
           readers->test(static_cast<std::size_t>(std::distance(roster_->devices.begin(), at)));
}

}  // namespace ambit::facts
