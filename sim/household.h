// Household: real nodes in one process, on virtual time, an in-memory store and a simulated network.
//
// The same core as in the daemon, none of its IO: deterministic from its seed.
// Ownership: a test owns it.  Threads: one.  Failure: a mistake in the set-up stops the test (AMBIT_CHECK).
#pragma once

#include "crypto/seeded_random.h"
#include "node/node.h"
#include "sim/network.h"
#include "storage/memory_storage.h"

namespace ambit::sim {

// A simulated broker's lamps: takes commands and reports the state back, after a while.  Shared by all
// devices that reach the source, as a real broker is.
class Lamps {
  public:
    struct Lamp {
        std::string name;
        bool on = false;
        int commands = 0;  // counted from outside: how often the effect happened
    };

    std::string source = "mqtt:home";
    std::map<std::string, Lamp> lamps;  // by entity id
    bool answers = true;                // false: it takes commands and never reports back
};

class LampProvider final : public capability::Provider {
  public:
    LampProvider(World& world, Lamps& lamps, std::function<capability::ProviderEvents*()> events);

    std::string source() const override { return lamps_.source; }

    privacy::Service service() const override {
        return {lamps_.source, privacy::Audience(privacy::Household{})};
    }

    bool available() const override { return true; }

    void invoke(capability::Invocation invocation) override;
    void cancel(const RequestId& request) override;
    void announce(Now now);

  private:
    World& world_;
    Lamps& lamps_;
    std::function<capability::ProviderEvents*()> events_;
};

class Device {
  public:
    Device(World& world, Network& network, std::string name, std::string kind, const crypto::Seed& seed);
    ~Device();

    const std::string& name() const { return name_; }

    DeviceId id() const { return id_; }

    bool running() const { return node_ != nullptr; }

    node::Node& node() { return *node_; }

    identity::DeviceDescription description() const;

    const crypto::SigningKey& key() const { return key_; }

    storage::MemoryStorage& storage() { return storage_; }

    // What another device will read when this one starts: stored directly, before start().
    void store_roster(const std::vector<Bytes>& operations);

    // Its clock is this far ahead of the world's, or behind.
    void set_skew(microseconds skew) { skew_ = skew; }

    Now now() const { return {world_.now().wall + skew_, world_.now().mono}; }

    void start();
    // Power loss: what is not durable is gone.
    void crash();
    void reach(Lamps& lamps);
    // After using the node directly: lets it process what that caused.
    void wake();

  private:
    class Gateway;  // hands the network's events to the node while there is one

    void after_event();
    void schedule_tick();

    World& world_;
    Network& network_;
    std::string name_;
    std::string kind_;
    crypto::SigningKey key_;
    crypto::SealKey seal_;
    DeviceId id_;
    crypto::SeededRandom random_;
    microseconds skew_{0};
    storage::MemoryStorage storage_;
    std::unique_ptr<Gateway> gateway_;
    std::unique_ptr<Network::Endpoint> endpoint_;
    std::unique_ptr<node::Node> node_;
    std::vector<std::unique_ptr<LampProvider>> providers_;
    bool started_before_ = false;
    std::uint64_t life_ = 0;  // tells events of an earlier life
    std::uint64_t tick_ = 0;
    bool settle_scheduled_ = false;
};

class Household {
  public:
    // The first device creates the household.
    Household(std::uint64_t seed, const std::string& first, const std::string& kind);

    Device& device(const std::string& name);
    // A running device that may change the household.
    Device& admin();
    // Joins `name`, shared or as a new person's (or an existing person's) device, and starts it.
    Device& add_shared(const std::string& name, const std::string& kind);
    Device& add_personal(const std::string& name, const std::string& kind, const std::string& person);

    // Asks at a device and waits for the answer, at most `wait`.
    std::optional<node::AskResult> ask(const std::string& device,
                                       const std::string& text,
                                       milliseconds wait = seconds{5});

    bool run_until(const std::function<bool()>& done, milliseconds wait = seconds{10}) {
        return world.run_until(done, wait);
    }

    // Every running device is linked to every other.
    bool connected();

    World world;
    Network network{world};
    Lamps lamps;

  private:
    Device& make_device(const std::string& name, const std::string& kind);
    void admit(Device& device, Result<Bytes> operation);

    crypto::SeededRandom random_;
    std::map<std::string, std::unique_ptr<Device>> devices_;
    std::string first_;
};

}  // namespace ambit::sim
