#include <cmath>

#include "mqtt/config.h"

namespace ambit::mqtt {
namespace {

using Kind = Member::Kind;

Result<void> read_valve_of_positions(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(const double low, config.number_at("position_closed", 0));
    AMBIT_TRY_ASSIGN(const double high, config.number_at("position_open", 100));
    AMBIT_TRY_ASSIGN(Member position, config.percent("position_pct", {}, low, high));
    position.state_key = position.value.empty() ? "position" : "";
    position.bare_too = true;
    Member open = position;
    open.name = "open";
    open.kind = Kind::Above;
    open.offset = low;
    const auto sent = [](double number) { return std::to_string(std::lround(number)); };
    open.choices = {{"", "true", sent(high)}, {"", "false", sent(low)}};
    add(out, std::move(open));
    add(out, std::move(position));
    return {};
}

}  // namespace

Result<void> read_lock(const Config& config, Announced& out) {
    if (config.has("code_format")) {
        return unusable("a lock that asks for a code");
    }
    AMBIT_TRY_ASSIGN(Member locked, config.member("locked", Kind::Choice, {}));
    locked.others_unknown = true;  // one that moves or is jammed is neither
    locked.choices = {
        {config.text("state_locked", "LOCKED"), "true", config.text("payload_lock", "LOCK")},
        {config.text("state_unlocked", "UNLOCKED"), "false", config.text("payload_unlock", "UNLOCK")}};
    add(out, std::move(locked));
    return {};
}

Result<void> read_cover(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member open, config.member("open", Kind::Choice, {}));
    AMBIT_TRY_ASSIGN(const double low, config.number_at("position_closed", 0));
    AMBIT_TRY_ASSIGN(const double high, config.number_at("position_open", 100));
    AMBIT_TRY_ASSIGN(Member position,
                     config.percent("position_pct",
                                    {"position_topic", "position_template", "set_position_topic",
                                     "set_position_template", "position"},
                                    low, high));
    const std::string opens = config.text("payload_open", "OPEN");
    const std::string closes = config.text("payload_close", "CLOSE");
    open.others_unknown = true;
    open.choices = {{config.text("state_open", "open"), "true", opens},
                    {config.text("state_opening", "opening"), "true", {}},
                    {config.text("state_closed", "closed"), "false", closes},
                    {config.text("state_closing", "closing"), "false", {}}};
    if (open.state_topic.empty() && !position.state_topic.empty()) {
        open.kind = Kind::Above;
        open.state_topic = position.state_topic;
        open.value = position.value;
        open.offset = low;
    }
    if (!open.command_topic.empty() && !config.is_null("payload_stop")) {
        out.pulses.push_back({"cover.stop", {open.command_topic, config.text("payload_stop", "STOP")}});
    }
    add_if_used(out, std::move(open));
    add_if_used(out, std::move(position));
    return {};
}

Result<void> read_valve(const Config& config, Announced& out) {
    if (config.is_true("reports_position")) {
        return read_valve_of_positions(config, out);
    }
    AMBIT_TRY_ASSIGN(Member open, config.member("open", Kind::Choice, {}));
    open.others_unknown = true;
    open.state_key = "state";
    open.bare_too = true;
    open.choices = {{config.text("state_open", "open"), "true", config.text("payload_open", "OPEN")},
                    {config.text("state_opening", "opening"), "true", {}},
                    {config.text("state_closed", "closed"), "false", config.text("payload_close", "CLOSE")},
                    {config.text("state_closing", "closing"), "false", {}}};
    if (!open.value.empty()) {
        open.state_key.clear();
    }
    add(out, std::move(open));
    return {};
}

}  // namespace ambit::mqtt
