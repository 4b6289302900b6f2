// Things: the lamps and garage doors of a simulated home, and the provider through which devices reach them.
//
// The things are shared by all devices that reach their source, as behind a real broker, and count from
// outside what happened to them. Ownership: the household owns Things; a device owns its Provider.  Threads:
// one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "capability/provider.h"
#include "sim/world.h"

namespace ambit::sim {

struct Thing {
    std::string name;
    bool is_lamp = true;  // else a garage door, which takes pulses
    bool on = false;
    std::vector<RequestId> effects;  // what happened, in order
};

struct Things {
    std::string source = "mqtt:home";
    std::map<std::string, Thing> by_entity;
    bool answers = true;  // false: takes commands and never reports back
    microseconds time{2000};

    std::string add(const std::string& name, bool is_lamp);
    Thing* named(const std::string& name);
    std::string entity_of(const std::string& name) const;
};

class ThingProvider final : public capability::Provider {
  public:
    using Event = std::function<void(capability::ProviderEvents&)>;

    // `tell` hands an event to the node, if it runs.  `on_invoked` sees everything that leaves for the
    // source.
    ThingProvider(World& world,
                  Things& things,
                  std::function<void(Event)> tell,
                  std::function<void(const capability::Invocation&)> on_invoked);

    std::string source() const override { return things_.source; }

    privacy::Service service() const override {
        return {things_.source, privacy::Audience(privacy::Household{})};
    }

    bool available() const override { return true; }

    void invoke(capability::Invocation invocation) override;
    void cancel(const RequestId& request) override;
    void announce();

  private:
    std::string state_of(const std::string& entity) const;

    World& world_;
    Things& things_;
    std::function<void(Event)> tell_;
    std::function<void(const capability::Invocation&)> on_invoked_;
};

}  // namespace ambit::sim
