#include "mqtt/showing.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "mqtt/json_text.h"

namespace ambit::mqtt {
namespace {

using capability::Shown;
using nlohmann::json;

constexpr std::string_view kMark = "ambit_";
constexpr std::string_view kBy = "ambit_device";  // Home Assistant passes over what it does not know
constexpr std::string_view kUnknown = "None";     // as Home Assistant writes it
constexpr std::string_view kPress = "PRESS";
constexpr std::string_view kOffMode = "off";
constexpr std::string_view kOnMode = "auto";
constexpr std::size_t kAskedBytesMax = 64;
// Of a car's cabin, the one thing of this domain that is nobody else's.
constexpr double kTargetMin = 16;
constexpr double kTargetMax = 28;

// What is said of one: members of its state by the last part of their topics.
std::map<std::string, std::string> values_of(const Shown& shown) {
    const json state = json::parse(shown.state_json, nullptr, false);
    const auto text = [&](const char* member) {
        const auto at = state.find(member);
        return at == state.end() || at->is_null() ? std::string(kUnknown)
               : at->is_string()                  ? at->get<std::string>()
                                                  : dumped(*at);
    };
    const auto flag = [&](std::string_view yes, std::string_view no) {
        const auto at = state.find("on");
        return std::string(at == state.end() || !at->is_boolean() ? kUnknown : at->get<bool>() ? yes : no);
    };
    if (shown.domain == "binary_sensor") {
        return {{"on", flag("ON", "OFF")}};
    }
    if (shown.domain == "sensor") {
        return {{"value", text("value")}};
    }
    if (shown.domain == "climate") {
        return {{"mode", flag(kOnMode, kOffMode)},
                {"temperature", text("temperature_c")},
                {"current_temperature", text("current_temperature_c")}};
    }
    return {};
}

// The topics of such a component and what else it is, `at` being where its states are.
json component(const Shown& shown, const std::string& at) {
    if (shown.domain == "binary_sensor") {
        return {{"state_topic", at + "/on"}};
    }
    if (shown.domain == "sensor") {
        return {{"state_topic", at + "/value"}};
    }
    if (shown.domain == "button") {
        return {{"command_topic", at + "/press/set"}};
    }
    return {{"modes", {kOffMode, kOnMode}},
            {"mode_state_topic", at + "/mode"},
            {"mode_command_topic", at + "/mode/set"},
            {"temperature_state_topic", at + "/temperature"},
            {"temperature_command_topic", at + "/temperature/set"},
            {"current_temperature_topic", at + "/current_temperature"},
            {"temperature_unit", "C"},
            {"min_temp", kTargetMin},
            {"max_temp", kTargetMax},
            {"temp_step", 0.5}};
}

// Where states are kept for what is announced so; none but those below `base`.
std::vector<std::string> state_topics(const json& announced, const std::string& base) {
    std::vector<std::string> topics;
    const auto add = [&](const std::string& topic) {
        if (topic.starts_with(base + "/") && !topic.ends_with("/set") && is_plain_topic(topic)) {
            topics.push_back(topic);
        }
    };
    if (announced.is_object()) {
        for (const auto& [key, value] : announced.items()) {
            if (key.ends_with("topic") && value.is_string()) {
                add(value.get_ref<const std::string&>());
            }
        }
        const auto availability = announced.find("availability");
        if (availability != announced.end() && availability->is_array()) {
            for (const json& one : *availability) {
                add(text_in(one, "topic"));
            }
        }
    }
    return topics;
}

bool can_be_shown(const Shown& shown) {
    return shown.domain == "binary_sensor" || shown.domain == "sensor" || shown.domain == "button" ||
           shown.domain == "climate";
}

bool is_diagnostic(const Shown& shown) {
    return shown.device_class == "connectivity" || shown.device_class == "battery" ||
           shown.device_class == "problem";
}

// What a message to one of its topics asks for; nothing if it can't be read.
std::optional<std::string> input_of(const Shown& shown, std::string_view member, std::string_view payload) {
    if (shown.domain == "button" && member == "press" && payload == kPress) {
        return "{}";
    }
    if (shown.domain == "climate" && member == "mode" && (payload == kOnMode || payload == kOffMode)) {
        return json({{"on", payload == kOnMode}}).dump();
    }
    double number = 0;
    const auto read = std::from_chars(payload.data(), payload.data() + payload.size(), number);
    if (shown.domain == "climate" && member == "temperature" && read.ec == std::errc() &&
        read.ptr == payload.data() + payload.size() && number >= kTargetMin && number <= kTargetMax) {
        return json({{"temperature_c", number}}).dump();
    }
    return std::nullopt;
}

}  // namespace

Showing::Showing(ShowingNames names,
                 BridgeIo& io,
                 capability::ProviderEvents& events,
                 capability::ScreenEvents* screen)
    : names_(std::move(names)), io_(io), events_(events), screen_(screen) {}

std::string Showing::status_topic(const std::string& household) {
    return "ambit/" + household + "/status";
}

bool Showing::is_own_discovery(std::string_view prefix, std::string_view topic) {
    if (!is_discovery_topic(prefix, topic)) {
        return false;
    }
    // <component>/ambit_<household>/<id>/config; one level less is somebody's own thing.
    const std::string_view rest = topic.substr(topic.find('/', prefix.size() + 1) + 1);
    return rest.starts_with(kMark) && std::count(rest.begin(), rest.end(), '/') == 2;
}

std::string Showing::base() const {
    return "ambit/" + names_.household;
}

std::string Showing::discovery_topic(const Shown& shown) const {
    return names_.prefix + "/" + shown.domain + "/" + std::string(kMark) + names_.household + "/" + shown.id +
           "/config";
}

void Showing::say(const std::string& topic, std::string payload) {
    io_.publish({topic, std::move(payload)}, true);
}

void Showing::on_connected(MonoTime now) {
    connected_ = true;
    // The broker may have forgotten everything; what is still so will be shown again.
    shown_.clear();
    left_.clear();
    tidy_at_ = now + kResyncGrace;
    if (screen_ == nullptr) {
        return;
    }
    // A shared subscription: of several devices that show the same, one gets each request.
    io_.subscribe("$share/" + std::string(kMark) + names_.household + "/" + base() + "/+/+/set");
    io_.subscribe(status_topic(names_.household));
    say(status_topic(names_.household), "online");
    screen_->on_screen_ready();
}

void Showing::leave() {
    if (connected_ && screen_ != nullptr) {
        say(status_topic(names_.household), "offline");
    }
}

bool Showing::on_message(const std::string& topic, std::string_view payload, bool retained) {
    if (is_own_discovery(names_.prefix, topic)) {
        on_discovery(topic, payload);
        return true;
    }
    if (screen_ == nullptr || !topic.starts_with(base() + "/")) {
        return false;
    }
    if (topic == status_topic(names_.household)) {
        if (payload != "online") {
            say(topic, "online");  // another one left, or took it back
        }
        return true;
    }
    constexpr std::string_view kSet = "/set";
    const std::string_view rest = std::string_view(topic).substr(base().size() + 1);
    if (rest.ends_with(kSet) && !retained) {
        on_asked(rest.substr(0, rest.size() - kSet.size()), payload);
    }
    return true;
}

void Showing::on_discovery(const std::string& topic, std::string_view payload) {
    for (const auto& [id, shown] : shown_) {
        if (discovery_topic(shown) == topic) {
            if (payload.empty()) {  // another one stopped showing it
                publish_discovery(shown);
                publish_state(shown);
            }
            return;
        }
    }
    const json said = parsed(payload);
    if (text_in(said, kBy) != names_.device) {
        return;
    }
    std::vector<std::string> topics = state_topics(said, base());
    if (screen_ == nullptr) {
        topics.push_back(status_topic(names_.household));  // others that still show something say it anew
        take_back(topic, topics);
    } else if (left_.size() < kShownMax) {
        std::erase(topics, status_topic(names_.household));
        left_[topic] = {text_in(said, "unique_id"), std::move(topics)};
    }
}

void Showing::take_back(const std::string& discovery, const std::vector<std::string>& topics) {
    for (const std::string& topic : topics) {
        say(topic, "");
    }
    say(discovery, "");
}

void Showing::on_asked(std::string_view rest, std::string_view payload) {
    const std::size_t slash = rest.find('/');
    const auto found = shown_.find(std::string(rest.substr(0, slash)));
    const auto input =
        slash == std::string_view::npos || found == shown_.end() || payload.size() > kAskedBytesMax
            ? std::nullopt
            : input_of(found->second, rest.substr(slash + 1), payload);
    if (input.has_value() == unhealthy_) {
        unhealthy_ = !input;
        events_.on_health({names_.source + " asked",
                           input.has_value(),
                           {ErrorCode::MqttAskedInvalid, capped(base() + "/" + std::string(rest) + "/set")}});
    }
    if (input) {
        screen_->on_screen_asked(found->first, *input);
    }
}

void Showing::show(const Shown& shown) {
    if (!connected_ || !can_be_shown(shown)) {
        return;
    }
    const auto known = shown_.find(shown.id);
    if (known == shown_.end() && shown_.size() >= kShownMax) {
        return;
    }
    Shown like = shown;
    if (known != shown_.end()) {
        like.state_json = known->second.state_json;
        like.available = known->second.available;
    }
    const bool is_new = known == shown_.end() || !(known->second == like);
    shown_[shown.id] = shown;
    left_.erase(discovery_topic(shown));
    if (is_new) {
        publish_discovery(shown);
    }
    publish_state(shown);
}

void Showing::publish_discovery(const Shown& shown) {
    const std::string at = base() + "/" + shown.id;
    json device = {{"identifiers", {std::string(kMark) + names_.household + "_" + shown.of.id}},
                   {"name", capped(shown.of.name)},
                   {"manufacturer", "Ambit"},
                   {"model", capped(shown.of.kind)}};
    if (!shown.of.version.empty()) {
        device["sw_version"] = shown.of.version;
    }
    json all = component(shown, at);
    all["name"] = capped(shown.name);
    all["unique_id"] = std::string(kMark) + names_.household + "_" + shown.id;
    all["device"] = device;
    all["origin"] = {{"name", "Ambit"}};
    all["availability"] = {{{"topic", status_topic(names_.household)}}, {{"topic", at + "/available"}}};
    all["availability_mode"] = "all";
    all[std::string(kBy)] = names_.device;
    if (!shown.device_class.empty()) {
        all["device_class"] = shown.device_class;
    }
    if (!shown.unit.empty()) {
        all["unit_of_measurement"] = shown.unit;
    }
    if (is_diagnostic(shown)) {
        all["entity_category"] = "diagnostic";
    }
    say(discovery_topic(shown), dumped(all));
}

void Showing::publish_state(const Shown& shown) {
    const std::string at = base() + "/" + shown.id + "/";
    for (const auto& [member, text] : values_of(shown)) {
        say(at + member, capped(text));
    }
    say(at + "available", shown.available ? "online" : "offline");
}

void Showing::hide(const std::string& id) {
    const auto found = shown_.find(id);
    if (found == shown_.end()) {
        return;
    }
    const Shown gone = std::move(found->second);
    shown_.erase(found);
    // A retained message stays for ever: each topic is emptied.
    const std::string at = base() + "/" + id + "/";
    std::vector<std::string> topics = {at + "available"};
    for (const auto& [member, text] : values_of(gone)) {
        topics.push_back(at + member);
    }
    take_back(discovery_topic(gone), topics);
}

void Showing::on_time(MonoTime now) {
    if (!tidy_at_ || now < *tidy_at_) {
        return;
    }
    tidy_at_.reset();
    const std::string mine = std::string(kMark) + names_.household + "_";
    for (const auto& [topic, left] : std::exchange(left_, {})) {
        if (!left.unique_id.starts_with(mine) ||
            !screen_->on_screen_left(left.unique_id.substr(mine.size()))) {
            take_back(topic, left.topics);
        }
    }
}

}  // namespace ambit::mqtt
