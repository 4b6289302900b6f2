#include "request/requests.h"

namespace ambit::request {

namespace {

Error left_out_because(ErrorCode code, std::string detail) {
    return {code, std::move(detail)};
}

// Why this candidate can't do it now, if it can't.
std::optional<Error> obstacle(const Intent& intent,
                              const capability::Entity* entity,
                              const DeviceId& device,
                              const World& world,
                              const privacy::ReleaseRules& rules) {
    if (device != world.self && !world.reachable(device)) {
        return left_out_because(ErrorCode::NoCapableDevice, "not reachable");
    }
    if (entity != nullptr && !world.directory.available(device, entity->source)) {
        return left_out_because(ErrorCode::NotAvailable, "cannot reach " + entity->source);
    }
    privacy::Audience audience = intent.input.label().audience;
    if (intent.command) {
        auto released = rules.command(intent.input, intent.capability, intent.entity, intent.person, device,
                                      world.roster);
        if (!released) {
            return released.error();
        }
        audience = released->value.label().audience;
    }
    if (!privacy::may_read(audience, world.roster, device)) {
        return left_out_because(
            ErrorCode::AudienceForbids,
            "may be read by " + privacy::describe(intent.input.label().audience, world.roster));
    }
    return std::nullopt;
}

}  // namespace

bool needs_yes(const capability::Descriptor& descriptor,
               const std::string& entity,
               const DeviceId& acts,
               const World& world) {
    if (descriptor.risk == capability::Risk::Confirm) {
        return true;
    }
    const capability::Entity* thing = world.directory.entity(entity);
    if (descriptor.effect != capability::Effect::Once || thing == nullptr) {
        return false;
    }
    const auto order = world.directory.acting_order(*thing, world.roster);
    return order.empty() || order.front() != acts;
}

Result<Plan> plan(const Intent& intent, const World& world, const privacy::ReleaseRules& rules) {
    AMBIT_TRY_ASSIGN(const capability::Descriptor* descriptor,
                     capability::find_capability(intent.capability));
    constexpr privacy::Here here{"request.plan"};
    AMBIT_TRY(descriptor->input.check(intent.input.read(here)));
    const capability::Entity* entity = nullptr;
    std::vector<DeviceId> candidates;
    if (descriptor->needs_entity) {
        entity = world.directory.entity(intent.entity);
        if (entity == nullptr) {
            return Error{ErrorCode::UnknownEntity, intent.entity.substr(0, kNameMax)};
        }
        const auto& offered = entity->capabilities;
        if (std::find(offered.begin(), offered.end(), intent.capability) == offered.end()) {
            return Error{ErrorCode::UnknownCapability, entity->name + " has no " + intent.capability};
        }
        candidates = world.directory.acting_order(*entity, world.roster);
    } else {
        candidates = world.directory.offering(intent.capability, world.roster);
    }
    Plan plan;
    for (const DeviceId& device : candidates) {
        if (auto why = obstacle(intent, entity, device, world, rules)) {
            plan.left_out.push_back({device, std::move(*why)});
        } else {
            plan.devices.push_back(device);
        }
    }
    return plan;
}

}  // namespace ambit::request
