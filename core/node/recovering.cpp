#include "node/recovering.h"

namespace ambit::node {

Recovering::Recovering(Wiring wiring,
                       std::unique_ptr<identity::RecoveryJoiner> joiner,
                       std::vector<wire::Address> addresses)
    : wiring_(std::move(wiring)), joiner_(std::move(joiner)) {
    addresses.resize(std::min(addresses.size(), kRecoveryDialsMax));
    addresses_.assign(addresses.begin(), addresses.end());
}

void Recovering::start(Now now) {
    try_next({ErrorCode::PeerUnreachable, "no device of the household was found"}, now);
}

// `reason`: why the last one was not the one.
void Recovering::try_next(const Error& reason, Now now) {
    if (addresses_.empty()) {
        // Who has other words is a stranger, and a stranger is told nothing but that.
        end(reason.code == ErrorCode::HandshakeFailed
                ? Error{ErrorCode::BadRecoveryWords, "no device there takes them"}
                : reason);
        return;
    }
    const wire::Address address = addresses_.front();
    addresses_.pop_front();
    deadline_ = now.mono + kRecoveryDialTimeout;
    wiring_.dial_anybody(++dial_, address);
}

void Recovering::tick(Now now) {
    if (over_ || now.mono < deadline_) {
        return;
    }
    if (link_) {
        send(joiner_->tick(now));
        follow(now);
    } else {
        wiring_.transport.cancel_dial(dial_);
        try_next({ErrorCode::PeerUnreachable, "no answer"}, now);
    }
}

void Recovering::on_link_up(const wire::LinkUp& up, Now now) {
    link_ = up.link;
    send(joiner_->connected(up.peer, now));
    deadline_ = joiner_->deadline();
}

void Recovering::on_link_down(wire::LinkId /*link*/, const Error& reason, Now now) {
    link_.reset();
    joiner_->disconnected(reason);
    follow(now);
}

void Recovering::on_frame(wire::LinkId /*link*/, ByteView frame, Now now) {
    send(joiner_->handle(frame, now));
    follow(now);
}

void Recovering::on_writable(wire::LinkId /*link*/, Now /*now*/) {}

void Recovering::on_dial_failed(wire::DialId id, const Error& reason, Now now) {
    if (id == dial_ && !over_) {
        try_next(reason, now);
    }
}

void Recovering::send(const std::vector<Bytes>& frames) {
    for (const Bytes& frame : frames) {
        if (link_) {
            (void)wiring_.transport.send(*link_, frame);
        }
    }
}

void Recovering::follow(Now now) {
    for (const identity::RecoveryEvent& event : joiner_->take_events()) {
        if (const auto* prepared = std::get_if<identity::RecoveryPrepared>(&event)) {
            wiring_.on_prepared(*prepared);
            submitted_ = true;
            send(joiner_->submit());
        } else if (const auto* done = std::get_if<identity::RecoveryDone>(&event)) {
            end(*done);
        } else if (const auto* failed = std::get_if<identity::RecoveryFailed>(&event)) {
            if (link_) {
                wiring_.transport.close(*std::exchange(link_, std::nullopt), failed->error);
            }
            if (submitted_) {
                // Another try would show yet other words, and one of the two sheets counts already or not.
                Error error = failed->error;
                error.detail += "; try again with the new words, and if they don't fit with the old ones";
                end(error);
            } else {
                try_next(failed->error, now);
            }
        }
    }
}

void Recovering::end(const Result<identity::RecoveryDone>& result) {
    if (!std::exchange(over_, true)) {
        deadline_ = MonoTime::max();
        if (link_) {
            wiring_.transport.close(*std::exchange(link_, std::nullopt), {ErrorCode::Stopping, ""});
        }
        wiring_.on_end(result);
    }
}

}  // namespace ambit::node
