#include "sim/invariants.h"

#include <algorithm>
#include <charconv>

namespace ambit::sim {
namespace {

constexpr privacy::Here kHere{"simulator: invariants"};

// A roster, and the devices in it that have it.
struct Believers {
    identity::RosterView roster;
    std::vector<DeviceId> devices;
};

bool removes_all(const Believers& of, const Believers& others) {
    return std::all_of(others.devices.begin(), others.devices.end(),
                       [&](const DeviceId& device) { return of.roster->device(device) == nullptr; });
}

// What only removed devices believe does not count; where two sides removed each other, the larger one does.
bool beats(const Believers& a, const Believers& b) {
    const bool a_removes = removes_all(a, b);
    const bool b_removes = removes_all(b, a);
    return a_removes != b_removes ? a_removes : a.devices.size() > b.devices.size();
}

}  // namespace

void Violations::add(std::string_view invariant, std::string what, MonoTime at) {
    if (++count_ <= kKeptMax) {
        kept_.push_back({std::string(invariant), std::move(what), at});
    }
}

std::string canary(std::size_t write, const std::string& value) {
    return std::string(kCanary) + std::to_string(write) + "." + value;
}

std::vector<Device*> Invariant::members() {
    std::map<identity::RosterVersion, Believers> versions;
    for (Device* device : household_.running()) {
        const identity::RosterView& roster = device->node().parts().roster;
        if (roster->device(device->id()) != nullptr) {
            auto& [view, believers] = versions[roster->version];
            view = roster;
            believers.push_back(device->id());
        }
    }
    const Believers* best = nullptr;
    for (const auto& [version, believers] : versions) {
        if (best == nullptr || beats(believers, *best)) {
            best = &believers;
        }
    }
    std::vector<Device*> members;
    for (Device* device : household_.running()) {
        if (best != nullptr && best->roster->device(device->id()) != nullptr) {
            members.push_back(device);
        }
    }
    return members;
}

bool Invariant::may_read(const DeviceId& device, const Audience& audience) const {
    switch (audience.kind) {
        case Audience::Kind::Device:
            return device == audience.device;
        case Audience::Kind::Person:
            return household_.owner_of(device) == audience.person;
        case Audience::Kind::Household:
            return true;
    }
    return false;
}

// --- Plaintext

void Plaintext::on_sent(const FrameSeen& frame) {
    scan(frame.frame, frame.to_device, frame.from + " -> " + frame.to);
}

void Plaintext::on_invoked(Device& device, const capability::Invocation& invocation) {
    scan(invocation.input.value(), std::nullopt, device.name() + " -> " + household_.things.source);
}

void Plaintext::scan(ByteView bytes, const std::optional<DeviceId>& reader, const std::string& where) {
    ++violations_.checks;
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto forbidden = [&](const Audience& audience) {
        // The things' service is the household's.
        return reader ? !may_read(*reader, audience) : audience.kind != Audience::Kind::Household;
    };
    for (auto at = text.find(kCanary); at != std::string_view::npos; at = text.find(kCanary, at + 1)) {
        const char* const number = text.data() + at + kCanary.size();
        std::size_t index = 0;
        const auto parsed = std::from_chars(number, text.data() + text.size(), index);
        if (parsed.ec == std::errc() && index < records_.writes.size() &&
            forbidden(records_.writes[index].audience)) {
            violated("the value of write " + std::to_string(index) + " of " + records_.writes[index].machine +
                     " went " + where);
        }
    }
    for (const auto& [phrase, audience] : records_.phrases) {
        if (forbidden(audience) && text.find(phrase) != std::string_view::npos) {
            violated("\"" + phrase + "\" went " + where);
        }
    }
}

// --- Removals

void Removals::on_sent(const FrameSeen& frame) {
    Device* const from = household_.find(frame.from);
    ++violations_.checks;
    if (from != nullptr && from->running() &&
        from->node().parts().roster->device(frame.to_device) == nullptr) {
        violated(frame.from + " knows that " + frame.to + " is no member, and sent it a frame");
    }
}

void Removals::at_quiescence() {
    const std::vector<Device*> members = this->members();
    const auto is_member = [&](const DeviceId& id) {
        return std::any_of(members.begin(), members.end(),
                           [&](Device* member) { return member->id() == id; });
    };
    for (const DeviceId& gone : records_.removed) {
        if (is_member(gone)) {
            continue;  // its removal does not count
        }
        for (Device* member : members) {
            ++violations_.checks;
            if (member->node().parts().links.is_up(gone)) {
                violated(member->name() + " is linked to " + household_.name_of(gone) +
                         ", which was removed");
            }
            for (const Write& write : records_.writes) {
                if (write.device != gone || write.seen_by_remover ||
                    write.audience.kind != Audience::Kind::Household) {
                    continue;
                }
                const auto held = member->node().parts().facts.get(write.key);
                const auto* text = held ? std::get_if<std::string>(&held->read(kHere).value) : nullptr;
                if (text != nullptr && *text == write.value) {
                    violated(member->name() + " counts " + write.value + " of " + write.machine +
                             ", which its remover had not seen");
                }
            }
        }
    }
}

// --- Ledgers

void Ledgers::at_quiescence() {
    const std::vector<Device*> members = this->members();
    for (Device* member : members) {
        const privacy::Ledger& ledger = member->node().parts().ledger;
        const privacy::LedgerReport report = ledger.verify();
        ++violations_.checks;
        if (report.error) {
            violated("the ledger of " + member->name() + ": " + report.error->message());
        }
        // A disk that went back in time took its ledger with it: exactly what a witness is there to show.
        if (records_.epochs[member->name()] > 0 || records_.copied.contains(member->id())) {
            continue;
        }
        for (Device* witness : members) {
            for (const facts::Height& height : witness->node().parts().facts.heads_of(member->id())) {
                ++violations_.checks;
                if (!height.head.ledger.is_zero() && !ledger.stood_at(height.head.ledger)) {
                    violated(witness->name() + " witnessed a ledger of " + member->name() +
                             " that it does not have");
                }
            }
        }
    }
}

// --- Effects

void Effects::at_quiescence() {
    for (const Command& command : records_.commands) {
        const Thing* thing = household_.things.named(command.thing);
        if (thing == nullptr) {
            continue;  // words that came to no command
        }
        const auto times = std::count(thing->effects.begin(), thing->effects.end(), command.request);
        const std::string what = command.machine + "'s command to " + command.thing + " took effect " +
                                 std::to_string(times) + " times";
        ++violations_.checks;
        if (command.once && times > 1) {
            violated(what);
        }
        if (command.told && command.told->outcome == request::Outcome::Done && times == 0) {
            violated(what + " and was reported done");
        }
        if (command.told && command.told->outcome == request::Outcome::NotDone && times > 0) {
            violated(what + " and was reported not done");
        }
    }
}

// --- Limits

void Limits::on_event(Device& device) {
    node::Parts& parts = device.node().parts();
    ++violations_.checks;
    const auto within = [&](std::size_t value, std::size_t most, const char* what) {
        if (value > most) {
            violated(device.name() + " has " + std::to_string(value) + " " + what + ", over its limit of " +
                     std::to_string(most));
        }
    };
    within(parts.requests.in_flight(), request::Requests::kRequestsMax, "requests");
    within(parts.executor.journal_size(), request::Executor::kJournalEntriesMax, "journal entries");
    within(parts.health.items().size(), node::Health::kItemsMax, "health items");
    within(parts.directory.size(), capability::Directory::kEntitiesMax, "entities");
    within(parts.facts.count(), facts::kFactsMax, "facts");
}

void Limits::at_quiescence() {
    // A link says "wait" when its buffer is full; at most one more frame of each sort may follow.
    const std::size_t most = household_.network.buffer_bytes + 2 * wire::kFrameBytesMax;
    ++violations_.checks;
    if (household_.network.buffered_max() > most) {
        violated("a sender pushed " + std::to_string(household_.network.buffered_max()) +
                 " bytes into a link whose buffer takes " + std::to_string(household_.network.buffer_bytes));
    }
}

// --- Starts

void Starts::at_quiescence() {
    for (const auto& [name, device] : household_.devices()) {
        ++violations_.checks;
        if (device->start_error() && !records_.damaged.contains(name)) {
            violated(name + " does not start: " + device->start_error()->message());
        }
    }
}

std::vector<std::unique_ptr<Invariant>> all_invariants(Household& household,
                                                       Records& records,
                                                       Violations& violations) {
    std::vector<std::unique_ptr<Invariant>> all;
    all.push_back(std::make_unique<Convergence>(household, records, violations));
    all.push_back(std::make_unique<AcknowledgedWrites>(household, records, violations));
    all.push_back(std::make_unique<Plaintext>(household, records, violations));
    all.push_back(std::make_unique<Effects>(household, records, violations));
    all.push_back(std::make_unique<Removals>(household, records, violations));
    all.push_back(std::make_unique<Ledgers>(household, records, violations));
    all.push_back(std::make_unique<Limits>(household, records, violations));
    all.push_back(std::make_unique<Starts>(household, records, violations));
    return all;
}

}  // namespace ambit::sim
