// Network: links between simulated devices, in virtual time.
//
// Ownership: one World and one Network per simulated household; endpoints borrow both.  Threads: one.
// Failure: whatever a scenario asks for: latency, a cut between two devices, a device that is off.
// The roster decides who gets a link, as TLS does in edge/mesh.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>

#include "wire/transport.h"

namespace ambit::sim {

// Virtual time and what happens when.  Events at the same time run in the order they were made.
class World {
  public:
    Now now() const { return now_; }

    void after(microseconds delay, std::function<void()> event);
    // Runs events until nothing is left before `until` (from now).
    void run_for(microseconds span);
    // Runs until `done` says so; false if it did not within `span`.
    bool run_until(const std::function<bool()>& done, microseconds span);

  private:
    struct Event {
        MonoTime at;
        std::uint64_t order;
        std::function<void()> run;

        bool operator<(const Event& other) const {
            return at != other.at ? at > other.at : order > other.order;
        }
    };

    void step();

    Now now_{WallTime(std::chrono::hours(24 * 365 * 56)), MonoTime(seconds(1000))};
    std::uint64_t next_order_ = 0;
    std::priority_queue<Event> events_;
};

class Network {
  public:
    explicit Network(World& world) : world_(world) {}

    microseconds latency{500};

    class Endpoint;
    // `after_event` runs after every event that was delivered to `events`.
    std::unique_ptr<Endpoint> attach(const DeviceId& device,
                                     wire::TransportEvents& events,
                                     std::function<void()> after_event);

    static wire::Address address_of(const DeviceId& device) { return {device.hex(), 1}; }

    // Frames between the two are lost from now on, silently; existing links stay half-open.
    void cut(const DeviceId& a, const DeviceId& b);
    void heal(const DeviceId& a, const DeviceId& b);

    // Every frame that reached its destination: what an observer at that device saw.
    std::uint64_t frames_delivered() const { return frames_delivered_; }

  private:
    friend class Endpoint;

    struct Link {
        DeviceId dialler;
        DeviceId acceptor;
        bool open = true;
    };

    bool is_cut(const DeviceId& a, const DeviceId& b) const;
    void deliver(const DeviceId& from, const DeviceId& to, std::function<void(Endpoint&)> event);

    World& world_;
    std::map<DeviceId, Endpoint*> endpoints_;
    std::map<wire::LinkId, Link> links_;
    std::set<std::pair<DeviceId, DeviceId>> cuts_;
    wire::LinkId next_link_ = 1;
    std::uint64_t frames_delivered_ = 0;
};

class Network::Endpoint final : public wire::Transport {
  public:
    Endpoint(Network& network,
             DeviceId self,
             wire::TransportEvents& events,
             std::function<void()> after_event);
    // The device is off: its peers see their links go down.
    ~Endpoint() override;

    void dial(wire::DialId id, const wire::Address& address, const DeviceId& expected) override;
    void cancel_dial(wire::DialId id) override;
    bool send(wire::LinkId link, Bytes frame) override;
    void close(wire::LinkId link, const Error& reason) override;
    void set_roster(identity::RosterView roster) override;

  private:
    friend class Network;

    void go_down(wire::LinkId link, const Error& reason);

    Network& network_;
    DeviceId self_;
    wire::TransportEvents& events_;
    std::function<void()> after_event_;
    identity::RosterView roster_;
    std::set<wire::DialId> dials_;
};

}  // namespace ambit::sim
