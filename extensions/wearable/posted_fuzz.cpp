// What an app posts of a heart, and how it says when.
#include "base/check.h"
#include "wearable/posted.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)wearable::moment(text);
    const WallTime now(seconds(1'800'000'000));
    const auto posted = wearable::read_posted(text, now);
    if (posted) {
        AMBIT_CHECK(!posted->empty() && posted->size() <= wearable::kPostedMax);
        wearable::Readings readings;
        wearable::BodyState body;
        const auto first = readings.take(*posted, now);
        AMBIT_CHECK(first.taken + first.left_out == posted->size());
        for (const wearable::Minute& minute : first.minutes) {
            AMBIT_CHECK(minute.at <= now);
            body.on_minute(minute);
        }
        AMBIT_CHECK(readings.take(*posted, now).taken == 0);
    }
    return 0;
}
