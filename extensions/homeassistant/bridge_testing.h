// What the tests of the bridge share: a bridge, what it sent, and what it told; the test is Home Assistant.
#pragma once

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "homeassistant/bridge.h"

namespace ambit::homeassistant {

using capability::Outcome;
using nlohmann::json;

inline RequestId request(std::uint8_t n) {
    std::array<std::uint8_t, RequestId::kSize> bytes{};
    bytes[0] = n;
    return RequestId(bytes);
}

// A bridge, what it sent, and what it told; the test is Home Assistant.
class BridgeTest : public testing::Test, public BridgeIo, public capability::ProviderEvents {
  protected:
    void send(std::string text) override { sent_.push_back(json::parse(text)); }

    void close(const std::string& reason, bool refused) override {
        closed_ = reason;
        refused_ = refused;
        bridge_.on_closed(reason);
    }

    void on_entity(const capability::Entity& entity) override { entities_[entity.id] = entity; }

    void on_entity_gone(const std::string& id) override { entities_.erase(id); }

    void on_state(const std::string& id, const std::string& state, bool available) override {
        states_[id] = state + (available ? "" : " unavailable");
        ++told_;
    }

    void on_result(const capability::InvocationResult& result) override { results_[result.request] = result; }

    void on_available(const std::string&, bool available) override { available_ = available; }

    void on_health(const capability::HealthItem& item) override { health_[item.key] = item; }

    void say(const json& message) { bridge_.on_text(message.dump(), now_); }

    void answer(const json& question, const json& result) {
        say({{"id", question["id"]}, {"type", "result"}, {"success", true}, {"result", result}});
    }

    json result_for(const std::string& type) const {
        if (type == "config/floor_registry/list") {
            return json::array({{{"floor_id", "up"}, {"name", "Upstairs"}}});
        }
        if (type == "config/area_registry/list") {
            return json::array({{{"area_id", "bed"}, {"name", "Bedroom"}, {"floor_id", "up"}},
                                {{"area_id", "kitchen"}, {"name", "Kitchen"}, {"floor_id", nullptr}}});
        }
        if (type == "config/device_registry/list") {
            return devices_;
        }
        if (type == "config/entity_registry/list") {
            return registry_;
        }
        if (type == "get_config") {
            return {{"unit_system", {{"temperature", degrees_}}}};
        }
        return type == "get_states" ? home_ : json();
    }

    // Signs in and answers everything that was asked.
    void serve() {
        say({{"type", "auth_required"}, {"ha_version", "2026.11.0"}});
        say({{"type", "auth_ok"}});
        answer_all();
    }

    void answer_all() {
        for (const json& question : std::exchange(sent_, {})) {
            if (question.contains("id")) {
                answer(question, result_for(question["type"]));
            }
        }
    }

    void open() {
        bridge_.on_opened(now_);
        serve();
    }

    static json light(const std::string& state, const json& more = json::object()) {
        json attributes = {{"friendly_name", "Bed Lamp"}, {"supported_color_modes", {"brightness"}}};
        attributes.update(more);
        return {{"entity_id", "light.bed"}, {"state", state}, {"attributes", attributes}};
    }

    void change(const json& state) {
        say({{"id", 1},
             {"type", "event"},
             {"event",
              {{"event_type", "state_changed"},
               {"data", {{"entity_id", state["entity_id"]}, {"new_state", state}}}}}});
    }

    void say_registry_changed() {
        say({{"id", 2},
             {"type", "event"},
             {"event", {{"event_type", "entity_registry_updated"}, {"data", json::object()}}}});
    }

    void act(std::uint8_t n,
             const std::string& capability,
             const std::string& entity,
             const std::string& input) {
        bridge_.act({request(n), capability, "homeassistant:home/" + entity, input, now_ + seconds(5)});
    }

    Outcome outcome(std::uint8_t n) const { return results_.at(request(n)).outcome; }

    json devices_ = json::array({{{"id", "d1"}, {"area_id", "bed"}, {"identifiers", {{"mqtt", "0x1"}}}}});
    json registry_ = json::array(
        {{{"entity_id", "light.bed"}, {"platform", "mqtt"}, {"unique_id", "0x1_light"}, {"device_id", "d1"}},
         {{"entity_id", "sensor.power"},
          {"platform", "hue"},
          {"unique_id", 5},
          {"entity_category", "diagnostic"}},
         {{"entity_id", "lock.front"}, {"platform", "nuki"}, {"unique_id", "n1"}, {"area_id", "kitchen"}}});
    json home_ = json::array({light("off"),
                              {{"entity_id", "sensor.power"}, {"state", "5"}, {"attributes", json::object()}},
                              {{"entity_id", "sensor.hall_temperature"},
                               {"state", "21.5"},
                               {"attributes", {{"unit_of_measurement", "°C"}}}},
                              {{"entity_id", "lock.front"},
                               {"state", "locked"},
                               {"attributes", {{"friendly_name", "Front Door"}}}},
                              {{"entity_id", "sun.sun"}, {"state", "on"}, {"attributes", json::object()}}});
    std::string degrees_ = "°C";
    MonoTime now_{seconds(1000)};
    std::vector<json> sent_;
    std::string closed_;
    bool refused_ = false;
    bool available_ = false;
    int told_ = 0;
    std::map<std::string, capability::Entity> entities_;
    std::map<std::string, std::string> states_;
    std::map<RequestId, capability::InvocationResult> results_;
    std::map<std::string, capability::HealthItem> health_;
    Bridge bridge_{"homeassistant:home", "secret", *this, *this};
};

}  // namespace ambit::homeassistant
