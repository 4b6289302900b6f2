// Recorder: both sides of a bridge, written down.  For tests only.
#pragma once

#include <set>
#include <vector>

#include "mqtt/bridge.h"

namespace ambit::mqtt {

struct Recorder final : BridgeIo, capability::ProviderEvents {
    std::set<std::string> subscribed;
    std::map<std::string, int> asked;  // how often it was subscribed to each topic
    MonoTime time{};
    std::vector<Publish> published;
    bool retained = false;  // any of them
    bool accepts = true;
    std::vector<std::string> told;  // every event, as one line
    std::vector<capability::InvocationResult> results;
    std::vector<capability::HealthItem> health;

    void subscribe(const std::string& topic) override {
        subscribed.insert(topic);
        ++asked[topic];
    }

    MonoTime now() const override { return time; }

    void unsubscribe(const std::string& topic) override { subscribed.erase(topic); }

    bool publish(const Publish& message, bool retain) override {
        published.push_back(message);
        retained = retained || retain;
        return accepts;
    }

    void on_entity(const capability::Entity& entity) override { told.push_back("entity " + entity.id); }

    void on_entity_gone(const std::string& id) override { told.push_back("gone " + id); }

    void on_state(const std::string& id, const std::string& state, bool available) override {
        told.push_back(id + " " + state + (available ? " available" : " unavailable"));
    }

    void on_result(const capability::InvocationResult& result) override { results.push_back(result); }

    void on_available(const std::string&, bool available) override {
        told.push_back(available ? "up" : "down");
    }

    void on_health(const capability::HealthItem& item) override { health.push_back(item); }
};

}  // namespace ambit::mqtt
