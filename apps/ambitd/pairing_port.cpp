#include "ambitd/pairing_port.h"

#include "ambitd/interfaces.h"

namespace ambit::daemon {

Result<std::string> PairingPort::open(node::PairingConnectionEvents& events) {
    mesh::PairingEvents callbacks;
    callbacks.on_connected = [this, &events] {
        events.on_connected();
        after_event_();
    };
    callbacks.on_frame = [this, &events](ByteView frame) {
        events.on_pairing_frame(frame);
        after_event_();
    };
    callbacks.on_closed = [this, &events](const Error& /*reason*/) {
        events.on_disconnected();
        after_event_();
    };
    AMBIT_TRY_ASSIGN(listener_, mesh::PairingListener::open(loop_, {mesh_.host, 0}, std::move(callbacks)));
    on_port_(listener_->local().port);
    const auto addresses = addresses_for(listener_->local());
    return addresses.empty() ? listener_->local().to_string() : addresses.front().to_string();
}

void PairingPort::send(const Bytes& frame) {
    if (listener_) {
        listener_->send(frame);
    }
}

void PairingPort::disconnect() {
    if (listener_) {
        listener_->close_connection();
    }
}

void PairingPort::close() {
    // It may be telling this very event: it goes when that has returned, and flushes what it still has to
    // say.
    loop_.post([listener = std::move(listener_)] {});
    listener_.reset();
    on_port_(std::nullopt);
}

}  // namespace ambit::daemon
