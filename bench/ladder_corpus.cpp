#include "ladder_corpus.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "language/text.h"

namespace ambit::bench {
namespace {

using nlohmann::json;

std::vector<Labelled> read(const std::filesystem::path& path) {
    std::ifstream in(path);
    if (!in) {
        std::cerr << "language-ladder: cannot read " << path << "\n";
        std::exit(1);
    }
    std::vector<Labelled> out;
    for (std::string line; std::getline(in, line);) {
        const json row = json::parse(line);
        Labelled said;
        said.text = row.at("text").get<std::string>();
        said.intent = row.at("intent").get<std::string>();
        said.scenario = row.value("scenario", said.intent);
        for (const json& slot : row.at("slots")) {
            const std::string name = slot.at("name").get<std::string>();
            if (name == "house_place") {
                said.place = slot.at("value").get<std::string>();
            } else if (name == "color_type") {
                said.color = slot.at("value").get<std::string>();
            }
        }
        out.push_back(std::move(said));
    }
    return out;
}

// An intent of ours, and a slot it must have ("domain=light"); empty: any.
struct Meant {
    std::string intent;
    std::string slot;
};

using Meanings = std::multimap<std::string, Meant>;

// Which of ours are right for an intent of MASSIVE that counts.
Meanings counted() {
    return {
        {"iot_hue_lighton", {"HassTurnOn", "domain=light"}},
        {"iot_hue_lightoff", {"HassTurnOff", "domain=light"}},
        {"iot_hue_lightdim", {"AmbitLightAdjust", "direction=down"}},
        {"iot_hue_lightdim", {"HassLightSet", "brightness"}},
        {"iot_hue_lightup", {"AmbitLightAdjust", "direction=up"}},
        {"iot_hue_lightup", {"HassLightSet", "brightness"}},
        {"iot_hue_lightchange", {"HassLightSet", ""}},
        {"iot_hue_lightchange", {"AmbitLightMood", ""}},
        {"iot_wemo_on", {"HassTurnOn", "domain=switch"}},
        {"iot_wemo_on", {"HassTurnOn", "domain=fan"}},
        {"iot_wemo_on", {"HassTurnOn", "domain=media_player"}},
        {"iot_wemo_off", {"HassTurnOff", "domain=switch"}},
        {"iot_wemo_off", {"HassTurnOff", "domain=fan"}},
        {"iot_wemo_off", {"HassTurnOff", "domain=media_player"}},
        {"iot_cleaning", {"HassVacuumStart", ""}},
        {"iot_cleaning", {"HassVacuumCleanArea", ""}},
        {"iot_coffee", {"AmbitMakeCoffee", ""}},
        {"iot_coffee", {"HassTurnOn", "name=Coffee Machine"}},
        {"alarm_set", {"AmbitAlarmSet", ""}},
        {"alarm_set", {"AmbitAlarmSnooze", ""}},
        {"alarm_remove", {"AmbitAlarmCancel", ""}},
        {"alarm_remove", {"AmbitAlarmSnooze", ""}},
        {"alarm_query", {"AmbitAlarmQuery", ""}},
        {"calendar_set", {"AmbitCalendarAdd", ""}},
        {"calendar_set", {"AmbitCalendarMove", ""}},
        {"calendar_set", {"AmbitReminderSet", ""}},
        {"calendar_query", {"AmbitCalendarQuery", ""}},
        {"calendar_query", {"AmbitReminderQuery", ""}},
        {"calendar_remove", {"AmbitCalendarRemove", ""}},
        {"calendar_remove", {"AmbitReminderCancel", ""}},
        {"lists_createoradd", {"HassListAddItem", ""}},
        {"lists_createoradd", {"AmbitListCreate", ""}},
        {"lists_query", {"AmbitListQuery", ""}},
        {"lists_remove", {"HassListRemoveItem", ""}},
        {"lists_remove", {"HassListCompleteItem", ""}},
        {"lists_remove", {"AmbitListDelete", ""}},
        {"weather_query", {"HassGetWeather", ""}},
    };
}

// ... and for one that is not counted in the figure, but not out of scope either.
Meanings not_counted() {
    return {
        {"audio_volume_up", {"HassSetVolumeRelative", "volume_step=up"}},
        {"audio_volume_up", {"HassSetVolume", ""}},
        {"audio_volume_down", {"HassSetVolumeRelative", "volume_step=down"}},
        {"audio_volume_down", {"HassSetVolume", ""}},
        {"audio_volume_mute", {"HassMediaPlayerMute", ""}},
        {"audio_volume_other", {"HassSetVolume", ""}},
        {"datetime_query", {"HassGetCurrentTime", ""}},
        {"datetime_query", {"HassGetCurrentDate", ""}},
        {"play_music", {"HassMediaSearchAndPlay", ""}},
        {"play_radio", {"HassMediaSearchAndPlay", ""}},
        {"play_audiobook", {"HassMediaSearchAndPlay", ""}},
        {"play_audiobook", {"HassMediaUnpause", ""}},
        {"play_podcasts", {"HassMediaSearchAndPlay", ""}},
        {"play_podcasts", {"HassMediaNext", ""}},
        {"music_query", {"AmbitMediaWhatsPlaying", ""}},
        {"music_settings", {"HassMediaPrevious", ""}},
        {"music_settings", {"HassMediaNext", ""}},
        {"music_settings", {"HassMediaPause", ""}},
        {"general_greet", {"HassRespond", ""}},
    };
}

// ... and for labels of CLINC150 that a home is asked for.
Meanings of_clinc() {
    return {
        {"alarm", {"AmbitAlarmSet", ""}},
        {"alarm", {"AmbitAlarmQuery", ""}},
        {"calendar", {"AmbitCalendarQuery", ""}},
        {"calendar_update", {"AmbitCalendarAdd", ""}},
        {"calendar_update", {"AmbitCalendarRemove", ""}},
        {"change_volume", {"HassSetVolume", ""}},
        {"change_volume", {"HassSetVolumeRelative", ""}},
        {"date", {"HassGetCurrentDate", ""}},
        {"find_phone", {"AmbitFindDevice", "device=phone"}},
        {"next_song", {"HassMediaNext", ""}},
        {"reminder", {"AmbitReminderQuery", ""}},
        {"reminder_update", {"AmbitReminderSet", ""}},
        {"repeat", {"AmbitRepeat", ""}},
        {"shopping_list", {"AmbitListQuery", ""}},
        {"shopping_list_update", {"HassListAddItem", ""}},
        {"shopping_list_update", {"HassListRemoveItem", ""}},
        {"time", {"HassGetCurrentTime", ""}},
        {"timer", {"HassStartTimer", ""}},
        {"timer", {"HassTimerStatus", ""}},
        {"todo_list", {"AmbitListQuery", ""}},
        {"todo_list_update", {"HassListAddItem", ""}},
        {"todo_list_update", {"HassListRemoveItem", ""}},
        {"weather", {"HassGetWeather", ""}},
        {"what_can_i_ask_you", {"AmbitHelp", ""}},
        {"what_song", {"AmbitMediaWhatsPlaying", ""}},
    };
}

// What is not here is out of our scope.
const Meanings& meanings() {
    static const Meanings table = [] {
        Meanings all = counted();
        all.merge(not_counted());
        all.merge(of_clinc());
        return all;
    }();
    return table;
}

// A name's own domain counts as the slot `domain`: "turn on the kitchen light".
std::string value_of(const language::Recognition& ours, const std::string& name) {
    if (const language::Slot* slot = ours.slot(name)) {
        return slot->value;
    }
    const auto known = ours.context.find(name);
    return known == ours.context.end() ? std::string() : known->second;
}

bool has(const language::Recognition& ours, const std::string& wanted) {
    const std::size_t equals = wanted.find('=');
    const std::string value = value_of(ours, wanted.substr(0, equals));
    return equals == std::string::npos ? !value.empty() : value == wanted.substr(equals + 1);
}

}  // namespace

std::vector<Labelled> massive(const std::filesystem::path& data, const std::string& split) {
    return read(data / "nlu" / ("massive_en." + split + ".jsonl"));
}

std::vector<Labelled> clinc_out_of_scope(const std::filesystem::path& data, const std::string& split) {
    std::vector<Labelled> all = read(data / "nlu" / ("clinc150." + split + ".jsonl"));
    std::erase_if(all, [](const Labelled& said) { return said.intent != "oos"; });
    return all;
}

std::vector<Labelled> clinc_of_a_home(const std::filesystem::path& data, const std::string& split) {
    std::vector<Labelled> all = read(data / "nlu" / ("clinc150." + split + ".jsonl"));
    std::erase_if(all, [](const Labelled& said) { return !of_clinc().contains(said.intent); });
    for (Labelled& said : all) {
        said.scenario = "clinc";
    }
    return all;
}

bool is_right_intent(const Labelled& said, const language::Recognition& ours) {
    const auto [begin, end] = meanings().equal_range(said.intent);
    return std::any_of(begin, end, [&](const auto& row) {
        return row.second.intent == ours.intent && (row.second.slot.empty() || has(ours, row.second.slot));
    });
}

bool is_out_of_scope(const Labelled& said) {
    return !meanings().contains(said.intent);
}

bool is_resolved(const Labelled& said, const language::Recognition& ours, const language::Home& home) {
    const auto folded = [](const std::string& text) { return language::spoken_form(text); };
    const std::vector<std::string> areas = home.areas();
    const bool is_ours = std::any_of(areas.begin(), areas.end(),
                                     [&](const auto& area) { return folded(area) == folded(said.place); });
    if (is_ours && said.scenario == "iot") {
        const language::Slot* name = ours.slot("name");
        const language::Slot* area = ours.slot("area");
        const bool by_area = area != nullptr && folded(area->value) == folded(said.place);
        const bool by_name =
            name != nullptr && folded(name->value).find(folded(said.place)) != std::string::npos;
        if (!by_area && !by_name) {
            return false;
        }
    }
    if (said.color.empty() || ours.intent != "HassLightSet") {
        return true;
    }
    const language::Slot* color = ours.slot("color");
    return color == nullptr || folded(said.color).find(folded(color->value)) != std::string::npos ||
           folded(color->value).find(folded(said.color)) != std::string::npos;
}

language::Home home_of_speakers() {
    std::vector<language::HomeEntity> things;
    const auto add = [&things](const std::string& domain, const std::string& name, const std::string& area) {
        things.push_back(
            {domain + "." + std::to_string(things.size()), name, area, domain, {}, {domain + ".set"}});
    };
    for (const char* area :
         {"Kitchen", "Living Room", "Bedroom", "Bathroom", "Office", "Hall", "Garage", "Porch"}) {
        add("light", std::string(area) + " Light", area);
    }
    add("light", "Lamp", "Living Room");
    add("light", "Desk Lamp", "Office");
    add("switch", "Coffee Machine", "Kitchen");
    add("switch", "Plug", "Living Room");
    add("fan", "Fan", "Bedroom");
    add("media_player", "TV", "Living Room");
    add("climate", "Thermostat", "Hall");
    add("cover", "Blinds", "Living Room");
    add("vacuum", "Vacuum", "Hall");
    add("lock", "Front Door", "Hall");
    add("todo", "Shopping List", "");
    add("todo", "To-do List", "");
    return language::Home(std::move(things));
}

}  // namespace ambit::bench
