// Joining: the new device's side of a pairing, from a code that was typed to a household that is durable
// here.
//
// Ownership: Founding owns one per attempt; borrows the loop and the key.  Threads: the loop's.
// Failure: the event `failed` of its stream, once.  Spec: docs/spec/local-api.md section "POST
// household/join", docs/spec/pairing.md.
#pragma once

#include <memory>

#include "device_key/device_key.h"
#include "identity/pairing.h"
#include "loop/loop.h"
#include "mesh/pairing_link.h"
#include "node/local_json.h"

namespace ambit::daemon {

using Reply = std::shared_ptr<api::Responder>;

class Joining {
  public:
    // Makes the household durable and this device its member, then calls back with its description.
    using Adopt =
        std::function<void(const identity::PairingJoined&, std::function<void(const Result<node::Json>&)>)>;

    // `at` is where the host is, as given or found.
    struct Wanted {
        identity::PairingCode code;
        std::optional<DeviceId> host;  // from a QR code
        wire::Address at;
        identity::DeviceDescription self;
        bool accept_verifier = false;
    };

    // `after_event` is called, later, after everything the connection told.
    Joining(Loop& loop,
            const DeviceKeys& keys,
            const Wanted& wanted,
            Reply reply,
            Adopt adopt,
            std::function<void()> after_event);
    ~Joining();
    Joining(const Joining&) = delete;
    Joining& operator=(const Joining&) = delete;

    void answer(bool confirm);

    bool waits_for_answer() const { return waits_for_answer_; }

    void tick();

    MonoTime deadline() const { return joiner_.deadline(); }

    // Ended, one way or the other; may be destroyed, though not from inside a callback.
    bool over() const { return over_; }

  private:
    void send(const std::vector<Bytes>& frames);
    void follow();
    void on_event(const identity::PairingEvent& event);
    void adopt();
    void finish(const Result<node::Json>& joined);
    void fail(const Error& error);

    Loop& loop_;
    Reply reply_;
    Adopt adopt_;
    std::function<void()> after_event_;
    identity::PairingJoiner joiner_;
    std::unique_ptr<mesh::PairingDialer> dialer_;
    bool confirmed_;
    bool waits_for_answer_ = false;
    std::optional<identity::PairingJoined> joined_;
    std::shared_ptr<Joining*> alive_;
    bool over_ = false;
};

}  // namespace ambit::daemon
