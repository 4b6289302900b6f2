// For the canary test only: facts offer, serve and accept every channel that may leave its device at all.
#include "facts/readers.h"

namespace ambit::facts {

bool Readers::may_read(const privacy::NamedAudience& audience, const DeviceId& device) const {
    return is_known(audience) && roster_->devices.contains(device);
}

}  // namespace ambit::facts
