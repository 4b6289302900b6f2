// Sentences: what must be so.
#include <algorithm>

#include "sim/stage.h"

namespace ambit::sim {
namespace {

constexpr privacy::Here kExpectationsHere{"simulator: expectations"};
// What follows from the last sentence takes this long at most.
constexpr seconds kSoon{10};

template <typename Check>
Trouble with(Stage& stage, const std::string& name, Check check) {
    Device* const device = stage.find(name);
    if (device == nullptr || !device->running()) {
        return name + (device == nullptr ? " is no device" : " is off");
    }
    return check(*device);
}

Trouble expect_thing(Stage& stage, const std::string& name, bool on, microseconds within) {
    const Thing* thing = stage.find_household() == nullptr ? nullptr : stage.household().things.named(name);
    if (thing == nullptr) {
        return name + " is no thing";
    }
    return stage.wait_until(
        within, [&] { return thing->on == on; }, name + " is " + (on ? "off" : "on"));
}

Trouble expect_thing_within(Stage& stage, const Blanks& blanks, bool on) {
    const auto within = parse_time(blanks[1]);
    return within ? expect_thing(stage, blanks[0], on, *within) : within.error().detail;
}

Trouble expect_answer(Stage& stage, request::Outcome outcome) {
    const auto answer = stage.answer();
    if (!answer) {
        return answer.error().detail;
    }
    if (answer->outcome == outcome) {
        return std::nullopt;
    }
    constexpr const char* kNames[] = {"done", "not done", "unknown"};
    return std::string("the answer is ") + kNames[static_cast<std::size_t>(answer->outcome)] + ": " +
           answer->error.message();
}

bool knows(Device& device, const std::string& key, const std::string& value) {
    const auto found =
        device.node().parts().facts.query({.audience = {}, .subject_prefix = "note", .attribute = key});
    return std::any_of(found.begin(), found.end(), [&](const auto& fact) {
        const auto* text = std::get_if<std::string>(&fact.read(kExpectationsHere).value);
        return text != nullptr && text->starts_with(kCanary) && text->substr(text->find('.') + 1) == value;
    });
}

Trouble expect_linked(Stage& stage, const Blanks& blanks, bool linked) {
    return with(stage, blanks[0], [&](Device& a) {
        const Device* const b = stage.find(blanks[1]);
        return b == nullptr
                   ? Trouble(blanks[1] + " is no device")
                   : stage.wait_until(
                         kSoon * 8, [&] { return a.node().parts().links.is_up(b->id()) == linked; },
                         blanks[0] + " and " + blanks[1] + (linked ? " are not linked" : " are linked"));
    });
}

Trouble expect_health(Stage& stage, const Blanks& blanks, bool well) {
    return with(stage, blanks[0], [&](Device& device) {
        const auto is_well = [&] {
            // "clone" stands for an item about any device, such as "clone.1f3a".
            const auto& items = device.node().parts().health.items();
            return std::none_of(items.begin(), items.end(), [&](const auto& item) {
                return !item.second.ok &&
                       (item.first == blanks[1] || item.first.starts_with(blanks[1] + "."));
            });
        };
        return stage.wait_until(
            kSoon * 3, [&] { return is_well() == well; },
            blanks[0] + (well ? " complains of " : " does not complain of ") + blanks[1]);
    });
}

Trouble expect_member(Stage& stage, const Blanks& blanks, bool member) {
    return with(stage, blanks[1], [&](Device& device) {
        const Device* const other = stage.find(blanks[0]);
        const auto is_member = [&] { return device.node().parts().roster->device(other->id()) != nullptr; };
        return other == nullptr
                   ? Trouble(blanks[0] + " is no device")
                   : stage.wait_until(
                         kSoon, [&] { return is_member() == member; },
                         blanks[0] + (member ? " does not belong" : " belongs") + " for " + blanks[1]);
    });
}

std::vector<Sentence> about_things() {
    return {
        {"<thing> is on",
         [](Stage& stage, const Blanks& blanks) { return expect_thing(stage, blanks[0], true, kSoon); }},
        {"<thing> is off",
         [](Stage& stage, const Blanks& blanks) { return expect_thing(stage, blanks[0], false, kSoon); }},
        {"<thing> is on within <time>",
         [](Stage& stage, const Blanks& blanks) { return expect_thing_within(stage, blanks, true); }},
        {"<thing> is off within <time>",
         [](Stage& stage, const Blanks& blanks) { return expect_thing_within(stage, blanks, false); }},
        {"<thing> moved <number> times",
         [](Stage& stage, const Blanks& blanks) -> Trouble {
             const Thing* thing = stage.household().things.named(blanks[0]);
             const std::size_t times = thing == nullptr ? 0 : thing->effects.size();
             return std::to_string(times) == blanks[1]
                        ? Trouble()
                        : blanks[0] + " moved " + std::to_string(times) + " times";
         }},
        {"the answer is done",
         [](Stage& stage, const Blanks&) { return expect_answer(stage, request::Outcome::Done); }},
        {"the answer is not done",
         [](Stage& stage, const Blanks&) { return expect_answer(stage, request::Outcome::NotDone); }},
        {"the answer is unknown",
         [](Stage& stage, const Blanks&) { return expect_answer(stage, request::Outcome::Unknown); }},
        {"the answer comes from <device>",
         [](Stage& stage, const Blanks& blanks) -> Trouble {
             const auto answer = stage.answer();
             const Device* by = stage.find(blanks[0]);
             if (!answer || by == nullptr) {
                 return answer ? blanks[0] + " is no device" : answer.error().detail;
             }
             return answer->acted_by == by->id()
                        ? Trouble()
                        : "it comes from " +
                              (answer->acted_by ? stage.household().name_of(*answer->acted_by) : "nobody");
         }},
    };
}

std::vector<Sentence> of_devices() {
    return {
        {"<device> knows the time",
         [](Stage& stage, const Blanks& blanks) {
             return with(stage, blanks[0], [&](Device& device) {
                 const auto is_right = [&] {
                     const auto off = device.node().now().wall - stage.household().world.now().wall;
                     return std::chrono::abs(off) < seconds{1};
                 };
                 return stage.wait_until(kSoon, is_right, blanks[0] + " has the wrong time");
             });
         }},
        {"<device> knows <key> <value>",
         [](Stage& stage, const Blanks& blanks) {
             return with(stage, blanks[0], [&](Device& device) {
                 return stage.wait_until(
                     kSoon, [&] { return knows(device, blanks[1], blanks[2]); },
                     blanks[0] + " does not know " + blanks[1] + " " + blanks[2]);
             });
         }},
        {"<device> does not know <key> <value>",
         [](Stage& stage, const Blanks& blanks) {
             return with(stage, blanks[0], [&](Device& device) {
                 return knows(device, blanks[1], blanks[2])
                            ? Trouble(blanks[0] + " knows " + blanks[1] + " " + blanks[2])
                            : Trouble();
             });
         }},
        {"<device> and <device> are linked",
         [](Stage& stage, const Blanks& blanks) { return expect_linked(stage, blanks, true); }},
        {"<device> and <device> are not linked",
         [](Stage& stage, const Blanks& blanks) { return expect_linked(stage, blanks, false); }},
        {"<device> complains of <item>",
         [](Stage& stage, const Blanks& blanks) { return expect_health(stage, blanks, false); }},
        {"<device> does not complain of <item>",
         [](Stage& stage, const Blanks& blanks) { return expect_health(stage, blanks, true); }},
        {"<device> belongs for <device>",
         [](Stage& stage, const Blanks& blanks) { return expect_member(stage, blanks, true); }},
        {"<device> does not belong for <device>",
         [](Stage& stage, const Blanks& blanks) { return expect_member(stage, blanks, false); }},
        {"<device> can not start",
         [](Stage& stage, const Blanks& blanks) -> Trouble {
             Device* const device = stage.find(blanks[0]);
             return device != nullptr && !device->running() && device->start_error() ? Trouble()
                                                                                     : blanks[0] + " starts";
         }},
    };
}

}  // namespace

const std::vector<Sentence>& expectations() {
    static const std::vector<Sentence> all = [] {
        std::vector<Sentence> made = about_things();
        const std::vector<Sentence> more = of_devices();
        made.insert(made.end(), more.begin(), more.end());
        return made;
    }();
    return all;
}

}  // namespace ambit::sim
