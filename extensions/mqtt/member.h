// Member: one member of a state, from what a message says and to what asks for it.
//
// Pure.  Ownership: values.  Threads: any.
// Failure: MqttAnnouncementInvalid for a payload that doesn't fit; MqttCommandInvalid for a value that can't
// be asked for.
#pragma once

#include "mqtt/thing.h"

namespace ambit::mqtt {

// What `payload` on the member's state topic says of it, as JSON; empty: that nothing is known of it any
// more; nullopt: nothing about it.
Result<std::optional<std::string>> heard(const Member& member, const Payload& payload);

// What to send.
struct Asked {
    std::string topic;
    std::string key;   // empty: `text` is the payload
    std::string text;  // with a key: JSON
};

// `json`: the value that is asked for.
Result<Asked> asked(const Member& member, std::string_view json);
// Whether `heard_json` is as good as `wanted_json`.
bool is_near(const Member& member, std::string_view wanted_json, std::string_view heard_json);

}  // namespace ambit::mqtt
