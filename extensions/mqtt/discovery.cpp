#include "mqtt/discovery.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

namespace ambit::mqtt {
namespace {

using nlohmann::json;

Error unusable(std::string what) {
    return {ErrorCode::MqttAnnouncementInvalid, std::move(what)};
}

// The abbreviations of the keys used here; Home Assistant documents more, which are ignored like all unknown
// keys.
const std::map<std::string, std::string, std::less<>>& abbreviations() {
    static const std::map<std::string, std::string, std::less<>> table = {
        {"avty", "availability"},
        {"avty_t", "availability_topic"},
        {"avty_mode", "availability_mode"},
        {"avty_tpl", "availability_template"},
        {"bri", "brightness"},
        {"bri_cmd_t", "brightness_command_topic"},
        {"bri_scl", "brightness_scale"},
        {"bri_stat_t", "brightness_state_topic"},
        {"bri_val_tpl", "brightness_value_template"},
        {"cmd_t", "command_topic"},
        {"cmd_tpl", "command_template"},
        {"bri_cmd_tpl", "brightness_command_template"},
        {"cmps", "components"},
        {"cod_form", "code_format"},
        {"dev", "device"},
        {"dev_cla", "device_class"},
        {"ids", "identifiers"},
        {"o", "origin"},
        {"on_cmd_type", "on_command_type"},
        {"p", "platform"},
        {"pl_avail", "payload_available"},
        {"pl_lock", "payload_lock"},
        {"pl_not_avail", "payload_not_available"},
        {"pl_off", "payload_off"},
        {"pl_on", "payload_on"},
        {"pl_prs", "payload_press"},
        {"pl_unlk", "payload_unlock"},
        {"ret", "retain"},
        {"sa", "suggested_area"},
        {"stat_locked", "state_locked"},
        {"stat_off", "state_off"},
        {"stat_on", "state_on"},
        {"stat_t", "state_topic"},
        {"stat_unlocked", "state_unlocked"},
        {"stat_val_tpl", "state_value_template"},
        {"sup_clrm", "supported_color_modes"},
        {"t", "topic"},
        {"uniq_id", "unique_id"},
        {"unit_of_meas", "unit_of_measurement"},
        {"val_tpl", "value_template"},
        {"def_ent_id", "default_entity_id"},
        {"schema", "schema"}};
    return table;
}

json expand_keys(const json& object) {
    json out = json::object();
    for (const auto& [key, value] : object.items()) {
        const auto known = abbreviations().find(key);
        out[known == abbreviations().end() ? key : known->second] = value;
    }
    return out;
}

// Puts the base topic "~" in at the start or end of every topic of `object`.
void expand_base(json& object, const std::string& base) {
    if (base.empty()) {
        return;
    }
    for (auto& [key, value] : object.items()) {
        if (!key.ends_with("topic") || !value.is_string()) {
            continue;
        }
        std::string topic = value.get<std::string>();
        if (topic.starts_with('~')) {
            topic = base + topic.substr(1);
        } else if (topic.ends_with('~')) {
            topic = topic.substr(0, topic.size() - 1) + base;
        }
        value = topic;
    }
}

std::string text_in(const json& object, std::string_view key, const std::string& fallback = "") {
    const auto found = object.find(key);
    return found == object.end() || !found->is_string() ? fallback : found->get<std::string>();
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

// <prefix>/<component>/[<node>/]<object>/config
struct TopicParts {
    std::string component;
    std::string object;  // with its node: "node/object"
};

std::optional<TopicParts> split_topic(std::string_view prefix, std::string_view topic) {
    constexpr std::string_view kEnd = "/config";
    if (topic.size() > kTopicBytesMax || !topic.starts_with(prefix) || !topic.ends_with(kEnd) ||
        topic.size() <= prefix.size() + kEnd.size() || topic[prefix.size()] != '/') {
        return std::nullopt;
    }
    const std::string_view middle =
        topic.substr(prefix.size() + 1, topic.size() - prefix.size() - 1 - kEnd.size());
    const std::size_t slash = middle.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == middle.size() ||
        std::count(middle.begin(), middle.end(), '/') > 2) {
        return std::nullopt;
    }
    return TopicParts{std::string(middle.substr(0, slash)), std::string(middle.substr(slash + 1))};
}

std::optional<Component> component_named(std::string_view name) {
    return name == "light"           ? std::optional(Component::Light)
           : name == "switch"        ? std::optional(Component::Switch)
           : name == "lock"          ? std::optional(Component::Lock)
           : name == "button"        ? std::optional(Component::Button)
           : name == "sensor"        ? std::optional(Component::Sensor)
           : name == "binary_sensor" ? std::optional(Component::BinarySensor)
                                     : std::nullopt;
}

// Reads one component's config, abbreviations and base topic already expanded.
class EntityReader {
  public:
    EntityReader(const json& config, const json& device, std::string source, std::string object)
        : config_(config), device_(device), source_(std::move(source)), object_(std::move(object)) {}

    Result<Announced> read(Component component, const std::string& domain) {
        out_.component = component;
        read_identity(domain);
        AMBIT_TRY(read_topics());
        AMBIT_TRY(read_state());
        if (component == Component::Light) {
            AMBIT_TRY(read_light());
        }
        AMBIT_TRY(read_availability());
        const bool acts = component != Component::Sensor && component != Component::BinarySensor;
        if (acts && out_.command_topic.empty()) {
            return unusable("no command_topic");
        }
        if (!acts && out_.state_topic.empty()) {
            return unusable("no state_topic");
        }
        if (acts) {
            out_.entity.capabilities = {domain + (component == Component::Button ? ".press" : ".set")};
        }
        return std::move(out_);
    }

  private:
    void read_identity(const std::string& domain) {
        const std::string unique_id = capped(text_in(config_, "unique_id", domain + "/" + object_));
        const std::string device_name = text_in(device_, "name");
        std::string name = text_in(config_, "name");
        if (name.empty()) {
            name = device_name.empty() ? object_ : device_name;
        } else if (!device_name.empty() && !name.starts_with(device_name)) {
            name = device_name + " " + name;
        }
        out_.entity.id = source_ + "/" + unique_id;
        out_.entity.source = source_;
        out_.entity.name = capped(name);
        out_.entity.area = capped(text_in(device_, "suggested_area"));
        out_.entity.domain = domain;
        out_.entity.device_class = capped(text_in(config_, "device_class"));
    }

    Result<void> read_topic(std::string_view key, std::string& into) {
        into = text_in(config_, key);
        if (!into.empty() && !is_plain_topic(into)) {
            return unusable(std::string(key) + " is not a topic");
        }
        return {};
    }

    Result<void> read_topics() {
        AMBIT_TRY(read_topic("state_topic", out_.state_topic));
        AMBIT_TRY(read_topic("command_topic", out_.command_topic));
        AMBIT_TRY(read_topic("brightness_state_topic", out_.brightness_state_topic));
        AMBIT_TRY(read_topic("brightness_command_topic", out_.brightness_command_topic));
        out_.retain = config_.value("retain", json()) == true;
        return {};
    }

    Result<void> read_template(std::string_view key, ValueTemplate& into) {
        AMBIT_TRY_ASSIGN(into, ValueTemplate::parse(text_in(config_, key)));
        return {};
    }

    Result<void> read_state() {
        if (config_.contains("command_template") || config_.contains("brightness_command_template")) {
            return Error{ErrorCode::MqttTemplateUnsupported, "a command template"};
        }
        if (out_.component == Component::Lock) {
            AMBIT_TRY(read_lock());
        } else if (out_.component == Component::Button) {
            read_button();
        } else {
            out_.payload_on = text_in(config_, "payload_on", "ON");
            out_.payload_off = text_in(config_, "payload_off", "OFF");
            out_.state_on = text_in(config_, "state_on", out_.payload_on);
            out_.state_off = text_in(config_, "state_off", out_.payload_off);
        }
        out_.unit = capped(text_in(config_, "unit_of_measurement"));
        // A plain light names its template differently; it takes value_template only for brightness.
        const bool light = out_.component == Component::Light;
        return read_template(light ? "state_value_template" : "value_template", out_.state_value);
    }

    Result<void> read_lock() {
        if (config_.contains("code_format")) {
            return unusable("a lock that asks for a code");
        }
        out_.payload_on = text_in(config_, "payload_lock", "LOCK");
        out_.payload_off = text_in(config_, "payload_unlock", "UNLOCK");
        out_.state_on = text_in(config_, "state_locked", "LOCKED");
        out_.state_off = text_in(config_, "state_unlocked", "UNLOCKED");
        return {};
    }

    void read_button() {
        out_.payload_on = text_in(config_, "payload_press", "PRESS");
        out_.state_topic.clear();  // it has no state
        out_.retain = false;       // or the broker would press it again whenever its device comes back
    }

    Result<void> read_light() {
        const std::string schema = text_in(config_, "schema", "default");
        if (schema != "json" && schema != "default" && schema != "basic") {
            return unusable("light schema '" + capped(schema) + "'");
        }
        out_.json_schema = schema == "json";
        AMBIT_TRY(read_template("brightness_value_template", out_.brightness_value));
        const json scale = config_.value("brightness_scale", json(255));
        if (!scale.is_number() || scale.get<double>() < 1 || scale.get<double>() > 1e6) {
            return unusable("brightness_scale out of range");
        }
        out_.brightness_scale = scale.get<double>();
        out_.on_command_type = text_in(config_, "on_command_type", "last");
        out_.brightness = out_.json_schema ? config_.value("brightness", json()) == true || has_dimming_mode()
                                           : !out_.brightness_command_topic.empty();
        return {};
    }

    bool has_dimming_mode() const {
        const auto modes = config_.find("supported_color_modes");
        return modes != config_.end() && modes->is_array() && !modes->empty() &&
               std::none_of(modes->begin(), modes->end(), [](const json& mode) { return mode == "onoff"; });
    }

    Result<void> read_availability() {
        const std::string mode = text_in(config_, "availability_mode", "latest");
        out_.availability_mode = mode == "all"   ? AvailabilityMode::All
                                 : mode == "any" ? AvailabilityMode::Any
                                                 : AvailabilityMode::Latest;
        if (const std::string topic = text_in(config_, "availability_topic"); !topic.empty()) {
            AMBIT_TRY(add_availability(config_, topic, "availability_template"));
        }
        const auto list = config_.find("availability");
        if (list == config_.end() || !list->is_array()) {
            return {};
        }
        for (const json& item : *list) {
            if (!item.is_object()) {
                return unusable("availability is not a list of objects");
            }
            json each = expand_keys(item);
            expand_base(each, text_in(config_, "~"));
            AMBIT_TRY(add_availability(each, text_in(each, "topic"), "value_template"));
        }
        return {};
    }

    Result<void> add_availability(const json& from, const std::string& topic, std::string_view template_key) {
        if (!is_plain_topic(topic) || out_.availability.size() >= kAvailabilitiesMax) {
            return unusable("availability topic");
        }
        AMBIT_TRY_ASSIGN(ValueTemplate value, ValueTemplate::parse(text_in(from, template_key)));
        out_.availability.push_back({topic, text_in(from, "payload_available", "online"),
                                     text_in(from, "payload_not_available", "offline"), std::move(value)});
        return {};
    }

    const json& config_;
    const json& device_;
    std::string source_;
    std::string object_;
    Announced out_;
};

void add_entity(Announcement& out,
                json config,
                const json& device,
                const std::string& source,
                const std::string& object,
                const std::string& domain) {
    const auto component = component_named(domain);
    if (!component) {
        return;
    }
    expand_base(config, text_in(config, "~"));
    auto made = EntityReader(config, device, source, object).read(*component, domain);
    if (made) {
        out.entities.push_back(std::move(*made));
    } else {
        out.left_out.push_back(made.error());
    }
}

void add_device(Announcement& out,
                const json& root,
                const json& device,
                const std::string& source,
                const std::string& object) {
    const auto components = root.find("components");
    if (components == root.end() || !components->is_object() || components->size() > kComponentsMax) {
        out.left_out.push_back(
            unusable("a device needs 1 to " + std::to_string(kComponentsMax) + " components"));
        return;
    }
    json shared = root;
    for (const char* own : {"components", "device", "origin", "name", "unique_id"}) {
        shared.erase(own);
    }
    for (const auto& [id, component] : components->items()) {
        if (!component.is_object()) {
            out.left_out.push_back(unusable("component '" + capped(id) + "' is not an object"));
            continue;
        }
        json config = expand_keys(component);
        const std::string platform = text_in(config, "platform");
        if (config.size() <= 1) {
            continue;  // only its platform: it was removed
        }
        for (const auto& [key, value] : shared.items()) {
            if (!config.contains(key)) {
                config[key] = value;
            }
        }
        add_entity(out, std::move(config), device, source, object + "/" + id, platform);
    }
}

}  // namespace

bool is_plain_topic(std::string_view topic) {
    return !topic.empty() && topic.size() <= kTopicBytesMax &&
           std::none_of(topic.begin(), topic.end(), [](char c) {
               return c == '+' || c == '#' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
           });
}

bool is_discovery_topic(std::string_view prefix, std::string_view topic) {
    return split_topic(prefix, topic).has_value();
}

Announcement parse_announcement(std::string_view prefix,
                                const std::string& source,
                                std::string_view topic,
                                std::string_view payload) {
    Announcement out;
    const auto parts = split_topic(prefix, topic);
    if (!parts || payload.empty()) {
        return out;
    }
    const bool whole_device = parts->component == "device";
    if (!whole_device && !component_named(parts->component)) {
        return out;
    }
    const json parsed = payload.size() > kPayloadBytesMax ? json(json::value_t::discarded)
                                                          : json::parse(payload, nullptr, false);
    if (!parsed.is_object()) {
        out.left_out.push_back(
            unusable("not a JSON object of at most " + std::to_string(kPayloadBytesMax) + " bytes"));
        return out;
    }
    const json root = expand_keys(parsed);
    if (root.contains("migrate_discovery")) {
        return out;
    }
    const auto found = root.find("device");
    const json device = found != root.end() && found->is_object() ? expand_keys(*found) : json::object();
    if (whole_device) {
        add_device(out, root, device, source, parts->object);
    } else {
        add_entity(out, root, device, source, parts->object, parts->component);
    }
    return out;
}

}  // namespace ambit::mqtt
