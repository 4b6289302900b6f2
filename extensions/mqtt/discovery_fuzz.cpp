// A discovery topic (first line) and its payload (the rest), which is then taken as a state and as a command
// too.
#include "mqtt/state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::mqtt;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    const std::string payload = text.substr(std::min(line_end + 1, text.size()));
    const Announcement made =
        parse_announcement("homeassistant", "mqtt:home", text.substr(0, line_end), payload);
    for (const Announced& announced : made.entities) {
        EntityState state;
        static_cast<void>(apply_message(announced, announced.state_topic, payload, state));
        static_cast<void>(apply_message(announced, announced.brightness_state_topic, payload, state));
        static_cast<void>(state.json(announced));
        if (const auto wanted = parse_wanted(announced, payload)) {
            static_cast<void>(messages_for(announced, *wanted));
        }
    }
    return 0;
}
