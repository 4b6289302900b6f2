#include "agents/bedroom.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::agents {
namespace {

constexpr std::string_view kOff = "off";
constexpr std::string_view kCooler = "cooler ";

Proposal change(const RoomThing& thing, const RoomBody& body, std::string step, std::string input_json) {
    Proposal proposal;
    proposal.agent = kBedroomAgent;
    proposal.capability = thing.capability;
    proposal.entity = thing.entity;
    proposal.input_json = std::move(input_json);
    proposal.step = std::move(step);
    proposal.causes = body.told;
    proposal.continues = true;
    return proposal;
}

// How many whole spans have passed; none of a time that lies ahead.
int spans(WallTime since, WallTime now, std::chrono::minutes span, int most) {
    return static_cast<int>(std::clamp<std::int64_t>((now - since) / span, 0, most));
}

RoomPlan darken(const RoomThing& light, const RoomBody& body, WallTime now) {
    if (!light.on) {
        return {std::nullopt, "it is off already", std::nullopt};
    }
    constexpr int last = kDimmed.size();
    const int stage = spans(body.since, now, kDimEvery, last);
    if (stage == last) {
        return {change(light, body, std::string(kOff), R"({"on":false})"), "", std::nullopt};
    }
    const WallTime next = body.since + (stage + 1) * kDimEvery;
    if (!light.dims) {
        return {std::nullopt, "it can't be dimmed, and is turned off once sleep has lasted",
                body.since + last * kDimEvery};
    }
    const int most = kDimmed[static_cast<std::size_t>(stage)];
    if (light.brightness_pct && *light.brightness_pct <= most + kBrightBand) {
        return {std::nullopt, "it is dim enough for now", next};
    }
    return {change(light, body, "dim " + std::to_string(most),
                   nlohmann::json({{"on", true}, {"brightness_pct", most}}).dump()),
            "", next};
}

RoomPlan brighten(const RoomThing& light, const RoomBody& body) {
    if (light.on || light.last_step != kOff) {
        return {std::nullopt, "only what was turned off for sleep comes back", std::nullopt};
    }
    // One that can't be dimmed would be no night light.
    if (!light.dims) {
        return {std::nullopt, "it can't be dimmed", std::nullopt};
    }
    return {change(light, body, "night light",
                   nlohmann::json({{"on", true}, {"brightness_pct", kNightLight}}).dump()),
            "", std::nullopt};
}

RoomPlan warm(const RoomThing& heating, const RoomBody& body, const RoomWishes& wishes, WallTime now) {
    const bool asleep = body.body == Body::Asleep;
    if (!heating.on || !heating.target_c) {
        return {std::nullopt, "the heating is off", std::nullopt};
    }
    const double low = std::clamp(std::min(wishes.asleep_c, wishes.awake_c), kRoomMin, kRoomMax);
    const double high = std::clamp(std::max(wishes.asleep_c, wishes.awake_c), kRoomMin, kRoomMax);
    const double is = *heating.target_c;
    const bool ours = heating.last_step.starts_with(kCooler) || heating.last_step.starts_with("warmer ");
    if (asleep ? is <= low : is >= high) {
        return {std::nullopt, asleep ? "it is cool enough already" : "it is warm enough already",
                std::nullopt};
    }
    if (!asleep && !ours) {
        return {std::nullopt, "only what was lowered for sleep goes up again", std::nullopt};
    }
    const int stage = spans(body.since, now, kWarmEvery, kWarmStepsMax);
    const std::string step = (asleep ? std::string(kCooler) : "warmer ") + std::to_string(stage + 1);
    const WallTime next = body.since + (stage + 1) * kWarmEvery;
    if (heating.last_step == step || stage >= kWarmStepsMax) {
        return {std::nullopt, "it changes slowly",
                stage < kWarmStepsMax ? std::optional(next) : std::nullopt};
    }
    const double wanted = asleep ? std::max(low, is - kWarmStep) : std::min(high, is + kWarmStep);
    return {change(heating, body, step, nlohmann::json({{"temperature_c", wanted}}).dump()), "", next};
}

}  // namespace

std::optional<Body> body_of(std::string_view state) {
    constexpr std::array<std::string_view, 4> names{"asleep", "resting", "active", "exertion"};
    const auto* at = std::find(names.begin(), names.end(), state);
    return at == names.end() ? std::nullopt : std::optional(static_cast<Body>(at - names.begin() + 1));
}

std::optional<RoomBody> room_body(std::span<const BodyTold> people) {
    if (people.empty()) {
        return std::nullopt;
    }
    RoomBody room{Body::Asleep, {}, {}};
    for (const BodyTold& one : people) {
        room.body = std::max(room.body, one.body);
    }
    // Whoever is as awake as the room is taken to be is a reason.
    for (const BodyTold& one : people) {
        if (one.body == room.body) {
            room.since = std::max(room.since, one.told.time);
            room.told.push_back(one.told);
        }
    }
    return room;
}

RoomPlan settle(const RoomThing& thing, const RoomBody& body, const RoomWishes& wishes, WallTime now) {
    if (body.body == Body::Resting) {
        return {std::nullopt, "somebody is awake, and at rest", std::nullopt};
    }
    if (thing.capability == "climate.set") {
        return warm(thing, body, wishes, now);
    }
    return body.body == Body::Asleep ? darken(thing, body, now) : brighten(thing, body);
}

}  // namespace ambit::agents
