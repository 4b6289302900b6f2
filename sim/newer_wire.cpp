#include "sim/newer_wire.h"

#include <algorithm>
#include <array>

#include "facts/entry.h"
#include "facts/hlc.h"

namespace ambit::sim {
namespace {

constexpr std::uint32_t kUnknownKind = 4711;
// Field 200 of a Frame, three bytes: as a newer version might add it.
constexpr std::array<std::uint8_t, 6> kUnknownField{0xc2, 0x0c, 3, 'n', 'e', 'w'};

facts::Range range_of_unknown_entries(const Device& device, const facts::Channel& channel) {
    facts::Range range{channel, 1, facts::chain_start(channel), {}, {}};
    Digest hash = range.previous;
    for (const bool is_newer_version : {false, true}) {
        facts::Entry entry;
        entry.kind = is_newer_version ? 1 : kUnknownKind;
        entry.version = is_newer_version ? facts::kEntryVersion + 1 : facts::kEntryVersion;
        entry.critical = false;
        entry.hlc = {facts::unix_ms(device.now().wall) << 16U};
        entry.subject = entry.attribute = "newer";
        const Bytes bytes = facts::encode_entry(entry);
        range.entries.push_back(bytes);
        hash = facts::chain_next(hash, bytes);
    }
    range.head = facts::sign_head(device.key(), channel, range.entries.size(), hash, Digest());
    return range;
}

}  // namespace

NewerWire::NewerWire(Household& household, Records& records, Violations& violations)
    : Invariant(household, records, violations) {
    household.network.on_sending = [this](const std::string& machine, Bytes& frame) {
        if (is_newer(household_.device(machine))) {
            frame.insert(frame.end(), kUnknownField.begin(), kUnknownField.end());
        }
    };
}

wire::Dialect NewerWire::dialect_of(std::size_t nth) {
    if (nth % 2 == 1) {
        return {};  // the first version, with nothing optional
    }
    wire::Dialect dialect = node::NodeOptions().dialect;
    dialect.version_max = kVersion;
    dialect.features.emplace_back("newer.feature");
    return dialect;
}

void NewerWire::on_event(Device& device) {
    if (!is_newer(device)) {
        return;
    }
    for (const DeviceId& peer : device.node().parts().links.peers_up()) {
        if (greeted_.insert({device.name(), device.life(), peer}).second) {
            say_something_new(device, peer);
            write_something_new(device, peer);
        }
    }
}

void NewerWire::say_something_new(Device& device, const DeviceId& peer) {
    node::Parts& parts = device.node().parts();
    const Now now = device.node().now();
    const privacy::Labelled<Bytes> body(Bytes{1, 2, 3}, node::household_label());
    for (const bool asks : {false, true}) {
        auto cleared = parts.gate.clear(body, peer, {"newer", "audience"}, now);
        if (cleared && asks) {
            (void)parts.links.call(peer, "newer.call", std::move(cleared).value(), {}, now);
        } else if (cleared) {
            (void)parts.links.notify(peer, "newer.notice", std::move(cleared).value(), now);
        }
    }
}

// The device gets it from a peer, as it would get its own past after its disk was restored.
void NewerWire::write_something_new(Device& device, const DeviceId& as_if_from) {
    std::array<std::uint8_t, Incarnation::kSize> incarnation{};
    incarnation.fill(0x4e);
    incarnation[0] = static_cast<std::uint8_t>(written_.size());
    const auto [at, fresh] = written_.try_emplace(
        device.name(), facts::Channel{device.id(), privacy::Household{}, Incarnation(incarnation)});
    if (!fresh) {
        return;
    }
    facts::Facts& facts = device.node().parts().facts;
    const facts::Range range = range_of_unknown_entries(device, at->second);
    const Now now = device.node().now();
    const std::vector<facts::Height> heights{{at->second, range.head}};
    const auto offered = facts.on_heights(as_if_from, facts::encode_heights(heights), now);
    for (const facts::Want& want : facts.wants(as_if_from)) {
        if (want.channel == at->second) {
            (void)facts.receive(as_if_from, facts::encode_range(range), now);
        }
        facts.close_want(as_if_from, want.channel);
    }
    if (!offered) {
        violated(device.name() + " refuses what a newer version wrote: " + offered.error().message());
    }
}

void NewerWire::at_quiescence() {
    const std::vector<Device*> members = this->members();
    const auto holds = [&](Device* member, const facts::Channel& channel) {
        const auto heads = member->node().parts().facts.heads_of(channel.writer);
        return std::any_of(heads.begin(), heads.end(),
                           [&](const facts::Height& height) { return height.channel == channel; });
    };
    for (const auto& [machine, channel] : written_) {
        const bool belongs = std::any_of(members.begin(), members.end(),
                                         [&](Device* one) { return one->id() == channel.writer; });
        const auto holders = static_cast<std::size_t>(
            std::count_if(members.begin(), members.end(), [&](Device* one) { return holds(one, channel); }));
        ++violations_.checks;
        // None: lost with its disk before anybody had it.
        if (belongs && holders != 0 && holders != members.size()) {
            violated("only " + std::to_string(holders) + " devices keep what the newer " + machine +
                     " wrote");
        }
    }
    for (Device* member : members) {
        for (const wire::PeerStatus& status : member->node().parts().links.status()) {
            const auto peer = std::find_if(members.begin(), members.end(),
                                           [&](Device* one) { return one->id() == status.peer; });
            const bool both = peer != members.end() && is_newer(*member) && is_newer(**peer);
            const std::uint32_t wanted = both ? kVersion : wire::kVersionMax;
            ++violations_.checks;
            if (status.up && peer != members.end() && status.version != wanted) {
                violated(member->name() + " and " + (*peer)->name() + " speak version " +
                         std::to_string(status.version) + " of the wire");
            }
        }
    }
}

}  // namespace ambit::sim
