#include "mqtt/member.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "mqtt/json_text.h"

namespace ambit::mqtt {
namespace {

using nlohmann::json;
using Kind = Member::Kind;

constexpr double kWholeMax = 1e15;  // whole numbers up to it print as such

Error impossible(const Member& member, const std::string& what) {
    return {ErrorCode::MqttCommandInvalid, "`" + member.name + "` " + what};
}

std::optional<double> number_in(std::string_view text) {
    double number = 0;
    const auto [stop, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    return status == std::errc() && stop == text.data() + text.size() && std::isfinite(number)
               ? std::optional(number)
               : std::nullopt;
}

std::string text_of(const json& value) {
    return value.is_string() ? value.get<std::string>() : dumped(value);
}

double to_step(double number, double step) {
    return step > 0 ? std::round(number / step) * step : number;
}

// Without the noise that a step such as 0.1 leaves.
json number_json(double number) {
    if (std::abs(number) >= kWholeMax) {
        return number;
    }
    const double tidy = std::round(number * 1e6) / 1e6;
    return tidy == std::floor(tidy) ? json(static_cast<std::int64_t>(tidy)) : json(tidy);
}

Result<double> within(const Member& member, double ours) {
    if (member.beyond == Member::Beyond::Mistake && (ours < member.min || ours > member.max)) {
        return unusable("`" + member.name + "` is " + number_json(ours).dump() + ", and only " +
                        number_json(member.min).dump() + " to " + number_json(member.max).dump() +
                        " was announced");
    }
    return member.beyond == Member::Beyond::Nearest ? std::clamp(ours, member.min, member.max) : ours;
}

Result<std::string> number_heard(const Member& member, std::string_view text) {
    const auto said = number_in(text);
    if (!said || (member.mired && *said <= 0)) {
        return unusable("`" + member.name + "` is not a number");
    }
    double ours = member.mired ? kMiredOfKelvin / *said : (*said - member.offset) / member.factor;
    AMBIT_TRY_ASSIGN(ours, within(member, to_step(ours, member.step)));
    return number_json(ours).dump();
}

Result<std::string> rgb_heard(const Member& member, const json& said) {
    json out = json::array();
    for (const char* part : {"r", "g", "b"}) {
        const auto at = said.find(part);
        if (at == said.end() || !at->is_number()) {
            return std::string();  // told in other terms
        }
        out.push_back(std::lround(std::clamp(at->get<double>(), member.min, member.max)));
    }
    return out.dump();
}

Result<std::string> rgb_in(const Member& member, std::string_view text) {
    json object = json::object();
    for (const char* part : {"r", "g", "b"}) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const auto number = number_in(text.substr(0, comma));
        if (!number) {
            return unusable("`" + member.name + "` is not three numbers");
        }
        object[part] = *number;
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return rgb_heard(member, object);
}

// How things say that they have no reading.
bool is_no_reading(std::string_view text) {
    static constexpr std::string_view kNone[] = {"", "nan", "NaN", "unknown", "unavailable", "null"};
    return std::find(std::begin(kNone), std::end(kNone), text) != std::end(kNone);
}

Result<std::string> value_heard(const Member& member, std::string_view text) {
    if (text.size() > kNameBytesMax) {
        return unusable("a sensor's value that long");
    }
    if (const auto number = number_in(text)) {
        if (member.numeric) {
            AMBIT_TRY(within(member, *number));
        }
        return *number == 0 ? "0" : number_json(*number).dump();
    }
    if (member.numeric) {
        return is_no_reading(text) ? Result<std::string>(std::string())
                                   : unusable("`" + member.name + "` is not a number");
    }
    // Any bytes may come: what is no UTF-8 is replaced, so that the state stays JSON.
    return dumped(json(text));
}

Result<std::string> heard_text(const Member& member, const std::string& text) {
    switch (member.kind) {
        case Kind::Number:
            return number_heard(member, text);
        case Kind::Rgb:
            return rgb_in(member, text);
        case Kind::Value:
            return value_heard(member, text);
        case Kind::Above: {
            const auto number = number_in(text);
            return number ? Result<std::string>(*number > member.offset ? "true" : "false")
                          : Result<std::string>(unusable("`" + member.name + "` is not a number"));
        }
        case Kind::Choice:
            break;
    }
    const auto choice = std::find_if(member.choices.begin(), member.choices.end(),
                                     [&](const Choice& one) { return one.said == text; });
    if (choice != member.choices.end()) {
        return choice->means;
    }
    if (member.others_unknown) {
        return std::string();
    }
    return unusable("`" + member.name + "` can't be \"" + capped(text) + "\"");
}

// What is sent for a number of ours.
Result<json> number_asked(const Member& member, const json& value) {
    if (!value.is_number() || value.get<double>() < member.min || value.get<double>() > member.max) {
        return impossible(member, "is a number from " + number_json(member.min).dump() + " to " +
                                      number_json(member.max).dump());
    }
    const double ours = value.get<double>();
    double sent = member.mired ? kMiredOfKelvin / ours : member.offset + member.factor * ours;
    sent = to_step(sent, member.sent_step);
    return number_json(ours > 0 ? std::max(sent, member.sent_min) : sent);
}

Result<Asked> choice_asked(const Member& member, const json& value) {
    const std::string means = dumped(value);
    const auto choice = std::find_if(member.choices.begin(), member.choices.end(), [&](const Choice& one) {
        return one.sent && one.means == means && !(one.topic.empty() && member.command_topic.empty());
    });
    if (choice == member.choices.end()) {
        std::string all;
        for (const Choice& one : member.choices) {
            all += !one.sent || one.means.empty() ? "" : (all.empty() ? "" : ", ") + one.means;
        }
        return impossible(member, "is one of " + capped(all));
    }
    return Asked{choice->topic.empty() ? member.command_topic : choice->topic, member.command_key,
                 *choice->sent};
}

Result<Asked> rgb_asked(const Member& member, const json& value) {
    const bool sound =
        value.is_array() && value.size() == 3 &&
        std::all_of(value.begin(), value.end(), [&](const json& part) {
            return part.is_number() && part.get<double>() >= member.min && part.get<double>() <= member.max;
        });
    if (!sound) {
        return impossible(member, "is red, green and blue, each from 0 to 255");
    }
    if (!member.command_key.empty()) {
        return Asked{member.command_topic, member.command_key,
                     json({{"r", value[0]}, {"g", value[1]}, {"b", value[2]}}).dump()};
    }
    return Asked{member.command_topic, "", value[0].dump() + "," + value[1].dump() + "," + value[2].dump()};
}

Result<Asked> asked_plainly(const Member& member, const json& value) {
    switch (member.kind) {
        case Kind::Choice:
        case Kind::Above:
            return choice_asked(member, value);
        case Kind::Rgb:
            return rgb_asked(member, value);
        case Kind::Number: {
            AMBIT_TRY_ASSIGN(const json sent, number_asked(member, value));
            return Asked{member.command_topic, member.command_key, sent.dump()};
        }
        case Kind::Value:
            break;
    }
    return impossible(member, "can't be set");
}

}  // namespace

Result<std::optional<std::string>> heard(const Member& member, const Payload& payload) {
    if (member.value_is_object) {
        Member plain = member;
        plain.value_is_object = false;
        plain.value = ValueTemplate();
        AMBIT_TRY_ASSIGN(const std::string made, member.value.render(payload));
        return made.empty() ? Result<std::optional<std::string>>(std::nullopt) : heard(plain, Payload(made));
    }
    std::string text;
    if (!member.state_key.empty() && (payload.json().is_object() || !member.bare_too)) {
        if (!payload.json().is_object()) {
            return unusable("the state is not a JSON object");
        }
        const auto at = payload.json().find(member.state_key);
        if (at == payload.json().end()) {
            return std::optional<std::string>();
        }
        if (at->is_null()) {
            return std::optional(std::string());
        }
        if (member.kind == Kind::Rgb) {
            AMBIT_TRY_ASSIGN(std::string rgb, rgb_heard(member, *at));
            return std::optional(std::move(rgb));
        }
        text = text_of(*at);
    } else {
        AMBIT_TRY_ASSIGN(text, member.value.render(payload));
    }
    if (text == "None") {
        return std::optional(std::string());
    }
    AMBIT_TRY_ASSIGN(std::string said, heard_text(member, text));
    return std::optional(std::move(said));
}

Result<Asked> asked(const Member& member, std::string_view wanted) {
    const json value = parsed(wanted);
    AMBIT_TRY_ASSIGN(Asked out, asked_plainly(member, value));
    if (!member.command.empty()) {
        AMBIT_TRY_ASSIGN(out.text, member.command.render(Payload(out.text)));
    }
    return out;
}

bool is_near(const Member& member, std::string_view wanted_json, std::string_view heard_json) {
    if (wanted_json == heard_json) {
        return true;
    }
    const json wanted = json::parse(wanted_json, nullptr, false);
    const json said = json::parse(heard_json, nullptr, false);
    return wanted.is_number() && said.is_number() &&
           std::abs(wanted.get<double>() - said.get<double>()) <= member.slack;
}

}  // namespace ambit::mqtt
