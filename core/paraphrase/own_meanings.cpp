// The table of paraphrase/rewording.h, for the labels of the head of our own grammar, which are intents of
// ours.  Not here: what needs a conversation, what the words alone do not decide (on or off, up or down), and
// what the labels of MASSIVE say with more slots.
#include "paraphrase/rewording.h"

namespace ambit::paraphrase {
namespace {

// clang-format off
constexpr Meaning kOwnMeanings[] = {
    {"AmbitAlarmSnooze", "AmbitAlarmSnooze", "snooze the alarm", "", false},
    {"AmbitCarChargeLevel", "AmbitCarChargeLevel", "what is the battery level of the car", "", false},
    {"AmbitCarChargeStart", "AmbitCarChargeStart", "set the charge limit to {charge_limit} percent|charge the car", "", true, "stop end cancel"},
    {"AmbitCarChargeStop", "AmbitCarChargeStop", "stop charging the car", "", true, "start begin"},
    {"AmbitCarDefrost", "AmbitCarDefrost", "defrost the {window}|defrost the car", "", true},
    {"AmbitCarLocate", "AmbitCarLocate", "where is the car", "", false},
    {"AmbitCarPlugState", "AmbitCarPlugState", "is the car plugged in", "", false},
    {"AmbitCarPrecondition", "AmbitCarPrecondition", "set the cabin to {temperature} degrees|precondition the car", "", true, "stop off"},
    {"AmbitCarPreconditionStop", "AmbitCarPreconditionStop", "stop the climate in the car", "", true, "start on"},
    {"AmbitCarRange", "AmbitCarRange", "can i reach {place} with this charge|what is the range of the car", "", false},
    {"AmbitCarReady", "AmbitCarReady", "is the car ready", "", false},
    {"AmbitFindDevice", "AmbitFindDevice", "find my {device}", "", true},
    {"AmbitHelp", "AmbitHelp", "what can you do", "", false},
    {"AmbitReminderQuery", "AmbitReminderQuery", "show my reminders", "", false},
    {"AmbitWellbeingBreathe", "AmbitWellbeingBreathe", "start a breathing exercise[ for {duration}]", "", true},
    {"AmbitWellbeingQuery", "AmbitWellbeingQuery", "what is my {measure}", "", false},
    {"AmbitWhy", "AmbitWhy", "why did the {name} change", "", false},
    {"AmbitWhatLeft", "AmbitWhatLeft", "what left my {device}|what left the house", "", false},
    {"AmbitWhoIsHome", "AmbitWhoIsHome", "is {person} home|who is home", "", false},
    {"HassCancelAllTimers", "HassCancelAllTimers", "cancel all timers", "", true},
    {"HassCancelTimer", "HassCancelTimer", "cancel the {name} timer|cancel the timer", "", true},
    {"HassClimateGetTemperature", "HassClimateGetTemperature", "what is the temperature[ in the {area}]", "", false},
    {"HassClimateSetTemperature", "HassClimateSetTemperature", "set the temperature[ in the {area}] to {temperature} degrees", "", true, "warmer colder cooler hotter up down by more less"},
    {"HassDecreaseTimer", "HassDecreaseTimer", "take {minutes} minutes off the timer|take {seconds} seconds off the timer|take {hours} hours off the timer", "", true, "more add longer extend another to"},
    {"HassGetState", "HassGetState", "is the {name} on|is the {name} locked|is the {name} open", "", false, "off out closed shut unlocked"},
    {"HassIncreaseTimer", "HassIncreaseTimer", "add {minutes} minutes to the timer|add {seconds} seconds to the timer|add {hours} hours to the timer", "", true, "less off from shorten reduce remove take"},
    {"HassLawnMowerDock", "HassLawnMowerDock", "dock the {name=mower}", "", true},
    {"HassLawnMowerStartMowing", "HassLawnMowerStartMowing", "mow the lawn", "name", true},
    {"HassMediaNext", "HassMediaNext", "next song", "", true},
    {"HassMediaPause", "HassMediaPause", "pause the music", "", true},
    {"HassMediaPlayerUnmute", "HassMediaPlayerUnmute", "unmute the {name}|unmute", "", true},
    {"HassMediaPrevious", "HassMediaPrevious", "previous song", "", true},
    {"HassMediaUnpause", "HassMediaUnpause", "resume the music", "", true},
    {"HassPauseTimer", "HassPauseTimer", "pause the {name} timer|pause the timer", "", true},
    {"HassSetPosition", "HassSetPosition", "set the {name} to {position} percent", "", true, "by more less"},
    {"HassStartTimer", "HassStartTimer",
     "set a timer for {hours} hours {minutes} minutes {seconds} seconds|set a timer for {hours} hours {minutes} minutes|set a timer for {minutes} minutes {seconds} seconds"
     "|set a timer for {hours} hours|set a timer for {minutes} minutes|set a timer for {seconds} seconds"
     "|set a {name} timer for {hours} hours|set a {name} timer for {minutes} minutes|set a {name} timer for {seconds} seconds", "", false},
    {"HassTimerStatus", "HassTimerStatus", "how much time is left on the {name} timer|how much time is left on the timer", "", false},
    {"HassToggle", "HassToggle", "toggle the {name}", "", true},
    {"HassTurnOff", "HassTurnOff", "turn off the {name}", "", true, "on open up unlock"},
    {"HassTurnOn", "HassTurnOn", "turn on the {name}", "", true, "off out close down unlock"},
    {"HassUnpauseTimer", "HassUnpauseTimer", "resume the {name} timer|resume the timer", "", true},
    {"HassVacuumReturnToBase", "HassVacuumReturnToBase", "dock the {name=vacuum}", "", true},
};
// clang-format on

}  // namespace

std::span<const Meaning> own_meanings() {
    return kOwnMeanings;
}

}  // namespace ambit::paraphrase
