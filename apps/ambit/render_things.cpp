// Things and rooms.
#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ambit/render.h"

namespace ambit::cli {
namespace {

// {"on":true,"brightness_pct":40} -> "on, brightness 40 %"
std::string state_words(const Json& state) {
    constexpr std::array<std::tuple<const char*, const char*, const char*>, 5> kFlags{{
        {"on", "on", "off"},
        {"locked", "locked", "unlocked"},
        {"open", "open", "closed"},
        {"playing", "playing", "paused"},
        {"muted", "muted", "not muted"},
    }};
    constexpr std::array<std::tuple<const char*, const char*, const char*>, 8> kLevels{{
        {"brightness_pct", "brightness ", " %"},
        {"position_pct", "at ", " %"},
        {"speed_pct", "speed ", " %"},
        {"humidity_pct", "to ", " %"},
        {"temperature_c", "to ", " °C"},
        {"current_temperature_c", "now ", " °C"},
        {"target_c", "to ", " °C"},
        {"cabin_c", "now ", " °C"},
    }};
    std::string out;
    const auto add = [&out](const std::string& words) { out += (out.empty() ? "" : ", ") + words; };
    for (const auto& [member, yes, no] : kFlags) {
        if (state.contains(member) && state[member].is_boolean()) {
            add(state[member].get<bool>() ? yes : no);
        }
    }
    for (const char* member : {"mode", "activity", "option"}) {
        if (const std::string text = text_of(state, member); !text.empty() && text != out) {
            add(text);
        }
    }
    for (const auto& [member, before, after] : kLevels) {
        if (state.contains(member) && state[member].is_number()) {
            add(before + fmt::format("{:g}", state[member].get<double>()) + after);
        }
    }
    if (state.contains("value")) {
        const std::string unit = text_of(state, "unit");
        add(value_text(state["value"]) + (unit.empty() ? "" : " " + unit));
    }
    return out;
}

}  // namespace

std::string things_text(const Json& answer, const Look& look) {
    auto things = list_of(answer, "things");
    std::stable_sort(things.begin(), things.end(), [](const Json& a, const Json& b) {
        return std::pair(text_of(a, "area"), text_of(a, "name")) <
               std::pair(text_of(b, "area"), text_of(b, "name"));
    });
    Table table({"THING", "ROOM", "KIND", "STATE", "ID"});
    for (const Json& thing : things) {
        const std::string area = text_of(thing, "area");
        const bool away = thing.contains("available") && thing["available"] == false;
        const std::string state = thing.contains("state") ? state_words(thing["state"]) : "";
        table.add({text_of(thing, "name"), area.empty() ? "-" : area, text_of(thing, "domain"),
                   away            ? "offline"
                   : state.empty() ? "-"
                                   : state,
                   text_of(thing, "id")});
    }
    if (things.empty()) {
        return "Nothing is known in the home yet.  Connect something:  ambit help home\n";
    }
    const auto left =
        static_cast<std::int64_t>(number_of(answer, "all")) - static_cast<std::int64_t>(things.size());
    return table.text(look) + (left > 0 ? fmt::format("and {} more\n", left) : "");
}

std::string given_text(const Json& answer, const Look& /*look*/) {
    const std::string thing = text_of(answer, "thing");
    if (answer.contains("area")) {
        const std::string area = text_of(answer, "area");
        return area.empty() ? fmt::format("{} is where its source says.\n", thing)
                            : fmt::format("{} is in {}.\n", thing, area);
    }
    const std::string name = text_of(answer, "name");
    return name.empty() ? fmt::format("{} has the name that its source gives it.\n", thing)
                        : fmt::format("{} is called {} now.\n", thing, name);
}

std::string areas_text(const Json& answer, const Look& look) {
    Table table({"AREA", "FLOOR", "THINGS", "DEVICES"});
    const auto areas = list_of(answer, "areas");
    for (const Json& area : areas) {
        const std::string floor = text_of(area, "floor");
        const std::string devices = joined(area, "devices", ", ");
        table.add({text_of(area, "name"), floor.empty() ? "-" : floor,
                   fmt::format("{:.0f}", number_of(area, "entities")), devices.empty() ? "-" : devices});
    }
    return areas.empty() ? "No room is known yet: they come with the things in them.\n" : table.text(look);
}

std::string floor_text(const Json& answer, const Look& /*look*/) {
    return fmt::format("{} is {}.\n", text_of(answer, "area"), text_of(answer, "floor"));
}

std::string device_area_text(const Json& answer, const Look& /*look*/) {
    return fmt::format("{} is in {}: what is said there is about that room first.\n",
                       text_of(answer, "device"), text_of(answer, "area"));
}

}  // namespace ambit::cli
