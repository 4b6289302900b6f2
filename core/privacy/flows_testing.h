// Random flows: households that change, values of every label, recipients of every kind, and an oracle beside
// the gate.
//
// The oracle is written from the words of docs/spec/privacy.md ("Audiences and labels", "The gate") and
// shares nothing with the gate but the roster.  Ownership: value.  Threads: one.  Failure: none.  Only for
// *_test.cpp and benchmarks.
#pragma once

#include <algorithm>

#include "privacy/gate.h"
#include "privacy/home_testing.h"

namespace ambit::testing {

struct Flow {
    std::vector<privacy::NamedAudience> clauses;  // as they were combined: any order, repeated
    privacy::Labelled<Bytes> value;
    privacy::Recipient to;
};

class Flows {
  public:
    explicit Flows(std::uint64_t seed) : random_(seed_of(seed)) {
        for (std::size_t i = 0; i < kServices; ++i) {
            services_.push_back({"service-" + std::to_string(i), privacy::Household{}});
        }
        const DeviceId stranger = random_.id<DeviceId>();
        for (const auto& [id, device] : all_) {
            devices_.push_back(id);
        }
        devices_.push_back(stranger);
        principals_ = {privacy::Household{}, privacy::Anyone{}, privacy::OnePerson{home_.ada},
                       privacy::OnePerson{home_.ben}, privacy::OnePerson{random_.id<PersonId>()}};
        for (const DeviceId& device : devices_) {
            principals_.emplace_back(privacy::ThisDevice{device});
        }
    }

    const Home& home() const { return home_; }

    // `gate` is the phone's.
    void begin(privacy::Gate& gate) const {
        for (const privacy::Service& service : services_) {
            gate.add_service(service);
        }
        gate.set_roster(home_.view());
    }

    // Something happens in the household: a device goes or comes back, or changes hands, Ben becomes a guest
    // or an adult, a service gets another audience.
    void change(privacy::Gate& gate, Now now) {
        switch (dice(4)) {
            case 0:
                come_or_go(pick(devices_));
                break;
            case 1:
                change_hands(pick(devices_));
                break;
            case 2:
                invite_ben(now);
                break;
            default: {
                privacy::Service& service = pick(services_);
                service.audience = privacy::Audience(pick(principals_));
                gate.add_service(service);
                break;
            }
        }
        gate.set_roster(home_.view());
    }

    Flow next() {
        std::vector<privacy::NamedAudience> clauses(dice(4), privacy::Anyone{});
        privacy::Audience audience;
        for (privacy::NamedAudience& clause : clauses) {
            clause = pick(principals_);
            audience = audience.join(privacy::Audience(clause)).value();
        }
        privacy::Recipient to = pick(devices_);
        if (dice(3) == 0) {
            // What a recipient says of its own audience must not count.
            const std::size_t at = dice(kServices + 1);
            to = privacy::Service{"service-" + std::to_string(at), privacy::OnePerson{home_.ada}};
        }
        return {std::move(clauses), {Bytes(16, 1), privacy::Label{std::move(audience)}}, std::move(to)};
    }

    // May it?
    bool allowed(const Flow& flow, Now now) const {
        if (!resolves(flow.clauses)) {
            return false;
        }
        if (const auto* device = std::get_if<DeviceId>(&flow.to)) {
            return is_member(*device, now) && reads(flow.clauses, *device);
        }
        const std::string& name = std::get<privacy::Service>(flow.to).name;
        const auto service = std::find_if(services_.begin(), services_.end(),
                                          [&](const privacy::Service& own) { return own.name == name; });
        if (service == services_.end()) {
            return false;
        }
        const auto& readers = service->audience.clauses();
        if (!resolves(readers)) {
            return false;
        }
        const bool world = is_for_the_world(readers);
        if (world && !is_for_the_world(flow.clauses)) {
            return false;
        }
        return std::all_of(home_.roster.devices.begin(), home_.roster.devices.end(), [&](const auto& device) {
            return !reads(readers, device.first) || reads(flow.clauses, device.first);
        });
    }

  private:
    static constexpr std::size_t kServices = 4;
    static constexpr std::size_t kGuestSeconds = 1000;

    using Clauses = std::vector<privacy::NamedAudience>;

    static crypto::Seed seed_of(std::uint64_t number) {
        crypto::Seed seed{};
        for (std::size_t i = 0; i < 8; ++i) {
            seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
        }
        return seed;
    }

    std::size_t dice(std::size_t sides) {
        const auto bytes = random_.bytes<2>();
        return (bytes[0] | static_cast<std::size_t>(bytes[1]) << 8U) % sides;
    }

    template <typename T>
    T& pick(std::vector<T>& from) {
        return from[dice(from.size())];
    }

    void come_or_go(const DeviceId& device) {
        const auto original = all_.find(device);
        if (original != all_.end() && home_.roster.devices.erase(device) == 0) {
            home_.roster.devices.insert(*original);
        }
    }

    void change_hands(const DeviceId& device) {
        const auto at = home_.roster.devices.find(device);
        if (at != home_.roster.devices.end()) {
            at->second.owner = dice(2) == 0 ? std::optional<PersonId>() : home_.ben;
        }
    }

    void invite_ben(Now now) {
        identity::Person& ben = home_.roster.people.at(home_.ben);
        const bool guest = dice(2) == 0;
        ben.role = guest ? identity::Role::Guest : identity::Role::Adult;
        ben.expires = guest ? std::optional<WallTime>(now.wall + seconds(dice(kGuestSeconds))) : std::nullopt;
    }

    bool is_member(const DeviceId& id, Now now) const {
        const auto device = home_.roster.devices.find(id);
        if (device == home_.roster.devices.end()) {
            return false;
        }
        if (!device->second.owner) {
            return true;
        }
        const identity::Person& owner = home_.roster.people.at(*device->second.owner);
        return owner.role != identity::Role::Guest || !owner.expires || now.wall < *owner.expires;
    }

    // Is this device of the household among those who may read what all of `clauses` allow?
    bool reads(const Clauses& clauses, const DeviceId& id) const {
        return std::all_of(clauses.begin(), clauses.end(), [&](const privacy::NamedAudience& clause) {
            if (const auto* only = std::get_if<privacy::ThisDevice>(&clause)) {
                return only->device == id;
            }
            const auto* person = std::get_if<privacy::OnePerson>(&clause);
            return person == nullptr || home_.roster.devices.at(id).owner == person->person;
        });
    }

    static bool is_for_the_world(const Clauses& clauses) {
        return std::all_of(clauses.begin(), clauses.end(), [](const privacy::NamedAudience& clause) {
            return std::holds_alternative<privacy::Anyone>(clause);
        });
    }

    // Every name in it is known, and somebody may read it.
    bool resolves(const Clauses& clauses) const {
        const bool known =
            std::all_of(clauses.begin(), clauses.end(), [&](const privacy::NamedAudience& clause) {
                if (const auto* only = std::get_if<privacy::ThisDevice>(&clause)) {
                    return home_.roster.devices.contains(only->device);
                }
                const auto* person = std::get_if<privacy::OnePerson>(&clause);
                return person == nullptr || home_.roster.people.contains(person->person);
            });
        const auto& devices = home_.roster.devices;
        return known && (is_for_the_world(clauses) ||
                         std::any_of(devices.begin(), devices.end(),
                                     [&](const auto& device) { return reads(clauses, device.first); }));
    }

    crypto::SeededRandom random_;
    Home home_;
    const std::map<DeviceId, identity::Device> all_ = home_.roster.devices;
    std::vector<DeviceId> devices_;  // and a stranger
    std::vector<privacy::NamedAudience> principals_;
    std::vector<privacy::Service> services_;
};

struct FlowCounts {
    std::size_t flows = 0;
    std::size_t cleared = 0;
    std::size_t violations = 0;       // let out what may not leave
    std::size_t wrongly_refused = 0;  // kept back what may
};

// Sends `count` random flows through the gate of flows.home().phone, while the household changes.  Each
// cleared message waits until after the next change, and is checked again as when it is taken from its queue.
inline FlowCounts run_flows(Flows& flows, privacy::Gate& gate, std::size_t count) {
    constexpr std::size_t kPerChange = 50;
    FlowCounts counts;
    std::vector<std::pair<Flow, privacy::Cleared<Bytes>>> waiting;
    flows.begin(gate);
    const auto judge = [&counts](bool passed, bool allowed) {
        counts.violations += passed && !allowed ? 1 : 0;
        counts.wrongly_refused += !passed && allowed ? 1 : 0;
    };
    for (; counts.flows < count; ++counts.flows) {
        const Now now = now_at(static_cast<std::int64_t>(counts.flows));
        if (counts.flows % kPerChange == kPerChange - 1) {
            flows.change(gate, now);
            for (const auto& [flow, cleared] : std::exchange(waiting, {})) {
                judge(gate.recheck(cleared, now).has_value(), flows.allowed(flow, now));
            }
        }
        Flow flow = flows.next();
        auto cleared = gate.clear(flow.value, flow.to, {"test", "audience"}, now);
        judge(cleared.has_value(), flows.allowed(flow, now));
        if (cleared) {
            ++counts.cleared;
            waiting.emplace_back(std::move(flow), std::move(*cleared));
        }
    }
    return counts;
}

}  // namespace ambit::testing
