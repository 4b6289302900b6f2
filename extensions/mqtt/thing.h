// Thing: one entity of a broker, and how to talk to it: what its messages say, and which messages ask for
// what.
//
// An entity is a set of members, the members of its state ("on", "brightness_pct"): each is heard on a topic
// and asked for on another.  What has no state is a pulse.  Whatever announces entities (Home Assistant
// discovery, zigbee2mqtt's own list) comes down to this, and everything after it knows nothing else. Pure.
// Ownership: values.  Threads: any.  Spec: docs/spec/mqtt.md, "Members".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "capability/provider.h"
#include "mqtt/value_template.h"

namespace ambit::mqtt {

inline constexpr std::size_t kTopicBytesMax = 1024;
inline constexpr std::size_t kNameBytesMax = 256;
inline constexpr std::size_t kChoicesMax = 256;        // of one member
inline constexpr std::size_t kAvailabilitiesMax = 16;  // of one entity

inline constexpr double kMiredOfKelvin = 1e6;
inline constexpr double kKelvinSlack = 60;     // what a step of one mired is, of cold light
inline constexpr double kDegreesSlack = 0.35;  // of Celsius
inline constexpr double kUnbounded = 1e9;      // as good as no bound

struct Publish {
    std::string topic;
    std::string payload;
    friend bool operator==(const Publish&, const Publish&) = default;
};

// One of the values that a member may have.
struct Choice {
    std::string said;                 // by the thing
    std::string means;                // as JSON: true, "heat"; empty: then nothing is known
    std::optional<std::string> sent;  // what asks for it; nothing: it can't be asked for
    std::string topic = {};           // where to, if it is not the member's own
};

struct Member {
    enum class Kind : std::uint8_t {
        Choice,  // one of `choices`
        Above,   // true for a number above `offset`; asked for by `choices`
        Number,  // `offset + factor * ours` is said; with `mired` 1,000,000 / ours
        Rgb,     // [255,0,0]: an object of r, g and b, or "255,0,0"
        Value    // whatever is said, as a number if it is one; with `numeric` nothing else
    };

    // What is heard beyond min and max: it means the nearest of them, it counts as it is, or it is a mistake.
    enum class Beyond : std::uint8_t { Nearest, Counts, Mistake };

    std::string name;  // "brightness_pct"
    Kind kind = Kind::Choice;
    std::vector<Choice> choices;
    bool others_unknown =
        false;             // Choice: what is none of them means that nothing is known, and is no mistake
    bool numeric = false;  // Value
    double offset = 0;
    double factor = 1;
    bool mired = false;
    double min = 0;    // of ours: what can be asked for
    double max = 100;  // of ours
    Beyond beyond = Beyond::Nearest;
    double step = 1;               // of ours: to which what is heard is rounded
    double sent_step = 1;          // of what is said: to which what is sent is rounded
    double sent_min = 0;           // of what is said, for anything above nothing
    double slack = 1;              // of ours: so near is as good as it
    std::string state_topic;       // empty: it is never heard of
    std::string state_key;         // of the JSON object that the payload is; empty: the payload
    bool bare_too = false;         // with `state_key`: or the payload alone says it
    ValueTemplate value;           // of the payload
    bool value_is_object = false;  // `value` makes the JSON object that `state_key` is of
    std::string command_topic;     // empty: it can't be asked for, but where a choice has its own
    std::string command_key;       // goes into a JSON object, with what else goes to that topic at once
    ValueTemplate command;         // of what would be sent
    bool only_while_on =
        false;  // says nothing of a thing that is off, and to ask for 0 of it is to turn it off

    bool can_be_asked() const;
};

// Asked for with {}, and without a state of its own: a press, a scene, a stop.
struct Pulse {
    std::string capability;  // "button.press"
    Publish message;
};

struct Availability {
    std::string topic;
    std::string available = "online";
    std::string not_available = "offline";
    ValueTemplate value = {};
    bool presumed = false;  // as long as it says nothing
};

enum class AvailabilityMode : std::uint8_t { All, Any, Latest };

// What goes out in which order when more than "on" is asked for.
enum class OnOrder : std::uint8_t { First, Last, NotBesides };

struct Announced {
    capability::Entity entity;
    std::vector<Member> members;
    std::vector<Pulse> pulses;
    std::string unit;         // of the member "value"
    seconds expire_after{0};  // what it said is not known any more so long after it; 0: it stays
    OnOrder on_order = OnOrder::First;
    bool retain = false;  // commands; a pulse never is, or it would happen again
    std::vector<Availability> availability;
    AvailabilityMode availability_mode = AvailabilityMode::Latest;
    std::string only_heard;  // why it can't be asked for, if it might
};

// Every topic the entity listens to.
std::set<std::string> topics_of(const Announced& announced);

// What was announced and is not used.
struct LeftOut {
    std::string what;  // "light Desk"
    Error why;
    bool wrong = true;  // it is a mistake that somebody may mend; else nothing that Ambit has a use for
};

struct Announcement {
    std::string from;  // "Desk lamp (IKEA LED1545G12)"; empty if it says nothing of that
    std::vector<Announced> entities;
    std::vector<LeftOut> left_out;
};

// Members of a thing that heats or cools: "mode", as `like` but by its name, and "on" for any mode but "off";
// to turn it on asks for heat_cool, heat or cool, in this order.  Of `modes` those that Ambit knows.
void add_modes(Announced& into, const Member& like, const std::vector<std::string>& modes);

// No wildcards, no control characters, not too long: may be subscribed to and published on.
bool is_plain_topic(std::string_view topic);
// At most kNameBytesMax bytes of it.
std::string capped(std::string text);
Error unusable(std::string what);

}  // namespace ambit::mqtt
