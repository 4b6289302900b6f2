#include "node/pairing_host.h"

namespace ambit::node {

HostPairing::HostPairing(Wiring wiring, identity::PairingHost::Settings settings, Now now)
    : wiring_(std::move(wiring)),
      code_(identity::PairingCode::generate(wiring_.parts.random)),
      host_(wiring_.parts.log, wiring_.parts.key, std::move(settings), code_, wiring_.parts.random, now),
      alive_(std::make_shared<HostPairing*>(this)) {}

HostPairing::~HostPairing() {
    *alive_ = nullptr;
    wiring_.listener.close();
}

Result<std::string> HostPairing::open() {
    return wiring_.listener.open(*this);
}

void HostPairing::confirm(bool yes) {
    const Now now = wiring_.clock();
    send(yes ? host_.confirm_verifier(now) : host_.refuse(now));
    follow();
}

void HostPairing::set_ownership(const identity::Ownership& ownership) {
    send(host_.set_ownership(ownership, wiring_.clock()));
    follow();
}

void HostPairing::tick(Now now) {
    if (now.mono >= host_.deadline()) {
        send(host_.tick(now));
        follow();
    }
}

void HostPairing::on_connected() {
    if (const auto taken = host_.connected(wiring_.clock()); !taken) {
        wiring_.listener.send(identity::PairingHost::refusal_frame(taken.error()));
        wiring_.listener.disconnect();
        return;
    }
    connected_ = true;
    follow();
}

void HostPairing::on_pairing_frame(ByteView frame) {
    if (connected_) {
        send(host_.handle(frame, wiring_.clock()));
        follow();
    }
}

void HostPairing::on_disconnected() {
    if (connected_) {
        connected_ = false;
        host_.disconnected(wiring_.clock());
        follow();
    }
}

void HostPairing::send(const std::vector<Bytes>& frames) {
    for (const Bytes& frame : frames) {
        if (connected_) {
            wiring_.listener.send(frame);
        }
    }
}

void HostPairing::follow() {
    for (const identity::PairingEvent& event : host_.take_events()) {
        if (const auto* ready = std::get_if<identity::OperationsReady>(&event)) {
            store(ready->operations);
        } else {
            wiring_.on_event(event);
        }
    }
    if (connected_ && host_.session_over()) {
        connected_ = false;
        wiring_.listener.disconnect();
        host_.disconnected(wiring_.clock());
    }
    over_ = over_ || host_.dead(wiring_.clock());
}

void HostPairing::store(const std::vector<Bytes>& operations) {
    const auto ticket = wiring_.membership.adopt(operations, wiring_.clock());
    if (!ticket) {
        return refuse(ticket.error());
    }
    wiring_.when_durable(*ticket, [alive = alive_](const Result<void>& durable) {
        HostPairing* self = *alive;
        if (self == nullptr) {
            return;
        }
        if (!durable) {
            return self->refuse(durable.error());
        }
        self->send(self->host_.operations_adopted(self->wiring_.clock()));
        self->follow();
    });
}

void HostPairing::refuse(const Error& why) {
    wiring_.on_event(identity::PairingFailed{why});
    send(host_.refuse(wiring_.clock()));
    over_ = true;
}

}  // namespace ambit::node
