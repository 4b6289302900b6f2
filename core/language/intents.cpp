#include "language/intents.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::language {
namespace {

// clang-format off
constexpr Target kTargets[] = {
    {"HassTurnOn", "", "light.set", "on=true", Reach::Everything},
    {"HassTurnOn", "", "switch.set", "on=true", Reach::Everything},
    {"HassTurnOn", "", "fan.set", "on=true", Reach::Everything},
    {"HassTurnOn", "", "humidifier.set", "on=true", Reach::Everything},
    {"HassTurnOn", "", "media.set", "on=true", Reach::Kind},
    {"HassTurnOn", "", "climate.set", "on=true", Reach::Kind},
    {"HassTurnOn", "", "cover.set", "open=true", Reach::Kind},
    {"HassTurnOn", "", "valve.set", "open=true", Reach::Named},
    {"HassTurnOn", "", "vacuum.set", R"(activity="cleaning")", Reach::Kind},
    {"HassTurnOn", "", "mower.set", R"(activity="mowing")", Reach::Kind},
    {"HassTurnOn", "", "siren.set", "on=true", Reach::Named},
    {"HassTurnOn", "", "scene.activate", "", Reach::Named},
    {"HassTurnOn", "", "script.run", "", Reach::Named},
    {"HassTurnOn", "", "button.press", "", Reach::Named},
    {"HassTurnOn", "", "garage.set", "open=true", Reach::Named, true},
    {"HassTurnOn", "", "garage.pulse", "", Reach::Named, true},
    {"HassTurnOn", "", "lock.set", "locked=true", Reach::Said, true},
    {"HassTurnOn", "", "alarm.set", R"(mode="away")", Reach::Named, true},
    {"HassTurnOff", "", "light.set", "on=false", Reach::Everything},
    {"HassTurnOff", "", "switch.set", "on=false", Reach::Everything},
    {"HassTurnOff", "", "fan.set", "on=false", Reach::Everything},
    {"HassTurnOff", "", "humidifier.set", "on=false", Reach::Everything},
    {"HassTurnOff", "", "media.set", "on=false", Reach::Everything},
    {"HassTurnOff", "", "climate.set", "on=false", Reach::Kind},
    {"HassTurnOff", "", "cover.set", "open=false", Reach::Kind},
    {"HassTurnOff", "", "valve.set", "open=false", Reach::Named},
    {"HassTurnOff", "", "vacuum.set", R"(activity="docked")", Reach::Kind},
    {"HassTurnOff", "", "mower.set", R"(activity="docked")", Reach::Kind},
    {"HassTurnOff", "", "siren.set", "on=false", Reach::Named},
    {"HassTurnOff", "", "garage.set", "open=false", Reach::Named, true},
    {"HassTurnOff", "", "garage.pulse", "", Reach::Named, true},
    {"HassTurnOff", "", "lock.set", "locked=false", Reach::Said, true},
    {"HassTurnOff", "", "alarm.set", R"(mode="disarmed")", Reach::Named, true},
    {"HassLightSet", "brightness=0", "light.set", "on=false", Reach::Kind},
    {"HassLightSet", "brightness", "light.set", "on=true brightness_pct=percent:brightness", Reach::Kind},
    {"HassLightSet", "color", "light.set", "on=true color_rgb=color:color", Reach::Kind},
    {"HassLightSet", "temperature", "light.set", "on=true color_temp_k=number:temperature", Reach::Kind},
    {"HassToggle", "", "light.set", "", Reach::Everything},
    {"HassToggle", "", "switch.set", "", Reach::Everything},
    {"HassToggle", "", "fan.set", "", Reach::Everything},
    {"HassToggle", "", "media.set", "", Reach::Everything},
    {"HassStopMoving", "", "cover.stop", "", Reach::Kind},
    {"AmbitClimateSetMode", "", "climate.set", "mode=text:mode", Reach::Everything},
    {"HassSetPosition", "", "cover.set", "position_pct=percent:position", Reach::Kind},
    {"HassSetPosition", "", "valve.set", "position_pct=percent:position", Reach::Named},
    {"HassClimateSetTemperature", "", "climate.set", "temperature_c=celsius:temperature", Reach::Everything},
    {"HassFanSetSpeed", "percentage=0", "fan.set", "on=false", Reach::Everything},
    {"HassFanSetSpeed", "", "fan.set", "on=true speed_pct=percent:percentage", Reach::Everything},
    {"HassMediaPause", "", "media.set", "playing=false", Reach::Everything},
    {"HassMediaUnpause", "", "media.set", "playing=true", Reach::Everything},
    {"HassMediaNext", "", "media.skip", R"(to="next")", Reach::Everything},
    {"HassMediaPrevious", "", "media.skip", R"(to="previous")", Reach::Everything},
    {"HassMediaPlayerMute", "", "media.set", "muted=true", Reach::Everything},
    {"HassMediaPlayerUnmute", "", "media.set", "muted=false", Reach::Everything},
    {"HassSetVolume", "", "media.set", "volume_pct=percent:volume_level", Reach::Everything},
    {"HassMediaSearchAndPlay", "", "media.play", "query=text:search_query class=text:media_class?", Reach::Everything},
    {"HassVacuumStart", "", "vacuum.set", R"(activity="cleaning")", Reach::Everything},
    {"HassVacuumReturnToBase", "", "vacuum.set", R"(activity="docked")", Reach::Everything},
    {"HassLawnMowerStartMowing", "", "mower.set", R"(activity="mowing")", Reach::Everything},
    {"HassLawnMowerDock", "", "mower.set", R"(activity="docked")", Reach::Everything},
    {"AmbitCarPrecondition", "", "cabin.precondition", "on=true target_c=celsius:temperature?", Reach::Everything},
    {"AmbitCarPreconditionStop", "", "cabin.precondition", "on=false", Reach::Everything},
    {"HassStartTimer", "", "timer.start", "duration_s=duration: name=text:name? then=text:conversation_command?", Reach::NoEntity},
    {"HassCancelAllTimers", "", "timer.set", R"(state="cancelled" all=true area=text:area?)", Reach::NoEntity},
    {"HassCancelTimer", "", "timer.set", R"(state="cancelled" name=text:name? area=text:area? started_as_s=duration:start_?)", Reach::NoEntity},
    {"HassPauseTimer", "", "timer.set", R"(state="paused" name=text:name? area=text:area? started_as_s=duration:start_?)", Reach::NoEntity},
    {"HassUnpauseTimer", "", "timer.set", R"(state="running" name=text:name? area=text:area? started_as_s=duration:start_?)", Reach::NoEntity},
    {"HassIncreaseTimer", "", "timer.adjust", "by_s=duration: name=text:name? area=text:area? started_as_s=duration:start_?", Reach::NoEntity},
    {"HassDecreaseTimer", "", "timer.adjust", "by_s=-duration: name=text:name? area=text:area? started_as_s=duration:start_?", Reach::NoEntity},
    {"HassTimerStatus", "", "timer.read", "name=text:name? area=text:area? started_as_s=duration:start_?", Reach::NoEntity},
    {"HassShoppingListAddItem", "", "list.add", R"(list="shopping" item=text:item)", Reach::NoEntity},
    {"HassShoppingListCompleteItem", "", "list.complete", R"(list="shopping" item=text:item)", Reach::NoEntity},
    {"HassListAddItem", "", "list.add", "list=text:name item=text:item", Reach::NoEntity},
    {"HassListCompleteItem", "", "list.complete", "list=text:name item=text:item", Reach::NoEntity},
    {"HassListRemoveItem", "", "list.remove", "list=text:name item=text:item", Reach::NoEntity},
    {"HassBroadcast", "", "message.broadcast", "text=text:message", Reach::NoEntity},
    {"HassGetWeather", "", "weather.read", "place=text:name?", Reach::NoEntity},
};

constexpr Dial kDials[] = {
    {"brightness", "light.set", "brightness_pct", 10, 20, 40, 1, 100, true},
    {"temperature", "light.set", "color_temp_k", -250, -500, -1000, 2000, 6500, true},
    {"temperature", "climate.set", "temperature_c", 0.5, 1, 2, 5, 35, false},
    {"volume", "media.set", "volume_pct", 5, 10, 25, 0, 100, false},
    {"position", "cover.set", "position_pct", 10, 25, 50, 0, 100, false},
    {"speed", "fan.set", "speed_pct", 10, 25, 50, 1, 100, true},
};

// By the beginning of their names.
constexpr std::pair<std::string_view, std::string_view> kNeeds[] = {
    {"AmbitAlarm", "alarm clock"},   {"AmbitCalendar", "calendar"}, {"AmbitCar", "car"},
    {"AmbitReminder", "reminder"},   {"AmbitList", "list"},         {"AmbitMakeCoffee", "coffee machine"},
    {"AmbitWellbeing", "wearable"},  {"AmbitMedia", "media"},       {"AmbitWhoIsHome", "presence"},
    {"AmbitFindDevice", "location"}, {"HassVacuum", "vacuum"},      {"AmbitLightMood", "scene"},
};

struct Color {
    std::string_view name;
    std::array<int, 3> rgb;
};

constexpr Color kColors[] = {
    {"white", {255, 255, 255}}, {"red", {255, 0, 0}},      {"orange", {255, 140, 0}},
    {"yellow", {255, 255, 0}},  {"green", {0, 128, 0}},    {"cyan", {0, 255, 255}},
    {"turquoise", {64, 224, 208}}, {"blue", {0, 0, 255}},  {"purple", {128, 0, 128}},
    {"violet", {138, 43, 226}}, {"magenta", {255, 0, 255}}, {"pink", {255, 105, 180}},
    {"brown", {139, 69, 19}},   {"lime", {0, 255, 0}},     {"gold", {255, 215, 0}},
    {"lavender", {230, 190, 255}}, {"salmon", {250, 128, 114}}, {"teal", {0, 128, 128}},
    {"black", {0, 0, 0}},
};
// clang-format on

constexpr double kDurationSecondsMax = 366.0 * 24 * 3600;

std::optional<double> number_slot(const Recognition& recognition, std::string_view name) {
    const Slot* slot = recognition.slot(name);
    if (slot == nullptr) {
        return std::nullopt;
    }
    double number = 0;
    const char* end = slot->value.data() + slot->value.size();
    const auto [stop, status] = std::from_chars(slot->value.data(), end, number);
    return status == std::errc() && stop == end && std::isfinite(number) ? std::optional(number)
                                                                         : std::nullopt;
}

nlohmann::json rounded(double number) {
    return number == std::floor(number) && std::abs(number) < 1e15
               ? nlohmann::json(static_cast<std::int64_t>(number))
               : nlohmann::json(number);
}

std::optional<nlohmann::json> duration(const Recognition& recognition,
                                       const std::string& prefix,
                                       double sign) {
    constexpr std::array<std::pair<std::string_view, double>, 3> kUnits = {
        {{"hours", 3600}, {"minutes", 60}, {"seconds", 1}}};
    double total = 0;
    bool said = false;
    for (const auto& [unit, seconds_each] : kUnits) {
        if (const auto number = number_slot(recognition, prefix + std::string(unit))) {
            total += *number * seconds_each;
            said = true;
        }
    }
    if (!said || total <= 0 || total > kDurationSecondsMax) {
        return std::nullopt;
    }
    return rounded(std::round(total) * sign);
}

std::optional<nlohmann::json> value_for(std::string_view how,
                                        const std::string& slot,
                                        const Recognition& recognition,
                                        bool fahrenheit) {
    if (how == "duration" || how == "-duration") {
        return duration(recognition, slot, how == "duration" ? 1 : -1);
    }
    const Slot* said = recognition.slot(slot);
    if (said == nullptr) {
        return std::nullopt;
    }
    if (how == "text") {
        return said->value.empty() ? std::nullopt : std::optional(nlohmann::json(said->value));
    }
    if (how == "color") {
        const auto known = std::find_if(std::begin(kColors), std::end(kColors),
                                        [&](const Color& color) { return color.name == said->value; });
        return known == std::end(kColors) ? std::nullopt : std::optional(nlohmann::json(known->rgb));
    }
    const auto number = number_slot(recognition, slot);
    if (!number) {
        return std::nullopt;
    }
    if (how == "percent") {
        return rounded(std::clamp(*number, 0.0, 100.0));
    }
    if (how == "celsius" && fahrenheit) {
        return rounded(std::round((*number - 32) / 1.8 * 10) / 10);
    }
    return rounded(*number);
}

bool is_met(std::string_view when, const Recognition& recognition) {
    const std::size_t equals = when.find('=');
    if (when.empty()) {
        return true;
    }
    const Slot* slot = recognition.slot(when.substr(0, equals));
    return slot != nullptr && (equals == std::string_view::npos || slot->value == when.substr(equals + 1));
}

}  // namespace

std::span<const Target> all_targets() {
    return kTargets;
}

std::vector<const Target*> targets_of(const Recognition& recognition) {
    std::vector<const Target*> out;
    for (const Target& target : kTargets) {
        if (target.intent == recognition.intent && is_met(target.when, recognition)) {
            out.push_back(&target);
        }
    }
    return out;
}

std::optional<std::string> input_for(const Target& target, const Recognition& recognition, bool fahrenheit) {
    nlohmann::ordered_json input = nlohmann::ordered_json::object();
    std::string_view rest = target.input;
    while (!rest.empty()) {
        const std::string_view item = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), item.size() + 1));
        const std::size_t equals = item.find('=');
        const std::string member(item.substr(0, equals));
        std::string_view value = item.substr(equals + 1);
        const std::size_t colon = value.find(':');
        if (colon == std::string_view::npos) {
            input[member] = nlohmann::ordered_json::parse(value);
            continue;
        }
        const bool optional = value.ends_with('?');
        const std::string slot(value.substr(colon + 1, value.size() - colon - 1 - (optional ? 1 : 0)));
        const auto found = value_for(value.substr(0, colon), slot, recognition, fahrenheit);
        if (found) {
            input[member] = *found;
        } else if (!optional) {
            return std::nullopt;
        }
    }
    return input.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string_view needed_for(std::string_view intent) {
    const auto found = std::find_if(std::begin(kNeeds), std::end(kNeeds),
                                    [&](const auto& need) { return intent.starts_with(need.first); });
    return found == std::end(kNeeds) ? std::string_view() : found->second;
}

std::span<const Dial> all_dials() {
    return kDials;
}

std::optional<std::string_view> attribute_turned(const Recognition& recognition) {
    const std::string& intent = recognition.intent;
    if (intent == "AmbitAdjust") {
        const Slot* attribute = recognition.slot("attribute");
        return attribute == nullptr ? std::string_view() : std::string_view(attribute->value);
    }
    return intent == "AmbitLightAdjust"        ? std::optional<std::string_view>("brightness")
           : intent == "AmbitClimateAdjust"    ? std::optional<std::string_view>("temperature")
           : intent == "HassSetVolumeRelative" ? std::optional<std::string_view>("volume")
                                               : std::nullopt;
}

const Dial* dial_for(const HomeEntity& entity, std::string_view attribute) {
    const auto offered = [&](const Dial& dial) {
        return (attribute.empty() || dial.attribute == attribute) &&
               std::find(entity.capabilities.begin(), entity.capabilities.end(), dial.capability) !=
                   entity.capabilities.end();
    };
    const auto found = std::find_if(std::begin(kDials), std::end(kDials), offered);
    return found == std::end(kDials) ? nullptr : found;
}

std::string dial_input(const Dial& dial, double value) {
    nlohmann::ordered_json input = nlohmann::ordered_json::object();
    if (dial.switches_on) {
        input["on"] = value > 0;
    }
    if (!dial.switches_on || value > 0) {
        input[std::string(dial.member)] = rounded(std::clamp(value, dial.least, dial.most));
    }
    return input.dump();
}

std::optional<Command> made_absolute(const Command& command, std::string_view state_json) {
    if (!command.turn) {
        return command;
    }
    const nlohmann::json state = nlohmann::json::parse(state_json, nullptr, false);
    if (command.turn->member == "on") {
        const auto on = state.is_object() ? state.find("on") : state.end();
        return on == state.end() || !on->is_boolean()
                   ? std::nullopt
                   : std::optional(Command{command.capability, command.entity,
                                           *on ? R"({"on":false})" : R"({"on":true})", std::nullopt});
    }
    const auto dial = std::find_if(std::begin(kDials), std::end(kDials), [&](const Dial& one) {
        return one.capability == command.capability && one.member == command.turn->member;
    });
    if (dial == std::end(kDials) || !state.is_object()) {
        return std::nullopt;
    }
    const auto value = state.find(command.turn->member);
    const bool is_off = dial->switches_on && state.value("on", nlohmann::json()) == false;
    if (!is_off && (value == state.end() || !value->is_number())) {
        return std::nullopt;
    }
    const double from = is_off ? 0 : value->get<double>();
    // What is off can't get darker; and turning down ends at the least there is, not at off.
    if (is_off && command.turn->by <= 0) {
        return std::nullopt;
    }
    const double to = std::clamp(from + command.turn->by, dial->least, dial->most);
    return Command{command.capability, command.entity, dial_input(*dial, to), std::nullopt};
}

}  // namespace ambit::language
