// Recordings of heartbeats, as files that people bring: whole, and as they grow.
#include "base/check.h"
#include "wearable/heartbeats.h"
#include "wearable/minutes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::wearable;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read = read_recording(text);
    RecordingReader reader;
    std::vector<double> grown;
    bool fits = true;
    for (std::size_t at = 0; at < size && fits; at += 7) {
        fits = reader.add(text.substr(at, 7), grown).has_value();
    }
    fits = fits && reader.end(grown).has_value();
    AMBIT_CHECK(read.has_value() == (fits && !grown.empty()));
    if (read) {
        AMBIT_CHECK(*read == grown);
        const Cleaned cleaned = clean(*read);
        (void)rmssd(cleaned);
        (void)beats_per_min(cleaned);
        Minutes minutes;
        BodyState body;
        ambit::WallTime at;
        for (const double interval : *read) {
            at += std::chrono::microseconds(static_cast<std::int64_t>(interval * 1000));
            if (const auto minute = minutes.on_beat(at, interval)) {
                const Reading reading = body.on_minute(*minute);
                AMBIT_CHECK(reading.confidence >= 0 && reading.confidence <= 1);
            }
        }
    }
    return 0;
}
