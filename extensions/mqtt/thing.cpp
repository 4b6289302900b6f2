#include "mqtt/thing.h"

#include <algorithm>

namespace ambit::mqtt {

bool Member::can_be_asked() const {
    return !command_topic.empty() ||
           std::any_of(choices.begin(), choices.end(), [](const Choice& one) { return !one.topic.empty(); });
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
