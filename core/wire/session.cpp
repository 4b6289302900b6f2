#include "wire/session.h"

#include <algorithm>

#include "wire/session_call.h"

namespace ambit::wire {

Session::Session(Shared& shared, const LinkUp& up, LinkKind kind, Now now)
    : shared_(shared),
      link_(up.link),
      peer_(up.peer),
      dialled_(up.dial.has_value()),
      kind_(kind),
      started_(now.mono),
      liveness_(now.mono),
      next_number_(dialled_ ? 1 : 2) {
    Frame frame;
    frame.type = FrameType::Hello;
    Hello& hello = frame.hello;
    hello.version_min = shared_.dialect.version_min;
    hello.version_max = shared_.dialect.version_max;
    hello.features = shared_.dialect.features;
    hello.household = shared_.roster->household;
    hello.roster_version = shared_.roster->version;
    hello.link = kind;
    hello.mains_powered = shared_.mains_powered;
    const auto wall = std::chrono::duration_cast<milliseconds>(now.wall.time_since_epoch()).count();
    hello.wall_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(wall, 0));
    hello.instance = shared_.instance;
    transmit(encode(frame));
}

Session::~Session() = default;

Session::Call* Session::find(CallId id) {
    const auto found = calls_.find(id);
    return found == calls_.end() ? nullptr : &found->second;
}

Session::Call& Session::add_call(CallId id, bool opened_here, std::string method) {
    Call& call = calls_[id];
    call.id = id;
    call.opened_here = opened_here;
    call.method = std::move(method);
    opened_here_ += opened_here ? 1 : 0;
    shared_.calls[id] = link_;
    return call;
}

void Session::erase_call(CallId id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) {
        return;
    }
    const Call& call = found->second;
    for (const auto& body : call.waiting) {
        queued_bytes_ -= body.value().size();
    }
    if (call.last) {
        queued_bytes_ -= call.last->value().size();
    }
    opened_here_ -= call.opened_here ? 1 : 0;
    numbers_.erase(call.number);
    shared_.calls.erase(id);
    calls_.erase(found);
}

void Session::abort_call(CallId id, const Error& error, Now now) {
    Call* call = find(id);
    if (call == nullptr) {
        return;
    }
    Frame frame;
    frame.call = call->number;
    if (call->opened_here) {
        frame.type = FrameType::Cancel;
        shared_.events.emplace_back(Closed{id, error});
    } else {
        frame.type = FrameType::Close;
        frame.error = static_cast<std::uint32_t>(error.code);
        frame.detail = error.detail;
        shared_.events.emplace_back(Cancelled{id, error});
    }
    const bool peer_knows = call->number != 0;
    erase_call(id);
    if (peer_knows) {
        control(frame, now);
    }
}

void Session::expire_calls(Now now) {
    std::vector<CallId> late;
    for (const auto& [id, call] : calls_) {
        if (call.deadline && *call.deadline <= now.mono) {
            late.push_back(id);
        }
    }
    for (const CallId id : late) {
        // Telling the peer of one may end the session, and with it the others.
        if (const Call* call = find(id)) {
            abort_call(id, Error{ErrorCode::DeadlineExceeded, "call " + call->method}, now);
        }
    }
}

bool Session::eager() const {
    return kind_ == LinkKind::Interactive &&
           (!calls_.empty() || (shared_.mains_powered && peer_up_.mains_powered));
}

void Session::on_tick(Now now) {
    if (state_ == State::Greeting && now.mono >= started_ + kHelloTimeout) {
        end(Error{ErrorCode::PeerLost, "no Hello in time"}, now);
    }
    if (state_ != State::Open) {
        return;
    }
    expire_calls(now);
    switch (liveness_.check(now.mono)) {
        case Liveness::Verdict::Fine:
            break;
        case Liveness::Verdict::PingNow: {
            Frame ping;
            ping.type = FrameType::Ping;
            ping.nonce = liveness_.pinged(now.mono);
            control(ping, now);
            break;
        }
        case Liveness::Verdict::Silent:
            end(Error{ErrorCode::PeerLost, "the device fell silent"}, now);
            return;
    }
    pump(now);
}

MonoTime Session::next_deadline() const {
    if (state_ != State::Open) {
        return started_ + kHelloTimeout;
    }
    MonoTime next = liveness_.next_deadline();
    for (const auto& [id, call] : calls_) {
        next = call.deadline ? std::min(next, *call.deadline) : next;
    }
    return next;
}

void Session::on_roster(Now now) {
    audience_.reset();
    if (shared_.roster->device(peer_) == nullptr) {
        end(Error{ErrorCode::NotAMember, "the device was removed from the household"}, now);
        return;
    }
    pump(now);
}

void Session::end(const Error& reason, Now now) {
    if (state_ == State::Ended) {
        return;
    }
    Frame bye;
    bye.type = FrameType::Bye;
    bye.error = static_cast<std::uint32_t>(reason.code);
    bye.detail = reason.detail;
    transmit(encode(bye));
    static_cast<void>(now);
    lost(reason);
}

void Session::lost(const Error& reason) {
    if (state_ == State::Ended) {
        return;
    }
    state_ = State::Ended;
    ended_ = reason;
    const Error for_calls{ErrorCode::PeerLost, std::string(describe(reason.code).text)};
    for (const auto& [id, call] : calls_) {
        shared_.calls.erase(id);
        if (call.opened_here) {
            shared_.events.emplace_back(Closed{id, for_calls});
        } else {
            shared_.events.emplace_back(Cancelled{id, for_calls});
        }
    }
    calls_.clear();
    numbers_.clear();
    queue_.clear();
    control_.clear();
    queued_bytes_ = 0;
}

bool retryable(ErrorCode code) {
    switch (code) {
        case ErrorCode::PeerUnreachable:
        case ErrorCode::PeerLost:
        case ErrorCode::QueueFull:
        case ErrorCode::DuplicateLink:
        case ErrorCode::StaleRoster:
        case ErrorCode::Stopping:
            return true;
        default:
            return false;
    }
}

}  // namespace ambit::wire
