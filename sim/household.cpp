#include "sim/household.h"

#include <algorithm>

namespace ambit::sim {
namespace {

crypto::Seed seed_of(std::uint64_t value, std::uint8_t purpose) {
    crypto::Seed seed{};
    for (std::size_t i = 0; i < 8; ++i) {
        seed[i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    seed[8] = purpose;
    return seed;
}

}  // namespace

Household::Household(std::uint64_t seed, const std::string& first, const std::string& kind, Dialects dialects)
    : random_(seed_of(seed, 0)),
      network_random_(seed_of(seed, 1)),
      recovery_(crypto::RecoverySecret::generate(random_)),
      first_(first),
      dialects_(std::move(dialects)) {
    network.on_sent = [this](const FrameSeen& frame) {
        for (Observer* observer : observers_) {
            observer->on_sent(frame);
        }
    };
    network.on_arrived = [this](const FrameSeen& frame) {
        for (Observer* observer : observers_) {
            observer->on_arrived(frame);
        }
    };
    Device& founder = make_device(first, kind, true);
    const auto genesis = identity::make_genesis({"Home", founder.description(), std::nullopt},
                                                crypto::SigningKey::generate(random_),
                                                recovery_.signing_key(), founder.key(), world.now().wall);
    AMBIT_CHECK(genesis.has_value());
    founder.start({*genesis});
}

Device& Household::insert(const DeviceSetup& setup) {
    auto made = std::make_unique<Device>(world, network, verifier, observers_, setup);
    Device& device = *devices_.emplace(setup.name, std::move(made)).first->second;
    device.neighbours = [this] {
        std::vector<std::pair<DeviceId, std::string>> machines;
        for (const auto& [name, other] : devices_) {
            machines.emplace_back(other->id(), name);
        }
        return machines;
    };
    identities_[setup.name] = setup.identity;
    names_.try_emplace(device.id(), setup.name);
    return device;
}

Device& Household::make_device(const std::string& name, const std::string& kind, bool mains_powered) {
    const auto identity = random_.bytes<32>();
    DeviceSetup setup{name, kind, identity, random_.bytes<32>(), mains_powered};
    if (dialects_) {
        setup.dialect = dialects_(devices_.size());
    }
    return insert(setup);
}

Device& Household::add_clone(const std::string& name, Device& original) {
    const identity::DeviceDescription like = original.description();
    Device& clone = insert({name, like.kind, identities_.at(original.name()), random_.bytes<32>(),
                            like.mains_powered, original.dialect()});
    clone.restore(original.disk().image());
    return clone;
}

Device& Household::device(const std::string& name) {
    return *devices_.at(name);
}

Device* Household::find(const std::string& name) {
    const auto at = devices_.find(name);
    return at == devices_.end() ? nullptr : at->second.get();
}

std::vector<Device*> Household::running() {
    std::vector<Device*> all;
    for (const auto& [name, device] : devices_) {
        if (device->running()) {
            all.push_back(device.get());
        }
    }
    return all;
}

Device& Household::admin() {
    for (Device* device : running()) {
        if (device->node().parts().roster->is_admin(device->id())) {
            return *device;
        }
    }
    return *devices_.at(first_);
}

std::optional<std::string> Household::owner_of(const DeviceId& device) const {
    const auto at = owners_.find(device);
    return at == owners_.end() ? std::nullopt : std::optional(at->second);
}

std::string Household::name_of(const DeviceId& device) const {
    const auto at = names_.find(device);
    return at == names_.end() ? device.short_hex() : at->second;
}

Result<void> Household::adopt(Device& by,
                              const std::function<Result<Bytes>(const identity::RosterAuthor&)>& write) {
    node::Membership& membership = by.node().membership();
    const Now now = by.node().now();
    const auto adopted = membership.adopt(write(membership.author(now)), now);
    by.wake();
    return adopted ? Result<void>() : adopted.error();
}

Result<void> Household::remove(Device& by, const DeviceId& gone) {
    std::vector<identity::ChannelHead> heads;
    for (const facts::Height& height : by.node().parts().facts.heads_of(gone)) {
        heads.push_back({height.channel.stream(), height.head.seq, height.head.hash});
    }
    return adopt(by, [&](const auto& author) { return author.remove_device(gone, heads); });
}

void Household::admit(Device& device, Device& host, Result<Bytes> operation) {
    AMBIT_CHECK(operation.has_value());
    AMBIT_CHECK(adopt(host, [&](const auto&) { return operation; }).has_value());
    device.start(host.node().parts().log.all());
    host.node().parts().links.add_hint(device.id(), Network::address_of(device.name()), host.now());
    world.run_for(milliseconds(50));
}

Device& Household::add_shared(const std::string& name, const std::string& kind, bool mains_powered) {
    Device& device = make_device(name, kind, mains_powered);
    Device& host = admin();
    const auto consent = identity::consent_to_join(device.key(), device.description(),
                                                   host.node().parts().roster->household, {});
    admit(device, host, host.node().membership().author(host.now()).add_device(consent));
    return device;
}

Device& Household::add_personal(const std::string& name,
                                const std::string& kind,
                                const std::string& person,
                                bool mains_powered) {
    Device& device = make_device(name, kind, mains_powered);
    owners_[device.id()] = person;
    Device& host = admin();
    const identity::RosterView roster = host.node().parts().roster;  // kept: adopting makes a new one
    const auto author = [&] { return host.node().membership().author(host.now()); };
    if (const identity::Person* known = roster->person_named(person)) {
        const auto consent = identity::consent_to_join(device.key(), device.description(), roster->household,
                                                       {std::nullopt, known->id});
        admit(device, host, author().add_device(consent));
        bind(device, known->id);
        return device;
    }
    identity::NewPerson new_person;
    new_person.nonce = random_.bytes<16>();
    new_person.name = person;
    new_person.role = identity::Role::Adult;
    const auto id = identity::person_id_of(new_person, device.key().verify_key());
    const auto consent =
        identity::consent_to_join(device.key(), device.description(), roster->household, {id, std::nullopt});
    admit(device, host, author().add_person(new_person, consent));
    return device;
}

// A device of the person says yes to the new one.
void Household::bind(Device& device, const PersonId& person) {
    for (Device* other : running()) {
        if (other == &device || other->node().parts().person() != person) {
            continue;
        }
        const auto knows = [&] { return other->node().parts().roster->device(device.id()) != nullptr; };
        AMBIT_CHECK(run_until(knows));
        const auto mine = [&] { return device.node().parts().person() == person; };
        AMBIT_CHECK(mine() || adopt(*other, [&](const auto& author) {
                                  return author.bind_device(device.id());
                              }).has_value());
        AMBIT_CHECK(run_until(mine));
        return;
    }
}

void Household::teach(Device& device) {
    std::vector<language::Grammar> grammars;
    grammars.push_back(language::Grammar::compile("en", language::built_in_sentences("en")));
    device.node().conversation().set_grammars(std::move(grammars));
}

std::optional<node::AskResult> Household::ask(const std::string& device,
                                              const std::string& text,
                                              milliseconds wait) {
    auto answer = std::make_shared<std::optional<node::AskResult>>();
    Device& asked = *devices_.at(device);
    asked.node().conversation().ask(
        text, wait, [answer](const node::AskResult& result) { *answer = result; }, asked.node().now());
    asked.wake();
    world.run_until([&] { return answer->has_value(); }, wait + seconds{1});
    return *answer;
}

bool Household::connected() {
    for (Device* device : running()) {
        for (Device* other : running()) {
            const auto member = [&](Device* one) { return one->node().parts().me() != nullptr; };
            if (device->id() != other->id() && member(device) && member(other) &&
                !device->node().parts().links.is_up(other->id())) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace ambit::sim
