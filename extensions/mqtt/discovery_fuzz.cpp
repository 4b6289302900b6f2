// A discovery topic (first line) and its payload (the rest), which is then taken as a state and as a command
// too.
#include "mqtt/discovery.h"
#include "mqtt/state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::mqtt;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    const std::string payload = text.substr(std::min(line_end + 1, text.size()));
    const Announcement made =
        parse_announcement("homeassistant", "mqtt:home", text.substr(0, line_end), payload);
    const Payload read(payload);
    for (const Announced& announced : made.entities) {
        EntityState state;
        for (const Member& member : announced.members) {
            static_cast<void>(apply_message(announced, member.state_topic, read, state));
        }
        static_cast<void>(state.json(announced));
        for (const std::string& capability : announced.entity.capabilities) {
            if (const auto wanted = parse_wanted(announced, capability, payload)) {
                static_cast<void>(messages_for(announced, *wanted));
                static_cast<void>(wanted->met_by(announced, state));
            }
        }
    }
    return 0;
}
