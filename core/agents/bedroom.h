// Bedroom: the agent that lets the light and the heating of one room follow how the people in it are.
//
// Small steps in one direction for each state, and none that a person would have to look for: asleep, the
// light goes down in five minutes and the heating half a degree every ten; awake again, a light that the
// agent turned off comes back dimly, and the heating that it lowered goes up as slowly.  Between the two, at
// rest, everything stays as it is.
// Runs on the home's own device, with one word for each person and what it knows of the room.
// Pure.  Ownership: values.  Threads: any.  Failure: none.  Spec: docs/spec/agents.md section "The bedroom".
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "agents/proposal.h"

namespace ambit::agents {

inline constexpr std::string_view kBedroomAgent = "bedroom";

// Asleep, after each minute no lamp is brighter than this; after the last it is off.
inline constexpr std::array<int, 4> kDimmed{70, 45, 25, 10};
inline constexpr std::chrono::minutes kDimEvery{1};
inline constexpr int kNightLight = 10;  // percent
// A lamp this little brighter stays as it is.
inline constexpr double kBrightBand = 3;
inline constexpr double kWarmStep = 0.5;  // degrees
inline constexpr std::chrono::minutes kWarmEvery{10};
inline constexpr int kWarmStepsMax = 16;
inline constexpr double kRoomMin = 15;
inline constexpr double kRoomMax = 24;

// From the calmest; the room follows whoever is most awake.
enum class Body : std::uint8_t { Asleep = 1, Resting = 2, Active = 3, Exertion = 4 };
// None for "unknown" and anything else.
std::optional<Body> body_of(std::string_view state);

// What one person's rule let out.
struct BodyTold {
    Body body = Body::Resting;
    Cause told;
};

// How the room is to be taken, and since when.
struct RoomBody {
    Body body = Body::Resting;
    WallTime since;
    std::vector<Cause> told;
};

// None if nothing is known of anybody.
std::optional<RoomBody> room_body(std::span<const BodyTold> people);

struct RoomWishes {
    double awake_c = 20;
    double asleep_c = 18;
};

// A light or a thermostat of the room, as it is known to be.
struct RoomThing {
    std::string entity;
    std::string capability;  // "light.set" or "climate.set"
    bool on = false;
    bool dims = false;
    std::optional<double> brightness_pct;
    std::optional<double> target_c;
    // This agent's last step, if that was the last thing that anybody did to it.
    std::string last_step;
};

struct RoomPlan {
    std::optional<Proposal> proposal;
    std::string why;               // for people, if there is none
    std::optional<WallTime> next;  // when there may be one, if that is known
};

RoomPlan settle(const RoomThing& thing, const RoomBody& body, const RoomWishes& wishes, WallTime now);

}  // namespace ambit::agents
