#include "homeassistant/messages.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "api/api.h"
#include "base/text.h"
#include "homeassistant/connection.h"

namespace ambit::homeassistant {
namespace {

using nlohmann::json;

constexpr std::size_t kIdBytesMax = 255;
constexpr api::JsonLimits kLimits{kMessageBytesMax, 32, 4'000'000};

Error nonsense(const std::string& what) {
    return {ErrorCode::HomeAssistantNonsense, what};
}

// A text that may be long or hold anything: cut, and without control characters.
std::string shown_at(const json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_string() ? printable(at->get_ref<const std::string&>(), kNameBytesMax)
                                                 : "";
}

// An id: taken whole or not at all, so that two never become one.
std::string id_at(const json& object, const char* name) {
    const auto at = object.find(name);
    if (at == object.end() || (!at->is_string() && !at->is_number_integer())) {
        return "";
    }
    std::string text = at->is_string() ? at->get<std::string>() : at->dump();
    return text.size() <= kIdBytesMax && printable(text, kIdBytesMax) == text ? text : "";
}

bool is_set(const json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && !at->is_null() && *at != false;
}

std::optional<double> number_at(const json& object, const char* name) {
    const auto at = object.find(name);
    if (at == object.end() || !at->is_number() || !std::isfinite(at->get<double>())) {
        return std::nullopt;
    }
    return at->get<double>();
}

void add_choices(const json& attributes, const char* name, std::vector<std::string>& into) {
    const auto list = attributes.find(name);
    if (list == attributes.end() || !list->is_array()) {
        return;
    }
    for (const json& one : *list) {
        if (one.is_string() && into.size() < kChoicesMax) {
            into.push_back(printable(one.get_ref<const std::string&>(), kNameBytesMax));
        }
    }
}

State state_of(const json& row) {
    State state;
    state.state = shown_at(row, "state");
    const auto attributes = row.find("attributes");
    if (attributes == row.end() || !attributes->is_object()) {
        return state;
    }
    state.friendly_name = shown_at(*attributes, "friendly_name");
    state.unit = shown_at(*attributes, "unit_of_measurement");
    state.device_class = shown_at(*attributes, "device_class");
    const auto muted = attributes->find("is_volume_muted");
    if (muted != attributes->end() && muted->is_boolean()) {
        state.muted = muted->get<bool>();
    }
    for (const char* name : kNumbers) {
        if (const auto number = number_at(*attributes, name)) {
            state.numbers[name] = *number;
        }
    }
    for (const char* name : kTexts) {
        if (std::string text = shown_at(*attributes, name); !text.empty()) {
            state.texts[name] = std::move(text);
        }
    }
    for (const char* name : {"hvac_modes", "options"}) {
        add_choices(*attributes, name, state.choices);
    }
    return state;
}

void read_config(const json& config, Answer& answer) {
    const auto units = config.is_object() ? config.find("unit_system") : config.end();
    const std::string degrees =
        units != config.end() && units->is_object() ? shown_at(*units, "temperature") : "";
    if (degrees.empty()) {
        answer.wrong = nonsense("a configuration without a unit of temperatures");
    } else {
        answer.result = Config{degrees == "°F"};
    }
}

// Puts the rows of a list into `answer`, as a map; `read` makes one of a row.
template <typename Map, typename Read>
void read_rows(const json& list, const char* key, const Read& read, Answer& answer) {
    if (!list.is_array()) {
        answer.wrong = nonsense(std::string("an answer that is no list, by ") + key);
        return;
    }
    Map map;
    for (const json& row : list) {
        const std::string id = row.is_object() ? id_at(row, key) : "";
        if (id.empty()) {
            continue;
        }
        if (map.size() >= kRowsMax && !map.contains(id)) {
            ++answer.left_out;
        } else {
            map.insert_or_assign(id, read(row));
        }
    }
    if (map.empty() && !list.empty()) {
        answer.wrong = nonsense(std::string("a list without one usable ") + key);
        return;
    }
    answer.result = std::move(map);
}

Registered registered_of(const json& row) {
    Registered one;
    one.platform = id_at(row, "platform");
    one.unique_id = id_at(row, "unique_id");
    one.device_id = id_at(row, "device_id");
    one.area_id = id_at(row, "area_id");
    one.disabled = is_set(row, "disabled_by");
    one.hidden = is_set(row, "hidden_by");
    one.category = id_at(row, "entity_category");
    return one;
}

Device device_of(const json& row) {
    Device device{id_at(row, "area_id"), is_set(row, "disabled_by"), shown_at(row, "name_by_user"),
                  shown_at(row, "manufacturer")};
    if (device.name.empty()) {
        device.name = shown_at(row, "name");
    }
    if (const std::string model = shown_at(row, "model"); !model.empty()) {
        device.model += (device.model.empty() ? "" : " ") + model;
    }
    return device;
}

void read_result(const json& result, Wish wish, Answer& answer) {
    switch (wish) {
        case Wish::Nothing:
            break;
        case Wish::FloorList:
            read_rows<Floors>(
                result, "floor_id", [](const json& row) { return shown_at(row, "name"); }, answer);
            break;
        case Wish::AreaList:
            read_rows<Areas>(
                result, "area_id",
                [](const json& row) {
                    return Area{shown_at(row, "name"), id_at(row, "floor_id")};
                },
                answer);
            break;
        case Wish::DeviceList:
            read_rows<Devices>(result, "id", device_of, answer);
            break;
        case Wish::EntityList:
            read_rows<Registry>(result, "entity_id", registered_of, answer);
            break;
        case Wish::StateList:
            read_rows<States>(result, "entity_id", state_of, answer);
            break;
        case Wish::Config:
            read_config(result, answer);
            break;
    }
}

Result<Message> answer_of(const json& whole, const std::function<Wish(std::int64_t)>& wish_of) {
    Answer answer;
    answer.id = whole["id"].get<std::int64_t>();
    const auto success = whole.find("success");
    if (success == whole.end() || !success->is_boolean()) {
        return nonsense("a result that is neither good nor bad");
    }
    answer.success = success->get<bool>();
    if (answer.success) {
        const auto result = whole.find("result");
        read_result(result == whole.end() ? json() : *result, wish_of(answer.id), answer);
        return Message(std::move(answer));
    }
    const auto error = whole.find("error");
    if (error != whole.end() && error->is_object()) {
        answer.problem = shown_at(*error, "code") + ": " + shown_at(*error, "message");
    }
    return Message(std::move(answer));
}

Message event_of(const json& whole) {
    const auto event = whole.find("event");
    if (event == whole.end() || !event->is_object()) {
        return Other{};
    }
    const std::string type = id_at(*event, "event_type");
    if (type.ends_with("_registry_updated")) {
        return RegistryChanged{};
    }
    const auto data = event->find("data");
    if (type != "state_changed" || data == event->end() || !data->is_object()) {
        return Other{};
    }
    StateChanged changed{id_at(*data, "entity_id"), std::nullopt};
    if (domain_of(changed.entity_id).empty()) {
        return Other{};
    }
    const auto state = data->find("new_state");
    if (state == data->end() || !(state->is_object() || state->is_null())) {
        return Other{};  // says neither what it is now nor that it is gone
    }
    if (state->is_object()) {
        changed.state = state_of(*state);
    }
    return changed;
}

}  // namespace

Result<Message> parse_message(std::string_view text, const std::function<Wish(std::int64_t)>& wish_of) {
    if (const auto checked = api::check_json(text, kLimits); !checked) {
        return nonsense(checked.error().detail);
    }
    const json whole = json::parse(text, nullptr, false);
    if (!whole.is_object() || !whole.contains("type") || !whole["type"].is_string()) {
        return nonsense("a message without a type");
    }
    const std::string& type = whole["type"].get_ref<const std::string&>();
    if (type == "auth_required") {
        return Message(AuthRequired{});
    }
    if (type == "auth_ok") {
        return Message(AuthOk{});
    }
    if (type == "auth_invalid") {
        return Message(AuthInvalid{});
    }
    const bool numbered = whole.contains("id") && whole["id"].is_number_integer();
    if (!numbered) {
        return Message(Other{});
    }
    if (type == "result") {
        return answer_of(whole, wish_of);
    }
    if (type == "pong") {
        return Message(Pong{whole["id"].get<std::int64_t>()});
    }
    return type == "event" ? event_of(whole) : Message(Other{});
}

std::optional<double> State::number(const std::string& name) const {
    const auto at = numbers.find(name);
    return at == numbers.end() ? std::nullopt : std::optional(at->second);
}

std::string State::text(const std::string& name) const {
    const auto at = texts.find(name);
    return at == texts.end() ? "" : at->second;
}

std::string domain_of(std::string_view entity_id) {
    const std::size_t dot = entity_id.find('.');
    const auto plain = [](std::string_view text) {
        return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        });
    };
    if (dot == std::string_view::npos || !plain(entity_id.substr(0, dot)) ||
        !plain(entity_id.substr(dot + 1))) {
        return "";
    }
    return std::string(entity_id.substr(0, dot));
}

}  // namespace ambit::homeassistant
