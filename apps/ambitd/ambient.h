// Ambient: what happens without being asked for - a person's calendar on their telephone and their heartbeats
// on their watch, the cabin on a car and the bedroom at home.
//
// Ownership: Member owns it; borrows what it stands on.  Threads: the loop's.  Use: settle() after events; it
// wakes itself when something is due.  Failure: health items; the rest goes on.  Spec: docs/spec/agents.md.
#pragma once

#include <functional>
#include <memory>

#include "loop/alarm.h"
#include "node/agent_acts.h"
#include "settings/settings.h"

namespace ambit::simulated {
class SimulatedCabin;
}

namespace ambit::node {
class BedroomRoom;
class CabinRoom;
}  // namespace ambit::node

namespace ambit::daemon {

class Schedule;
class Wearing;

class Ambient {
  public:
    // So often the cabin and the bedroom look at civil time, which may be set meanwhile.
    static constexpr seconds kLookEvery{1};

    Ambient(Loop& loop,
            const settings::Settings& settings,
            node::Node& node,
            capability::ProviderEvents& from_providers,
            std::function<void()> after_event);
    ~Ambient();
    Ambient(const Ambient&) = delete;
    Ambient& operator=(const Ambient&) = delete;

    // What follows from the last event, and what is due.
    void settle(Now now);

  private:
    void start_cabin(const settings::Settings& settings);
    void start_vehicle(const settings::Settings& settings);
    void start_bedroom(const settings::Settings& settings);
    void start_schedule(const settings::Settings& settings);
    void start_wearing(const settings::Settings& settings);

    Loop& loop_;
    node::Node& node_;
    capability::ProviderEvents& from_providers_;
    std::function<void()> after_event_;
    std::unique_ptr<simulated::SimulatedCabin> simulated_cabin_;
    std::unique_ptr<capability::Provider> vehicle_;
    node::AgentActs acts_;
    std::unique_ptr<node::CabinRoom> cabin_;
    std::unique_ptr<node::BedroomRoom> bedroom_;
    std::unique_ptr<Schedule> schedule_;
    std::unique_ptr<Wearing> wearing_;
    Alarm alarm_;  // last: nothing is due once the rest goes
};

}  // namespace ambit::daemon
