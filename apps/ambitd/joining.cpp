#include "ambitd/joining.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "node/pairings.h"

namespace ambit::daemon {

using node::Json;

Joining::Joining(Loop& loop,
                 const DeviceKeys& keys,
                 const Wanted& wanted,
                 Reply reply,
                 Adopt adopt,
                 std::function<void()> after_event)
    : loop_(loop),
      reply_(std::move(reply)),
      adopt_(std::move(adopt)),
      after_event_(std::move(after_event)),
      joiner_(keys.signing,
              {.self = wanted.self, .host = wanted.host},
              wanted.code,
              Loop::system_random(),
              Loop::now()),
      confirmed_(wanted.accept_verifier),
      alive_(std::make_shared<Joining*>(this)) {
    reply_->on_closed([alive = std::weak_ptr(alive_)] {
        if (const auto self = alive.lock()) {
            (*self)->over_ = true;
        }
    });
    (void)reply_->event("finding", node::dump({{"at", wanted.at.to_string()}}));
    mesh::PairingEvents events;
    events.on_connected = [this] {
        send(joiner_.connected(Loop::now()));
        follow();
        loop_.post(after_event_);
    };
    events.on_frame = [this](ByteView frame) {
        send(joiner_.handle(frame, Loop::now()));
        follow();
        loop_.post(after_event_);
    };
    events.on_closed = [this](const Error& reason) {
        joiner_.disconnected(Loop::now());
        follow();
        if (!joined_) {
            fail(reason);
        }
        loop_.post(after_event_);
    };
    dialer_ = mesh::PairingDialer::open(loop_, wanted.at, std::move(events));
}

Joining::~Joining() = default;

void Joining::send(const std::vector<Bytes>& frames) {
    for (const Bytes& frame : frames) {
        dialer_->send(frame);
    }
}

void Joining::follow() {
    for (const identity::PairingEvent& event : joiner_.take_events()) {
        on_event(event);
    }
    if (joiner_.session_over()) {
        dialer_->close();
    }
}

void Joining::on_event(const identity::PairingEvent& event) {
    if (const auto* verifier = std::get_if<identity::VerifierReady>(&event)) {
        waits_for_answer_ = !confirmed_;
        (void)reply_->event(
            "verifier", node::dump({{"words", node::words_json(verifier->words, node::kVerifierSeparator)}}));
        (void)reply_->event("waiting", node::dump({{"for", "confirm"}}));
    } else if (const auto* joined = std::get_if<identity::PairingJoined>(&event)) {
        joined_ = *joined;
        if (confirmed_) {
            adopt();
        }
    } else if (const auto* failed = std::get_if<identity::PairingFailed>(&event)) {
        fail(failed->error);
    }
}

void Joining::answer(bool confirm) {
    waits_for_answer_ = false;
    if (!confirm) {
        send(joiner_.refuse(Loop::now()));
        follow();
        fail({ErrorCode::Declined, "the words were not the same"});
        return;
    }
    confirmed_ = true;
    if (joined_) {
        adopt();
    }
}

void Joining::adopt() {
    adopt_(*joined_, [alive = std::weak_ptr(alive_)](const Result<Json>& joined) {
        if (const auto self = alive.lock()) {
            (*self)->finish(joined);
        }
    });
}

void Joining::finish(const Result<Json>& joined) {
    if (!joined) {
        fail(joined.error());
        return;
    }
    send(joiner_.household_adopted(Loop::now()));
    follow();
    dialer_->close();
    (void)reply_->event("joined", node::dump(*joined));
    reply_->end();
    over_ = true;
}

void Joining::fail(const Error& error) {
    if (!std::exchange(over_, true)) {
        reply_->fail(error);
    }
}

void Joining::tick() {
    if (!over_ && Loop::now().mono >= joiner_.deadline()) {
        send(joiner_.tick(Loop::now()));
        follow();
    }
}

}  // namespace ambit::daemon
