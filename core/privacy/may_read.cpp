// In a file of its own, so that the mutants of the canary test (tests/live/mutants/) can be linked without
// it.
#include "privacy/audience.h"

namespace ambit::privacy {

bool may_read(const Audience& audience, const identity::Roster& roster, const DeviceId& device) {
    const auto found = roster.devices.find(device);
    if (found == roster.devices.end()) {
        return false;
    }
    const auto readers = resolve(audience, roster);
    const auto bit = static_cast<std::size_t>(std::distance(roster.devices.begin(), found));
    return readers && bit < kDevicesMax && readers->test(bit);
}

}  // namespace ambit::privacy
