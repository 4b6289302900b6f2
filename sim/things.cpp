#include "sim/things.h"

#include <nlohmann/json.hpp>

namespace ambit::sim {

std::string Things::entity_of(const std::string& name) const {
    return source + "/" + name;
}

std::string Things::add(const std::string& name, bool is_lamp) {
    by_entity[entity_of(name)] = {name, is_lamp, false, {}};
    return entity_of(name);
}

Thing* Things::named(const std::string& name) {
    const auto at = by_entity.find(entity_of(name));
    return at == by_entity.end() ? nullptr : &at->second;
}

ThingProvider::ThingProvider(World& world,
                             Things& things,
                             std::function<void(Event)> tell,
                             std::function<void(const capability::Invocation&)> on_invoked)
    : world_(world), things_(things), tell_(std::move(tell)), on_invoked_(std::move(on_invoked)) {}

std::string ThingProvider::state_of(const std::string& entity) const {
    return things_.by_entity.at(entity).on ? R"({"on":true})" : R"({"on":false})";
}

void ThingProvider::announce() {
    for (const auto& [id, thing] : things_.by_entity) {
        const capability::Entity entity{.id = id,
                                        .source = things_.source,
                                        .name = thing.name,
                                        .area = "",
                                        .domain = thing.is_lamp ? "light" : "cover",
                                        .aliases = {},
                                        .capabilities = {thing.is_lamp ? "light.set" : "garage.pulse"}};
        tell_([this, entity](capability::ProviderEvents& events) {
            events.on_entity(entity);
            events.on_state(entity.id, state_of(entity.id), true);
        });
    }
}

void ThingProvider::invoke(capability::Invocation invocation) {
    on_invoked_(invocation);
    const auto input = nlohmann::json::parse(to_text(invocation.input.value()), nullptr, false);
    Thing& thing = things_.by_entity.at(invocation.entity);
    thing.on = thing.is_lamp ? input.value("on", true) : !thing.on;
    thing.effects.push_back(invocation.request);
    if (!things_.answers) {
        return;
    }
    world_.after(things_.time, [this, request = invocation.request, id = invocation.entity] {
        tell_([this, request, id](capability::ProviderEvents& events) {
            events.on_state(id, state_of(id), true);
            events.on_result({request, capability::Outcome::Done, state_of(id), {}});
        });
    });
}

void ThingProvider::cancel(const RequestId& request) {
    world_.after(microseconds{1}, [this, request] {
        tell_([request](capability::ProviderEvents& events) {
            events.on_result(
                {request, capability::Outcome::Unknown, "{}", {ErrorCode::OutcomeUnknown, "cancelled"}});
        });
    });
}

}  // namespace ambit::sim
