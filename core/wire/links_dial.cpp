// Links: dialling, and bulk calls that wait for their link.
#include <algorithm>

#include "wire/links_parts.h"

namespace ambit::wire {

void Links::want_interactive(const DeviceId& device, Peer& peer, Now now) {
    // The larger id yields, so that two devices that lose each other don't dial each other at once.
    peer.dialer.want(shared_.self < device ? now.mono : now.mono + kDialYield);
}

void Links::rest_dialer(Dialer& dialer) {
    if (const auto dial = dialer.under_way()) {
        shared_.transport.cancel_dial(*dial);
        dials_.erase(*dial);
    }
    dialer.rest();
}

void Links::dial_due(Now now) {
    forget_deadline();
    if (stopping_) {
        return;
    }
    for (auto& [device, peer] : peers_) {
        dial_peer(device, peer.dialer, LinkKind::Interactive, now);
        dial_peer(device, peer.bulk_dialer, LinkKind::Bulk, now);
    }
}

void Links::dial_peer(const DeviceId& device, Dialer& dialer, LinkKind kind, Now now) {
    if (dialer.timed_out(now.mono)) {
        shared_.transport.cancel_dial(*dialer.under_way());
        dials_.erase(*dialer.under_way());
        peers_.at(device).last_error =
            Error{ErrorCode::PeerUnreachable, "no answer at " + dialer.address().to_string()};
        dialer.failed(now.mono, random_);
    }
    if (!dialer.wanted() || dialer.under_way()) {
        return;
    }
    if (const auto address = dialer.due(book_.candidates(device), now.mono)) {
        const DialId id = next_dial_++;
        dials_[id] = {device, kind};
        dialer.started(id, *address, now.mono);
        shared_.transport.dial(id, *address, device);
    }
}

void Links::on_dial_failed(DialId id, const Error& reason, Now now) {
    const auto dial = dials_.find(id);
    if (dial == dials_.end()) {
        return;
    }
    const auto [device, kind] = dial->second;
    dials_.erase(dial);
    Peer& peer = peers_.at(device);
    peer.last_error = reason;
    (kind == LinkKind::Bulk ? peer.bulk_dialer : peer.dialer).failed(now.mono, random_);
    dial_due(now);
}

Result<void> Links::add_static(const DeviceId& device, const Address& address, Now now) {
    AMBIT_TRY(book_.add_static(device, address));
    hurry(device, now);
    return {};
}

void Links::add_hint(const DeviceId& device, const Address& address, Now now) {
    if (device != shared_.self && book_.add_hint(device, address)) {
        hurry(device, now);
    }
}

void Links::hurry(const DeviceId& device, Now now) {
    if (const auto peer = peers_.find(device); peer != peers_.end()) {
        peer->second.dialer.hurry(now.mono);
        dial_due(now);
    }
}

void Links::redial(Now now) {
    for (auto& [device, peer] : peers_) {
        peer.dialer.hurry(now.mono);
    }
    dial_due(now);
}

Result<void> Links::wait_for_bulk(WaitingCall call, const DeviceId& device, Now now) {
    forget_deadline();
    Peer& peer = peers_.at(device);
    if (peer.waiting.size() >= kBulkWaitingMax) {
        return Error{ErrorCode::QueueFull, "bulk calls to device " + device.short_hex()};
    }
    peer.waiting.push_back(std::move(call));
    // Who dialled the interactive link can dial the other one too; so both links never race.
    Session& session = *links_.at(*peer.interactive).session;
    if (!session.dialled()) {
        session.ask_for_bulk(now);
    } else if (!peer.bulk_dialer.wanted()) {
        peer.bulk_dialer.want(now.mono);
        dial_due(now);
    }
    return {};
}

Links::WaitingCall* Links::waiting_call(CallId id) {
    for (auto& [device, peer] : peers_) {
        for (WaitingCall& call : peer.waiting) {
            if (call.id == id) {
                return &call;
            }
        }
    }
    return nullptr;
}

bool Links::drop_waiting(CallId id) {
    for (auto& [device, peer] : peers_) {
        if (std::erase_if(peer.waiting, [id](const WaitingCall& call) { return call.id == id; }) > 0) {
            return true;
        }
    }
    return false;
}

void Links::open_on(Session& session, WaitingCall call, Now now) {
    const CallId id = call.id;
    const auto opened = session.open(id, std::move(call.method), std::move(call.body), call.options, now);
    if (!opened) {
        shared_.events.emplace_back(Closed{id, opened.error()});
    } else if (call.starved) {
        shared_.events.emplace_back(Writable{id});
    }
}

void Links::open_waiting(const DeviceId& device, Now now) {
    Peer& peer = peers_.at(device);
    Session& session = *links_.at(*peer.bulk).session;
    for (WaitingCall& call : std::exchange(peer.waiting, {})) {
        open_on(session, std::move(call), now);
    }
}

void Links::expire_waiting(Peer& peer, Now now) {
    if (peer.waiting.empty() && !peer.bulk_dialer.wanted()) {
        return;
    }
    std::deque<WaitingCall> kept;
    for (WaitingCall& call : std::exchange(peer.waiting, {})) {
        if (call.options.deadline && *call.options.deadline <= now.mono) {
            shared_.events.emplace_back(
                Closed{call.id, Error{ErrorCode::DeadlineExceeded, "call " + call.method}});
        } else if (now.mono >= call.since + kBulkWaitMax && peer.interactive) {
            open_on(*links_.at(*peer.interactive).session, std::move(call), now);
        } else {
            kept.push_back(std::move(call));
        }
    }
    peer.waiting = std::move(kept);
    if (peer.waiting.empty() && !peer.bulk && peer.interactive && peer.bulk_dialer.wanted() &&
        links_.at(*peer.interactive).session->idle()) {
        rest_dialer(peer.bulk_dialer);
    }
}

void Links::fail_waiting(Peer& peer, const Error& error) {
    for (const WaitingCall& call : std::exchange(peer.waiting, {})) {
        shared_.events.emplace_back(Closed{call.id, error});
    }
}

void Links::close_idle_bulk(Peer& peer, Now now) {
    if (!peer.bulk) {
        return;
    }
    Session& session = *links_.at(*peer.bulk).session;
    if (!session.idle()) {
        peer.bulk_idle_since = now.mono;
    } else if (session.dialled() && now.mono >= *peer.bulk_idle_since + kBulkIdleMax) {
        session.end(Error{ErrorCode::DuplicateLink, "the bulk link is no longer needed"}, now);
    } else if (!session.dialled()) {
        // The side that dialled closes it.
        peer.bulk_idle_since = now.mono;
    }
}

}  // namespace ambit::wire
