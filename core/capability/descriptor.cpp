#include "capability/descriptor.h"

#include <algorithm>

namespace ambit::capability {

namespace {

// The rows of the built-in table; schemas in the subset of schema.h.
struct Row {
    const char* name;
    const char* sentence;
    Effect effect;
    Risk risk;
    bool needs_entity;
    const char* input;
    const char* output;
};

constexpr const char* kNothing = R"({"type":"object","additionalProperties":false})";
constexpr const char* kAnyState = R"({"type":"object"})";

constexpr const char* kOnOff =
    R"({"type":"object","additionalProperties":false,"required":["on"],"properties":{"on":{"type":"boolean"}}})";
constexpr const char* kOpenOrPosition = R"({"type":"object","additionalProperties":false,"properties":{
    "open":{"type":"boolean"},
    "position_pct":{"type":"number","minimum":0,"maximum":100}}})";
constexpr const char* kListItem = R"({"type":"object","additionalProperties":false,"required":["list","item"],
    "properties":{"list":{"type":"string","minLength":1,"maxLength":256},
                  "item":{"type":"string","minLength":1,"maxLength":1000}}})";

constexpr Row kRows[] = {
    {"light.set", "Turns a light on or off, or sets its brightness or colour temperature.", Effect::Absolute,
     Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["on"],"properties":{
         "on":{"type":"boolean"},
         "brightness_pct":{"type":"number","minimum":0,"maximum":100},
         "color_temp_k":{"type":"integer","minimum":1000,"maximum":20000},
         "color_rgb":{"type":"array","maxItems":3,"items":{"type":"integer","minimum":0,"maximum":255}}}})",
     kAnyState},
    {"switch.set", "Turns a switch on or off.", Effect::Absolute, Risk::None, true, kOnOff, kAnyState},
    {"fan.set", "Turns a fan on or off, or sets its speed.", Effect::Absolute, Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["on"],"properties":{
         "on":{"type":"boolean"},
         "speed_pct":{"type":"number","minimum":0,"maximum":100}}})",
     kAnyState},
    {"humidifier.set", "Turns a humidifier on or off, or sets the humidity it aims at.", Effect::Absolute,
     Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["on"],"properties":{
         "on":{"type":"boolean"},
         "humidity_pct":{"type":"number","minimum":0,"maximum":100}}})",
     kAnyState},
    {"siren.set", "Turns a siren on or off.", Effect::Absolute, Risk::None, true, kOnOff, kAnyState},
    {"cover.set", "Opens or closes a blind, curtain, shutter or awning, wholly or to a position.",
     Effect::Absolute, Risk::None, true, kOpenOrPosition, kAnyState},
    {"cover.stop", "Stops a blind, curtain, shutter or awning where it is.", Effect::Absolute, Risk::None,
     true, kNothing, kAnyState},
    {"valve.set", "Opens or closes a valve, wholly or to a position.", Effect::Absolute, Risk::None, true,
     kOpenOrPosition, kAnyState},
    {"climate.set", "Sets the temperature or the mode of heating or cooling.", Effect::Absolute, Risk::None,
     true,
     R"({"type":"object","additionalProperties":false,"properties":{
         "on":{"type":"boolean"},
         "temperature_c":{"type":"number","minimum":-30,"maximum":60},
         "mode":{"type":"string","enum":["off","heat","cool","heat_cool","auto","dry","fan_only"]}}})",
     kAnyState},
    {"media.set", "Plays, pauses, mutes or switches a player, or sets its volume.", Effect::Absolute,
     Risk::None, true,
     R"({"type":"object","additionalProperties":false,"properties":{
         "on":{"type":"boolean"},
         "playing":{"type":"boolean"},
         "muted":{"type":"boolean"},
         "volume_pct":{"type":"number","minimum":0,"maximum":100},
         "source":{"type":"string","minLength":1,"maxLength":256}}})",
     kAnyState},
    {"media.skip", "Goes to the next or the previous piece.", Effect::Once, Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["to"],"properties":{
         "to":{"type":"string","enum":["next","previous"]}}})",
     kAnyState},
    {"media.play", "Looks for something to hear or see, and plays it.", Effect::Once, Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["query"],"properties":{
         "query":{"type":"string","minLength":1,"maxLength":1000},
         "class":{"type":"string","maxLength":64}}})",
     kAnyState},
    {"vacuum.set", "Lets a vacuum cleaner clean, pause or go home.", Effect::Absolute, Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["activity"],"properties":{
         "activity":{"type":"string","enum":["cleaning","paused","docked"]}}})",
     kAnyState},
    {"mower.set", "Lets a lawn mower mow, pause or go home.", Effect::Absolute, Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["activity"],"properties":{
         "activity":{"type":"string","enum":["mowing","paused","docked"]}}})",
     kAnyState},
    {"select.set", "Chooses one of the options of a thing.", Effect::Absolute, Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["option"],"properties":{
         "option":{"type":"string","maxLength":256}}})",
     kAnyState},
    {"number.set", "Sets a number of a thing.", Effect::Absolute, Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["value"],"properties":{
         "value":{"type":"number","minimum":-1000000000,"maximum":1000000000}}})",
     kAnyState},
    {"scene.activate", "Sets everything as a scene says.", Effect::Absolute, Risk::None, true, kNothing,
     kAnyState},
    {"script.run", "Runs a script of the home once.", Effect::Once, Risk::None, true, kNothing, kAnyState},
    {"button.press", "Presses a button once.", Effect::Once, Risk::None, true, kNothing, kAnyState},
    {"garage.set", "Opens or closes a garage door or gate.", Effect::Absolute, Risk::Confirm, true,
     R"({"type":"object","additionalProperties":false,"required":["open"],"properties":{
         "open":{"type":"boolean"}}})",
     kAnyState},
    {"lock.set", "Locks or unlocks a lock.", Effect::Absolute, Risk::Confirm, true,
     R"({"type":"object","additionalProperties":false,"required":["locked"],"properties":{
         "locked":{"type":"boolean"}}})",
     kAnyState},
    {"alarm.set", "Arms or disarms the alarm of a home.", Effect::Absolute, Risk::Confirm, true,
     R"({"type":"object","additionalProperties":false,"required":["mode"],"properties":{
         "mode":{"type":"string","enum":["disarmed","home","away","night"]}}})",
     kAnyState},
    {"garage.pulse",
     "Presses the button of a garage door once: it opens, stops or closes, whichever is next.", Effect::Once,
     Risk::Confirm, true, kNothing, kAnyState},
    {"sensor.read", "Reads the last value of a sensor.", Effect::None, Risk::None, true, kNothing, kAnyState},
    {"health.heart_rate.read", "Reads the last heart rate of the person who wears this device.", Effect::None,
     Risk::None, false, kNothing,
     R"({"type":"object","required":["beats_per_min"],"properties":{
         "beats_per_min":{"type":"number","minimum":0,"maximum":400},
         "resting_beats_per_min":{"type":"number","minimum":0,"maximum":400}}})"},
    {"timer.start", "Starts a timer that may do something at its end.", Effect::Once, Risk::None, false,
     R"({"type":"object","additionalProperties":false,"required":["duration_s"],"properties":{
         "duration_s":{"type":"number","minimum":1,"maximum":31622400},
         "name":{"type":"string","minLength":1,"maxLength":256},
         "then":{"type":"string","minLength":1,"maxLength":1000}}})",
     kAnyState},
    {"timer.set", "Pauses, goes on with or cancels timers.", Effect::Absolute, Risk::None, false,
     R"({"type":"object","additionalProperties":false,"required":["state"],"properties":{
         "state":{"type":"string","enum":["running","paused","cancelled"]},
         "all":{"type":"boolean"},
         "name":{"type":"string","minLength":1,"maxLength":256},
         "area":{"type":"string","minLength":1,"maxLength":256},
         "started_as_s":{"type":"number","minimum":1,"maximum":31622400}}})",
     kAnyState},
    {"timer.adjust", "Makes a timer longer or shorter.", Effect::Once, Risk::None, false,
     R"({"type":"object","additionalProperties":false,"required":["by_s"],"properties":{
         "by_s":{"type":"number","minimum":-31622400,"maximum":31622400},
         "name":{"type":"string","minLength":1,"maxLength":256},
         "area":{"type":"string","minLength":1,"maxLength":256},
         "started_as_s":{"type":"number","minimum":1,"maximum":31622400}}})",
     kAnyState},
    {"timer.read", "Says how long a timer still runs.", Effect::None, Risk::None, false,
     R"({"type":"object","additionalProperties":false,"properties":{
         "name":{"type":"string","minLength":1,"maxLength":256},
         "area":{"type":"string","minLength":1,"maxLength":256},
         "started_as_s":{"type":"number","minimum":1,"maximum":31622400}}})",
     kAnyState},
    {"list.add", "Puts something on a list.", Effect::Absolute, Risk::None, false, kListItem, kAnyState},
    {"list.complete", "Ticks something off a list.", Effect::Absolute, Risk::None, false, kListItem,
     kAnyState},
    {"list.remove", "Takes something off a list.", Effect::Absolute, Risk::None, false, kListItem, kAnyState},
    {"message.broadcast", "Says something on every device that can speak.", Effect::Once, Risk::None, false,
     R"({"type":"object","additionalProperties":false,"required":["text"],"properties":{
         "text":{"type":"string","minLength":1,"maxLength":1000}}})",
     kAnyState},
    {"weather.read", "Says how the weather is and will be.", Effect::None, Risk::None, false,
     R"({"type":"object","additionalProperties":false,"properties":{
         "place":{"type":"string","minLength":1,"maxLength":256}}})",
     kAnyState},
    {"cabin.precondition", "Has a car's cabin at a temperature, or stops that.", Effect::Absolute, Risk::None,
     true,
     R"({"type":"object","additionalProperties":false,"required":["on"],"properties":{
         "on":{"type":"boolean"},
         "target_c":{"type":"number","minimum":16,"maximum":28}}})",
     kAnyState},
    {"language.parse", "Finds out what a sentence asks for.", Effect::None, Risk::None, false,
     R"({"type":"object","additionalProperties":false,"required":["text"],"properties":{
         "text":{"type":"string","minLength":1,"maxLength":1000},
         "language":{"type":"string","maxLength":16}}})",
     kAnyState},
    {"node.ping", "Answers at once, to measure the way there and back.", Effect::None, Risk::None, false,
     R"({"type":"object","additionalProperties":false,"properties":{"padding":{"type":"string","maxLength":4096}}})",
     kAnyState},
};

Descriptor from_row(const Row& row) {
    return {row.name,
            row.sentence,
            Schema::parse(row.input).value(),
            Schema::parse(row.output).value(),
            row.effect,
            row.risk,
            row.needs_entity};
}

}  // namespace

std::string_view name_of(Effect effect) {
    constexpr std::string_view names[] = {"none", "absolute", "once"};
    return names[static_cast<std::size_t>(effect)];
}

std::string_view name_of(Risk risk) {
    return risk == Risk::None ? "none" : "confirm";
}

const std::vector<Descriptor>& builtin_capabilities() {
    static const std::vector<Descriptor> table = [] {
        std::vector<Descriptor> rows;
        for (const Row& row : kRows) {
            rows.push_back(from_row(row));
        }
        return rows;
    }();
    return table;
}

Result<const Descriptor*> find_capability(std::string_view name) {
    for (const Descriptor& descriptor : builtin_capabilities()) {
        if (descriptor.name == name) {
            return &descriptor;
        }
    }
    return Error{ErrorCode::UnknownCapability, "no capability of that name here"};
}

}  // namespace ambit::capability
