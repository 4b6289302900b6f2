#include "mqtt/state.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "mqtt/json_text.h"
#include "mqtt/member.h"

namespace ambit::mqtt {
namespace {

using nlohmann::json;

constexpr std::string_view kOn = "on";
constexpr std::string_view kOff = "false";

const Member* member_named(const Announced& announced, std::string_view name) {
    const auto found = std::find_if(announced.members.begin(), announced.members.end(),
                                    [&](const Member& one) { return one.name == name; });
    return found == announced.members.end() ? nullptr : &*found;
}

// "`on` and `brightness_pct`"
std::string askable(const Announced& announced) {
    std::string all;
    for (const Member& member : announced.members) {
        if (member.can_be_asked()) {
            all += (all.empty() ? "`" : ", `") + member.name + "`";
        }
    }
    return all.empty() ? "nothing" : all;
}

Error invalid(std::string what) {
    return {ErrorCode::MqttCommandInvalid, std::move(what)};
}

// Two members may say the same in other words: then the one that says more counts.
void settle(const Announced& announced, std::map<std::string, std::string>& wanted) {
    for (const Member& member : announced.members) {
        const auto at = wanted.find(member.name);
        if (at != wanted.end() && member.only_while_on && at->second == "0") {
            wanted = {{std::string(kOn), std::string(kOff)}};
            return;
        }
    }
    if (const auto on = wanted.find(std::string(kOn)); on != wanted.end() && on->second == kOff) {
        for (const Member& member : announced.members) {
            if (member.only_while_on) {
                wanted.erase(member.name);
            }
        }
    }
    if (wanted.contains("mode")) {
        wanted.erase(std::string(kOn));
    }
    if (wanted.contains("position_pct")) {
        wanted.erase("open");
    }
}

// In the order in which they go out.
std::vector<const Member*> in_order(const Announced& announced, const Wanted& wanted) {
    std::vector<const Member*> order;
    for (const Member& member : announced.members) {
        if (wanted.members.contains(member.name)) {
            order.push_back(&member);
        }
    }
    const auto is_on = [](const Member* one) { return one->name == kOn; };
    if (announced.on_order == OnOrder::Last) {
        std::stable_partition(order.begin(), order.end(), [&](const Member* one) { return !is_on(one); });
    } else if (announced.on_order == OnOrder::NotBesides && order.size() > 1) {
        std::erase_if(order, is_on);
    }
    return order;
}

struct Letter {
    std::string topic;
    std::string payload;           // without keys
    json object = json::object();  // with keys
    bool keyed = false;
};

}  // namespace

std::string EntityState::json(const Announced& announced) const {
    nlohmann::json out = nlohmann::json::object();
    const auto on = members.find(std::string(kOn));
    const bool is_off = on != members.end() && on->second == kOff;
    for (const auto& [name, value] : members) {
        const Member* member = member_named(announced, name);
        if (member != nullptr && !(is_off && member->only_while_on)) {
            out[name] = nlohmann::json::parse(value, nullptr, false);
        }
    }
    if (!announced.unit.empty() && out.contains("value")) {
        out["unit"] = announced.unit;
    }
    return dumped(out);
}

bool Wanted::met_by(const Announced& announced, const EntityState& state) const {
    return std::all_of(members.begin(), members.end(), [&](const auto& one) {
        const Member* member = member_named(announced, one.first);
        if (member == nullptr || member->state_topic.empty()) {
            return true;
        }
        const auto heard = state.members.find(one.first);
        return heard != state.members.end() && is_near(*member, one.second, heard->second);
    });
}

Result<bool> apply_message(const Announced& announced,
                           std::string_view topic,
                           const Payload& payload,
                           EntityState& state) {
    if (payload.text().size() > kPayloadBytesMax) {
        return unusable("a state that large");
    }
    bool says_something = false;
    for (const Member& member : announced.members) {
        if (member.state_topic != topic) {
            continue;
        }
        AMBIT_TRY_ASSIGN(const std::optional<std::string> said, heard(member, payload));
        if (!said) {
            continue;
        }
        says_something = true;
        if (said->empty()) {
            state.members.erase(member.name);
        } else {
            state.members.insert_or_assign(member.name, *said);
        }
    }
    return says_something;
}

Result<Wanted> parse_wanted(const Announced& announced,
                            std::string_view capability,
                            std::string_view input_json) {
    const json input = parsed(input_json);
    if (!input.is_object()) {
        return invalid("the input is not a JSON object");
    }
    Wanted wanted;
    const auto pulse = std::find_if(announced.pulses.begin(), announced.pulses.end(),
                                    [&](const Pulse& one) { return one.capability == capability; });
    if (pulse != announced.pulses.end()) {
        if (!input.empty()) {
            return invalid(std::string(capability) + " takes {}");
        }
        wanted.pulse = pulse->message;
        return wanted;
    }
    for (const auto& [key, value] : input.items()) {
        const Member* member = member_named(announced, key);
        if (member == nullptr || !member->can_be_asked()) {
            return invalid("it takes " + askable(announced) + ", and no `" + capped(key) + "`");
        }
        const std::string text = dumped(value);
        AMBIT_TRY(asked(*member, text));
        wanted.members.emplace(key, text);
    }
    if (wanted.members.empty()) {
        return invalid("nothing is asked for: it takes " + askable(announced));
    }
    settle(announced, wanted.members);
    return wanted;
}

Result<std::vector<Publish>> messages_for(const Announced& announced, const Wanted& wanted) {
    if (wanted.pulse) {
        return std::vector{*wanted.pulse};
    }
    std::vector<Letter> letters;
    for (const Member* member : in_order(announced, wanted)) {
        AMBIT_TRY_ASSIGN(const Asked out, asked(*member, wanted.members.at(member->name)));
        const auto same = std::find_if(letters.begin(), letters.end(), [&](const Letter& one) {
            return one.keyed && !out.key.empty() && one.topic == out.topic;
        });
        Letter& letter = same == letters.end()
                             ? letters.emplace_back(Letter{out.topic, out.text, {}, !out.key.empty()})
                             : *same;
        if (letter.keyed) {
            letter.object[out.key] = json::parse(out.text, nullptr, false);
        }
    }
    std::vector<Publish> messages;
    for (const Letter& letter : letters) {
        messages.push_back({letter.topic, letter.keyed ? letter.object.dump() : letter.payload});
    }
    return messages;
}

bool is_ever_told(const Announced& announced, const Wanted& wanted) {
    return wanted.pulse.has_value() ||
           std::any_of(wanted.members.begin(), wanted.members.end(), [&](const auto& one) {
               const Member* member = member_named(announced, one.first);
               return member != nullptr && !member->state_topic.empty();
           });
}

}  // namespace ambit::mqtt
