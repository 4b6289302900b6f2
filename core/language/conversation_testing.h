// A home and a grammar for tests of resolution and of conversations.
//
// Ownership: values.  Threads: one.  Failure: a test fails.
#pragma once

#include "language/talk.h"

namespace ambit::language {

inline Home talking_home() {
    return Home(
        {{"h/kitchen", "Kitchen Light", "Kitchen", "light", {}, {"light.set"}},
         {"h/bedroom", "Bedroom Light", "Bedroom", "light", {"night light"}, {"light.set"}},
         {"h/lamp1", "Lamp", "Office", "light", {"left lamp"}, {"light.set"}},
         {"h/lamp2", "Lamp", "Hall", "light", {}, {"light.set"}},
         {"h/desk1", "Desk Spot 1", "Office", "light", {}, {"light.set"}},
         {"h/desk2", "Desk Spot 2", "Office", "light", {}, {"light.set"}},
         {"h/fan", "Ceiling Fan", "Bedroom", "fan", {}, {"fan.set"}},
         {"h/heat", "Bedroom Heating", "Bedroom", "climate", {}, {"climate.set"}},
         {"h/blind", "Kitchen Blind", "Kitchen", "cover", {}, {"cover.set"}},
         {"h/garage", "Garage Door", "Garage", "cover", {}, {"garage.set"}},
         {"h/door", "Front Door", "Hall", "lock", {}, {"lock.set"}},
         {"h/scene", "Movie Night", "", "scene", {}, {"scene.activate"}}},
        {{{"Bedroom", "upstairs"}, {"Office", "upstairs"}, {"Kitchen", "downstairs"}, {"Hall", "downstairs"}},
         {"list.add"}});
}

inline constexpr const char* kTalkingSentences = R"yaml(
skip_words: [please]
lists:
  percent: {range: {from: 0, to: 100}}
  degrees: {range: {from: 5, to: 40, fractions: halves}}
  minutes: {range: {from: 1, to: 120}}
  item: {wildcard: true}
  query: {wildcard: true}
  number: {values: [{in: "(first|1)", out: 1}, {in: "(second|2)", out: 2}, {in: "last", out: -1}]}
  direction: {values: [{in: "(brighter|warmer|up|louder)", out: up}, {in: "(darker|colder|down)", out: down}]}
expansion_rules: {the: "[the ]", name: "<the>{name}", area: "<the>{area}", floor: "<the>{floor}"}
intents:
  HassTurnOn:
    data:
      - sentences: ["turn on <name>", "turn on <name> and <name>"]
      - sentences: ["open <name>"]
        requires_context: {domain: cover}
      - sentences: ["open <the>(blinds|covers)[ in <area>]"]
        slots: {domain: cover}
      - sentences: ["lock <name>"]
        slots: {domain: lock}
      - sentences: ["turn on <the>lights in <area>"]
        slots: {domain: light}
      - sentences: ["turn on <the>light in <area>"]
        slots: {domain: light, quantity: one}
  HassTurnOff:
    data:
      - sentences: ["turn off <name>"]
      - sentences: ["unlock <name>"]
        slots: {domain: lock}
      - sentences: ["turn off everything[ <floor>]", "turn off everything in <area>"]
      - sentences: ["turn off <the>lights <floor>"]
        slots: {domain: light}
  HassLightSet:
    data:
      - sentences: ["(set|dim) <name> to {percent:brightness}[ percent]"]
  HassSetPosition:
    data: [{sentences: ["set <name> to position {percent:position}"]}]
  HassClimateSetTemperature:
    data: [{sentences: ["set <name> to {degrees:temperature} degrees"]}]
  HassMediaSearchAndPlay:
    data: [{sentences: ["play {query:search_query}"]}]
  HassStartTimer:
    data: [{sentences: ["set a timer for {minutes:minutes} minutes"]}]
  HassListAddItem:
    data: [{sentences: ["add {item} to my {item:name} list"]}]
  HassGetState:
    data:
      - sentences: ["is <name> on"]
        slots: {state: "on"}
  HassNevermind: {data: [{sentences: ["never mind", "no"]}]}
  AmbitUndo: {data: [{sentences: ["undo[ that]"]}]}
  AmbitAdjust:
    data:
      - sentences: ["[make it ]{direction}", "make <name>[ a bit] {direction}"]
      - sentences: ["a bit {direction}"]
        slots: {degree: little}
  AmbitAgain:
    data:
      - sentences: ["and (<name>|<area>|<floor>)", "also (<name>|<area>)"]
        requires_context: {conversation: open}
  AmbitInstead:
    data:
      - sentences: ["no (<name>|<area>)", "i meant (<name>|<area>)"]
        requires_context: {conversation: open}
  AmbitOther: {data: [{sentences: ["[no ]the other one"], requires_context: {conversation: open}}]}
  AmbitYes: {data: [{sentences: ["yes"], requires_context: {conversation: open}}]}
  AmbitChoose: {data: [{sentences: ["<the>{number}[ one]"], requires_context: {conversation: open}}]}
  AmbitSet:
    data:
      - sentences: ["[and ](back|make it) [to ]{percent:value}[ percent]"]
        requires_context: {conversation: open}
  AmbitSwitch:
    data:
      - sentences: ["turn it off"]
        slots: {state: "off"}
        requires_context: {conversation: open}
)yaml";

inline Grammar talking_compiled() {
    return Grammar::compile("en", {{"talk.yaml", kTalkingSentences, false}});
}

inline const Grammar& talking_grammar() {
    static const Grammar grammar = talking_compiled();
    return grammar;
}

}  // namespace ambit::language
