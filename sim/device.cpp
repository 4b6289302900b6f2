#include "sim/device.h"

#include <algorithm>

namespace ambit::sim {
namespace {

crypto::SigningKey key_from(const crypto::Seed& seed) {
    crypto::SeededRandom random(seed);
    return crypto::SigningKey::generate(random);
}

crypto::SealKey seal_from(const crypto::Seed& seed) {
    crypto::SeededRandom random(seed);
    (void)random.bytes<32>();
    return crypto::SealKey::generate(random);
}

crypto::Seed of_the_disk(crypto::Seed seed) {
    seed[31] ^= 1U;
    return seed;
}

}  // namespace

class Device::Gateway final : public wire::TransportEvents {
  public:
    explicit Gateway(Device& device) : device_(device) {}

    void on_link_up(const wire::LinkUp& up, Now /*world*/) override {
        device_.hold_or_run([this, up] { device_.node_->on_link_up(up, device_.now()); });
    }

    void on_link_down(wire::LinkId link, const Error& reason, Now /*world*/) override {
        device_.hold_or_run(
            [this, link, reason] { device_.node_->on_link_down(link, reason, device_.now()); });
    }

    void on_frame(wire::LinkId link, ByteView frame, Now /*world*/) override {
        if (!device_.frozen_) {
            device_.node_->on_frame(link, frame, device_.now());
            return;
        }
        device_.hold_or_run([this, link, kept = Bytes(frame.begin(), frame.end())] {
            device_.node_->on_frame(link, kept, device_.now());
        });
    }

    void on_writable(wire::LinkId link, Now /*world*/) override {
        device_.hold_or_run([this, link] { device_.node_->on_writable(link, device_.now()); });
    }

    void on_dial_failed(wire::DialId id, const Error& reason, Now /*world*/) override {
        device_.hold_or_run([this, id, reason] { device_.node_->on_dial_failed(id, reason, device_.now()); });
    }

  private:
    Device& device_;
};

// A job begins when the disk is free, and what it tells comes when the disk has done it.
class Device::DiskWorker final : public store::Worker {
  public:
    explicit DiskWorker(Device& device) : device_(device) {}

    ~DiskWorker() override { finish(); }

    DiskWorker(const DiskWorker&) = delete;
    DiskWorker& operator=(const DiskWorker&) = delete;

    void run(std::function<void()> job) override {
        jobs_.push_back(std::move(job));
        const auto delay = std::max(free_at_ - device_.world_.now().mono, microseconds{0});
        device_.world_.after(delay, [weak = std::weak_ptr(self_)] {
            if (const auto worker = weak.lock()) {
                (*worker)->do_next();
            }
        });
    }

    void finish() override {
        while (!jobs_.empty()) {
            do_next();
        }
    }

    void post(std::function<void()> task) override {
        const auto busy = device_.disk_.take_time();
        free_at_ = std::max(free_at_, device_.world_.now().mono) + busy;
        device_.world_.after(free_at_ - device_.world_.now().mono,
                             [weak = std::weak_ptr(self_), task = std::move(task)] {
                                 if (const auto worker = weak.lock()) {
                                     (*worker)->device_.deliver(task);
                                 }
                             });
    }

  private:
    void do_next() {
        if (jobs_.empty()) {
            return;
        }
        const auto job = std::move(jobs_.front());
        jobs_.pop_front();
        job();
    }

    Device& device_;
    std::deque<std::function<void()>> jobs_;
    MonoTime free_at_{};
    std::shared_ptr<DiskWorker*> self_ = std::make_shared<DiskWorker*>(this);
};

Device::Device(World& world,
               Network& network,
               crypto::Verifier& verifier,
               const Observers& observers,
               const DeviceSetup& setup)
    : world_(world),
      network_(network),
      verifier_(verifier),
      observers_(observers),
      setup_(setup),
      key_(key_from(setup.identity)),
      seal_(seal_from(setup.identity)),
      id_(crypto::device_id_of(key_.verify_key())),
      random_(setup.randomness),
      disk_random_(of_the_disk(setup.randomness)),
      disk_(disk_random_) {}

Device::~Device() {
    if (running()) {
        disk_.power_off();
        take_down();
    }
}

identity::DeviceDescription Device::description() const {
    return {key_.verify_key(), seal_.public_key(), setup_.name, setup_.kind, setup_.mains_powered};
}

std::unique_ptr<store::SqliteStore> Device::open_store() {
    auto opened =
        store::SqliteStore::open({.folder = "", .vfs = disk_.vfs()}, std::make_unique<DiskWorker>(*this));
    if (!opened) {
        start_error_ = opened.error();
        return nullptr;
    }
    return std::move(opened).value();
}

void Device::start(const std::vector<Bytes>& roster) {
    ++life_;
    network_.set_power(setup_.name, true);
    if (!disk_.has_power()) {
        disk_.power_on();
    }
    start_error_.reset();
    store_ = open_store();
    if (!store_) {
        return;
    }
    if (!roster.empty()) {
        store_->commit({storage::Append{std::string(node::kRosterStream), 1, roster}});
    }
    gateway_ = std::make_unique<Gateway>(*this);
    endpoint_ = network_.attach(setup_.name, id_, *gateway_, [this] { after_event(); });
    const node::NodeOptions options{.mains_powered = setup_.mains_powered,
                                    .keep_admin = false,
                                    .fresh_store = store_->is_new(),
                                    .dialect = setup_.dialect};
    node_ = std::make_unique<node::Node>(node::Ports{key_, *store_, *endpoint_, random_, &verifier_}, options,
                                         [this] { return now(); });
    store_->set_events(node_.get());
    if (const auto loaded = node_->load(); !loaded) {
        start_error_ = loaded.error();
        take_down();
        return;
    }
    introduce();
    for (const auto& provider : providers_) {
        node_->actions().add_provider(*provider);
        provider->announce();
    }
    wake();
}

// As mDNS would, and what a pairing leaves.
void Device::introduce() {
    node_->parts().links.set_own_addresses({Network::address_of(setup_.name)}, now());
    for (const auto& [device, machine] : neighbours()) {
        if (device != id_) {
            node_->parts().links.add_hint(device, Network::address_of(machine), now());
        }
    }
}

void Device::take_down() {
    ++life_;
    frozen_ = false;
    held_.clear();
    tick_at_.reset();
    node_.reset();
    store_.reset();
    endpoint_.reset();
    gateway_.reset();
}

void Device::stop() {
    node_->stop();
    store_->set_events(nullptr);
    take_down();
}

void Device::kill() {
    disk_.power_off();
    take_down();
    disk_.resume();
}

void Device::crash() {
    disk_.power_off();
    network_.set_power(setup_.name, false);
    take_down();
}

void Device::crash_at_write(std::uint64_t writes) {
    disk_.lose_power_at(writes, [this, life = life_] {
        // Not in the middle of its own code.
        world_.after(microseconds{0}, [this, life] {
            if (life == life_ && running()) {
                crash();
            }
        });
    });
}

void Device::thaw() {
    if (!frozen_) {
        return;
    }
    frozen_ = false;
    while (!held_.empty() && running()) {
        const auto event = std::move(held_.front());
        held_.pop_front();
        event();
        after_event();
    }
    if (running()) {
        wake();
    }
}

void Device::restore(const Disk::Image& image) {
    AMBIT_CHECK(!running());
    for (Observer* observer : observers_) {
        observer->on_restore(*this);
    }
    disk_.restore(image);
}

void Device::retire() {
    if (running()) {
        crash();
    }
    retired_ = true;
}

void Device::reach(Things& things) {
    providers_.push_back(std::make_unique<ThingProvider>(
        world_, things,
        [this](ThingProvider::Event event) { deliver([this, event = std::move(event)] { event(*node_); }); },
        [this](const capability::Invocation& invocation) {
            for (Observer* observer : observers_) {
                observer->on_invoked(*this, invocation);
            }
        }));
    if (running()) {
        node_->actions().add_provider(*providers_.back());
        providers_.back()->announce();
        wake();
    }
}

bool Device::reaches(const Things& things) const {
    return std::any_of(providers_.begin(), providers_.end(),
                       [&](const auto& provider) { return provider->source() == things.source; });
}

void Device::wake() {
    node_->settle();
    after_event();
}

void Device::deliver(std::function<void()> event) {
    hold_or_run(std::move(event));
    after_event();
}

void Device::hold_or_run(std::function<void()> event) {
    if (frozen_) {
        held_.push_back(std::move(event));
    } else if (running()) {
        event();
    }
}

void Device::after_event() {
    if (!running() || frozen_) {
        return;
    }
    for (Observer* observer : observers_) {
        observer->on_event(*this);
    }
    schedule_tick();
}

void Device::schedule_tick() {
    const MonoTime at = std::max(node_->next_deadline(), world_.now().mono);
    if (tick_at_ && *tick_at_ <= at) {
        return;  // it looks again then
    }
    tick_at_ = at;
    world_.after(at - world_.now().mono, [this, at, life = life_] {
        if (life != life_ || tick_at_ != at) {
            return;
        }
        deliver([this] {
            tick_at_.reset();
            if (node_->next_deadline() <= world_.now().mono) {
                node_->tick();
            }
        });
    });
}

}  // namespace ambit::sim
