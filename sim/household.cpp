#include "sim/household.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace ambit::sim {
namespace {

constexpr microseconds kDiskTime{300};
constexpr microseconds kLampTime{2000};

crypto::Seed seed_of(std::uint64_t value) {
    crypto::Seed seed{};
    for (std::size_t i = 0; i < 8; ++i) {
        seed[i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return seed;
}

crypto::SigningKey key_from(const crypto::Seed& seed) {
    crypto::SeededRandom random(seed);
    return crypto::SigningKey::generate(random);
}

crypto::SealKey seal_from(const crypto::Seed& seed) {
    crypto::SeededRandom random(seed);
    (void)random.bytes<32>();
    return crypto::SealKey::generate(random);
}

node::NodeOptions options_for(bool fresh) {
    return {.mains_powered = true, .keep_admin = false, .fresh_store = fresh};
}

}  // namespace

LampProvider::LampProvider(World& world, Lamps& lamps, std::function<capability::ProviderEvents*()> events)
    : world_(world), lamps_(lamps), events_(std::move(events)) {}

void LampProvider::announce(Now) {
    auto* events = events_();
    for (const auto& [id, lamp] : lamps_.lamps) {
        events->on_entity({.id = id,
                           .source = lamps_.source,
                           .name = lamp.name,
                           .area = "",
                           .domain = "light",
                           .aliases = {},
                           .capabilities = {"light.set"}});
        events->on_state(id, lamp.on ? R"({"on":true})" : R"({"on":false})", true);
    }
}

void LampProvider::invoke(capability::Invocation invocation) {
    const auto input = nlohmann::json::parse(to_text(invocation.input.value()), nullptr, false);
    auto& lamp = lamps_.lamps.at(invocation.entity);
    lamp.on = input.value("on", true);
    ++lamp.commands;
    if (!lamps_.answers) {
        return;
    }
    world_.after(kLampTime, [this, request = invocation.request, id = invocation.entity] {
        if (auto* events = events_()) {
            const std::string state = lamps_.lamps.at(id).on ? R"({"on":true})" : R"({"on":false})";
            events->on_state(id, state, true);
            events->on_result({request, capability::Outcome::Done, state, {}});
        }
    });
}

void LampProvider::cancel(const RequestId& request) {
    world_.after(microseconds{1}, [this, request] {
        if (auto* events = events_()) {
            events->on_result(
                {request, capability::Outcome::Unknown, "{}", {ErrorCode::OutcomeUnknown, "cancelled"}});
        }
    });
}

class Device::Gateway final : public wire::TransportEvents {
  public:
    explicit Gateway(Device& device) : device_(device) {}

    void on_link_up(const wire::LinkUp& up, Now /*world*/) override {
        device_.node_->on_link_up(up, device_.now());
    }

    void on_link_down(wire::LinkId link, const Error& reason, Now /*world*/) override {
        device_.node_->on_link_down(link, reason, device_.now());
    }

    void on_frame(wire::LinkId link, ByteView frame, Now /*world*/) override {
        device_.node_->on_frame(link, frame, device_.now());
    }

    void on_writable(wire::LinkId link, Now /*world*/) override {
        device_.node_->on_writable(link, device_.now());
    }

    void on_dial_failed(wire::DialId id, const Error& reason, Now /*world*/) override {
        device_.node_->on_dial_failed(id, reason, device_.now());
    }

  private:
    Device& device_;
};

Device::Device(World& world, Network& network, std::string name, std::string kind, const crypto::Seed& seed)
    : world_(world),
      network_(network),
      name_(std::move(name)),
      kind_(std::move(kind)),
      key_(key_from(seed)),
      seal_(seal_from(seed)),
      id_(crypto::device_id_of(key_.verify_key())),
      random_(key_.export_seed()) {}

Device::~Device() = default;

identity::DeviceDescription Device::description() const {
    return {key_.verify_key(), seal_.public_key(), name_, kind_, true};
}

void Device::store_roster(const std::vector<Bytes>& operations) {
    storage_.commit({storage::Append{std::string(node::kRosterStream), 1, operations}});
    storage_.settle();
}

void Device::start() {
    ++life_;
    gateway_ = std::make_unique<Gateway>(*this);
    endpoint_ = network_.attach(id_, *gateway_, [this] { after_event(); });
    node_ = std::make_unique<node::Node>(node::Ports{key_, storage_, *endpoint_, random_},
                                         options_for(!started_before_), [this] { return now(); });
    started_before_ = true;
    storage_.set_events(node_.get());
    const auto loaded = node_->load();
    AMBIT_CHECK(loaded.has_value());
    node_->parts().links.set_own_addresses({Network::address_of(id_)}, now());
    for (const auto& [peer, device] : node_->parts().roster->devices) {
        if (peer != id_) {
            node_->parts().links.add_hint(peer, Network::address_of(peer), now());
        }
    }
    for (const auto& provider : providers_) {
        node_->actions().add_provider(*provider);
        provider->announce(now());
    }
    node_->settle();
    after_event();
}

void Device::crash() {
    ++life_;
    storage_.crash();
    node_.reset();
    endpoint_.reset();
    gateway_.reset();
}

void Device::reach(Lamps& lamps) {
    providers_.push_back(std::make_unique<LampProvider>(
        world_, lamps, [this]() -> capability::ProviderEvents* { return node_.get(); }));
    if (node_) {
        node_->actions().add_provider(*providers_.back());
        providers_.back()->announce(now());
        after_event();
    }
}

void Device::wake() {
    node_->settle();
    after_event();
}

void Device::after_event() {
    if (!node_) {
        return;
    }
    if (!settle_scheduled_) {
        settle_scheduled_ = true;
        world_.after(kDiskTime, [this, life = life_] {
            settle_scheduled_ = false;
            if (life == life_ && node_) {
                storage_.settle();
                schedule_tick();
            }
        });
    }
    schedule_tick();
}

void Device::schedule_tick() {
    const std::uint64_t tick = ++tick_;
    const auto delay = std::max(node_->next_deadline() - world_.now().mono, microseconds{0});
    world_.after(delay, [this, tick, life = life_] {
        if (tick == tick_ && life == life_ && node_) {
            node_->tick();
            after_event();
        }
    });
}

Household::Household(std::uint64_t seed, const std::string& first, const std::string& kind)
    : random_(seed_of(seed)), first_(first) {
    Device& founder = make_device(first, kind);
    const auto recovery = crypto::SigningKey::generate(random_);
    const auto genesis =
        identity::make_genesis({"Home", recovery.verify_key(), founder.description(), std::nullopt},
                               crypto::SigningKey::generate(random_), founder.key(), world.now().wall);
    AMBIT_CHECK(genesis.has_value());
    founder.store_roster(std::vector<Bytes>{*genesis});
    founder.start();
}

Device& Household::make_device(const std::string& name, const std::string& kind) {
    auto device = std::make_unique<Device>(world, network, name, kind, random_.bytes<32>());
    return *devices_.emplace(name, std::move(device)).first->second;
}

Device& Household::device(const std::string& name) {
    return *devices_.at(name);
}

Device& Household::admin() {
    for (const auto& [name, device] : devices_) {
        if (device->running() && device->node().parts().roster->is_admin(device->id())) {
            return *device;
        }
    }
    return *devices_.at(first_);
}

void Household::admit(Device& device, Result<Bytes> operation) {
    AMBIT_CHECK(operation.has_value());
    node::Node& host = admin().node();
    AMBIT_CHECK(host.membership().adopt(std::move(operation), world.now()).has_value());
    const std::vector<Bytes> log = host.parts().log.all();
    for (const auto& [name, each] : devices_) {
        if (each->running()) {
            each->wake();
        }
    }
    device.store_roster(log);
    device.start();
    host.parts().links.add_hint(device.id(), Network::address_of(device.id()), world.now());
    world.run_for(milliseconds(50));
}

Device& Household::add_shared(const std::string& name, const std::string& kind) {
    Device& device = make_device(name, kind);
    node::Node& host = admin().node();
    const auto consent =
        identity::consent_to_join(device.key(), device.description(), host.parts().roster->household, {});
    admit(device, host.membership().author(world.now()).add_device(consent));
    return device;
}

Device& Household::add_personal(const std::string& name, const std::string& kind, const std::string& person) {
    Device& device = make_device(name, kind);
    node::Node& host = admin().node();
    const identity::RosterView roster = host.parts().roster;  // kept: adopting makes a new one
    if (const identity::Person* known = roster->person_named(person)) {
        const auto consent = identity::consent_to_join(device.key(), device.description(), roster->household,
                                                       {std::nullopt, known->id});
        admit(device, host.membership().author(world.now()).add_device(consent));
        // A device of the person says yes to the new one.
        for (const auto& [other_name, other] : devices_) {
            if (other->running() && other->node().parts().person() == known->id) {
                world.run_until([&] { return other->node().parts().roster->device(device.id()) != nullptr; },
                                seconds{10});
                const auto bound = other->node().membership().adopt(
                    other->node().membership().author(world.now()).bind_device(device.id()), world.now());
                AMBIT_CHECK(bound.has_value());
                other->wake();
                break;
            }
        }
        return device;
    }
    identity::NewPerson new_person;
    new_person.nonce = random_.bytes<16>();
    new_person.name = person;
    new_person.role = identity::Role::Adult;
    const auto id = identity::person_id_of(new_person, device.key().verify_key());
    const auto consent =
        identity::consent_to_join(device.key(), device.description(), roster->household, {id, std::nullopt});
    admit(device, host.membership().author(world.now()).add_person(new_person, consent));
    return device;
}

std::optional<node::AskResult> Household::ask(const std::string& device,
                                              const std::string& text,
                                              milliseconds wait) {
    auto answer = std::make_shared<std::optional<node::AskResult>>();
    Device& asked = *devices_.at(device);
    asked.node().conversation().ask(
        text, wait, [answer](const node::AskResult& result) { *answer = result; }, world.now());
    asked.wake();
    world.run_until([&] { return answer->has_value(); }, wait + seconds{1});
    return *answer;
}

bool Household::connected() {
    for (const auto& [name, device] : devices_) {
        for (const auto& [other_name, other] : devices_) {
            const bool both = device->running() && other->running() && device != other;
            if (both && !device->node().parts().links.is_up(other->id())) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace ambit::sim
