// For the canary test only: a receiver that takes whatever it is sent, as a hostile one would.
#include "privacy/audience.h"

namespace ambit::privacy {

bool may_read(const Audience&, const identity::Roster& roster, const DeviceId& device) {
    return roster.devices.contains(device);
}

}  // namespace ambit::privacy
