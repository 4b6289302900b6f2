#include "mqtt/thing.h"

#include <algorithm>
#include <array>

#include "capability/climate.h"

namespace ambit::mqtt {

bool Member::can_be_asked() const {
    return !command_topic.empty() ||
           std::any_of(choices.begin(), choices.end(), [](const Choice& one) { return !one.topic.empty(); });
}

std::set<std::string> topics_of(const Announced& announced) {
    std::set<std::string> topics;
    for (const Member& member : announced.members) {
        if (!member.state_topic.empty()) {
            topics.insert(member.state_topic);
        }
    }
    for (const Pulse& pulse : announced.pulses) {
        topics.insert(pulse.message.topic);  // where the broker shows what it passes on
    }
    for (const Availability& availability : announced.availability) {
        topics.insert(availability.topic);
    }
    return topics;
}

void add_modes(Announced& into, const Member& like, const std::vector<std::string>& modes) {
    constexpr std::array kKnown = {"off", "heat", "cool", "heat_cool", "auto", "dry", "fan_only"};
    Member mode = like;
    mode.name = "mode";
    mode.others_unknown = true;
    Member on = mode;
    on.name = "on";
    std::vector<std::string> known;
    for (const std::string& one : modes) {
        if (std::find(kKnown.begin(), kKnown.end(), one) != kKnown.end()) {
            known.push_back(one);
            const std::string quoted = '"' + one + '"';
            const std::string sent = like.command_key.empty() ? one : quoted;
            mode.choices.push_back({one, quoted, sent});
            on.choices.push_back({one, one == "off" ? "false" : "true", sent});
        }
    }
    // The first that is on is the one that is sent.
    std::stable_partition(
        on.choices.begin(), on.choices.end(),
        [&, first = capability::mode_of_on(known)](const Choice& one) { return one.said == first; });
    into.members.push_back(std::move(on));
    into.members.push_back(std::move(mode));
}

bool is_plain_topic(std::string_view topic) {
    return !topic.empty() && topic.size() <= kTopicBytesMax &&
           std::none_of(topic.begin(), topic.end(), [](char c) {
               return c == '+' || c == '#' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
           });
}

std::string capped(std::string text) {
    if (text.size() > kNameBytesMax) {
        std::size_t end = kNameBytesMax;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        text.resize(end);
    }
    return text;
}

Error unusable(std::string what) {
    return {ErrorCode::MqttAnnouncementInvalid, std::move(what)};
}

}  // namespace ambit::mqtt
