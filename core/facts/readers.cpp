// In a file of its own, so that the mutants of the canary test (tests/live/mutants/) can be linked without
// it.
#include "facts/readers.h"

#include <algorithm>

namespace ambit::facts {

bool Readers::may_read(const privacy::NamedAudience& audience, const DeviceId& device) const {
    const auto& readers = resolved(audience);
    if (!readers) {
        return false;
    }
    const auto at = std::lower_bound(places_.begin(), places_.end(), device);
    return at != places_.end() && *at == device &&
           readers->test(static_cast<std::size_t>(at - places_.begin()));
}

}  // namespace ambit::facts
