#include "mqtt/mqtt.h"

#include <algorithm>

#include "loop/alarm.h"
#include "mqtt/bridge.h"
#include "mqtt/connection.h"
#include "mqtt/showing.h"

namespace ambit::mqtt {
namespace {

constexpr std::size_t kHostBytesMax = 253;

Result<void> check(const Settings& settings) {
    const auto bad = [](const char* what) { return Error{ErrorCode::InvalidArgument, what}; };
    if (!settings.source.starts_with("mqtt:") || settings.source.size() > kNameBytesMax ||
        settings.source.find('/') != std::string::npos) {
        return bad("an MQTT source is named `mqtt:` and a word without '/'");
    }
    if (settings.host.empty() || settings.host.size() > kHostBytesMax || settings.port == 0) {
        return bad("an MQTT broker needs a host and a port");
    }
    if (!is_plain_topic(settings.discovery_prefix) || settings.discovery_prefix.ends_with('/')) {
        return bad("the discovery prefix is not a topic");
    }
    if (!settings.zigbee2mqtt.empty() &&
        (!is_plain_topic(settings.zigbee2mqtt) || settings.zigbee2mqtt.ends_with('/'))) {
        return bad("zigbee2mqtt's base topic is not a topic");
    }
    return {};
}

}  // namespace

struct MqttProvider::Impl final : BridgeIo {
    Impl(Settings all, Loop& on, capability::ProviderEvents& events, capability::ScreenEvents* screen)
        : settings(std::move(all)),
          loop(on),
          bridge(settings.source, settings.discovery_prefix, settings.zigbee2mqtt, *this, events),
          showing({settings.source, settings.discovery_prefix, settings.household, settings.device},
                  *this,
                  events,
                  screen),
          announces(screen != nullptr),
          alarm(on, [this] {
              bridge.on_time(Loop::now().mono);
              showing.on_time(Loop::now().mono);
              arm();
          }) {}

    ~Impl() override { showing.leave(); }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void subscribe(const std::string& topic) override { connection->subscribe(topic); }

    void unsubscribe(const std::string& topic) override { connection->unsubscribe(topic); }

    bool publish(const Publish& message, bool retain) override {
        return connection->publish(message, retain);
    }

    MonoTime now() const override { return Loop::now().mono; }

    Broker broker() const {
        return {settings.host, settings.port, settings.username, settings.password,
                announces ? Showing::status_topic(settings.household) : ""};
    }

    ConnectionHandlers handlers() {
        return {[this] {
                    bridge.on_connected(Loop::now().mono);
                    showing.on_connected(Loop::now().mono);
                    arm();
                },
                [this](const std::string& reason) {
                    bridge.on_disconnected(reason);
                    showing.on_disconnected();
                    arm();
                },
                [this](const std::string& topic, std::string_view payload, bool retained) {
                    if (!showing.on_message(topic, payload, retained)) {
                        bridge.on_message(topic, payload, retained);
                    }
                    arm();
                }};
    }

    // Whatever the bridge was told may change when it wants to be called next.
    void arm() {
        const auto one = bridge.next_time();
        const auto other = showing.next_time();
        alarm.set(one && other ? std::min(one, other) : one ? one : other);
    }

    Settings settings;
    Loop& loop;
    Bridge bridge;
    Showing showing;
    const bool announces;
    Alarm alarm;
    std::unique_ptr<Connection> connection;
    std::shared_ptr<int> life = std::make_shared<int>();
};

MqttProvider::MqttProvider(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MqttProvider::~MqttProvider() = default;

Result<std::unique_ptr<MqttProvider>> MqttProvider::create(Settings settings,
                                                           Loop& loop,
                                                           capability::ProviderEvents& events,
                                                           capability::ScreenEvents* screen) {
    AMBIT_TRY(check(settings));
    auto impl = std::make_unique<Impl>(std::move(settings), loop, events, screen);
    AMBIT_TRY_ASSIGN(impl->connection, Connection::open(impl->broker(), loop, impl->handlers()));
    return std::unique_ptr<MqttProvider>(new MqttProvider(std::move(impl)));
}

std::string MqttProvider::source() const {
    return impl_->settings.source;
}

privacy::Service MqttProvider::service() const {
    return {impl_->settings.source, impl_->settings.audience};
}

bool MqttProvider::available() const {
    return impl_->bridge.connected();
}

std::vector<capability::Survey> MqttProvider::survey() const {
    return impl_->bridge.survey();
}

void MqttProvider::invoke(capability::Invocation invocation) {
    // Posted, so that the result never arrives inside this call.
    impl_->loop.post([impl = impl_.get(), alive = std::weak_ptr<int>(impl_->life),
                      action = capability::action_of(invocation)] {
        if (!alive.expired()) {
            impl->bridge.act(action);
            impl->arm();
        }
    });
}

void MqttProvider::cancel(const RequestId& request) {
    impl_->loop.post([impl = impl_.get(), alive = std::weak_ptr<int>(impl_->life), request] {
        if (!alive.expired()) {
            impl->bridge.cancel(request);
            impl->arm();
        }
    });
}

void MqttProvider::show(const std::string& shown_json) {
    if (const auto shown = capability::decode_shown(shown_json)) {
        impl_->showing.show(*shown);
    }
}

void MqttProvider::hide(const std::string& id) {
    impl_->showing.hide(id);
}

}  // namespace ambit::mqtt
