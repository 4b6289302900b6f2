#include "homeassistant/commands.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "capability/climate.h"

namespace ambit::homeassistant {
namespace {

using nlohmann::json;

// What is asked for, of what.
struct Asked {
    const json& input;
    const State& state;
    const Config& config;
    std::string domain;
};

// A service call, as it is put together.
struct Call {
    std::string service;
    json data = json::object();
    json expected = json::object();
};

using Calls = std::vector<Call>;  // none: it can't be done

// What Home Assistant's climate entities say they can: bits of "supported_features".
constexpr unsigned kCanTurnOff = 128;
constexpr unsigned kCanTurnOn = 256;

std::optional<bool> flag_of(const json& input, const char* name) {
    const auto at = input.find(name);
    return at != input.end() && at->is_boolean() ? std::optional(at->get<bool>()) : std::nullopt;
}

std::optional<double> number_of(const json& input, const char* name) {
    const auto at = input.find(name);
    return at != input.end() && at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
}

std::optional<std::string> text_of(const json& input, const char* name) {
    const auto at = input.find(name);
    return at != input.end() && at->is_string() ? std::optional(at->get<std::string>()) : std::nullopt;
}

int pct(double number) {
    return static_cast<int>(std::lround(std::clamp(number, 0.0, 100.0)));
}

// Everything that has turn_on and turn_off.
std::optional<Call> on_or_off(const json& input) {
    const auto on = flag_of(input, "on");
    if (!on) {
        return std::nullopt;
    }
    return Call{*on ? "turn_on" : "turn_off", json::object(), {{"on", *on}}};
}

std::optional<Call> light(const Asked& asked) {
    auto call = on_or_off(asked.input);
    if (!call || call->service == "turn_off") {
        return call;
    }
    if (const auto brightness = number_of(asked.input, "brightness_pct")) {
        if (pct(*brightness) == 0) {
            return Call{"turn_off", json::object(), {{"on", false}}};
        }
        call->data["brightness_pct"] = pct(*brightness);
        call->expected["brightness_pct"] = pct(*brightness);
    }
    if (const auto kelvin = number_of(asked.input, "color_temp_k")) {
        call->data["color_temp_kelvin"] = std::lround(*kelvin);
    }
    if (asked.input.contains("color_rgb")) {
        call->data["rgb_color"] = asked.input["color_rgb"];
    }
    return call;
}

std::optional<Call> plain(const Asked& asked) {
    return on_or_off(asked.input);
}

std::optional<Call> fan(const Asked& asked) {
    auto call = on_or_off(asked.input);
    const auto speed = number_of(asked.input, "speed_pct");
    if (call && speed && pct(*speed) == 0) {
        return Call{"turn_off", json::object(), {{"on", false}}};
    }
    if (call && speed && call->service == "turn_on") {
        call->data["percentage"] = pct(*speed);
        call->expected["speed_pct"] = pct(*speed);
    }
    return call;
}

Calls humidifier(const Asked& asked) {
    Calls calls;
    const auto humidity = number_of(asked.input, "humidity_pct");
    if (auto power = on_or_off(asked.input)) {
        calls.push_back(std::move(*power));
    }
    if (humidity && flag_of(asked.input, "on").value_or(true)) {
        calls.push_back({"set_humidity", {{"humidity", pct(*humidity)}}, {{"humidity_pct", pct(*humidity)}}});
    }
    return calls;
}

std::optional<Call> lock(const Asked& asked) {
    const auto locked = flag_of(asked.input, "locked");
    return locked ? std::optional(Call{*locked ? "lock" : "unlock", json::object(), {{"locked", *locked}}})
                  : std::nullopt;
}

// Covers and valves differ in a word.
std::optional<Call> moving(const Asked& asked, const std::string& word) {
    if (const auto position = number_of(asked.input, "position_pct")) {
        return Call{
            "set_" + word + "_position", {{"position", pct(*position)}}, {{"position_pct", pct(*position)}}};
    }
    const auto open = flag_of(asked.input, "open");
    return open ? std::optional(Call{(*open ? "open_" : "close_") + word, json::object(), {{"open", *open}}})
                : std::nullopt;
}

std::optional<Call> cover(const Asked& asked) {
    return moving(asked, "cover");
}

std::optional<Call> valve(const Asked& asked) {
    return moving(asked, "valve");
}

std::optional<Call> stop(const Asked& /*asked*/) {
    return Call{"stop_cover", json::object(), json::object()};
}

bool is_on(const State& state) {
    return state.state != "off" && state.state != "unknown" && !state.state.empty();
}

std::optional<Call> climate_on_or_off(const Asked& asked) {
    const auto on = flag_of(asked.input, "on");
    if (!on) {
        return std::nullopt;
    }
    const auto mode_call = [&](const std::string& mode) {
        return Call{"set_hvac_mode", {{"hvac_mode", mode}}, {{"on", *on}}};
    };
    if (*on && is_on(asked.state)) {
        return mode_call(asked.state.state);  // as it is: to turn it on again may mean another mode
    }
    const auto features =
        static_cast<unsigned>(std::clamp(asked.state.number("supported_features").value_or(0), 0.0, 1e9));
    if ((features & (*on ? kCanTurnOn : kCanTurnOff)) != 0 || asked.state.choices.empty()) {
        return on_or_off(asked.input);
    }
    const std::string mode = *on ? capability::mode_of_on(asked.state.choices) : "off";
    return mode.empty() ? std::nullopt : std::optional(mode_call(mode));
}

std::optional<Call> climate(const Asked& asked) {
    const auto degrees = number_of(asked.input, "temperature_c");
    auto mode = text_of(asked.input, "mode");
    const auto on = flag_of(asked.input, "on");
    if (!mode && on && degrees && *on != is_on(asked.state)) {
        mode = *on ? capability::mode_of_on(asked.state.choices) : "off";
    }
    if (mode == "off" || !degrees) {
        return mode ? std::optional(Call{"set_hvac_mode", {{"hvac_mode", *mode}}, {{"mode", *mode}}})
                    : climate_on_or_off(asked);
    }
    Call call{"set_temperature",
              {{"temperature", there_of(*degrees, asked.config)}},
              {{"temperature_c", *degrees}}};
    if (mode) {
        call.data["hvac_mode"] = *mode;
        call.expected["mode"] = *mode;
    }
    return call;
}

// Members of a player, in the order in which they make sense.
constexpr std::optional<Call> (*kMedia[])(const json& input) = {
    on_or_off,
    [](const json& input) -> std::optional<Call> {
        const auto source = text_of(input, "source");
        return source ? std::optional(Call{"select_source", {{"source", *source}}, {{"source", *source}}})
                      : std::nullopt;
    },
    [](const json& input) -> std::optional<Call> {
        const auto volume = number_of(input, "volume_pct");
        return volume ? std::optional(Call{"volume_set",
                                           {{"volume_level", pct(*volume) / 100.0}},
                                           {{"volume_pct", pct(*volume)}}})
                      : std::nullopt;
    },
    [](const json& input) -> std::optional<Call> {
        const auto muted = flag_of(input, "muted");
        return muted ? std::optional(Call{"volume_mute", {{"is_volume_muted", *muted}}, {{"muted", *muted}}})
                     : std::nullopt;
    },
    [](const json& input) -> std::optional<Call> {
        const auto playing = flag_of(input, "playing");
        const bool is_so_anyway = playing == false && flag_of(input, "on") == true;
        return playing && !is_so_anyway
                   ? std::optional(Call{
                         *playing ? "media_play" : "media_pause", json::object(), {{"playing", *playing}}})
                   : std::nullopt;
    }};

Calls media(const Asked& asked) {
    Calls calls;
    for (const auto& make : kMedia) {
        auto call = make(asked.input);
        const bool off = call && call->service == "turn_off";
        if (call) {
            calls.push_back(std::move(*call));
        }
        if (off) {
            break;  // the rest of it goes with it
        }
    }
    return calls;
}

std::optional<Call> skip(const Asked& asked) {
    const bool next = text_of(asked.input, "to") == "next";
    return Call{next ? "media_next_track" : "media_previous_track", json::object(), json::object()};
}

std::optional<Call> goes(const Asked& asked, std::string_view work, const char* start, const char* home) {
    const auto activity = text_of(asked.input, "activity");
    if (activity != work && activity != "paused" && activity != "docked") {
        return std::nullopt;
    }
    const char* service = activity == work ? start : activity == "paused" ? "pause" : home;
    return Call{service, json::object(), {{"activity", *activity}}};
}

std::optional<Call> vacuum(const Asked& asked) {
    return goes(asked, "cleaning", "start", "return_to_base");
}

std::optional<Call> mower(const Asked& asked) {
    return goes(asked, "mowing", "start_mowing", "dock");
}

std::optional<Call> run(const Asked& asked) {
    return Call{asked.domain == "automation" ? "trigger" : "turn_on"};
}

std::optional<Call> press(const Asked& /*asked*/) {
    return Call{"press"};
}

std::optional<Call> number(const Asked& asked) {
    const auto value = number_of(asked.input, "value");
    return value ? std::optional(Call{"set_value", {{"value", *value}}, {{"value", *value}}}) : std::nullopt;
}

std::optional<Call> option(const Asked& asked) {
    const auto wanted = text_of(asked.input, "option");
    return wanted ? std::optional(Call{"select_option", {{"option", *wanted}}, {{"option", *wanted}}})
                  : std::nullopt;
}

// What takes one call.
template <std::optional<Call> (*Make)(const Asked& asked)>
Calls one(const Asked& asked) {
    auto call = Make(asked);
    return call ? Calls{std::move(*call)} : Calls();
}

struct Row {
    std::string_view capability;
    Calls (*make)(const Asked& asked);
};

constexpr Row kRows[] = {
    {"light.set", one<light>},     {"switch.set", one<plain>},   {"siren.set", one<plain>},
    {"fan.set", one<fan>},         {"lock.set", one<lock>},      {"cover.set", one<cover>},
    {"garage.set", one<cover>},    {"cover.stop", one<stop>},    {"valve.set", one<valve>},
    {"climate.set", one<climate>}, {"media.set", media},         {"media.skip", one<skip>},
    {"vacuum.set", one<vacuum>},   {"mower.set", one<mower>},    {"script.run", one<run>},
    {"scene.activate", one<run>},  {"button.press", one<press>}, {"humidifier.set", humidifier},
    {"number.set", one<number>},   {"select.set", one<option>}};

// How far a number may be off: a percent, a third of a degree, half of the thing's own step.
double slack(const std::string& member, const State& state) {
    if (member == "value") {
        return std::max(1e-6, state.number("step").value_or(0) / 2);
    }
    return member == "temperature_c" ? 0.35 : 1;
}

}  // namespace

Result<Wanted> wanted_of(const std::string& entity_id,
                         const State& state,
                         const std::string& capability,
                         std::string_view input_json,
                         const Config& config) {
    const auto offered = capabilities_of(entity_id, state);
    const auto row = std::find_if(std::begin(kRows), std::end(kRows),
                                  [&](const Row& one) { return one.capability == capability; });
    if (row == std::end(kRows) || std::find(offered.begin(), offered.end(), capability) == offered.end()) {
        return Error{ErrorCode::HomeAssistantCannot, entity_id + " has no " + capability};
    }
    const json input = json::parse(input_json, nullptr, false);
    const Calls calls = input.is_object() ? row->make({input, state, config, domain_of(entity_id)}) : Calls();
    if (calls.empty()) {
        return Error{ErrorCode::HomeAssistantCannot,
                     capability + " does not say what " + entity_id + " should do"};
    }
    const auto text = [](const json& object) {
        return object.dump(-1, ' ', false, json::error_handler_t::replace);
    };
    Wanted wanted{domain_of(entity_id), {}, "{}"};
    json expected = json::object();
    for (const Call& call : calls) {
        wanted.services.push_back({call.service, text(call.data)});
        expected.update(call.expected);
    }
    wanted.expected_json = text(expected);
    return wanted;
}

bool met(const Wanted& wanted, const std::string& entity_id, const State& state, const Config& config) {
    const json expected = json::parse(wanted.expected_json);
    const json shown = json::parse(state_json(entity_id, state, config));
    const bool moves = state.state == "opening" || state.state == "closing";
    for (const auto& [member, value] : expected.items()) {
        const auto at = shown.find(member);
        if (member == "position_pct" && moves) {
            continue;  // it is on its way
        }
        const bool numbers = at != shown.end() && at->is_number() && value.is_number();
        const bool near =
            numbers && std::abs(value.get<double>() - at->get<double>()) <= slack(member, state);
        if (!near && (at == shown.end() || *at != value)) {
            return false;
        }
    }
    return true;
}

}  // namespace ambit::homeassistant
