#include "mdns/mdns.h"

#include "mdns/avahi.h"

namespace ambit::mdns {

Result<std::unique_ptr<Mdns>> Mdns::start([[maybe_unused]] Loop& loop,
                                          [[maybe_unused]] Service find,
                                          [[maybe_unused]] Events events) {
#if AMBIT_HAS_AVAHI
    return start_avahi(loop, find, std::move(events));
#else
    return Error{ErrorCode::DiscoveryUnavailable, "this build has no Avahi"};
#endif
}

}  // namespace ambit::mdns
