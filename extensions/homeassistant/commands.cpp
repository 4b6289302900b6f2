#include "homeassistant/commands.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::homeassistant {
namespace {

using nlohmann::json;

// One service call, as it is put together.
struct Call {
    std::string service;
    json data = json::object();
    json expected = json::object();
};

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

std::optional<Call> light(const json& input, const Config& /*config*/) {
    auto call = on_or_off(input);
    if (!call || call->service == "turn_off") {
        return call;
    }
    if (const auto brightness = number_of(input, "brightness_pct")) {
        if (pct(*brightness) == 0) {
            return Call{"turn_off", json::object(), {{"on", false}}};
        }
        call->data["brightness_pct"] = pct(*brightness);
        call->expected["brightness_pct"] = pct(*brightness);
    }
    if (const auto kelvin = number_of(input, "color_temp_k")) {
        call->data["color_temp_kelvin"] = std::lround(*kelvin);
    }
    if (input.contains("color_rgb")) {
        call->data["rgb_color"] = input["color_rgb"];
    }
    return call;
}

std::optional<Call> plain(const json& input, const Config& /*config*/) {
    return on_or_off(input);
}

std::optional<Call> fan(const json& input, const Config& /*config*/) {
    auto call = on_or_off(input);
    const auto speed = number_of(input, "speed_pct");
    if (call && speed && call->service == "turn_on") {
        call->data["percentage"] = pct(*speed);
        call->expected["speed_pct"] = pct(*speed);
    }
    return call;
}

std::optional<Call> humidifier(const json& input, const Config& /*config*/) {
    const auto humidity = number_of(input, "humidity_pct");
    if (humidity && flag_of(input, "on").value_or(true)) {
        return Call{"set_humidity", {{"humidity", pct(*humidity)}}, {{"humidity_pct", pct(*humidity)}}};
    }
    return on_or_off(input);
}

std::optional<Call> lock(const json& input, const Config& /*config*/) {
    const auto locked = flag_of(input, "locked");
    return locked ? std::optional(Call{*locked ? "lock" : "unlock", json::object(), {{"locked", *locked}}})
                  : std::nullopt;
}

// Covers and valves differ in a word.
std::optional<Call> moving(const json& input, const std::string& word) {
    if (const auto position = number_of(input, "position_pct")) {
        return Call{
            "set_" + word + "_position", {{"position", pct(*position)}}, {{"position_pct", pct(*position)}}};
    }
    const auto open = flag_of(input, "open");
    return open ? std::optional(Call{(*open ? "open_" : "close_") + word, json::object(), {{"open", *open}}})
                : std::nullopt;
}

std::optional<Call> cover(const json& input, const Config& /*config*/) {
    return moving(input, "cover");
}

std::optional<Call> valve(const json& input, const Config& /*config*/) {
    return moving(input, "valve");
}

std::optional<Call> stop(const json& /*input*/, const Config& /*config*/) {
    return Call{"stop_cover", json::object(), json::object()};
}

std::optional<Call> climate(const json& input, const Config& config) {
    const auto degrees = number_of(input, "temperature_c");
    const auto mode = text_of(input, "mode");
    if (!degrees) {
        return mode ? std::optional(Call{"set_hvac_mode", {{"hvac_mode", *mode}}, {{"mode", *mode}}})
                    : on_or_off(input);
    }
    Call call{
        "set_temperature", {{"temperature", there_of(*degrees, config)}}, {{"temperature_c", *degrees}}};
    if (mode) {
        call.data["hvac_mode"] = *mode;
        call.expected["mode"] = *mode;
    }
    return call;
}

std::optional<Call> media(const json& input, const Config& /*config*/) {
    if (const auto volume = number_of(input, "volume_pct")) {
        return Call{"volume_set", {{"volume_level", pct(*volume) / 100.0}}, {{"volume_pct", pct(*volume)}}};
    }
    if (const auto muted = flag_of(input, "muted")) {
        return Call{"volume_mute", {{"is_volume_muted", *muted}}, {{"muted", *muted}}};
    }
    if (const auto playing = flag_of(input, "playing")) {
        return Call{*playing ? "media_play" : "media_pause", json::object(), {{"playing", *playing}}};
    }
    if (const auto source = text_of(input, "source")) {
        return Call{"select_source", {{"source", *source}}, {{"source", *source}}};
    }
    return on_or_off(input);
}

std::optional<Call> skip(const json& input, const Config& /*config*/) {
    const bool next = text_of(input, "to") == "next";
    return Call{next ? "media_next_track" : "media_previous_track", json::object(), json::object()};
}

std::optional<Call> goes(const json& input, std::string_view work, const char* start, const char* home) {
    const auto activity = text_of(input, "activity");
    if (activity != work && activity != "paused" && activity != "docked") {
        return std::nullopt;
    }
    const char* service = activity == work ? start : activity == "paused" ? "pause" : home;
    return Call{service, json::object(), {{"activity", *activity}}};
}

std::optional<Call> vacuum(const json& input, const Config& /*config*/) {
    return goes(input, "cleaning", "start", "return_to_base");
}

std::optional<Call> mower(const json& input, const Config& /*config*/) {
    return goes(input, "mowing", "start_mowing", "dock");
}

std::optional<Call> run(const json& /*input*/, const Config& /*config*/) {
    return Call{"turn_on", json::object(), json::object()};
}

std::optional<Call> press(const json& /*input*/, const Config& /*config*/) {
    return Call{"press", json::object(), json::object()};
}

struct Row {
    std::string_view capability;
    std::optional<Call> (*make)(const json& input, const Config& config);
};

constexpr Row kRows[] = {{"light.set", light},     {"switch.set", plain},   {"siren.set", plain},
                         {"fan.set", fan},         {"lock.set", lock},      {"cover.set", cover},
                         {"garage.set", cover},    {"cover.stop", stop},    {"valve.set", valve},
                         {"climate.set", climate}, {"media.set", media},    {"media.skip", skip},
                         {"vacuum.set", vacuum},   {"mower.set", mower},    {"script.run", run},
                         {"scene.activate", run},  {"button.press", press}, {"humidifier.set", humidifier}};

// How far a number may be off: a percent, or a third of a degree.
double slack(const std::string& member) {
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
    const auto call = input.is_object() ? row->make(input, config) : std::nullopt;
    if (!call) {
        return Error{ErrorCode::HomeAssistantCannot, capability + " does not say what to do"};
    }
    const auto text = [](const json& object) {
        return object.dump(-1, ' ', false, json::error_handler_t::replace);
    };
    return Wanted{domain_of(entity_id), call->service, text(call->data), text(call->expected)};
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
        const bool near = numbers && std::abs(value.get<double>() - at->get<double>()) <= slack(member);
        if (!near && (at == shown.end() || *at != value)) {
            return false;
        }
    }
    return true;
}

}  // namespace ambit::homeassistant
