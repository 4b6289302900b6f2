// Session: what goes to the peer.
//
// Two queues: control frames (no data in them) overtake; everything else is strictly first in, first out, so
// a message whose ledger row isn't durable yet holds back what came after it.
#include <algorithm>

#include "wire/session_call.h"

namespace ambit::wire {

Result<void> Session::admit(const privacy::Cleared<Bytes>& body) const {
    const auto* device = std::get_if<DeviceId>(&body.recipient());
    if (device == nullptr || *device != peer_) {
        return Error{ErrorCode::WrongRecipient, "not cleared for device " + peer_.short_hex()};
    }
    const std::size_t most = kind_ == LinkKind::Bulk ? kBodyBytesMax : kInteractiveBodyBytesMax;
    if (body.value().size() > most) {
        return Error{ErrorCode::LimitExceeded, "message of more than " + std::to_string(most) + " bytes"};
    }
    if (queue_.size() >= kQueueFramesMax || queued_bytes_ + body.value().size() > kQueueBytesMax) {
        return Error{ErrorCode::QueueFull, "messages to device " + peer_.short_hex()};
    }
    return {};
}

Result<void> Session::open(
    CallId id, std::string method, privacy::Cleared<Bytes> body, const CallOptions& options, Now now) {
    if (state_ != State::Open) {
        return Error{ErrorCode::PeerUnreachable, "device " + peer_.short_hex()};
    }
    AMBIT_TRY(admit(body));
    if (method.empty() || method.size() > kMethodBytesMax) {
        return Error{ErrorCode::LimitExceeded, "method name"};
    }
    if (opened_here_ >= kCallsMax) {
        return Error{ErrorCode::QueueFull, "calls to device " + peer_.short_hex()};
    }
    Call& call = add_call(id, true, method);
    call.deadline = options.deadline;
    call.send_credit = kCreditDefault;
    call.window = std::clamp<std::uint32_t>(options.credit, 1, kCreditMax);
    call.receive_credit = call.window;
    call.manual_credit = options.manual_credit;
    enqueue({FrameType::Open, id, std::move(method), std::move(body), call.window});
    pump(now);
    return {};
}

Result<void> Session::send_item(CallId id, privacy::Cleared<Bytes> body, Now now) {
    Call* call = find(id);
    if (call == nullptr || call->finishing) {
        return Error{ErrorCode::UnknownCall, ""};
    }
    if (call->waiting.size() >= kItemsWaitingMax) {
        call->starved = true;
        return Error{ErrorCode::QueueFull, "items of one call"};
    }
    if (auto admitted = admit(body); !admitted) {
        call->starved = admitted.error().code == ErrorCode::QueueFull;
        return admitted;
    }
    queued_bytes_ += body.value().size();
    call->waiting.push_back(std::move(body));
    release_waiting(*call);
    pump(now);
    return {};
}

Result<void> Session::finish(CallId id, std::optional<privacy::Cleared<Bytes>> last, Now now) {
    Call* call = find(id);
    if (call == nullptr || call->opened_here || call->finishing) {
        return Error{ErrorCode::UnknownCall, ""};
    }
    if (last) {
        AMBIT_TRY(admit(*last));
        queued_bytes_ += last->value().size();
    }
    call->finishing = true;
    call->last = std::move(last);
    release_waiting(*call);
    pump(now);
    return {};
}

Result<void> Session::fail(CallId id, const Error& error, Now now) {
    const Call* call = find(id);
    if (call == nullptr || call->opened_here) {
        return Error{ErrorCode::UnknownCall, ""};
    }
    Frame frame;
    frame.type = FrameType::Close;
    frame.call = call->number;
    frame.error = static_cast<std::uint32_t>(error.code);
    frame.detail = error.detail;
    erase_call(id);
    control(frame, now);
    pump(now);
    return {};
}

Result<void> Session::cancel(CallId id, Now now) {
    const Call* call = find(id);
    if (call == nullptr || !call->opened_here) {
        return Error{ErrorCode::UnknownCall, ""};
    }
    abort_call(id, Error{ErrorCode::CallCancelled, "by this device"}, now);
    pump(now);
    return {};
}

Result<void> Session::grant(CallId id, std::uint32_t items, Now now) {
    Call* call = find(id);
    if (call == nullptr) {
        return Error{ErrorCode::UnknownCall, ""};
    }
    // Never more than was delivered: the window is what bounds the memory of this side.
    items = std::min(items, call->returnable);
    if (items == 0) {
        return {};
    }
    call->returnable -= items;
    call->receive_credit += items;
    Frame frame;
    frame.type = FrameType::Credit;
    frame.call = call->number;
    frame.items = items;
    control(frame, now);
    pump(now);
    return {};
}

Result<void> Session::notify(std::string method, privacy::Cleared<Bytes> body, Now now) {
    if (state_ != State::Open) {
        return Error{ErrorCode::PeerUnreachable, "device " + peer_.short_hex()};
    }
    AMBIT_TRY(admit(body));
    if (method.empty() || method.size() > kMethodBytesMax) {
        return Error{ErrorCode::LimitExceeded, "method name"};
    }
    enqueue({FrameType::Notice, 0, std::move(method), std::move(body), 0});
    pump(now);
    return {};
}

void Session::ask_for_bulk(Now now) {
    Frame frame;
    frame.type = FrameType::WantBulk;
    control(frame, now);
    pump(now);
}

void Session::enqueue(Outgoing outgoing) {
    queued_bytes_ += outgoing.body ? outgoing.body->value().size() : 0;
    queue_.push_back(std::move(outgoing));
}

void Session::release_waiting(Call& call) {
    while (!call.waiting.empty() && call.send_credit > 0 && queue_.size() < kQueueFramesMax) {
        --call.send_credit;
        queued_bytes_ -= call.waiting.front().value().size();
        enqueue({FrameType::Item, call.id, {}, std::move(call.waiting.front()), 0});
        call.waiting.pop_front();
    }
    if (call.finishing && call.waiting.empty() && !call.close_queued) {
        call.close_queued = true;
        queued_bytes_ -= call.last ? call.last->value().size() : 0;
        enqueue({FrameType::Close, call.id, {}, std::move(call.last), 0});
        call.last.reset();
    }
}

void Session::pump(Now now) {
    if (state_ != State::Open) {
        return;
    }
    bool moved = false;
    while (writable_) {
        if (!control_.empty()) {
            transmit(std::move(control_.front()));
            control_.pop_front();
        } else if (queue_.empty() || !send_head(now)) {
            break;
        } else {
            moved = true;
        }
    }
    if (moved) {
        wake_starved();
    }
    liveness_.set_eager(eager(), now.mono);
}

void Session::wake_starved() {
    for (auto& [id, call] : calls_) {
        release_waiting(call);
        if (call.starved && call.waiting.size() < kItemsWaitingMax / 2 &&
            queue_.size() < kQueueFramesMax / 2 && queued_bytes_ < kQueueBytesMax / 2) {
            call.starved = false;
            shared_.events.emplace_back(Writable{id});
        }
    }
}

bool Session::send_head(Now now) {
    Outgoing& head = queue_.front();
    const bool ended = head.type != FrameType::Notice && find(head.call) == nullptr;
    const bool durable = !head.body || head.body->ticket() <= shared_.storage.durable();
    if (!ended && !durable) {
        return false;
    }
    Outgoing outgoing = std::move(head);
    queue_.pop_front();
    queued_bytes_ -= outgoing.body ? outgoing.body->value().size() : 0;
    if (ended) {
        return true;
    }
    if (outgoing.body) {
        if (const auto allowed = shared_.gate.recheck(*outgoing.body, now); !allowed) {
            refuse(outgoing, allowed.error(), now);
            return true;
        }
    }
    const bool closes = outgoing.type == FrameType::Close;
    const CallId id = outgoing.call;
    transmit(encode(to_frame(std::move(outgoing), now)));
    if (closes) {
        erase_call(id);
    }
    return true;
}

void Session::refuse(const Outgoing& outgoing, const Error& error, Now now) {
    const Call* call = find(outgoing.call);
    shared_.events.emplace_back(
        Refused{peer_, call == nullptr ? outgoing.method : call->method, false, error});
    abort_call(outgoing.call, error, now);
}

Frame Session::to_frame(Outgoing outgoing, Now now) {
    Frame frame;
    frame.type = outgoing.type;
    frame.method = std::move(outgoing.method);
    if (outgoing.type != FrameType::Notice) {
        Call& call = calls_.at(outgoing.call);
        if (outgoing.type == FrameType::Open) {
            call.number = next_number_;
            next_number_ += 2;
            numbers_[call.number] = call.id;
            frame.items = outgoing.credit;
            if (call.deadline) {
                // At least 1: 0 would mean no deadline.
                const auto left = std::chrono::ceil<milliseconds>(*call.deadline - now.mono).count();
                frame.deadline_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(left, 1));
            }
        }
        frame.call = call.number;
    }
    if (outgoing.body) {
        const privacy::Label& label = outgoing.body->label();
        Sealed& sealed = frame.payload.emplace();
        sealed.audience = label.audience.to_string();
        sealed.untrusted = label.trust == privacy::Trust::Untrusted;
        sealed.roster_version = shared_.roster->version;
        sealed.body = std::move(*outgoing.body).take();
    }
    return frame;
}

void Session::control(const Frame& frame, Now now) {
    if (state_ != State::Open) {
        return;
    }
    if (control_.size() >= kControlFramesMax) {
        // The peer makes work and reads nothing.
        end(Error{ErrorCode::QueueFull, "the device does not read what it is sent"}, now);
        return;
    }
    control_.push_back(encode(frame));
}

void Session::transmit(Bytes bytes) {
    if (!shared_.transport.send(link_, std::move(bytes))) {
        writable_ = false;
    }
}

void Session::on_writable(Now now) {
    writable_ = true;
    pump(now);
}

}  // namespace ambit::wire
