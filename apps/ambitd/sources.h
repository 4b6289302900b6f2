// Sources: what this device hears of the home itself - a broker, a Home Assistant, a made-up heart - and
// shows there.
//
// Ownership: Member owns it and destroys it before the node; borrows what it stands on.  Threads: the loop's.
// Use: settle() after events and at next_deadline().  Failure: health items; the rest goes on.
#pragma once

#include <functional>
#include <memory>

#include "loop/loop.h"
#include "node/dashboard.h"
#include "settings/settings.h"

namespace ambit::simulated {
class SimulatedHeartRate;
}

namespace ambit::daemon {

class Sources {
  public:
    Sources(Loop& loop,
            const settings::Settings& settings,
            node::Node& node,
            capability::ProviderEvents& from_providers);
    ~Sources();
    Sources(const Sources&) = delete;
    Sources& operator=(const Sources&) = delete;

    void settle(Now now);
    MonoTime next_deadline() const;

  private:
    void start_mqtt();
    void start_homeassistant();
    void start_simulated();
    void offer(std::unique_ptr<capability::Provider> provider);

    Loop& loop_;
    const settings::Settings& settings_;
    node::Node& node_;
    capability::ProviderEvents& from_providers_;
    std::unique_ptr<node::Dashboard> dashboard_;  // where the household is shown
    std::unique_ptr<simulated::SimulatedHeartRate> simulated_;
    std::vector<std::unique_ptr<capability::Provider>> providers_;
};

}  // namespace ambit::daemon
