// Fuzzes what Home Assistant says: the parser, and the bridge behind it, which must stay bounded and never
// fall over, whatever is asked of it meanwhile.
#include <cstdlib>

#include "base/bytes.h"
#include "homeassistant/bridge.h"

namespace {

using namespace ambit;

class Silent final : public homeassistant::BridgeIo, public capability::ProviderEvents {
  public:
    void send(std::string /*text*/) override {}

    void close(const std::string& /*reason*/, bool /*refused*/) override { closed = true; }

    void on_entity(const capability::Entity& entity) override {
        if (entity.name.size() > homeassistant::kNameBytesMax || entity.name.empty()) {
            std::abort();
        }
        latest = entity.id;
    }

    void on_entity_gone(const std::string& /*id*/) override {}

    void on_state(const std::string& /*id*/, const std::string& /*state*/, bool /*available*/) override {}

    void on_result(const capability::InvocationResult& /*result*/) override {}

    void on_available(const std::string& /*source*/, bool /*available*/) override {}

    void on_health(const capability::HealthItem& /*item*/) override {}

    bool closed = false;
    std::string latest;  // an entity that is or was there
};

}  // namespace

// One message a line, after a good sign-in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = to_text({data, size});
    Silent silent;
    homeassistant::Bridge bridge("homeassistant:home", "token", silent, silent);
    MonoTime now{seconds(1000)};
    bridge.on_opened(now);
    bridge.on_text(R"({"type":"auth_required"})", now);
    bridge.on_text(R"({"type":"auth_ok"})", now);
    std::size_t at = 0;
    while (at < text.size() && !silent.closed) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        bridge.on_text(std::string_view(text).substr(at, end - at), now);
        // Whatever was said: it can be asked for, and told of.
        bridge.act({RequestId(), "sensor.read", silent.latest, "{}", now + seconds(5)});
        bridge.survey();
        at = end + 1;
        now += seconds(1);
        bridge.on_time(now);
    }
    return 0;
}
