#include "ambitd/sources.h"

#include <algorithm>

#include "ambitd/small_file.h"
#include "simulated/heart_rate.h"
#if AMBIT_HAS_MQTT
#include "mqtt/mqtt.h"
#endif
#if AMBIT_HAS_HOMEASSISTANT
#include "homeassistant/homeassistant.h"
#endif

namespace ambit::daemon {
namespace {

constexpr milliseconds kReadingLife{30'000};

}  // namespace

Sources::Sources(Loop& loop,
                 const settings::Settings& settings,
                 node::Node& node,
                 capability::ProviderEvents& from_providers)
    : loop_(loop), settings_(settings), node_(node), from_providers_(from_providers) {
    start_mqtt();
    start_homeassistant();
    start_simulated();
}

Sources::~Sources() {
    if (dashboard_) {
        dashboard_->set_screen(nullptr);
    }
    for (const auto& provider : providers_) {
        node_.actions().remove_provider(*provider);
    }
    if (simulated_) {
        node_.actions().remove_provider(*simulated_);
    }
}

void Sources::offer(std::unique_ptr<capability::Provider> provider) {
    node_.actions().add_provider(*provider);
    providers_.push_back(std::move(provider));
}

#if AMBIT_HAS_MQTT
void Sources::start_mqtt() {
    if (!settings_.mqtt_enabled) {
        return;
    }
    mqtt::Settings broker;
    broker.source = "mqtt:" + settings_.mqtt_source;
    broker.host = settings_.mqtt_host;
    broker.port = static_cast<std::uint16_t>(settings_.mqtt_port);
    broker.username = settings_.mqtt_username;
    broker.discovery_prefix = settings_.mqtt_discovery_prefix;
    broker.zigbee2mqtt = settings_.mqtt_zigbee2mqtt;
    broker.household = node_.parts().roster->household.short_hex();
    broker.device = node_.parts().self.short_hex();
    if (!settings_.mqtt_password_file.empty()) {
        auto password = read_secret(settings_.mqtt_password_file);
        if (!password) {
            return node_.on_health({"mqtt", false, password.error()});
        }
        broker.password = std::move(password).value();
    }
    if (settings_.mqtt_announce) {
        dashboard_ = std::make_unique<node::Dashboard>(node_);
    }
    auto provider = mqtt::MqttProvider::create(std::move(broker), loop_, from_providers_, dashboard_.get());
    if (!provider) {
        return node_.on_health({"mqtt", false, provider.error()});
    }
    if (dashboard_) {
        dashboard_->set_screen(provider->get());
    }
    offer(std::move(provider).value());
}
#else
void Sources::start_mqtt() {}
#endif

#if AMBIT_HAS_HOMEASSISTANT
void Sources::start_homeassistant() {
    if (!settings_.homeassistant_enabled) {
        return;
    }
    homeassistant::Settings there;
    there.source = "homeassistant:" + settings_.homeassistant_source;
    there.url = settings_.homeassistant_url;
    auto token = read_secret(settings_.homeassistant_token_file);
    if (!token) {
        return node_.on_health({there.source, false, token.error()});
    }
    there.token = std::move(token).value();
    auto provider = homeassistant::HomeAssistantProvider::create(there, loop_, from_providers_);
    if (!provider) {
        return node_.on_health({there.source, false, provider.error()});
    }
    offer(std::move(provider).value());
}
#else
void Sources::start_homeassistant() {}
#endif

void Sources::start_simulated() {
    if (!settings_.sensor_simulated_heart_rate) {
        return;
    }
    const auto wearer = node_.parts().person();
    if (!wearer) {
        // A heart has an owner: nobody's readings are made up on a shared device.
        return node_.on_health(
            {"sensor.simulated", false, {ErrorCode::NotAllowed, "only on a personal device"}});
    }
    const facts::Key key{privacy::OnePerson{*wearer}, "person:" + wearer->hex(), "heart_rate"};
    const auto on_reading = [this, key](const std::string& json) {
        const auto put = node_.put_fleeting(key, facts::Json{json}, node_.now().wall, kReadingLife);
        if (!put) {
            node_.on_health({"sensor.simulated", false, put.error()});
        }
    };
    simulated_ = std::make_unique<simulated::SimulatedHeartRate>(*wearer, node_.parts().self, from_providers_,
                                                                 on_reading);
    node_.actions().add_provider(*simulated_);
    simulated_->start();
    node_.home().announce_rung({"health.heart_rate.read", "simulated", 0.1, 1}, node_.now());
}

void Sources::settle(Now now) {
    if (simulated_) {
        simulated_->tick(now.mono);
    }
    if (dashboard_) {
        dashboard_->tick(now);
    }
}

MonoTime Sources::next_deadline() const {
    const MonoTime shown = dashboard_ ? dashboard_->next_deadline() : MonoTime::max();
    return simulated_ ? std::min(shown, simulated_->next_deadline()) : shown;
}

}  // namespace ambit::daemon
