// For the canary test only: facts offer, serve and accept every channel.
#include "facts/readers.h"

namespace ambit::facts {

bool Readers::may_read(const privacy::NamedAudience& audience, const DeviceId& device) const {
    return is_known(audience) && roster_->devices.contains(device);
}

}  // namespace ambit::facts
