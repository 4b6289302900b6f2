// One Session with a real gate and ledger and a transport that keeps what it is given: for the tests and the
// fuzzer of Session only.
#pragma once

#include "privacy/home_testing.h"
#include "privacy/ledger.h"
#include "storage/memory_storage.h"
#include "wire/codec.h"
#include "wire/limits.h"

namespace ambit::wire {

// The hub's end of a link to the phone.
class LoneSession final : public Transport, public storage::StorageEvents {
  public:
    explicit LoneSession(bool dialled, LinkKind kind = LinkKind::Interactive) {
        storage.set_events(this);
        gate.set_roster(shared.roster);
        const std::optional<DialId> dial = dialled ? std::optional<DialId>(1) : std::nullopt;
        session.emplace(shared, LinkUp{1, home.phone, dial, {"10.0.0.1", 1}}, kind, now);
    }

    // The phone's Hello, after which calls may begin.
    void greet() { receive(hello()); }

    Frame hello() const {
        Frame frame;
        frame.type = FrameType::Hello;
        frame.hello.version_min = frame.hello.version_max = kVersionMax;
        frame.hello.household = home.roster.household;
        frame.hello.link = session->kind();
        frame.hello.mains_powered = true;
        return frame;
    }

    void receive(const Frame& frame) { session->on_frame(encode(frame), now); }

    void pass(milliseconds time) {
        now.mono += time;
        now.wall += time;
        session->on_tick(now);
    }

    privacy::Cleared<Bytes> cleared(std::size_t size) {
        const privacy::Labelled<Bytes> value(Bytes(size, 0x61), {privacy::Audience(privacy::Household{})});
        return gate.clear(value, home.phone, {"test", "audience"}, now).value();
    }

    Sealed sealed(std::string audience = "household") const {
        return {std::move(audience), false, home.roster.version, Bytes{1}};
    }

    Frame open_frame(std::uint64_t call, std::uint64_t deadline_ms = 0) const {
        Frame frame;
        frame.type = FrameType::Open;
        frame.call = call;
        frame.method = "test";
        frame.items = kCreditDefault;
        frame.deadline_ms = deadline_ms;
        frame.payload = sealed();
        return frame;
    }

    // Transport.
    void dial(DialId, const Address&, const DeviceId&) override {}

    void cancel_dial(DialId) override {}

    bool send(LinkId, Bytes frame) override {
        sent.push_back(std::move(frame));
        return writable;
    }

    void close(LinkId, const Error&) override {}

    void set_roster(identity::RosterView) override {}

    // StorageEvents.
    void on_durable(storage::Ticket) override { session->on_durable(now); }

    void on_read(storage::ReadId, Result<storage::Items>) override {}

    void on_storage_failed(const Error&) override {}

    Now now = ambit::testing::now_at(0);
    ambit::testing::Home home;
    storage::MemoryStorage storage;
    privacy::Ledger ledger{storage, home.key(home.hub)};
    privacy::Gate gate{home.hub, ledger};
    Shared shared{*this, gate, storage, home.hub, Instance(), true, {}, home.view(), {}, 1, {}};
    std::vector<Bytes> sent;
    bool writable = true;  // what send() says
    std::optional<Session> session;
};

}  // namespace ambit::wire
