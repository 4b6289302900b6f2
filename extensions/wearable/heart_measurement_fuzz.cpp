// What a Bluetooth heart-rate sensor sends.
#include "base/check.h"
#include "wearable/heart_measurement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::wearable;
    const auto measurement = parse_measurement({data, size});
    if (measurement) {
        AMBIT_CHECK(size >= 2 && measurement->beats_per_min >= 0 && measurement->beats_per_min <= 0xffff);
        AMBIT_CHECK(2 * measurement->intervals_ms.size() <= size - 2);
        for (const double interval : measurement->intervals_ms) {
            AMBIT_CHECK(interval >= 0 && interval <= 64'000);
        }
    }
    return 0;
}
