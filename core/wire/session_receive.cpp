// Session: what comes from the peer.
#include <algorithm>

#include "wire/session_call.h"

namespace ambit::wire {
namespace {

std::string versions(std::uint32_t low, std::uint32_t high) {
    return std::to_string(low) + " to " + std::to_string(high);
}

// The peer's number as our code; numbers we don't know keep their value and read as Internal.
Error error_of(const Frame& frame) {
    const bool known_range = frame.error <= 0xffff;
    return Error{known_range ? static_cast<ErrorCode>(frame.error) : ErrorCode::Internal, frame.detail};
}

}  // namespace

void Session::on_frame(ByteView bytes, Now now) {
    if (state_ == State::Ended) {
        return;
    }
    auto frame = decode(bytes);
    if (!frame) {
        violate(frame.error().detail, now);
        return;
    }
    liveness_.heard(now.mono);
    handle(*frame, now);
    pump(now);
}

void Session::violate(std::string detail, Now now) {
    end(Error{ErrorCode::ProtocolViolation, std::move(detail)}, now);
}

void Session::handle(Frame& frame, Now now) {
    if (frame.type == FrameType::Bye) {
        lost(error_of(frame));
        return;
    }
    if ((state_ == State::Greeting) != (frame.type == FrameType::Hello)) {
        violate(state_ == State::Greeting ? "the first frame is not Hello" : "a second Hello", now);
        return;
    }
    switch (frame.type) {
        case FrameType::Hello:
            return on_hello(frame.hello, now);
        case FrameType::Ping:
            liveness_.asked();
            frame.type = FrameType::Pong;
            return control(frame, now);
        case FrameType::Pong:
            return liveness_.answered(frame.nonce, now.mono);
        case FrameType::Open:
            return on_open(frame, now);
        case FrameType::Item:
            return on_item(frame, now);
        case FrameType::Close:
            return on_close(frame, now);
        case FrameType::Cancel:
            return on_cancel(frame, now);
        case FrameType::Credit:
            return on_credit(frame, now);
        case FrameType::Notice:
            return on_notice(frame);
        case FrameType::WantBulk:
            bulk_wanted_ = dialled_ && kind_ == LinkKind::Interactive;
            return;
        case FrameType::Bye:
            return;
    }
}

void Session::on_hello(const Hello& hello, Now now) {
    const Dialect& ours = shared_.dialect;
    const std::uint32_t version = std::min(hello.version_max, ours.version_max);
    if (hello.version_min > hello.version_max || version < std::max(hello.version_min, ours.version_min)) {
        end(Error{ErrorCode::VersionMismatch,
                  "this device speaks " + versions(ours.version_min, ours.version_max) + ", the peer " +
                      versions(hello.version_min, hello.version_max)},
            now);
        return;
    }
    if (hello.household != shared_.roster->household) {
        end(Error{ErrorCode::WrongHousehold, "household of the peer differs"}, now);
        return;
    }
    version_ = version;
    if (!dialled_) {
        kind_ = hello.link;  // the dialler says what the link is for
    }
    peer_instance_ = hello.instance;
    constexpr std::uint64_t kWallMsMax = std::uint64_t{1} << 48U;
    const auto wall_ms = static_cast<std::int64_t>(std::min(hello.wall_ms, kWallMsMax));
    peer_up_ = PeerUp{peer_, hello.roster_version, hello.mains_powered, WallTime(milliseconds(wall_ms)), {}};
    for (const std::string& feature : ours.features) {
        if (std::find(hello.features.begin(), hello.features.end(), feature) != hello.features.end()) {
            peer_up_.features.push_back(feature);
        }
    }
    state_ = State::Open;
    greeted_at_ = now.mono;
}

Result<privacy::Labelled<Bytes>> Session::unseal(Sealed& sealed) {
    if (!audience_ || audience_text_ != sealed.audience) {
        audience_text_ = sealed.audience;
        audience_ = privacy::Audience::parse(sealed.audience);
        if (*audience_) {
            const privacy::Audience audience = **audience_;
            if (const auto readers = privacy::resolve(audience, *shared_.roster); !readers) {
                audience_ = readers.error();
            } else if (!privacy::may_read(audience, *shared_.roster, shared_.self)) {
                audience_ = Error{ErrorCode::AudienceForbids, "this device is not in the audience"};
            }
        }
    }
    if (!*audience_) {
        return audience_->error();
    }
    const auto trust = sealed.untrusted ? privacy::Trust::Untrusted : privacy::Trust::Trusted;
    return privacy::Labelled<Bytes>(std::move(sealed.body), privacy::Label{**audience_, trust});
}

void Session::on_open(Frame& frame, Now now) {
    const bool peers_parity = frame.call % 2 == (dialled_ ? 0 : 1);
    if (!peers_parity || frame.call <= last_seen_number_) {
        violate("call number of the wrong parity or used before", now);
        return;
    }
    last_seen_number_ = frame.call;
    Frame refusal;
    refusal.type = FrameType::Close;
    refusal.call = frame.call;
    if (calls_.size() - opened_here_ >= kCallsMax) {
        refusal.error = static_cast<std::uint32_t>(ErrorCode::QueueFull);
        refusal.detail = "too many calls in flight";
        control(refusal, now);
        return;
    }
    auto body = unseal(*frame.payload);
    if (!body) {
        shared_.events.emplace_back(Refused{peer_, frame.method, true, body.error()});
        refusal.error = static_cast<std::uint32_t>(body.error().code);
        control(refusal, now);
        return;
    }
    const CallId id = shared_.next_call++;
    Call& call = add_call(id, false, frame.method);
    call.number = frame.call;
    numbers_[frame.call] = id;
    call.send_credit = std::min(frame.items, kCreditMax);
    call.receive_credit = kCreditDefault;
    if (frame.deadline_ms != 0) {
        const auto most = static_cast<std::uint64_t>(kDeadlineMax.count());
        call.deadline = now.mono + milliseconds(static_cast<std::int64_t>(std::min(frame.deadline_ms, most)));
    }
    shared_.events.emplace_back(
        Incoming{peer_, id, std::move(frame.method), std::move(body).value(), call.deadline});
}

Session::Call* Session::by_number(std::uint64_t number, Now now) {
    if (const auto found = numbers_.find(number); found != numbers_.end()) {
        return &calls_.at(found->second);
    }
    const bool ours = number % 2 == (dialled_ ? 1 : 0);
    if (number == 0 || (ours ? number >= next_number_ : number > last_seen_number_)) {
        violate("frame for a call that was never opened", now);
    }
    return nullptr;
}

void Session::deliver(Call& call, privacy::Labelled<Bytes> body, Now now) {
    shared_.events.emplace_back(Item{call.id, std::move(body)});
    ++call.returnable;
    // Half a window at a time: one Credit frame for many items, and the peer never runs dry.
    if (!call.manual_credit && call.returnable >= std::max<std::uint32_t>(call.window / 2, 1)) {
        static_cast<void>(grant(call.id, call.returnable, now));
    }
}

void Session::on_item(Frame& frame, Now now) {
    Call* call = by_number(frame.call, now);
    if (call == nullptr) {
        return;
    }
    if (call->receive_credit == 0) {
        violate("item without credit", now);
        return;
    }
    --call->receive_credit;
    auto body = unseal(*frame.payload);
    if (!body) {
        shared_.events.emplace_back(Refused{peer_, call->method, true, body.error()});
        abort_call(call->id, body.error(), now);
        return;
    }
    deliver(*call, std::move(body).value(), now);
}

void Session::on_close(Frame& frame, Now now) {
    Call* call = by_number(frame.call, now);
    if (call == nullptr) {
        return;
    }
    if (!call->opened_here) {
        violate("Close from the side that opened the call", now);
        return;
    }
    std::optional<Error> error;
    if (frame.error != 0) {
        error = error_of(frame);
    } else if (frame.payload) {
        auto body = unseal(*frame.payload);
        if (body) {
            shared_.events.emplace_back(Item{call->id, std::move(body).value()});
        } else {
            shared_.events.emplace_back(Refused{peer_, call->method, true, body.error()});
            error = body.error();
        }
    }
    shared_.events.emplace_back(Closed{call->id, std::move(error)});
    erase_call(call->id);
}

void Session::on_cancel(const Frame& frame, Now now) {
    const Call* call = by_number(frame.call, now);
    if (call == nullptr) {
        return;
    }
    if (call->opened_here) {
        violate("Cancel from the side that serves the call", now);
        return;
    }
    shared_.events.emplace_back(
        Cancelled{call->id, Error{ErrorCode::CallCancelled, "by the device that asked"}});
    erase_call(call->id);
}

void Session::on_credit(const Frame& frame, Now now) {
    Call* call = by_number(frame.call, now);
    if (call == nullptr) {
        return;
    }
    if (frame.items > kCreditMax || call->send_credit + frame.items > kCreditMax) {
        violate("more credit than allowed", now);
        return;
    }
    call->send_credit += frame.items;
    release_waiting(*call);
}

void Session::on_notice(Frame& frame) {
    auto body = unseal(*frame.payload);
    if (body) {
        shared_.events.emplace_back(Notice{peer_, std::move(frame.method), std::move(body).value()});
    } else {
        shared_.events.emplace_back(Refused{peer_, std::move(frame.method), true, body.error()});
    }
}

}  // namespace ambit::wire
