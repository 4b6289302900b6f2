// Recordings of heartbeats, as files that people bring.
#include "wearable/heartbeats.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::wearable;
    const auto read = read_recording({reinterpret_cast<const char*>(data), size});
    if (read) {
        const Cleaned cleaned = clean(*read);
        (void)rmssd(cleaned);
        (void)beats_per_min(cleaned);
    }
    return 0;
}
