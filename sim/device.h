// Device: one simulated machine with its clock and its disk, and the node that runs on it, with its real core
// and its real store.
//
// Ownership: the household owns devices; they borrow World, Network and Things.  Threads: one.
// Failure: a daemon that can't start says why in start_error(); a mistake in the set-up stops the test
// (AMBIT_CHECK).
#pragma once

#include "crypto/seeded_random.h"
#include "node/node.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/things.h"
#include "store/store.h"

namespace ambit::sim {

class Device;

// Watches what devices do; the invariants are observers.
class Observer {
  public:
    virtual ~Observer() = default;

    // After every event at a running device.
    virtual void on_event(Device& /*device*/) {}

    virtual void on_sent(const FrameSeen& /*frame*/) {}

    virtual void on_arrived(const FrameSeen& /*frame*/) {}

    // These values leave the device for a service.
    virtual void on_invoked(Device& /*device*/, const capability::Invocation& /*invocation*/) {}

    // Its disk went back in time: call before it does.
    virtual void on_restore(Device& /*device*/) {}
};

using Observers = std::vector<Observer*>;

struct DeviceSetup {
    std::string name;  // of the machine
    std::string kind;
    crypto::Seed identity{};    // its keys follow from it; a clone has the same
    crypto::Seed randomness{};  // of its own, as each machine's is
    bool mains_powered = true;
    wire::Dialect dialect = node::NodeOptions().dialect;
};

class Device {
  public:
    Device(World& world,
           Network& network,
           crypto::Verifier& verifier,
           const Observers& observers,
           const DeviceSetup& setup);
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    const std::string& name() const { return setup_.name; }

    const wire::Dialect& dialect() const { return setup_.dialect; }

    const DeviceId& id() const { return id_; }

    bool running() const { return node_ != nullptr; }

    node::Node& node() { return *node_; }

    const store::SqliteStore& store() const { return *store_; }

    Disk& disk() { return disk_; }

    const crypto::SigningKey& key() const { return key_; }

    identity::DeviceDescription description() const;

    // Counts starts; tells what belongs to an earlier one.
    std::uint64_t life() const { return life_; }

    // Its clock is this far ahead of the world's, or behind.
    void set_skew(microseconds skew) { skew_ = skew; }

    Now now() const { return {world_.now().wall + skew_, world_.now().mono}; }

    // Switched on.  `roster` is what a pairing would have left, the first time.
    void start(const std::vector<Bytes>& roster = {});

    const std::optional<Error>& start_error() const { return start_error_; }

    // An orderly stop.
    void stop();
    // kill -9: what was handed to the operating system is not lost.
    void kill();
    // Power loss: what was not synced is lost or torn, and nobody hears that it is gone.
    void crash();
    // The same, in the middle of the `writes`-th write to the disk from now.
    void crash_at_write(std::uint64_t writes);

    // SIGSTOP and SIGCONT: what happens meanwhile happens after.
    void freeze() { frozen_ = running(); }

    void thaw();

    // The device is off.
    void restore(const Disk::Image& image);
    // Switched off for good.
    void retire();

    bool is_retired() const { return retired_; }

    void reach(Things& things);

    bool reaches(const Things& things) const;
    // After using the node directly: lets it process what that caused.
    void wake();
    // Runs `event` at this device unless it is stopped meanwhile; after the thaw, if it is frozen.
    void deliver(std::function<void()> event);

    // Where the other members' machines are.
    std::function<std::vector<std::pair<DeviceId, std::string>>()> neighbours;

  private:
    class Gateway;     // hands the network's events to the node while there is one
    class DiskWorker;  // does the store's work on virtual time

    std::unique_ptr<store::SqliteStore> open_store();
    void introduce();
    void take_down();
    void hold_or_run(std::function<void()> event);
    void after_event();
    void schedule_tick();

    World& world_;
    Network& network_;
    crypto::Verifier& verifier_;
    const Observers& observers_;
    const DeviceSetup setup_;
    crypto::SigningKey key_;
    crypto::SealKey seal_;
    DeviceId id_;
    crypto::SeededRandom random_;
    crypto::SeededRandom disk_random_;
    microseconds skew_{0};
    Disk disk_;
    std::unique_ptr<Gateway> gateway_;
    std::unique_ptr<Network::Endpoint> endpoint_;
    std::unique_ptr<store::SqliteStore> store_;
    std::unique_ptr<node::Node> node_;
    std::vector<std::unique_ptr<ThingProvider>> providers_;
    std::optional<Error> start_error_;
    std::uint64_t life_ = 0;
    std::optional<MonoTime> tick_at_;
    bool frozen_ = false;
    bool retired_ = false;
    std::deque<std::function<void()>> held_;
};

}  // namespace ambit::sim
