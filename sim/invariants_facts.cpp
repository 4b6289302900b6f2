// Invariants about kept facts: Convergence and AcknowledgedWrites.
#include <algorithm>

#include "sim/invariants.h"

namespace ambit::sim {
namespace {

constexpr privacy::Here kFactsHere{"simulator: invariants"};

std::string held_by(Device& device, const facts::Key& key) {
    const auto held = device.node().parts().facts.get(key);
    const auto* text = held ? std::get_if<std::string>(&held->read(kFactsHere).value) : nullptr;
    return text == nullptr ? "" : *text;
}

}  // namespace

// --- Convergence

std::string Convergence::difference() {
    const std::vector<Device*> members = this->members();
    if (members.empty()) {
        return "";
    }
    Device& first = *members.front();
    const identity::Roster& roster = *first.node().parts().roster;
    std::vector<privacy::NamedAudience> audiences{privacy::Household{}, privacy::Anyone{}};
    for (const auto& [id, person] : roster.people) {
        audiences.emplace_back(privacy::OnePerson{id});
    }
    for (Device* device : members) {
        ++violations_.checks;
        if (device->node().parts().roster->version != roster.version) {
            return first.name() + " and " + device->name() + " have different rosters";
        }
        for (Device* other : members) {
            if (other->id() != device->id() && !device->node().parts().links.is_up(other->id())) {
                return device->name() + " has no link to " + other->name();
            }
        }
    }
    for (const auto& audience : audiences) {
        Device* reader = nullptr;
        for (Device* device : members) {
            if (!privacy::may_read(audience, roster, device->id())) {
                continue;
            }
            ++violations_.checks;
            const auto hash = [&](Device* one) { return one->node().parts().facts.state_hash(audience); };
            if (reader != nullptr && hash(reader) != hash(device)) {
                return reader->name() + " and " + device->name() + " differ in " +
                       privacy::to_string(audience);
            }
            reader = device;
        }
    }
    return "";
}

void Convergence::at_quiescence() {
    if (const std::string what = difference(); !what.empty()) {
        violated(what);
    }
}

// --- AcknowledgedWrites

void AcknowledgedWrites::on_event(Device& device) {
    std::size_t& from = checked_from_[device.name()];
    const facts::WriteId durable = device.node().parts().facts.durable_write();
    bool settled = true;
    for (std::size_t i = from; i < records_.writes.size(); ++i) {
        Write& write = records_.writes[i];
        const bool waits =
            write.machine == device.name() && write.life == device.life() && !write.acknowledged;
        if (waits && write.id <= durable) {
            write.acknowledged = true;
            note_place(device, write);
        } else if (waits) {
            settled = false;
        }
        if (settled) {
            from = i + 1;
        }
    }
}

// All that one commit wrote into a channel lies at or before its one head, and travels with it.
void AcknowledgedWrites::note_place(Device& device, Write& write) {
    const facts::Facts& facts = device.node().parts().facts;
    for (const facts::Height& height : facts.heads_of(device.id())) {
        if (height.channel.audience == write.key.audience &&
            height.channel.incarnation == facts.incarnation()) {
            write.channel = height.channel;
            write.seq = height.head.seq;
        }
    }
}

void AcknowledgedWrites::on_restore(Device& device) {
    for (Write& write : records_.writes) {
        if (write.machine != device.name()) {
            continue;
        }
        const std::vector<Device*> others = household_.running();
        write.lost_with_disk =
            write.lost_with_disk || std::none_of(others.begin(), others.end(), [&](Device* other) {
                return held_by(*other, write.key) == write.value;
            });
    }
}

void AcknowledgedWrites::at_quiescence() {
    std::map<facts::Key, std::vector<const Write*>> by_key;
    for (const Write& write : records_.writes) {
        by_key[write.key].push_back(&write);
    }
    const std::vector<Device*> members = this->members();
    std::set<DeviceId> writers;
    for (const Device* member : members) {
        writers.insert(member->id());
    }
    for (const auto& [key, writes] : by_key) {
        for (Device* member : members) {
            if (may_read(member->id(), writes.front()->audience)) {
                check(*member, key, writes, writers);
            }
        }
    }
}

// The value must be that of one of the writes, and not of one that its own device overwrote for sure.
void AcknowledgedWrites::check(Device& reader,
                               const facts::Key& key,
                               const std::vector<const Write*>& writes,
                               const std::set<DeviceId>& writers) {
    const std::string value = held_by(reader, key);
    bool owed = false;
    for (std::size_t i = 0; i < writes.size(); ++i) {
        const Write& write = *writes[i];
        const bool excused = write.lost_with_disk || records_.copied.contains(write.device) ||
                             !writers.contains(write.device) || records_.damaged.contains(write.machine);
        owed = owed || (write.acknowledged && !excused);
        if (value != write.value) {
            continue;
        }
        const bool overwritten = std::any_of(
            writes.begin() + static_cast<std::ptrdiff_t>(i) + 1, writes.end(), [&](const Write* later) {
                return later->device == write.device && later->epoch == write.epoch && later->acknowledged &&
                       !later->lost_with_disk && writers.contains(later->device) &&
                       !records_.damaged.contains(later->machine);
            });
        if (overwritten) {
            violated(reader.name() + " has an old value of " + key.attribute + ": " + value);
        }
    }
    ++violations_.checks;
    if (value.empty() && owed) {
        violated(reader.name() + " has no value of " + key.attribute + ", which was acknowledged");
    }
}

}  // namespace ambit::sim
