#include "mqtt/config.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "mqtt/json_text.h"

namespace ambit::mqtt {

using nlohmann::json;

bool Config::has(std::string_view key) const {
    return config_.contains(key);
}

bool Config::is_true(std::string_view key) const {
    const auto found = config_.find(key);
    return found != config_.end() && *found == true;
}

bool Config::is_null(std::string_view key) const {
    const auto found = config_.find(key);
    return found != config_.end() && found->is_null();
}

std::string Config::text(std::string_view key, const std::string& fallback) const {
    return key.empty() ? fallback : text_in(config_, key, fallback);
}

Result<double> Config::number_at(std::string_view key, double fallback) const {
    const auto found = config_.find(key);
    if (found == config_.end()) {
        return fallback;
    }
    const double value = found->is_number() ? found->get<double>() : std::nan("");
    if (!std::isfinite(value) || std::abs(value) > kUnbounded) {
        return unusable(std::string(key) + " out of range");
    }
    return value;
}

Result<std::string> Config::topic(std::string_view key) const {
    std::string read = text(key);
    if (!read.empty() && !is_plain_topic(read)) {
        return unusable(std::string(key) + " is not a topic");
    }
    return read;
}

Result<std::vector<std::string>> Config::words(std::string_view key) const {
    std::vector<std::string> all;
    const auto found = config_.find(key);
    if (found == config_.end()) {
        return all;
    }
    if (!found->is_array() || found->size() > kChoicesMax) {
        return unusable(std::string(key) + " is not a list of at most " + std::to_string(kChoicesMax));
    }
    for (const json& word : *found) {
        if (word.is_string()) {
            all.push_back(capped(word.get<std::string>()));
        }
    }
    return all;
}

bool Config::has_mode(const std::function<bool(const std::string&)>& wanted) const {
    const auto modes = config_.find("supported_color_modes");
    return modes != config_.end() && modes->is_array() &&
           std::any_of(modes->begin(), modes->end(),
                       [&](const json& mode) { return mode.is_string() && wanted(mode.get<std::string>()); });
}

Result<Member> Config::member(const char* name, Member::Kind kind, const Keys& keys) const {
    Member made;
    made.name = name;
    made.kind = kind;
    AMBIT_TRY_ASSIGN(made.state_topic, topic(keys.state));
    AMBIT_TRY_ASSIGN(made.command_topic, topic(keys.command));
    AMBIT_TRY_ASSIGN(made.value, ValueTemplate::parse(text(keys.value)));
    AMBIT_TRY_ASSIGN(made.command, ValueTemplate::parse(text(keys.command_template), keys.variable));
    return made;
}

Result<Member> Config::percent(const char* name, const Keys& keys, double low, double high) const {
    AMBIT_TRY_ASSIGN(Member made, member(name, Member::Kind::Number, keys));
    if (low == high) {
        return unusable(std::string(name) + " has no range");
    }
    made.offset = low;
    made.factor = (high - low) / 100;
    made.sent_min = -kUnbounded;
    return made;
}

Result<Member> Config::degrees(const char* name, const Keys& keys) const {
    AMBIT_TRY_ASSIGN(Member made, member(name, Member::Kind::Number, keys));
    if (text("temperature_unit", "C") == "F") {
        made.offset = 32;
        made.factor = 1.8;
    }
    made.beyond = Member::Beyond::Counts;
    made.step = made.sent_step = 0.1;
    made.sent_min = -kUnbounded;
    made.slack = kDegreesSlack;
    return made;
}

Result<Member> Config::on(const Keys& keys) const {
    AMBIT_TRY_ASSIGN(Member made, member("on", Member::Kind::Choice, keys));
    const std::string yes = text("payload_on", "ON");
    const std::string no = text("payload_off", "OFF");
    made.choices = {{text("state_on", yes), "true", yes}, {text("state_off", no), "false", no}};
    return made;
}

void add_if_used(Announced& out, Member made) {
    if (!made.state_topic.empty() || made.can_be_asked()) {
        add(out, std::move(made));
    }
}

}  // namespace ambit::mqtt
