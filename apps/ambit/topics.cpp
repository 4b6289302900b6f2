// The texts of `ambit help TOPIC`.
#include <array>
#include <utility>

#include "ambit/commands.h"

namespace ambit::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kTopics{{
    {"audiences",
     R"(Every fact says who may read it:
  device         only this device; it never leaves
  me             the devices of the person of this device (person:NAME for another)
  household      every device of the household
  anyone         whoever asks
Set it when you write:  ambit facts set me comfort_temperature 21 --audience me
See it:                 ambit facts
)"},
    {"calendar",
     R"(Your calendar is read on a device that is yours alone; titles, places and guests never leave it.
  ambit config set calendar.path ~/calendars        (a file, or a folder of .ics files), or a server, or both:
  ambit config set calendar.url https://cloud.example.org
  ambit config set calendar.user anna
  ambit config set calendar.password_file ~/calendar-password    (best a password made for this device alone)
  ambit down, then  ambit up
  ambit doctor                     (what is wrong with it, and what to do next)
Let your car know when you leave:  ambit release grant departure --to device:car
)"},
    {"files",
     R"(One instance is one device on this machine; most people have one, "default".
  state     $AMBIT_STATE_DIR/<instance>, else $XDG_STATE_HOME/ambit/<instance>, else ~/.local/state/ambit/<instance>
  socket    <state>/ambit.sock, or $XDG_RUNTIME_DIR/ambit/<instance>.sock when AMBIT_STATE_DIR is not set
  settings  <state>/settings.toml       (ambit config)
  log       <state>/ambitd.log          (when `ambit up` started the daemon)
Choose the instance with --instance NAME or AMBIT_INSTANCE.
)"},
    {"home",
     R"(Ambit finds what announces itself on an MQTT broker in Home Assistant's discovery format:
  ambit config set mqtt.host 192.0.2.3     (the broker; if it wants a user: mqtt.username, mqtt.password_file)
  ambit config set mqtt.enabled on
  ambit down, then  ambit up
Do the same on a second device and it stands by: when one of them is off, the other acts.
See what was found:  ambit things      What is not used, and why:  ambit doctor mqtt
Say where a thing is, and what you call it:  ambit things area "Desk Lamp" Study    ambit things name ID "Desk Lamp"
Say where rooms and devices are:  ambit areas floor Bedroom upstairs    ambit devices area speaker Kitchen
)"},
    {"pairing",
     R"(1. On a device of the household:  ambit pair
2. On the new device:             ambit join CODE     (add --at HOST:PORT if it isn't found)
3. Both show the same four words.  If they differ, somebody is in between: say no.
4. Say whose device it is: shared, an existing person's, or a new person's.
A code works once, for 3 minutes and 3 tries.  A device for an existing person needs the yes of one of their devices.
)"},
    {"recovery",
     R"(The 17 recovery words were shown once, when the household was created.  They make a new admin when every admin's
device is lost.  On a new device, while at least one other device of the household is on:
  ambit recover --name phone2 --kind phone     (reads the words from stdin; add --at HOST:PORT if none is found)
  ambit devices remove phone                   (what was lost)
It is the device of the one admin there is; say whose with --owner NAME.  A device of the household can do it too.
The words you type leave the device never, and are used up: new ones are shown, before anything is changed.
If no device of the household is left there is nothing to get back into: start anew with  ambit up.
)"},
    {"release",
     R"(Personal data stays on its person's devices.  A release rule is your permission to tell one thing derived from it:
  ambit release                      what is allowed now, and what could be
  ambit release simulate sleep-state --to household     what it would tell now; nothing is sent
  ambit release grant sleep-state --to household --purpose "wake-up light"
  ambit release show ID
  ambit release revoke ID
It tells the result (asleep or awake), never the readings; every use is in  ambit ledger.
)"},
}};

}  // namespace

std::string topic_text(const std::string& topic) {
    for (const auto& [name, text] : kTopics) {
        if (name == topic) {
            return std::string(text);
        }
    }
    return "";
}

std::vector<std::string> topics() {
    std::vector<std::string> out;
    for (const auto& [name, text] : kTopics) {
        out.emplace_back(name);
    }
    return out;
}

}  // namespace ambit::cli
