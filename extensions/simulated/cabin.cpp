#include "simulated/cabin.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::simulated {
namespace {

double tenths(double value) {
    return std::round(value * 10) / 10;
}

}  // namespace

SimulatedCabin::SimulatedCabin(const DeviceId& device, double outside_c, capability::ProviderEvents& events)
    : outside_c_(outside_c), physics_({}, outside_c), events_(events) {
    entity_.source = source();
    entity_.id = entity_.source + "/" + device.short_hex();
    entity_.name = "Cabin (simulated)";
    entity_.domain = "climate";
    entity_.aliases = {"cabin", "car"};
    entity_.capabilities = {"cabin.precondition"};
}

privacy::Service SimulatedCabin::service() const {
    return {source(), privacy::Audience(privacy::Household{})};
}

void SimulatedCabin::start() {
    events_.on_entity(entity_);
    events_.on_available(source(), true);
}

std::string SimulatedCabin::state() const {
    return nlohmann::json({{"on", on_},
                           {"target_c", target_c_},
                           {"cabin_c", tenths(physics_.air_c())},
                           {"outside_c", tenths(outside_c_)},
                           {"power", tenths(thermostat(on_, target_c_, physics_.air_c()))},
                           {"simulated", true}})
        .dump();
}

void SimulatedCabin::pass(WallTime now) {
    // A clock that was set back warms nothing.
    if (!last_ || now < *last_) {
        last_ = now;
        return;
    }
    const auto passed = std::chrono::floor<seconds>(now - *last_);
    *last_ += passed;
    physics_.keep(passed, outside_c_, on_, target_c_);
}

void SimulatedCabin::tick(Now now) {
    for (const auto& answer : std::exchange(answers_, {})) {
        events_.on_result(answer);
    }
    pass(now.wall);
    next_ = now.mono + kEvery;
    if (std::string said = state(); said != told_) {
        told_ = std::move(said);
        events_.on_state(entity_.id, told_, true);
    }
}

void SimulatedCabin::invoke(capability::Invocation invocation) {
    capability::InvocationResult result;
    result.request = invocation.request;
    const Bytes& bytes = invocation.input.value();
    const auto input = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
    const bool fits = invocation.entity == entity_.id && input.is_object() && input.contains("on") &&
                      input["on"].is_boolean();
    if (fits) {
        on_ = input["on"].get<bool>();
        if (input.contains("target_c") && input["target_c"].is_number()) {
            target_c_ = std::clamp(input["target_c"].get<double>(), kTargetMin, kTargetMax);
        }
        result.outcome = capability::Outcome::Done;
        result.output_json = state();
    } else {
        result.outcome = capability::Outcome::NotDone;
        result.error = {ErrorCode::BadInput, "a cabin takes \"on\" and \"target_c\""};
    }
    answers_.push_back(std::move(result));
    next_ = {};
}

}  // namespace ambit::simulated
