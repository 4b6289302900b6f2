// zigbee2mqtt's list of devices, which is then taken as a state and as a command too.
#include "mqtt/state.h"
#include "mqtt/zigbee.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::mqtt;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto devices = parse_zigbee_devices("z2m", "mqtt:home", text);
    if (!devices) {
        return 0;
    }
    const Payload read(text);
    for (const ZigbeeDevice& device : *devices) {
        for (const Announced& announced : device.announcement.entities) {
            EntityState state;
            static_cast<void>(apply_message(announced, "z2m/x", read, state));
            for (const std::string& capability : announced.entity.capabilities) {
                if (const auto wanted = parse_wanted(announced, capability, R"({"on":true})")) {
                    static_cast<void>(messages_for(announced, *wanted));
                }
            }
        }
    }
    return 0;
}
