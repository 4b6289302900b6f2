#include "mqtt/discovery.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "mqtt/abbreviations.h"
#include "mqtt/components.h"
#include "mqtt/json_text.h"

namespace ambit::mqtt {
namespace {

using nlohmann::json;

json expand_keys(const json& object) {
    json out = json::object();
    for (const auto& [key, value] : object.items()) {
        out[std::string(whole_key(key))] = value;
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

// Reads one component's config, abbreviations and base topic already expanded.
class EntityReader {
  public:
    EntityReader(const json& config, const json& device, std::string source, std::string object)
        : config_(config), device_(device), source_(std::move(source)), object_(std::move(object)) {}

    Result<Announced> read(const std::string& component) {
        read_identity(component);
        out_.retain = config_.value("retain", json()) == true;
        AMBIT_TRY(read_component(component, config_, out_));
        AMBIT_TRY(read_availability());
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

// "Desk lamp (IKEA LED1545G12)"
std::string made_by(const json& device) {
    const std::string model = text_in(device, "manufacturer") + " " + text_in(device, "model");
    const std::string name = text_in(device, "name");
    return capped(model == " " ? name : name + " (" + model + ")");
}

void add_entity(Announcement& out,
                json config,
                const json& device,
                const std::string& source,
                const std::string& object,
                const std::string& domain) {
    const std::string what = capped(domain + " " + text_in(config, "name", object));
    if (!is_component(domain)) {
        out.left_out.push_back({what, unusable("Ambit has no use for this kind"), false});
        return;
    }
    expand_base(config, text_in(config, "~"));
    auto made = EntityReader(config, device, source, object).read(domain);
    if (!made) {
        // zigbee2mqtt's events come with templates that nobody there can mend.
        const bool wrong = domain != "event" || made.error().code != ErrorCode::MqttTemplateUnsupported;
        out.left_out.push_back({what, made.error(), wrong});
        return;
    }
    if (!made->only_heard.empty()) {
        out.left_out.push_back({what + ", to be set", unusable(made->only_heard), false});
    }
    out.entities.push_back(std::move(*made));
}

void add_device(Announcement& out,
                const json& root,
                const json& device,
                const std::string& source,
                const std::string& object) {
    const auto components = root.find("components");
    if (components == root.end() || !components->is_object() || components->size() > kComponentsMax) {
        out.left_out.push_back(
            {"device", unusable("a device needs 1 to " + std::to_string(kComponentsMax) + " components")});
        return;
    }
    json shared = json::object();  // of every component, so nothing large
    for (const auto& [key, value] : root.items()) {
        const bool own =
            key == "name" || key == "unique_id" || (value.is_structured() && key != "availability");
        if (!own && value.size() <= kAvailabilitiesMax) {
            shared[key] = value;
        }
    }
    for (const auto& [id, component] : components->items()) {
        if (!component.is_object()) {
            out.left_out.push_back({capped(id), unusable("not an object")});
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
    const json said = parsed(payload);
    if (!said.is_object()) {
        out.left_out.push_back({parts->object,
                                unusable("not a JSON object of at most " + std::to_string(kPayloadBytesMax) +
                                         " bytes and " + std::to_string(kJsonDepthMax) + " levels"),
                                whole_device || is_component(parts->component)});
        return out;
    }
    const json root = expand_keys(said);
    if (root.contains("migrate_discovery")) {
        return out;
    }
    const auto found = root.find("device");
    const json device = found != root.end() && found->is_object() ? expand_keys(*found) : json::object();
    out.from = made_by(device);
    if (whole_device) {
        add_device(out, root, device, source, parts->object);
    } else {
        add_entity(out, root, device, source, parts->object, parts->component);
    }
    return out;
}

}  // namespace ambit::mqtt
