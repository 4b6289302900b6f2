// SimulatedHeartRate: made-up heart-rate readings, for a demo watch that has no sensor.
//
// Nothing it says is measured; its name, entity and readings say "simulated".
// A slow wave between sleep and a walk, so that what a release rule derives from it changes now and then.
// Ownership: the daemon owns it, destroys it before the node.  Threads: the loop's.
// Use: tick() at next_deadline().  Failure: none.
#pragma once

#include <functional>

#include "base/time.h"
#include "capability/provider.h"

namespace ambit::simulated {

class SimulatedHeartRate final : public capability::Provider {
  public:
    static constexpr seconds kEvery{3};
    static constexpr seconds kWave{120};  // from asleep to walking and back
    static constexpr int kRestingBeats = 60;

    // One reading, as the JSON of a fact: {"beats_per_min":62,"resting_beats_per_min":60,"simulated":true}
    using OnReading = std::function<void(const std::string& json)>;

    // `wearer` is who alone may read it; `device` makes the entity's id unique.  `events` outlives it.
    SimulatedHeartRate(const PersonId& wearer,
                       const DeviceId& device,
                       capability::ProviderEvents& events,
                       OnReading on_reading);

    // Announces the entity.
    void start();
    void tick(MonoTime now);

    MonoTime next_deadline() const { return answers_.empty() ? next_ : MonoTime{}; }

    std::string source() const override { return "sensor:simulated"; }

    privacy::Service service() const override;

    bool available() const override { return true; }

    void invoke(capability::Invocation invocation) override;

    void cancel(const RequestId& /*request*/) override {}

  private:
    PersonId wearer_;
    capability::Entity entity_;
    capability::ProviderEvents& events_;
    OnReading on_reading_;
    MonoTime started_{};
    MonoTime next_{};
    std::string last_ = "{}";
    std::vector<capability::InvocationResult>
        answers_;  // told by the next tick(), never from inside invoke()
};

}  // namespace ambit::simulated
