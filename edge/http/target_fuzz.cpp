// Fuzzes the request target and the event stream: what a local program can send us, and a daemon can answer.
#include <cstdlib>

#include "base/bytes.h"
#include "http/event_reader.h"
#include "http/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = ambit::to_text({data, size});
    if (const auto target = ambit::http::parse_target(text)) {
        const auto again = ambit::http::parse_target("/api/v1/" + ambit::http::url_encode(target->path));
        if (!again || again->path != target->path) {
            std::abort();
        }
    }
    ambit::http::EventReader reader(4096);
    if (reader.feed(text)) {
        while (reader.next()) {
        }
    }
    return 0;
}
