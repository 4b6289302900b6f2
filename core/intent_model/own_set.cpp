// The set of our own grammar's sentences, and what of other sets is foreign to it.
#include <algorithm>
#include <array>

#include "intent_model/recipe.h"
#include "intent_model/tokens.h"

namespace ambit::intent_model {
namespace {

// Labels of MASSIVE, CLINC150 and SNIPS that may mean something a household is asked for, in order.
constexpr std::array<std::string_view, 72> kPerhapsOurs = {"AddToPlaylist",
                                                           "GetWeather",
                                                           "PlayMusic",
                                                           "SearchCreativeWork",
                                                           "alarm",
                                                           "alarm_query",
                                                           "alarm_remove",
                                                           "alarm_set",
                                                           "audio_volume_down",
                                                           "audio_volume_mute",
                                                           "audio_volume_other",
                                                           "audio_volume_up",
                                                           "calendar",
                                                           "calendar_query",
                                                           "calendar_remove",
                                                           "calendar_set",
                                                           "calendar_update",
                                                           "cancel",
                                                           "cancel_reservation",
                                                           "change_volume",
                                                           "date",
                                                           "datetime_query",
                                                           "find_phone",
                                                           "general_greet",
                                                           "goodbye",
                                                           "greeting",
                                                           "how_busy",
                                                           "iot_cleaning",
                                                           "iot_coffee",
                                                           "iot_hue_lightchange",
                                                           "iot_hue_lightdim",
                                                           "iot_hue_lightoff",
                                                           "iot_hue_lighton",
                                                           "iot_hue_lightup",
                                                           "iot_wemo_off",
                                                           "iot_wemo_on",
                                                           "lists_createoradd",
                                                           "lists_query",
                                                           "lists_remove",
                                                           "maybe",
                                                           "meeting_schedule",
                                                           "music_query",
                                                           "music_settings",
                                                           "next_holiday",
                                                           "next_song",
                                                           "no",
                                                           "play_audiobook",
                                                           "play_music",
                                                           "play_podcasts",
                                                           "play_radio",
                                                           "plug_type",
                                                           "reminder",
                                                           "reminder_update",
                                                           "repeat",
                                                           "reset_settings",
                                                           "schedule_meeting",
                                                           "shopping_list",
                                                           "shopping_list_update",
                                                           "smart_home",
                                                           "sync_device",
                                                           "thank_you",
                                                           "time",
                                                           "timer",
                                                           "timezone",
                                                           "todo_list",
                                                           "todo_list_update",
                                                           "weather",
                                                           "weather_query",
                                                           "what_can_i_ask_you",
                                                           "what_song",
                                                           "whisper_mode",
                                                           "yes"};

struct Same {
    std::string_view label;
    std::string_view intent;
};

// Labels of CLINC150 that mean one intent of ours, so that it is also learned as people say it.
constexpr std::array<Same, 8> kSame = {{{"date", "HassGetCurrentDate"},
                                        {"find_phone", "AmbitFindDevice"},
                                        {"next_song", "HassMediaNext"},
                                        {"repeat", "AmbitRepeat"},
                                        {"time", "HassGetCurrentTime"},
                                        {"timer", "HassStartTimer"},
                                        {"what_can_i_ask_you", "AmbitHelp"},
                                        {"what_song", "AmbitMediaWhatsPlaying"}}};

constexpr std::size_t kOneIn = 4;  // of what is foreign: the head needs an idea of it, not all of it

// What the sentence is in the own set; nothing: it is not in it.
std::optional<std::string_view> own_label(const Example& example) {
    const auto same = std::find_if(kSame.begin(), kSame.end(),
                                   [&example](const Same& row) { return row.label == example.intent; });
    if (same != kSame.end()) {
        return same->intent;
    }
    const bool is_nobodys = example.intent == kOutOfScope;
    const bool is_taken = is_nobodys ? !is_tuning(example) : hash_of(example.text, 17) % kOneIn == 0;
    return is_taken && !is_perhaps_ours(example.intent) ? std::optional(kForeign) : std::nullopt;
}

}  // namespace

bool is_perhaps_ours(std::string_view label) {
    return std::find(kPerhapsOurs.begin(), kPerhapsOurs.end(), label) != kPerhapsOurs.end();
}

std::vector<NamedSet> with_others(std::vector<NamedSet> sets) {
    const auto own =
        std::find_if(sets.begin(), sets.end(), [](const NamedSet& set) { return set.name == kOwnSet; });
    if (own == sets.end()) {
        return sets;
    }
    std::vector<Example> more;
    for (const NamedSet& set : sets) {
        for (const Example& example : set.examples) {
            if (const auto label = own_label(example); label && set.name != kOwnSet) {
                more.push_back({example.text, std::string(*label), {}, false});
            }
        }
    }
    own->examples.insert(own->examples.end(), more.begin(), more.end());
    return sets;
}

}  // namespace ambit::intent_model
