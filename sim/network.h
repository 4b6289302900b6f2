// Network: links between simulated machines, in virtual time.
//
// A link is what TCP gives: a stream of frames in order, with a delay, a bandwidth and a buffer at the
// sender's end. What a cut holds up arrives when it heals, unless an end gave up the link meanwhile; the
// other end does not hear of that across a cut, nor from a machine without power.  The roster decides who
// gets a link, as TLS does in edge/mesh. Ownership: one per household; endpoints borrow it.  Threads: one.
// Failure: whatever a scenario asks for.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "base/random.h"
#include "sim/world.h"
#include "wire/transport.h"

namespace ambit::sim {

// One frame on its way, as an observer of the transport sees it.
struct FrameSeen {
    const std::string& from;  // machines
    const std::string& to;
    const DeviceId& from_device;
    const DeviceId& to_device;
    ByteView frame;
    MonoTime at;
};

class Network {
  public:
    static constexpr microseconds kRetransmission{200'000};

    Network(World& world, Random& random) : world_(world), random_(random) {}

    // What is so of every path.
    microseconds latency{500};
    microseconds jitter{0};
    std::uint64_t bytes_per_second = 20'000'000;
    std::size_t buffer_bytes = 1024UL * 1024;

    // May change a frame as it is handed to the transport.
    std::function<void(const std::string& machine, Bytes& frame)> on_sending;
    // Told about every frame when it is handed to the transport, and when it arrives.
    std::function<void(const FrameSeen&)> on_sent;
    std::function<void(const FrameSeen&)> on_arrived;

    class Endpoint;
    // `after_event` runs after every event that was delivered to `events`.
    std::unique_ptr<Endpoint> attach(const std::string& machine,
                                     const DeviceId& device,
                                     wire::TransportEvents& events,
                                     std::function<void()> after_event);

    // A machine without power answers nothing, not even that nobody listens.
    void set_power(const std::string& machine, bool on);

    static wire::Address address_of(const std::string& machine) { return {machine, 1}; }

    // One way; frames wait.
    void cut(const std::string& from, const std::string& to);
    void heal(const std::string& from, const std::string& to);
    void heal_all();
    // Breaks every connection between the two; both ends are told.
    void reset(const std::string& a, const std::string& b);

    // The most bytes any sender's buffer ever held.
    std::size_t buffered_max() const { return buffered_max_; }

    std::uint64_t frames_arrived() const { return frames_arrived_; }

  private:
    friend class Endpoint;

    struct Item {
        MonoTime arrives;
        Bytes frame;
        std::optional<Error> end;  // instead of a frame
    };

    // One end of a link, and what travels from it.
    struct End {
        Endpoint* endpoint = nullptr;  // null once this end is closed or gone
        std::string machine;
        DeviceId device;
        std::deque<Item> sent;
        std::size_t buffered = 0;
        bool starved = false;
        MonoTime free_at{};
        MonoTime last_arrival{};
    };

    struct Link {
        End ends[2];
        bool recovers = false;  // the dialler was let in for the recovery key alone
    };

    bool is_cut(const std::string& from, const std::string& to) const {
        return !cuts_.empty() && cuts_.contains({from, to});
    }

    Endpoint* endpoint_at(const std::string& machine) const;
    void transmit(wire::LinkId id, int from, Item item);
    void transmit(wire::LinkId id, Link& link, int from, Item item);
    // Delivers what has arrived of what end `from` sent.
    void pump(wire::LinkId id, int from);
    void deliver(wire::LinkId id, int from, Item item);
    // The other machine knows nothing of this link: it says so.
    void refuse(wire::LinkId id, int end);
    void close_end(wire::LinkId id, int end);
    void tell_down(Endpoint& endpoint, wire::LinkId id, const Error& reason);
    void connect(wire::LinkId id, wire::DialId dial, Endpoint& dialler, Endpoint& acceptor);

    World& world_;
    Random& random_;
    std::map<std::string, Endpoint*> endpoints_;
    std::set<std::string> powered_;
    std::map<wire::LinkId, Link> links_;
    std::set<std::pair<std::string, std::string>> cuts_;
    wire::LinkId next_link_ = 1;
    std::uint64_t frames_arrived_ = 0;
    std::size_t buffered_max_ = 0;
};

class Network::Endpoint final : public wire::Transport {
  public:
    Endpoint(Network& network,
             std::string machine,
             DeviceId self,
             wire::TransportEvents& events,
             std::function<void()> after_event);
    // The process is gone.  If its machine has power, that closes its connections.
    ~Endpoint() override;

    void dial(wire::DialId id, const wire::Address& address, const DeviceId& expected) override;
    // Whoever is at `address`, as a new device does that holds the recovery key.
    void dial_anybody(wire::DialId id, const wire::Address& address);
    void cancel_dial(wire::DialId id) override;
    bool send(wire::LinkId link, Bytes frame) override;
    void close(wire::LinkId link, const Error& reason) override;
    void set_roster(identity::RosterView roster) override;

  private:
    friend class Network;

    // Which end of the link is this one; none if it is not, or no longer.
    std::optional<int> end_of(wire::LinkId link) const;
    std::optional<int> end_of(const Link& link) const;

    bool knows(const DeviceId& device) const { return roster_ && roster_->device(device) != nullptr; }

    bool lets_in(const DeviceId& dialler) const {
        return knows(dialler) || (roster_ && roster_->is_recovery(dialler));
    }

    void call(wire::DialId id, const wire::Address& address, const std::optional<DeviceId>& expected);

    Network& network_;
    std::string machine_;
    DeviceId self_;
    wire::TransportEvents& events_;
    std::function<void()> after_event_;
    identity::RosterView roster_;
    std::set<wire::DialId> dials_;
};

}  // namespace ambit::sim
