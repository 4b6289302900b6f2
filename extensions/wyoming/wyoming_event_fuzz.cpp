// Fuzzes the framing of Wyoming: however the bytes are cut up, the same events come out, and no more is kept
// than the limits say.
#include <cstdlib>

#include "base/bytes.h"
#include "wyoming/event.h"

namespace {

struct Read {
    std::vector<ambit::wyoming::Event> events;
    bool broken = false;
};

Read read(std::string_view text, std::size_t piece) {
    ambit::wyoming::EventReader reader;
    Read result;
    while (!text.empty() && !result.broken) {
        const std::string_view part = text.substr(0, piece);
        text.remove_prefix(part.size());
        result.broken = !reader.feed(part);
        while (auto event = reader.next()) {
            result.events.push_back(std::move(*event));
        }
        if (reader.waiting() > ambit::wyoming::kLineBytesMax + ambit::wyoming::kDataBytesMax) {
            std::abort();
        }
    }
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = ambit::to_text({data, size});
    const Read bytewise = read(text, 1);
    const Read whole = read(text, 64);
    if (bytewise.broken != whole.broken || bytewise.events.size() < whole.events.size()) {
        std::abort();
    }
    for (std::size_t i = 0; i < whole.events.size(); ++i) {
        if (whole.events[i].type != bytewise.events[i].type ||
            whole.events[i].data_json != bytewise.events[i].data_json) {
            std::abort();
        }
    }
    return 0;
}
