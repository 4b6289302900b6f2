#include "mqtt/components.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "mqtt/config.h"
#include "mqtt/json_text.h"

namespace ambit::mqtt {

using nlohmann::json;
using Kind = Member::Kind;

Result<void> read_on_off(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member made, config.on({}));
    add(out, std::move(made));
    return {};
}

Result<void> read_siren(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member power, config.on({.value = "state_value_template"}));
    if (power.value.empty()) {
        power.state_key = "state";
        power.bare_too = true;
    }
    if (power.command.empty()) {
        power.command_key = "state";
        for (Choice& choice : power.choices) {
            choice.sent = json(*choice.sent).dump();
        }
    }
    add(out, std::move(power));
    return {};
}

Result<void> read_vacuum(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member made, config.member("activity", Kind::Choice, {}));
    made.state_key = "state";
    made.others_unknown = true;
    made.choices = {{"cleaning", R"("cleaning")", config.text("payload_start", "start")},
                    {"paused", R"("paused")", config.text("payload_pause", "pause")},
                    {"docked", R"("docked")", config.text("payload_return_to_base", "return_to_base")},
                    {"returning", R"("docked")", {}},
                    {"idle", R"("idle")", {}},
                    {"error", R"("error")", {}}};
    add(out, std::move(made));
    return {};
}

Result<void> read_mower(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member made, config.member("activity", Kind::Choice,
                                                {"activity_state_topic", "activity_value_template", "", ""}));
    made.others_unknown = true;
    made.choices = {{"mowing", R"("mowing")", {}},
                    {"paused", R"("paused")", {}},
                    {"docked", R"("docked")", {}},
                    {"returning", R"("docked")", {}},
                    {"error", R"("error")", {}}};
    constexpr const char* kDoes[] = {"start_mowing", "pause", "dock"};
    for (std::size_t i = 0; i < std::size(kDoes); ++i) {
        AMBIT_TRY_ASSIGN(made.choices[i].topic, config.topic(std::string(kDoes[i]) + "_command_topic"));
        AMBIT_TRY_ASSIGN(const ValueTemplate shape,
                         ValueTemplate::parse(config.text(std::string(kDoes[i]) + "_command_template")));
        AMBIT_TRY_ASSIGN(made.choices[i].sent, shape.render(Payload(kDoes[i])));
    }
    add(out, std::move(made));
    return {};
}

namespace {

Result<void> read_select(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member made, config.member("option", Kind::Choice, {}));
    AMBIT_TRY_ASSIGN(const std::vector<std::string> options, config.words("options"));
    for (const std::string& option : options) {
        made.choices.push_back({option, dumped(json(option)), option});
    }
    if (options.empty()) {
        return unusable("no options");
    }
    add(out, std::move(made));
    return {};
}

Result<void> read_number(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member made, config.member("value", Kind::Number, {}));
    AMBIT_TRY_ASSIGN(made.min, config.number_at("min", 1));
    AMBIT_TRY_ASSIGN(made.max, config.number_at("max", 100));
    AMBIT_TRY_ASSIGN(made.step, config.number_at("step", 1));
    if (made.min > made.max || made.step <= 0) {
        return unusable("min, max or step");
    }
    made.beyond = Member::Beyond::Mistake;
    made.sent_min = made.min;
    made.sent_step = made.step;
    made.slack = made.step / 2;
    out.unit = capped(config.text("unit_of_measurement"));
    add(out, std::move(made));
    return {};
}

Result<void> read_pulse(const Config& config,
                        Announced& out,
                        const char* capability,
                        const std::string& payload) {
    AMBIT_TRY_ASSIGN(const std::string to, config.topic("command_topic"));
    if (to.empty()) {
        return unusable("no command_topic");
    }
    AMBIT_TRY_ASSIGN(const ValueTemplate made, ValueTemplate::parse(config.text("command_template")));
    AMBIT_TRY_ASSIGN(std::string sent, made.render(Payload(payload)));
    out.pulses.push_back({capability, {to, std::move(sent)}});
    return {};
}

Result<void> read_button(const Config& config, Announced& out) {
    return read_pulse(config, out, "button.press", config.text("payload_press", "PRESS"));
}

Result<void> read_scene(const Config& config, Announced& out) {
    return read_pulse(config, out, "scene.activate", config.text("payload_on", "ON"));
}

Result<void> read_sensor(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member made,
                     config.member("value", Kind::Value, {.command = "", .command_template = ""}));
    out.unit = capped(config.text("unit_of_measurement"));
    made.numeric = !out.unit.empty() || config.has("state_class");
    made.beyond = Member::Beyond::Counts;
    add(out, std::move(made));
    return {};
}

Result<void> read_event(const Config& config, Announced& out) {
    AMBIT_TRY(read_sensor(config, out));
    Member& made = out.members.front();
    made.state_key = "event_type";
    made.value_is_object = !made.value.empty();
    return {};
}

Result<void> read_update(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member installed, config.member("installed_version", Kind::Value,
                                                     {.command = "", .command_template = ""}));
    AMBIT_TRY_ASSIGN(Member latest,
                     config.member("latest_version", Kind::Value,
                                   {"latest_version_topic", "latest_version_template", "", ""}));
    if (installed.value.empty()) {
        installed.state_key = "installed_version";
        installed.bare_too = true;
        if (latest.state_topic.empty()) {
            latest.state_topic = installed.state_topic;
            latest.state_key = "latest_version";
        }
    }
    add(out, std::move(installed));
    add_if_used(out, std::move(latest));
    return {};
}

// The state as it is said, and the mode that can be asked for, unless that takes a code.
Result<void> read_alarm(const Config& config, Announced& out) {
    AMBIT_TRY(read_sensor(config, out));
    out.members.front().command_topic.clear();
    AMBIT_TRY_ASSIGN(Member mode,
                     config.member("mode", Kind::Choice, {.command_template = "", .variable = "action"}));
    const auto needs_code = [&](const char* key) { return !config.has(key) || config.is_true(key); };
    if (config.has("code") && (needs_code("code_arm_required") || needs_code("code_disarm_required"))) {
        out.only_heard = "it asks for a code, and Ambit keeps none";
        return {};
    }
    if (const auto made = ValueTemplate::parse(config.text("command_template"), "action"); made) {
        mode.command = *made;
    } else {
        out.only_heard = made.error().detail;
        return {};
    }
    mode.others_unknown = true;
    mode.choices = {{"disarmed", R"("disarmed")", config.text("payload_disarm", "DISARM")},
                    {"armed_home", R"("home")", config.text("payload_arm_home", "ARM_HOME")},
                    {"armed_away", R"("away")", config.text("payload_arm_away", "ARM_AWAY")},
                    {"armed_night", R"("night")", config.text("payload_arm_night", "ARM_NIGHT")}};
    AMBIT_TRY_ASSIGN(const std::vector<std::string> features, config.words("supported_features"));
    for (Choice& choice : mode.choices) {
        const std::string feature = choice.said.starts_with("armed_") ? "arm_" + choice.said.substr(6) : "";
        if (!features.empty() && !feature.empty() &&
            std::find(features.begin(), features.end(), feature) == features.end()) {
            choice.sent.reset();
        }
    }
    add_if_used(out, std::move(mode));
    return {};
}

struct Row {
    std::string_view name;
    Result<void> (*read)(const Config& config, Announced& out);
    std::vector<std::string> capabilities;  // empty: it is only heard of
};

const std::vector<Row>& rows() {
    static const std::vector<Row> table = {{"light", &read_light, {"light.set"}},
                                           {"switch", &read_on_off, {"switch.set"}},
                                           {"fan", &read_fan, {"fan.set"}},
                                           {"humidifier", &read_humidifier, {"humidifier.set"}},
                                           {"siren", &read_siren, {"siren.set"}},
                                           {"lock", &read_lock, {"lock.set"}},
                                           {"cover", &read_cover, {"cover.set"}},
                                           {"valve", &read_valve, {"valve.set"}},
                                           {"climate", &read_climate, {"climate.set"}},
                                           {"vacuum", &read_vacuum, {"vacuum.set"}},
                                           {"lawn_mower", &read_mower, {"mower.set"}},
                                           {"select", &read_select, {"select.set"}},
                                           {"number", &read_number, {"number.set"}},
                                           {"button", &read_button, {}},
                                           {"scene", &read_scene, {}},
                                           {"sensor", &read_sensor, {}},
                                           {"binary_sensor", &read_on_off, {}},
                                           {"event", &read_event, {}},
                                           {"update", &read_update, {}},
                                           {"alarm_control_panel", &read_alarm, {"alarm.set"}}};
    return table;
}

const Row* row_named(std::string_view name) {
    const auto row =
        std::find_if(rows().begin(), rows().end(), [&](const Row& one) { return one.name == name; });
    return row == rows().end() ? nullptr : &*row;
}

bool is_gate(const capability::Entity& entity) {
    const std::string& is = entity.device_class;
    return entity.domain == "cover" && (is == "garage" || is == "gate" || is == "door");
}

// Of what can be asked for at all; what opens the house needs a yes.
void set_capabilities(const Row& row, Announced& into) {
    std::vector<std::string>& out = into.entity.capabilities;
    const bool settable = std::any_of(into.members.begin(), into.members.end(),
                                      [](const Member& one) { return one.can_be_asked(); });
    if (is_gate(into.entity)) {
        into.pulses.clear();  // a stop and a start could open it half
        std::erase_if(into.members, [](const Member& one) { return one.name == "position_pct"; });
        out = settable ? std::vector<std::string>{"garage.set"} : std::vector<std::string>();
        return;
    }
    out = settable ? row.capabilities : std::vector<std::string>();
    for (const Pulse& pulse : into.pulses) {
        out.push_back(pulse.capability);
    }
}

}  // namespace

bool is_component(std::string_view name) {
    return row_named(name) != nullptr;
}

Result<void> read_component(std::string_view name, const json& config, Announced& into) {
    const Row* row = row_named(name);
    if (row == nullptr) {
        return unusable("a component that is not used here");
    }
    AMBIT_TRY(row->read(Config(config), into));
    if (name == "sensor" || name == "binary_sensor") {
        AMBIT_TRY_ASSIGN(const double expires, Config(config).number_at("expire_after", 0));
        into.expire_after = seconds(static_cast<std::int64_t>(std::max(expires, 0.0)));
    }
    if (row->capabilities.empty()) {
        for (Member& member : into.members) {
            member.command_topic.clear();
        }
    }
    set_capabilities(*row, into);
    const bool heard = std::any_of(into.members.begin(), into.members.end(),
                                   [](const Member& one) { return !one.state_topic.empty(); });
    const bool may_be_heard_only = name == "alarm_control_panel";
    if (!row->capabilities.empty() && into.entity.capabilities.empty() && !may_be_heard_only) {
        return unusable("no command_topic");
    }
    if (!heard && into.entity.capabilities.empty()) {
        return unusable("no state_topic");
    }
    return {};
}

}  // namespace ambit::mqtt
