// The table of paraphrase/rewording.h, for the labels of MASSIVE (head `massive`).
#include "paraphrase/rewording.h"

namespace ambit::paraphrase {
namespace {

// clang-format off
constexpr Meaning kMeanings[] = {
    {"iot_hue_lighton", "HassTurnOn",
     "turn on the {device_type}[ in the {house_place}]|turn on the {house_place} lights|turn on the lights[ in the {house_place}]|turn on the lights {house_place}|turn on all the lights {house_place}", "device_type", true},
    {"iot_hue_lightoff", "HassTurnOff",
     "turn off the {device_type}[ in the {house_place}]|turn off the {house_place} lights|turn off the lights[ in the {house_place}]|turn off the lights {house_place}|turn off all the lights {house_place}", "device_type", true},
    {"iot_hue_lightdim", "AmbitLightAdjust HassLightSet",
     "dim the {house_place} lights by {change_amount}|dim the {house_place} lights to {change_amount}|dim the {house_place} lights to {change_amount} percent|dim the lights to {change_amount} percent|dim the lights by {change_amount}|dim the lights to {change_amount}|dim the lights {change_amount}|dim the {house_place} lights {change_amount}"
     "|dim the {house_place} lights|dim the lights[ in the {house_place}]", "device_type", true},
    {"iot_hue_lightup", "AmbitLightAdjust HassLightSet",
     "brighten the {house_place} lights by {change_amount}|set the {house_place} lights to {change_amount}|set the {house_place} lights to {change_amount} percent|set the lights to {change_amount} percent|brighten the lights by {change_amount}|set the lights to {change_amount}|brighten the lights {change_amount}|brighten the {house_place} lights {change_amount}"
     "|brighten the {house_place} lights|brighten the lights[ in the {house_place}]", "device_type", true},
    {"iot_hue_lightchange", "HassLightSet AmbitLightMood",
     "set the {house_place} lights to {color_type}|set the lights[ in the {house_place}] to {color_type}|set the lights {house_place} to {color_type}"
     "|change the color of the {house_place} lights|change the color of the lights[ in the {house_place}]", "device_type", true},
    {"iot_wemo_on", "HassTurnOn", "turn on the {device_type=plug}[ in the {house_place}]", "", true},
    {"iot_wemo_off", "HassTurnOff", "turn off the {device_type=plug}[ in the {house_place}]", "", true},
    {"iot_cleaning", "HassVacuumStart HassVacuumCleanArea",
     "vacuum the {house_place}|start the {device_type=vacuum}|start the vacuum", "device_type", true},
    {"iot_coffee", "AmbitMakeCoffee", "make a {coffee_type=coffee}|make {coffee_type}|make a coffee", "device_type coffee_type", true},
    {"audio_volume_up", "HassSetVolumeRelative HassSetVolume", "turn up the volume[ by {change_amount}]|set the volume to {change_amount}", "device_type media_type", true},
    {"audio_volume_down", "HassSetVolumeRelative HassSetVolume", "turn down the volume[ by {change_amount}]|set the volume to {change_amount}", "device_type media_type", true},
    {"audio_volume_mute", "HassMediaPlayerMute", "mute the volume", "device_type media_type", true},
    {"play_music", "HassMediaSearchAndPlay",
     "play the song {song_name} by {artist_name}|play the song {song_name}|play songs by {artist_name}|play the playlist {playlist_name}|play some {music_genre} music", "media_type", true},
    {"play_radio", "HassMediaSearchAndPlay", "play the radio station {radio_name}|play the radio", "device_type media_type", true},
    {"play_podcasts", "HassMediaSearchAndPlay", "play the podcast {podcast_name}|play the podcast about {podcast_descriptor}", "media_type", true},
    {"play_audiobook", "HassMediaSearchAndPlay", "play the audiobook {audiobook_name}", "media_type", true},
    {"music_query", "AmbitMediaWhatsPlaying", "what song is playing", "", false},
    {"alarm_set", "AmbitAlarmSet AmbitAlarmSnooze", "set an alarm[ {date}][ at {time}]|set an alarm for {time} {date}|set an alarm {date} {time}|set an alarm {time} {timeofday}", "", false},
    {"alarm_remove", "AmbitAlarmCancel AmbitAlarmSnooze", "cancel my alarm[ {date}][ at {time}]|cancel my {time} alarm[ {date}]|cancel my alarm in the {timeofday}", "alarm_type", false},
    {"alarm_query", "AmbitAlarmQuery", "show my alarms[ {date}][ at {time}]|show my alarms in the {timeofday}", "alarm_type", false},
    {"calendar_set", "AmbitCalendarAdd AmbitCalendarMove AmbitReminderSet", "add {event_name=an event} to my calendar[ {date}][ at {time}]|add {event_name} to my calendar {time} {date}", "person relation", false},
    {"calendar_query", "AmbitCalendarQuery AmbitReminderQuery", "show my calendar[ {date}][ at {time}]|when is the {event_name} on my calendar[ {date}][ at {time}]", "person relation", false},
    {"calendar_remove", "AmbitCalendarRemove AmbitReminderCancel", "remove {event_name} from my calendar[ {date}][ at {time}]|remove everything from my calendar[ {date}]", "person relation", false},
    {"lists_createoradd", "HassListAddItem AmbitListCreate", "add this to the {list_name} list|create a list", "", false},
    {"lists_query", "AmbitListQuery", "show my {list_name} list[ {date}]|show my lists[ {date}]", "", false},
    {"lists_remove", "HassListRemoveItem HassListCompleteItem AmbitListDelete", "remove this from my {list_name} list|remove an item from the list", "", false},
    {"weather_query", "HassGetWeather",
     "is it {weather_descriptor}[ in {place_name}][ {date}][ at {time}]|what is the {weather_descriptor}[ in {place_name}][ {date}]|what is the weather[ in {place_name}][ {date}][ at {time}]", "", false},
    {"datetime_query", "HassGetCurrentTime HassGetCurrentDate", "", "", false},
    {"music_settings", "HassMediaPrevious HassMediaNext HassMediaPause", "", "", true},
    {"general_greet", "HassRespond", "", "", false},
};

// Labels of CLINC150 that name what a home is asked for, or that say too little to tell.
constexpr std::string_view kShared =
    "play_music weather reminder_update calendar_update calendar alarm smart_home time date timer todo_list todo_list_update"
    " shopping_list shopping_list_update schedule_meeting meeting_schedule what_song change_volume whisper_mode next_song"
    " cancel next_holiday reminder plug_type repeat yes no maybe greeting goodbye thank_you reset_settings cancel_reservation how_busy";
// clang-format on

}  // namespace

std::string_view shared_labels() {
    return kShared;
}

std::span<const Meaning> all_meanings() {
    return kMeanings;
}

}  // namespace ambit::paraphrase
