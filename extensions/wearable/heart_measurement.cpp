#include "wearable/heart_measurement.h"

namespace ambit::wearable {
namespace {

constexpr unsigned kWideRate = 1U << 0U;
constexpr unsigned kContact = 1U << 1U;
constexpr unsigned kKnowsContact = 1U << 2U;
constexpr unsigned kEnergy = 1U << 3U;
constexpr unsigned kIntervals = 1U << 4U;
constexpr double kIntervalUnitMs = 1000.0 / 1024;

// Takes little-endian numbers from the front.
class ByteFront {
  public:
    explicit ByteFront(ByteView bytes) : rest_(bytes) {}

    unsigned byte() {
        if (rest_.empty()) {
            good_ = false;
            return 0;
        }
        const unsigned value = rest_.front();
        rest_ = rest_.subspan(1);
        return value;
    }

    unsigned two() {
        const unsigned low = byte();
        return low | byte() << 8U;
    }

    bool empty() const { return rest_.empty(); }

    bool good() const { return good_; }

  private:
    ByteView rest_;
    bool good_ = true;
};

}  // namespace

std::optional<HeartMeasurement> parse_measurement(ByteView bytes) {
    if (bytes.size() > kMeasurementBytesMax) {
        return std::nullopt;
    }
    ByteFront front(bytes);
    const unsigned flags = front.byte();
    HeartMeasurement out;
    out.beats_per_min = (flags & kWideRate) != 0 ? front.two() : front.byte();
    if ((flags & kKnowsContact) != 0) {
        out.contact = (flags & kContact) != 0;
    }
    if ((flags & kEnergy) != 0) {
        (void)front.two();
    }
    while ((flags & kIntervals) != 0 && front.good() && !front.empty()) {
        out.intervals_ms.push_back(front.two() * kIntervalUnitMs);
    }
    // What a later version of the service adds would be told by flags that are 0 today.
    const bool whole = front.good() && front.empty();
    return whole ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace ambit::wearable
