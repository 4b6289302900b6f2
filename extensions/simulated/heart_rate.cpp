#include "simulated/heart_rate.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace ambit::simulated {
namespace {

// Beats per minute in the trough and at the crest of the wave.
constexpr double kTrough = 50;
constexpr double kCrest = 95;

}  // namespace

SimulatedHeartRate::SimulatedHeartRate(const PersonId& wearer,
                                       const DeviceId& device,
                                       capability::ProviderEvents& events,
                                       OnReading on_reading)
    : wearer_(wearer), events_(events), on_reading_(std::move(on_reading)) {
    entity_.source = source();
    entity_.id = entity_.source + "/" + device.short_hex() + "-heart-rate";
    entity_.name = "Heart rate (simulated)";
    entity_.domain = "sensor";
    entity_.aliases = {"heart rate"};
    entity_.capabilities = {"health.heart_rate.read"};
}

privacy::Service SimulatedHeartRate::service() const {
    return {source(), privacy::Audience(privacy::OnePerson{wearer_})};
}

void SimulatedHeartRate::start() {
    events_.on_entity(entity_);
    events_.on_available(source(), true);
}

void SimulatedHeartRate::tick(MonoTime now) {
    for (const auto& answer : std::exchange(answers_, {})) {
        events_.on_result(answer);
    }
    if (now < next_) {
        return;
    }
    if (started_ == MonoTime{}) {
        started_ = now;
    }
    next_ = now + kEvery;
    const double turn = std::chrono::duration<double>(now - started_) / std::chrono::duration<double>(kWave);
    const double height = (1 - std::cos(2 * std::numbers::pi * turn)) / 2;
    const long beats = std::lround(kTrough + (kCrest - kTrough) * height);
    last_ = "{\"beats_per_min\":" + std::to_string(beats) +
            ",\"resting_beats_per_min\":" + std::to_string(kRestingBeats) + ",\"simulated\":true}";
    on_reading_(last_);
}

void SimulatedHeartRate::invoke(capability::Invocation invocation) {
    capability::InvocationResult result;
    result.request = invocation.request;
    result.outcome = capability::Outcome::Done;
    result.output_json = last_;
    answers_.push_back(std::move(result));
}

}  // namespace ambit::simulated
