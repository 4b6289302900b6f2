#include "mqtt/state.h"

#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::mqtt {
namespace {

using Json = nlohmann::json;

std::optional<double> number_in(std::string_view text) {
    double number = 0;
    const auto [stop, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    return status == std::errc() && stop == text.data() + text.size() && std::isfinite(number)
               ? std::optional(number)
               : std::nullopt;
}

int percent_of(double level, double scale) {
    return static_cast<int>(std::lround(std::clamp(level / scale, 0.0, 1.0) * 100.0));
}

// What "on" is called in states and commands.
const char* on_member(const Announced& announced) {
    return announced.component == Component::Lock ? "locked" : "on";
}

Error does_not_fit(const char* what) {
    return {ErrorCode::MqttAnnouncementInvalid, what};
}

Result<bool> apply_json_light(const Announced& announced, std::string_view payload, EntityState& state) {
    const Json message = Json::parse(payload, nullptr, false);
    if (!message.is_object()) {
        return does_not_fit("the state is not a JSON object");
    }
    bool says_something = false;
    if (const auto on = message.find("state"); on != message.end()) {
        state.on = *on == "ON" ? std::optional(true) : *on == "OFF" ? std::optional(false) : std::nullopt;
        says_something = true;
    }
    if (const auto level = message.find("brightness");
        announced.brightness && level != message.end() && level->is_number()) {
        state.brightness_pct = percent_of(level->get<double>(), announced.brightness_scale);
        says_something = true;
    }
    return says_something;
}

Result<bool> apply_on_off(const Announced& announced, std::string_view payload, EntityState& state) {
    AMBIT_TRY_ASSIGN(const std::string text, announced.state_value.render(payload));
    if (text == announced.state_on) {
        state.on = true;
    } else if (text == announced.state_off) {
        state.on = false;
    } else if (text == "None" || announced.component == Component::Lock) {
        state.on.reset();  // a lock that moves or is jammed is neither
    } else {
        return does_not_fit("the state is neither on nor off");
    }
    return true;
}

Result<bool> apply_sensor(const Announced& announced, std::string_view payload, EntityState& state) {
    AMBIT_TRY_ASSIGN(const std::string text, announced.state_value.render(payload));
    if (text.size() > kNameBytesMax) {
        return does_not_fit("a sensor's value that long");
    }
    const auto number = number_in(text);
    // Any bytes may come: what is no UTF-8 is replaced, so that the state stays JSON.
    state.value_json = number ? text == "-0" ? "0"
                                             : Json(*number == std::floor(*number) && std::abs(*number) < 1e15
                                                        ? Json(static_cast<std::int64_t>(*number))
                                                        : Json(*number))
                                                   .dump()
                              : Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    return true;
}

}  // namespace

std::string EntityState::json(const Announced& announced) const {
    Json out = Json::object();
    if (on) {
        out[on_member(announced)] = *on;
    }
    if (brightness_pct && on.value_or(true)) {
        out["brightness_pct"] = *brightness_pct;
    }
    if (value_json) {
        out["value"] = Json::parse(*value_json, nullptr, false);
        if (!announced.unit.empty()) {
            out["unit"] = announced.unit;
        }
    }
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool Wanted::met_by(const EntityState& state) const {
    return state.on == on &&
           (!brightness_pct || !on ||
            (state.brightness_pct && std::abs(*state.brightness_pct - *brightness_pct) <= 1));
}

Result<bool> apply_message(const Announced& announced,
                           std::string_view topic,
                           std::string_view payload,
                           EntityState& state) {
    if (payload.size() > kPayloadBytesMax) {
        return does_not_fit("a state that large");
    }
    bool says_something = false;
    if (topic == announced.state_topic) {
        if (announced.json_schema) {
            return apply_json_light(announced, payload, state);
        }
        AMBIT_TRY_ASSIGN(says_something, announced.component == Component::Sensor
                                             ? apply_sensor(announced, payload, state)
                                             : apply_on_off(announced, payload, state));
    }
    if (announced.brightness && topic == announced.brightness_state_topic) {
        AMBIT_TRY_ASSIGN(const std::string text, announced.brightness_value.render(payload));
        const auto level = number_in(text);
        if (!level) {
            return does_not_fit("the brightness is not a number");
        }
        state.brightness_pct = percent_of(*level, announced.brightness_scale);
        says_something = true;
    }
    return says_something;
}

Result<Wanted> parse_wanted(const Announced& announced, std::string_view input_json) {
    const auto invalid = [](const char* what) { return Error{ErrorCode::MqttCommandInvalid, what}; };
    const Json input = Json::parse(input_json, nullptr, false);
    if (!input.is_object()) {
        return invalid("the input is not a JSON object");
    }
    Wanted wanted;
    if (announced.component == Component::Button) {
        if (!input.empty()) {
            return invalid("a button is pressed with {}");
        }
        wanted.on = true;
        return wanted;
    }
    bool has_on = false;
    for (const auto& [key, value] : input.items()) {
        if (key == on_member(announced) && value.is_boolean()) {
            wanted.on = value.get<bool>();
            has_on = true;
        } else if (key == "brightness_pct" && value.is_number() && value.get<double>() >= 0 &&
                   value.get<double>() <= 100) {
            wanted.brightness_pct = static_cast<int>(std::lround(value.get<double>()));
        } else {
            return invalid("only `on`, `brightness_pct` (0 to 100) and a lock's `locked` are known");
        }
    }
    if (!has_on) {
        return invalid("`on`, or a lock's `locked`, is missing");
    }
    if (wanted.brightness_pct && !announced.brightness) {
        return invalid("it can't be dimmed");
    }
    if (wanted.brightness_pct == 0) {
        wanted = {false, std::nullopt};
    }
    return wanted;
}

std::vector<Publish> messages_for(const Announced& announced, const Wanted& wanted) {
    const bool dims = wanted.on && wanted.brightness_pct.has_value();
    const auto level =
        dims ? std::max(1L, std::lround(*wanted.brightness_pct * announced.brightness_scale / 100.0)) : 0L;
    if (announced.json_schema) {
        Json message = {{"state", wanted.on ? "ON" : "OFF"}};
        if (dims) {
            message["brightness"] = level;
        }
        return {{announced.command_topic, message.dump()}};
    }
    const Publish on_off{announced.command_topic, wanted.on ? announced.payload_on : announced.payload_off};
    if (!dims) {
        return {on_off};
    }
    const Publish dim{announced.brightness_command_topic, std::to_string(level)};
    if (announced.on_command_type == "brightness") {
        return {dim};
    }
    return announced.on_command_type == "first" ? std::vector{on_off, dim} : std::vector{dim, on_off};
}

}  // namespace ambit::mqtt
