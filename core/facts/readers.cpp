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
    const auto place = places_.find(device);
    return place != places_.end() && readers->test(place->second);
}

}  // namespace ambit::facts
