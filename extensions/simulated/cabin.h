// SimulatedCabin: a car's cabin that is a physical model, for demos and tests without a car.
//
// Nothing it says is measured; its name and state say "simulated".  It is offered through the same Provider
// interface as a real one: capability cabin.precondition, and its temperatures as its state.
// Ownership: the daemon owns it, destroys it before the node.  Threads: the loop's.
// Use: tick() at next_deadline().  Failure: BadInput for values that make no sense, as an outcome.
#pragma once

#include <optional>

#include "base/time.h"
#include "capability/provider.h"
#include "simulated/cabin_physics.h"

namespace ambit::simulated {

class SimulatedCabin final : public capability::Provider {
  public:
    static constexpr seconds kEvery{1};
    static constexpr double kTargetMin = 16;
    static constexpr double kTargetMax = 28;

    // `outside_c`: the weather, for good.  `events` outlives it.
    SimulatedCabin(const DeviceId& device, double outside_c, capability::ProviderEvents& events);

    // Announces the entity.
    void start();
    // The cabin goes by civil time: where that is made to run faster, so does the weather.
    void tick(Now now);

    MonoTime next_deadline() const { return answers_.empty() ? next_ : MonoTime{}; }

    const capability::Entity& entity() const { return entity_; }

    std::string source() const override { return "cabin:simulated"; }

    privacy::Service service() const override;

    bool available() const override { return true; }

    void invoke(capability::Invocation invocation) override;

    void cancel(const RequestId& /*request*/) override {}

  private:
    std::string state() const;
    void pass(WallTime now);

    double outside_c_;
    CabinPhysics physics_;
    capability::Entity entity_;
    capability::ProviderEvents& events_;
    bool on_ = false;
    double target_c_ = 21;
    std::optional<WallTime> last_;
    MonoTime next_{};
    std::string told_;
    std::vector<capability::InvocationResult> answers_;  // told by the next tick()
};

}  // namespace ambit::simulated
