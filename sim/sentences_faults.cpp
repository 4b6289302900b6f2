// Sentences: what goes wrong, and what is put right.
#include "sim/stage.h"

namespace ambit::sim {
namespace {

constexpr milliseconds kSlowSync{200};
constexpr std::size_t kRoomLeft = 16 * 1024;

template <typename Act>
Trouble at(Stage& stage, const std::string& name, Act act) {
    Device* const device = stage.find(name);
    if (device == nullptr) {
        return name + " is no device";
    }
    act(*device);
    return std::nullopt;
}

template <typename Act>
Trouble do_to_running(Stage& stage, const std::string& name, Act act) {
    Device* const device = stage.find(name);
    if (device == nullptr || !device->running()) {
        return name + (device == nullptr ? " is no device" : " is off");
    }
    act(*device);
    return std::nullopt;
}

template <typename Act>
Trouble between(Stage& stage, const std::string& a, const std::string& b, Act act) {
    if (stage.find(a) == nullptr || stage.find(b) == nullptr) {
        return (stage.find(a) == nullptr ? a : b) + " is no device";
    }
    act(stage.household().network);
    return std::nullopt;
}

template <typename Act>
Trouble from_others(Stage& stage, const std::string& name, Act act) {
    return at(stage, name, [&](Device&) {
        for (const auto& [other, device] : stage.household().devices()) {
            if (other != name) {
                act(stage.household().network, other);
            }
        }
    });
}

Trouble set_clock(Stage& stage, const Blanks& blanks, int sign) {
    const auto time = parse_time(blanks[1]);
    if (!time) {
        return time.error().detail;
    }
    return at(stage, blanks[0], [&](Device& device) { device.set_skew(*time * sign); });
}

std::vector<Sentence> of_machines() {
    return {
        {"<device> starts",
         [](Stage& stage, const Blanks& blanks) -> Trouble {
             Device* const device = stage.find(blanks[0]);
             if (device == nullptr || device->running()) {
                 return blanks[0] + (device == nullptr ? " is no device" : " runs already");
             }
             device->start();
             return std::nullopt;
         }},
        {"<device> stops",
         [](Stage& stage, const Blanks& blanks) {
             return do_to_running(stage, blanks[0], [](Device& device) { device.stop(); });
         }},
        {"<device> is killed",
         [](Stage& stage, const Blanks& blanks) {
             return do_to_running(stage, blanks[0], [](Device& device) { device.kill(); });
         }},
        {"<device> loses power",
         [](Stage& stage, const Blanks& blanks) {
             return do_to_running(stage, blanks[0], [](Device& device) { device.crash(); });
         }},
        {"<device> loses power at write <number>",
         [](Stage& stage, const Blanks& blanks) {
             return do_to_running(stage, blanks[0], [&](Device& device) {
                 device.crash_at_write(std::strtoull(blanks[1].c_str(), nullptr, 10));
             });
         }},
        {"<device> freezes",
         [](Stage& stage, const Blanks& blanks) {
             return do_to_running(stage, blanks[0], [](Device& device) { device.freeze(); });
         }},
        {"<device> thaws",
         [](Stage& stage, const Blanks& blanks) {
             return do_to_running(stage, blanks[0], [](Device& device) { device.thaw(); });
         }},
        {"the clock of <device> is <time> ahead",
         [](Stage& stage, const Blanks& blanks) { return set_clock(stage, blanks, 1); }},
        {"the clock of <device> is <time> behind",
         [](Stage& stage, const Blanks& blanks) { return set_clock(stage, blanks, -1); }},
        {"the clock of <device> is right",
         [](Stage& stage, const Blanks& blanks) {
             return at(stage, blanks[0], [](Device& device) { device.set_skew(microseconds{0}); });
         }},
    };
}

std::vector<Sentence> of_copies() {
    return {
        {"<device> is backed up",
         [](Stage& stage, const Blanks& blanks) {
             return at(stage, blanks[0],
                       [&](Device& device) { stage.backups[blanks[0]] = device.disk().image(); });
         }},
        {"<device> is restored",
         [](Stage& stage, const Blanks& blanks) -> Trouble {
             Device* const device = stage.find(blanks[0]);
             const auto backup = stage.backups.find(blanks[0]);
             if (device == nullptr || backup == stage.backups.end()) {
                 return blanks[0] + (device == nullptr ? " is no device" : " has no backup");
             }
             if (device->running()) {
                 device->crash();
             }
             ++stage.records().epochs[blanks[0]];
             device->restore(backup->second);
             device->start();
             return std::nullopt;
         }},
        {"<device> is a copy of <device>",
         [](Stage& stage, const Blanks& blanks) -> Trouble {
             Device* const original = stage.find(blanks[1]);
             if (original == nullptr || stage.find(blanks[0]) != nullptr) {
                 return original == nullptr ? blanks[1] + " is no device" : blanks[0] + " is there already";
             }
             stage.records().copied.insert(original->id());
             stage.household().add_clone(blanks[0], *original).start();
             return std::nullopt;
         }},
        {"<device> is thrown away",
         [](Stage& stage, const Blanks& blanks) {
             return at(stage, blanks[0], [](Device& device) { device.retire(); });
         }},
    };
}

std::vector<Sentence> of_disks() {
    return {
        {"the disk of <device> fills up",
         [](Stage& stage, const Blanks& blanks) {
             return at(stage, blanks[0], [](Device& device) {
                 device.disk().bytes_max = device.disk().bytes_used() + kRoomLeft;
             });
         }},
        {"the disk of <device> is slow",
         [](Stage& stage, const Blanks& blanks) {
             return at(stage, blanks[0], [](Device& device) { device.disk().sync_time = kSlowSync; });
         }},
        {"the disk of <device> can not be read",
         [](Stage& stage, const Blanks& blanks) {
             return at(stage, blanks[0], [](Device& device) { device.disk().fails_reads = true; });
         }},
        {"the disk of <device> lies about what it synced",
         [](Stage& stage, const Blanks& blanks) {
             return at(stage, blanks[0], [](Device& device) { device.disk().lies_about_syncs = true; });
         }},
        {"the disk of <device> is fine again",
         [](Stage& stage, const Blanks& blanks) {
             return at(stage, blanks[0], [](Device& device) {
                 Disk& disk = device.disk();
                 disk.bytes_max.reset();
                 disk.fails_reads = disk.lies_about_syncs = false;
                 disk.sync_time = microseconds{300};
             });
         }},
    };
}

std::vector<Sentence> of_networks() {
    return {
        {"<device> and <device> lose each other",
         [](Stage& stage, const Blanks& blanks) {
             return between(stage, blanks[0], blanks[1], [&](Network& network) {
                 network.cut(blanks[0], blanks[1]);
                 network.cut(blanks[1], blanks[0]);
             });
         }},
        {"nothing from <device> reaches <device>",
         [](Stage& stage, const Blanks& blanks) {
             return between(stage, blanks[0], blanks[1],
                            [&](Network& network) { network.cut(blanks[0], blanks[1]); });
         }},
        {"<device> and <device> find each other",
         [](Stage& stage, const Blanks& blanks) {
             return between(stage, blanks[0], blanks[1], [&](Network& network) {
                 network.heal(blanks[0], blanks[1]);
                 network.heal(blanks[1], blanks[0]);
             });
         }},
        {"<device> leaves home",
         [](Stage& stage, const Blanks& blanks) {
             return from_others(stage, blanks[0], [&](Network& network, const std::string& other) {
                 network.cut(blanks[0], other);
                 network.cut(other, blanks[0]);
             });
         }},
        {"<device> comes home",
         [](Stage& stage, const Blanks& blanks) {
             return from_others(stage, blanks[0], [&](Network& network, const std::string& other) {
                 network.heal(blanks[0], other);
                 network.heal(other, blanks[0]);
             });
         }},
        {"the network heals",
         [](Stage& stage, const Blanks&) -> Trouble {
             if (stage.find_household() != nullptr) {
                 stage.household().network.heal_all();
             }
             return std::nullopt;
         }},
        {"the connection of <device> and <device> breaks",
         [](Stage& stage, const Blanks& blanks) {
             return between(stage, blanks[0], blanks[1],
                            [&](Network& network) { network.reset(blanks[0], blanks[1]); });
         }},
        {"the things fall silent",
         [](Stage& stage, const Blanks&) {
             stage.household().things.answers = false;
             return Trouble();
         }},
        {"the things answer again",
         [](Stage& stage, const Blanks&) {
             stage.household().things.answers = true;
             return Trouble();
         }},
    };
}

}  // namespace

const std::vector<Sentence>& faults() {
    static const std::vector<Sentence> all = [] {
        std::vector<Sentence> made = of_machines();
        for (const auto& more : {of_copies(), of_disks(), of_networks()}) {
            made.insert(made.end(), more.begin(), more.end());
        }
        return made;
    }();
    return all;
}

}  // namespace ambit::sim
