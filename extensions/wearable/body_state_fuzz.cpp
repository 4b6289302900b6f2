// What a device kept of what it had learned of a body.
#include "base/check.h"
#include "wearable/body_state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::wearable;
    auto body = BodyState::decode({reinterpret_cast<const char*>(data), size});
    if (body) {
        AMBIT_CHECK(BodyState::decode(body->encode()).has_value());
        const Reading reading = body->on_minute({ambit::WallTime{}, 60, 40.0, 0, 0});
        AMBIT_CHECK(reading.confidence >= 0 && reading.confidence <= 1);
    }
    return 0;
}
