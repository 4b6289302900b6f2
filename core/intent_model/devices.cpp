// What a small device reads by itself, in the labels of MASSIVE, of CLINC150 and of our own grammar; it
// passes the rest on.
#include <algorithm>
#include <array>

#include "intent_model/recipe.h"

namespace ambit::intent_model {
namespace {

struct NamedDevice {
    std::string_view name;
    std::vector<std::string> intents;
};

// Separated by spaces.
constexpr std::string_view kCar =
    "AmbitCarChargeLevel AmbitCarChargeStart AmbitCarChargeStop AmbitCarDefrost AmbitCarLocate "
    "AmbitCarPlugState AmbitCarPrecondition AmbitCarPreconditionStop AmbitCarRange AmbitCarReady "
    "AmbitCarSeat AmbitMediaWhatsPlaying HassGetWeather HassMediaNext HassMediaPause "
    "HassMediaPlayerMute HassMediaPlayerUnmute HassMediaPrevious HassMediaSearchAndPlay "
    "HassMediaUnpause HassSetVolume HassSetVolumeRelative current_location directions distance gas "
    "gas_type jump_start last_maintenance make_call mpg music_query oil_change_how oil_change_when "
    "play_music play_podcasts play_radio schedule_maintenance share_location text tire_change "
    "tire_pressure traffic transport_query transport_taxi transport_ticket transport_traffic weather "
    "weather_query";

constexpr std::string_view kSpeaker =
    "AmbitAlarmCancel AmbitAlarmQuery AmbitAlarmSet AmbitAlarmSnooze AmbitClimateAdjust "
    "AmbitFindDevice AmbitLightAdjust AmbitLightMood AmbitListCreate AmbitListDelete AmbitListQuery "
    "AmbitMakeCoffee AmbitMediaWhatsPlaying AmbitWhoIsHome HassBroadcast HassCancelAllTimers "
    "HassCancelTimer HassClimateGetTemperature HassClimateSetTemperature HassDecreaseTimer "
    "HassGetCurrentDate HassGetCurrentTime HassGetWeather HassIncreaseTimer HassLightSet "
    "HassListAddItem HassListCompleteItem HassListRemoveItem HassMediaNext HassMediaPause "
    "HassMediaPlayerMute HassMediaPlayerUnmute HassMediaPrevious HassMediaSearchAndPlay "
    "HassMediaUnpause HassPauseTimer HassSetVolume HassSetVolumeRelative HassStartTimer "
    "HassTimerStatus HassToggle HassTurnOff HassTurnOn HassUnpauseTimer HassVacuumCleanArea "
    "HassVacuumReturnToBase HassVacuumStart alarm_query alarm_remove alarm_set audio_volume_down "
    "audio_volume_mute audio_volume_other audio_volume_up change_volume datetime_query iot_cleaning "
    "iot_coffee iot_hue_lightchange iot_hue_lightdim iot_hue_lightoff iot_hue_lighton "
    "iot_hue_lightup iot_wemo_off iot_wemo_on lists_createoradd lists_query lists_remove music_query "
    "news_query next_song play_audiobook play_game play_music play_podcasts play_radio timer "
    "weather_query";

constexpr std::string_view kWatch =
    "AmbitAlarmCancel AmbitAlarmQuery AmbitAlarmSet AmbitAlarmSnooze AmbitCalendarAdd "
    "AmbitCalendarMove AmbitCalendarQuery AmbitCalendarRemove AmbitFindDevice AmbitListCreate "
    "AmbitListDelete AmbitListQuery AmbitReminderCancel AmbitReminderQuery AmbitReminderSet "
    "AmbitWellbeingBreathe AmbitWellbeingPause AmbitWellbeingQuery AmbitWellbeingState "
    "AmbitWhoIsHome HassCancelAllTimers HassCancelTimer HassDecreaseTimer HassGetCurrentDate "
    "HassGetCurrentTime HassGetWeather HassIncreaseTimer HassListAddItem HassListCompleteItem "
    "HassListRemoveItem HassPauseTimer HassStartTimer HassTimerStatus HassUnpauseTimer alarm "
    "alarm_query alarm_remove alarm_set calendar calendar_query calendar_remove calendar_set "
    "calendar_update date datetime_query find_phone lists_createoradd lists_query lists_remove "
    "make_call reminder reminder_update text time timer weather weather_query";

std::vector<std::string> words_of(std::string_view list) {
    std::vector<std::string> words;
    while (!list.empty()) {
        words.emplace_back(list.substr(0, list.find(' ')));
        list.remove_prefix(std::min(list.size(), words.back().size() + 1));
    }
    return words;
}

const std::array<NamedDevice, 3>& devices() {
    static const std::array<NamedDevice, 3> all = {
        {{"car", words_of(kCar)}, {"speaker", words_of(kSpeaker)}, {"watch", words_of(kWatch)}}};
    return all;
}

}  // namespace

const std::vector<std::string>* intents_of_device(std::string_view name) {
    const auto at = std::find_if(devices().begin(), devices().end(),
                                 [name](const NamedDevice& device) { return device.name == name; });
    return at == devices().end() ? nullptr : &at->intents;
}

std::vector<std::string_view> device_names() {
    std::vector<std::string_view> names;
    for (const NamedDevice& device : devices()) {
        names.push_back(device.name);
    }
    return names;
}

}  // namespace ambit::intent_model
