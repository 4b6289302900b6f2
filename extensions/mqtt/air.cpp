#include <algorithm>

#include "mqtt/config.h"

namespace ambit::mqtt {
namespace {

using Kind = Member::Kind;

Result<void> read_mode(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(const Member mode, config.member("mode", Kind::Choice,
                                                      {"mode_state_topic", "mode_state_template",
                                                       "mode_command_topic", "mode_command_template"}));
    AMBIT_TRY_ASSIGN(std::vector<std::string> modes, config.words("modes"));
    if (modes.empty()) {
        modes = {"auto", "off", "cool", "heat", "dry", "fan_only"};
    }
    if (!mode.state_topic.empty() || mode.can_be_asked()) {
        add_modes(out, mode, modes);
    }
    return {};
}

}  // namespace

Result<void> read_climate(const Config& config, Announced& out) {
    AMBIT_TRY(read_mode(config, out));
    AMBIT_TRY_ASSIGN(
        Member target,
        config.degrees("temperature_c", {"temperature_state_topic", "temperature_state_template",
                                         "temperature_command_topic", "temperature_command_template"}));
    AMBIT_TRY_ASSIGN(const double low, config.number_at("min_temp", target.offset + 7 * target.factor));
    AMBIT_TRY_ASSIGN(const double high, config.number_at("max_temp", target.offset + 35 * target.factor));
    AMBIT_TRY_ASSIGN(target.sent_step, config.number_at("temp_step", 0.1));
    if (low > high || target.sent_step <= 0) {
        return unusable("min_temp, max_temp or temp_step");
    }
    target.min = (low - target.offset) / target.factor;
    target.max = (high - target.offset) / target.factor;
    target.slack = std::max(kDegreesSlack, target.sent_step / target.factor / 2);
    add_if_used(out, std::move(target));
    AMBIT_TRY_ASSIGN(Member now,
                     config.degrees("current_temperature_c",
                                    {"current_temperature_topic", "current_temperature_template", "", ""}));
    add_if_used(out, std::move(now));
    if (out.members.empty()) {
        return unusable("no topic");
    }
    return {};
}

Result<void> read_humidifier(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member power, config.on({.value = "state_value_template"}));
    add(out, std::move(power));
    AMBIT_TRY_ASSIGN(Member target,
                     config.member("humidity_pct", Kind::Number,
                                   {"target_humidity_state_topic", "target_humidity_state_template",
                                    "target_humidity_command_topic", "target_humidity_command_template"}));
    AMBIT_TRY_ASSIGN(target.min, config.number_at("min_humidity", 0));
    AMBIT_TRY_ASSIGN(target.max, config.number_at("max_humidity", 100));
    target.beyond = Member::Beyond::Counts;
    add_if_used(out, std::move(target));
    return {};
}

Result<void> read_fan(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member power, config.on({.value = "state_value_template"}));
    add(out, std::move(power));
    AMBIT_TRY_ASSIGN(const double low, config.number_at("speed_range_min", 1));
    AMBIT_TRY_ASSIGN(const double high, config.number_at("speed_range_max", 100));
    AMBIT_TRY_ASSIGN(Member speed, config.percent("speed_pct",
                                                  {"percentage_state_topic", "percentage_value_template",
                                                   "percentage_command_topic", "percentage_command_template"},
                                                  low - 1, high));
    speed.sent_min = low;
    speed.only_while_on = true;
    speed.slack = std::max(1.0, 100 / (high - low + 1));
    add_if_used(out, std::move(speed));
    return {};
}

}  // namespace ambit::mqtt
