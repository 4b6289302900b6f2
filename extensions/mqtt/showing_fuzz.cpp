// What others publish on the topics of what the household shows: nothing but a plain press or a value in
// range may become a request, and nothing may make it forget what it shows.
#include <cstdint>

#include "base/check.h"
#include "mqtt/bridge_testing.h"
#include "mqtt/showing.h"

namespace {

struct Screen final : ambit::capability::ScreenEvents {
    void on_screen_ready() override {}

    bool on_screen_left(const std::string& id) override { return id.size() % 2 == 0; }

    void on_screen_asked(const std::string& id, const std::string& input_json) override {
        AMBIT_CHECK(id == "undo" || id == "thing_cabin");
        AMBIT_CHECK(input_json.size() < 64);
    }
};

}  // namespace

// The first line is a topic, the rest its payload; a topic that begins with ! is one that the broker kept.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    ambit::mqtt::Recorder io;
    Screen screen;
    ambit::mqtt::Showing showing({"mqtt:home", "homeassistant", "h1", "d1"}, io, io, &screen);
    showing.on_connected({});
    showing.show({"undo", {"household", "Home", "household", ""}, "Undo", "button", "", ""});
    showing.show({"thing_cabin", {"device_2", "car", "car", ""}, "Cabin", "climate", "", ""});
    const std::size_t line = all.find('\n');
    const bool retained = all.starts_with('!');
    const std::string topic(all.substr(0, line).substr(retained ? 1 : 0));
    showing.on_message(topic, line == std::string_view::npos ? "" : all.substr(line + 1), retained);
    showing.on_time(ambit::MonoTime{} + ambit::mqtt::kResyncGrace);
    (void)ambit::capability::decode_shown(all);
    return 0;
}
