// HostPairing: the member's side of one pairing: the code's listener, the person's answers, and the roster.
//
// Wires identity::PairingHost to the connections of a listener that exists only while the code lives, and to
// Membership: what a pairing adds is durable before the new device is told so.
// Ownership: Pairings owns one while a code lives; borrows Node's parts and the port.  Threads: the loop's.
// Failure: ends with PairingFailed in its event sink.  Spec: docs/spec/pairing.md.
#pragma once

#include "identity/pairing.h"
#include "node/membership.h"

namespace ambit::node {

// What a listener for pairing tells of its one connection; implemented by HostPairing.
class PairingConnectionEvents {
  public:
    virtual ~PairingConnectionEvents() = default;
    virtual void on_connected() = 0;
    virtual void on_pairing_frame(ByteView frame) = 0;
    virtual void on_disconnected() = 0;
};

// The listener of its own on which strangers may pair, one at a time; edge/mesh has it, tests have one in
// memory.
class PairingListenerPort {
  public:
    virtual ~PairingListenerPort() = default;
    // "host:port" where it listens now.  `events` is told nothing after close().
    virtual Result<std::string> open(PairingConnectionEvents& events) = 0;
    virtual void send(const Bytes& frame) = 0;
    // Ends the connection after what was sent is flushed; on_disconnected() doesn't follow.
    virtual void disconnect() = 0;
    virtual void close() = 0;
};

class HostPairing final : public PairingConnectionEvents {
  public:
    // Told in order; `Failed` and `Done` are the last.
    using OnEvent = std::function<void(const identity::PairingEvent&)>;
    using WhenDurable = std::function<void(storage::Ticket, std::function<void(const Result<void>&)>)>;

    struct Wiring {
        Parts& parts;
        Membership& membership;
        PairingListenerPort& listener;
        std::function<Now()> clock;
        WhenDurable when_durable;
        OnEvent on_event;
    };

    HostPairing(Wiring wiring, identity::PairingHost::Settings settings, Now now);
    ~HostPairing() override;
    HostPairing(const HostPairing&) = delete;
    HostPairing& operator=(const HostPairing&) = delete;

    // Opens the listener; where it is.
    Result<std::string> open();

    const identity::PairingCode& code() const { return code_; }

    void confirm(bool yes);
    void set_ownership(const identity::Ownership& ownership);
    void tick(Now now);

    MonoTime deadline() const { return host_.deadline(); }

    // Used, burnt, too old or ended by the person: may be destroyed (not from inside on_event).
    bool over() const { return over_; }

    void on_connected() override;
    void on_pairing_frame(ByteView frame) override;
    void on_disconnected() override;

  private:
    void send(const std::vector<Bytes>& frames);
    // Carries out what the host asks for and ends what is over.
    void follow();
    void store(const std::vector<Bytes>& operations);
    void refuse(const Error& why);

    Wiring wiring_;
    identity::PairingCode code_;
    identity::PairingHost host_;
    bool connected_ = false;
    // Lets callbacks of the store see that this pairing is gone.
    std::shared_ptr<HostPairing*> alive_;
    bool over_ = false;
};

}  // namespace ambit::node
