// Sentences: what people do, and the household they do it in.
#include <algorithm>

#include "sim/stage.h"

namespace ambit::sim {
namespace {

template <typename Act>
Trouble at_running(Stage& stage, const std::string& name, Act act) {
    Device* const device = stage.find(name);
    if (device == nullptr || !device->running()) {
        return name + (device == nullptr ? " is no device" : " is off");
    }
    return act(*device);
}

facts::Key note(const privacy::NamedAudience& audience, const std::string& key) {
    return {audience, "note", key};
}

Trouble make_thing(Stage& stage, const std::string& name, bool is_lamp) {
    if (stage.find_household() == nullptr) {
        return "there is no device yet";
    }
    stage.household().things.add(name, is_lamp);
    return std::nullopt;
}

Trouble turn(Stage& stage, const Blanks& blanks, const char* input) {
    return at_running(stage, blanks[0],
                      [&](Device& device) { return stage.command(device, blanks[1], "light.set", input); });
}

Trouble set_admin(Stage& stage, const Blanks& blanks, bool admin) {
    return at_running(stage, blanks[0], [&](Device& device) -> Trouble {
        const Device* other = stage.find(blanks[1]);
        if (other == nullptr) {
            return blanks[1] + " is no device";
        }
        const auto set = stage.household().adopt(
            device, [&](const auto& author) { return author.set_device_admin(other->id(), admin); });
        return set ? Trouble() : set.error().message();
    });
}

// In its log, even where it does not count yet: written by a clock that is ahead of this one's.
bool holds(Device& device, const Write& write) {
    const auto heads = device.node().parts().facts.heads_of(write.device);
    return write.channel && std::any_of(heads.begin(), heads.end(), [&](const facts::Height& height) {
               return height.channel == *write.channel && height.head.seq >= write.seq;
           });
}

Trouble remove(Stage& stage, Device& by, const Device& gone) {
    // What the remover has of it goes on counting.
    constexpr privacy::Here here{"simulator: removal"};
    for (Write& write : stage.records().writes) {
        if (write.device == gone.id()) {
            const auto held = by.node().parts().facts.get(write.key);
            const auto* text = held ? std::get_if<std::string>(&held->read(here).value) : nullptr;
            write.seen_by_remover =
                write.seen_by_remover || (text != nullptr && *text == write.value) || holds(by, write);
        }
    }
    if (const auto removed = stage.household().remove(by, gone.id()); !removed) {
        return removed.error().message();
    }
    stage.records().removed.insert(gone.id());
    return std::nullopt;
}

std::vector<Sentence> of_things() {
    return {
        {"<device> is a <kind>",
         [](Stage& stage, const Blanks& blanks) { return stage.add_shared(blanks[0], blanks[1]); }},
        {"<device> is the <kind> of <person>",
         [](Stage& stage, const Blanks& blanks) {
             return stage.add_personal(blanks[0], blanks[1], blanks[2]);
         }},
        {"there is a lamp <thing>",
         [](Stage& stage, const Blanks& blanks) { return make_thing(stage, blanks[0], true); }},
        {"there is a garage door <thing>",
         [](Stage& stage, const Blanks& blanks) { return make_thing(stage, blanks[0], false); }},
        {"<device> reaches the things",
         [](Stage& stage, const Blanks& blanks) {
             return at_running(stage, blanks[0], [&](Device& device) -> Trouble {
                 if (!stage.has_extensions()) {
                     return std::nullopt;
                 }
                 device.reach(stage.household().things);
                 return std::nullopt;
             });
         }},
        {"<device> turns <thing> on",
         [](Stage& stage, const Blanks& blanks) { return turn(stage, blanks, R"({"on":true})"); }},
        {"<device> turns <thing> off",
         [](Stage& stage, const Blanks& blanks) { return turn(stage, blanks, R"({"on":false})"); }},
        {"<device> pulses <thing>",
         [](Stage& stage, const Blanks& blanks) {
             return at_running(stage, blanks[0], [&](Device& device) {
                 return stage.command(device, blanks[1], "garage.pulse", "{}");
             });
         }},
        {"<device> hears <words>",
         [](Stage& stage, const Blanks& blanks) {
             return at_running(stage, blanks[0],
                               [&](Device& device) { return stage.say(device, blanks[1]); });
         }},
    };
}

std::vector<Sentence> of_facts() {
    return {
        {"<device> notes <key> <value>",
         [](Stage& stage, const Blanks& blanks) {
             return at_running(stage, blanks[0], [&](Device& device) {
                 const auto owner = stage.household().owner_of(device.id());
                 const Audience audience = owner ? Audience{Audience::Kind::Person, {}, *owner} : Audience{};
                 const auto home = device.node().parts().home_audience();
                 if (owner && !std::holds_alternative<privacy::OnePerson>(home)) {
                     return Trouble(device.name() + " does not know yet whose it is");
                 }
                 return stage.write(device, audience, note(home, blanks[1]), blanks[2]);
             });
         }},
        {"<device> tells everybody <key> <value>",
         [](Stage& stage, const Blanks& blanks) {
             return at_running(stage, blanks[0], [&](Device& device) {
                 return stage.write(device, {}, note(privacy::Household{}, blanks[1]), blanks[2]);
             });
         }},
        {"<device> keeps <key> <value> to itself",
         [](Stage& stage, const Blanks& blanks) {
             return at_running(stage, blanks[0], [&](Device& device) {
                 return stage.write(device, {Audience::Kind::Device, device.id(), ""},
                                    note(privacy::ThisDevice{device.id()}, blanks[1]), blanks[2]);
             });
         }},
    };
}

std::vector<Sentence> of_people() {
    return {
        {"<device> removes <device>",
         [](Stage& stage, const Blanks& blanks) {
             return at_running(stage, blanks[0], [&](Device& device) {
                 const Device* gone = stage.find(blanks[1]);
                 return gone == nullptr ? Trouble(blanks[1] + " is no device") : remove(stage, device, *gone);
             });
         }},
        {"<device> makes <device> an admin",
         [](Stage& stage, const Blanks& blanks) { return set_admin(stage, blanks, true); }},
        {"<device> takes admin from <device>",
         [](Stage& stage, const Blanks& blanks) { return set_admin(stage, blanks, false); }},
        {"nobody confirms",
         [](Stage& stage, const Blanks&) {
             stage.people_confirm = false;
             return Trouble();
         }},
        {"wait <time>",
         [](Stage& stage, const Blanks& blanks) -> Trouble {
             const auto time = parse_time(blanks[0]);
             if (!time || stage.find_household() == nullptr) {
                 return time ? "there is no device yet" : time.error().detail;
             }
             stage.household().world.run_for(*time);
             return std::nullopt;
         }},
        {"everybody agrees", [](Stage& stage, const Blanks&) { return stage.settle(); }},
    };
}

}  // namespace

const std::vector<Sentence>& acts() {
    static const std::vector<Sentence> all = [] {
        std::vector<Sentence> made = of_things();
        for (const auto& more : {of_facts(), of_people()}) {
            made.insert(made.end(), more.begin(), more.end());
        }
        return made;
    }();
    return all;
}

}  // namespace ambit::sim
