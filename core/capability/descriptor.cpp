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

constexpr Row kRows[] = {
    {"light.set", "Turns a light on or off, or sets its brightness or colour temperature.", Effect::Absolute,
     Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["on"],"properties":{
         "on":{"type":"boolean"},
         "brightness_pct":{"type":"number","minimum":0,"maximum":100},
         "color_temp_k":{"type":"integer","minimum":1000,"maximum":20000}}})",
     kAnyState},
    {"switch.set", "Turns a switch on or off.", Effect::Absolute, Risk::None, true,
     R"({"type":"object","additionalProperties":false,"required":["on"],"properties":{"on":{"type":"boolean"}}})",
     kAnyState},
    {"lock.set", "Locks or unlocks a lock.", Effect::Absolute, Risk::Confirm, true,
     R"({"type":"object","additionalProperties":false,"required":["locked"],"properties":{
         "locked":{"type":"boolean"}}})",
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
