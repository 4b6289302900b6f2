// A household in one process, in virtual time: nodes with their real gates and ledgers, and a network between
// them that delivers, cuts and holds what the test says.  For the tests of wire only.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "crypto/seeded_random.h"
#include "privacy/ledger.h"
#include "storage/memory_storage.h"
#include "wire/links.h"

namespace ambit::wire {

class Network;

// One node: what core/node wires, without the rest of it.
class TestNode final : public Transport, public storage::StorageEvents {
  public:
    TestNode(Network& network, std::uint8_t number, bool mains_powered);

    const DeviceId& id() const { return id_; }

    Links& links() { return *links_; }

    // Starts anew, as after a crash: another instance, no links.
    void restart();

    privacy::Cleared<Bytes> clear(const DeviceId& recipient,
                                  Bytes body,
                                  const privacy::Audience& audience = privacy::Household{});
    // Takes what Links has to say.
    void drain();

    // The events of one type so far.
    template <typename E>
    std::vector<const E*> all() const {
        std::vector<const E*> out;
        for (const Event& event : events) {
            if (const E* match = std::get_if<E>(&event)) {
                out.push_back(match);
            }
        }
        return out;
    }

    // Transport.
    void dial(DialId id, const Address& address, const DeviceId& expected) override;
    void cancel_dial(DialId id) override;
    bool send(LinkId link, Bytes frame) override;
    void close(LinkId link, const Error& reason) override;
    void set_roster(identity::RosterView roster) override;

    // StorageEvents.
    void on_durable(storage::Ticket up_to) override;

    void on_read(storage::ReadId, Result<storage::Items>) override {}

    void on_storage_failed(const Error&) override {}

    std::vector<Event> events;
    bool slow_disk = false;  // nothing becomes durable
    bool full = false;       // send() says "wait"
    std::size_t frames_sent = 0;
    std::size_t dials = 0;

  private:
    friend class Network;

    Network& network_;
    crypto::SigningKey key_;
    DeviceId id_;
    bool mains_powered_;
    crypto::SeededRandom random_;
    storage::MemoryStorage storage_;
    std::unique_ptr<privacy::Ledger> ledger_;
    std::unique_ptr<privacy::Gate> gate_;
    std::unique_ptr<Links> links_;
};

class Network {
  public:
    // Adds a device; start() makes all of them members of one household.
    TestNode& add(bool mains_powered);
    void start();
    // A roster without `gone`, told to everybody but it.
    void remove(const TestNode& gone);

    // Delivers everything until nothing moves, without time passing.
    void settle();
    // Lets time pass, in steps of the next deadline.
    void advance(milliseconds time);
    // Lets time pass until `done`; false after 60 s.
    bool until(const std::function<bool()>& done);

    // From now on nothing arrives, and nobody is told (a cable pulled).
    void cut() { cut_ = true; }

    void heal() { cut_ = false; }

    Address address_of(const TestNode& node) const;
    // A frame arrives at `node` as if the peer had sent it.
    void inject(TestNode& node, LinkId link, ByteView frame);
    // Drops every link of `node` as a crash would.
    void drop_links(TestNode& node);
    LinkId link_between(const TestNode& a, const TestNode& b) const;
    std::size_t links_between(const TestNode& a, const TestNode& b) const;

    Now now{WallTime(seconds(1'800'000'000)), MonoTime(seconds(1000))};
    identity::RosterView roster;

  private:
    friend class TestNode;

    struct Pipe {
        TestNode* ends[2];
    };

    void post(std::function<void()> task) { tasks_.push_back(std::move(task)); }

    TestNode* other(LinkId link, const TestNode& node) const;

    std::vector<std::unique_ptr<TestNode>> nodes_;
    std::deque<std::function<void()>> tasks_;
    std::map<LinkId, Pipe> pipes_;
    std::set<std::pair<TestNode*, DialId>> dialling_;
    LinkId next_link_ = 1;
    bool cut_ = false;
};

}  // namespace ambit::wire
