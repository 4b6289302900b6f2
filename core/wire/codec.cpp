#include "wire/codec.h"

#include "base/text.h"
#include "proto/wire.pb.h"
#include "wire/limits.h"

namespace ambit::wire {
namespace {

Error violation(const char* what) {
    return Error{ErrorCode::ProtocolViolation, what};
}

std::string text_of(ByteView bytes) {
    return to_text(bytes);
}

void put(const Sealed& sealed, v1::Sealed& out) {
    out.set_audience(sealed.audience);
    out.set_untrusted(sealed.untrusted);
    out.set_roster_version(text_of(sealed.roster_version.bytes()));
    out.set_body(sealed.body.data(), sealed.body.size());
}

void put(const Hello& hello, v1::Hello& out) {
    out.set_version_min(hello.version_min);
    out.set_version_max(hello.version_max);
    out.set_household(text_of(hello.household.bytes()));
    out.set_roster_version(text_of(hello.roster_version.bytes()));
    out.set_link(hello.link == LinkKind::Bulk ? v1::LINK_BULK : v1::LINK_INTERACTIVE);
    out.set_mains_powered(hello.mains_powered);
    for (const std::string& feature : hello.features) {
        out.add_features(feature);
    }
    out.set_wall_ms(hello.wall_ms);
    out.set_instance(text_of(hello.instance.bytes()));
}

void put_call(const Frame& frame, v1::Frame& out) {
    switch (frame.type) {
        case FrameType::Open: {
            v1::Open& open = *out.mutable_open();
            open.set_call(frame.call);
            open.set_method(frame.method);
            open.set_deadline_ms(frame.deadline_ms);
            open.set_credit(frame.items);
            put(*frame.payload, *open.mutable_payload());
            return;
        }
        case FrameType::Item:
            out.mutable_item()->set_call(frame.call);
            put(*frame.payload, *out.mutable_item()->mutable_payload());
            return;
        case FrameType::Close: {
            v1::Close& close = *out.mutable_close();
            close.set_call(frame.call);
            close.set_error(frame.error);
            close.set_detail(printable(frame.detail, kDetailBytesMax));
            if (frame.payload) {
                put(*frame.payload, *close.mutable_payload());
            }
            return;
        }
        case FrameType::Cancel:
            out.mutable_cancel()->set_call(frame.call);
            return;
        default:
            out.mutable_credit()->set_call(frame.call);
            out.mutable_credit()->set_items(frame.items);
            return;
    }
}

void put(const Frame& frame, v1::Frame& out) {
    switch (frame.type) {
        case FrameType::Hello:
            return put(frame.hello, *out.mutable_hello());
        case FrameType::Ping:
            return out.mutable_ping()->set_nonce(frame.nonce);
        case FrameType::Pong:
            return out.mutable_pong()->set_nonce(frame.nonce);
        case FrameType::Notice:
            out.mutable_notice()->set_method(frame.method);
            return put(*frame.payload, *out.mutable_notice()->mutable_payload());
        case FrameType::Bye:
            out.mutable_bye()->set_error(frame.error);
            return out.mutable_bye()->set_detail(printable(frame.detail, kDetailBytesMax));
        case FrameType::WantBulk:
            out.mutable_want_bulk();
            return;
        default:
            return put_call(frame, out);
    }
}

template <typename IdType>
Result<void> take_id(const std::string& in, IdType& out) {
    auto id = IdType::from_bytes(view_of(in));
    if (!id) {
        return violation("identifier of the wrong length");
    }
    out = *id;
    return {};
}

Result<void> take(const v1::Sealed& in, Frame& frame) {
    if (in.audience().size() > kAudienceBytesMax) {
        return violation("audience too long");
    }
    Sealed sealed;
    sealed.audience = in.audience();
    sealed.untrusted = in.untrusted();
    AMBIT_TRY(take_id(in.roster_version(), sealed.roster_version));
    sealed.body = to_bytes(in.body());
    frame.payload = std::move(sealed);
    return {};
}

Result<void> take(const v1::Hello& in, Hello& hello) {
    if (in.features_size() > static_cast<int>(kFeaturesMax)) {
        return violation("too many features");
    }
    hello.version_min = in.version_min();
    hello.version_max = in.version_max();
    AMBIT_TRY(take_id(in.household(), hello.household));
    AMBIT_TRY(take_id(in.roster_version(), hello.roster_version));
    AMBIT_TRY(take_id(in.instance(), hello.instance));
    hello.link = in.link() == v1::LINK_BULK ? LinkKind::Bulk : LinkKind::Interactive;
    hello.mains_powered = in.mains_powered();
    for (const std::string& feature : in.features()) {
        if (feature.size() > kMethodBytesMax) {
            return violation("feature name too long");
        }
        hello.features.push_back(feature);
    }
    hello.wall_ms = in.wall_ms();
    return {};
}

Result<void> take_method(const std::string& in, Frame& frame) {
    if (in.empty() || in.size() > kMethodBytesMax) {
        return violation("method name empty or too long");
    }
    frame.method = in;
    return {};
}

Result<void> take_open(const v1::Open& in, Frame& frame) {
    frame.type = FrameType::Open;
    frame.call = in.call();
    frame.deadline_ms = in.deadline_ms();
    frame.items = in.credit();
    AMBIT_TRY(take_method(in.method(), frame));
    return take(in.payload(), frame);
}

Result<void> take_close(const v1::Close& in, Frame& frame) {
    frame.type = FrameType::Close;
    frame.call = in.call();
    frame.error = in.error();
    frame.detail = printable(in.detail(), kDetailBytesMax);
    return in.has_payload() && in.error() == 0 ? take(in.payload(), frame) : Result<void>();
}

Result<void> take(const v1::Frame& in, Frame& frame) {
    switch (in.body_case()) {
        case v1::Frame::kHello:
            frame.type = FrameType::Hello;
            return take(in.hello(), frame.hello);
        case v1::Frame::kPing:
            frame.type = FrameType::Ping;
            frame.nonce = in.ping().nonce();
            return {};
        case v1::Frame::kPong:
            frame.type = FrameType::Pong;
            frame.nonce = in.pong().nonce();
            return {};
        case v1::Frame::kOpen:
            return take_open(in.open(), frame);
        case v1::Frame::kItem:
            frame.type = FrameType::Item;
            frame.call = in.item().call();
            return take(in.item().payload(), frame);
        case v1::Frame::kClose:
            return take_close(in.close(), frame);
        case v1::Frame::kCancel:
            frame.type = FrameType::Cancel;
            frame.call = in.cancel().call();
            return {};
        case v1::Frame::kCredit:
            frame.type = FrameType::Credit;
            frame.call = in.credit().call();
            frame.items = in.credit().items();
            return {};
        case v1::Frame::kNotice:
            frame.type = FrameType::Notice;
            AMBIT_TRY(take_method(in.notice().method(), frame));
            return take(in.notice().payload(), frame);
        case v1::Frame::kBye:
            frame.type = FrameType::Bye;
            frame.error = in.bye().error();
            frame.detail = printable(in.bye().detail(), kDetailBytesMax);
            return {};
        case v1::Frame::kWantBulk:
            frame.type = FrameType::WantBulk;
            return {};
        default:
            return violation("frame of an unknown kind");
    }
}

}  // namespace

Bytes encode(const Frame& frame) {
    v1::Frame out;
    put(frame, out);
    Bytes bytes(out.ByteSizeLong());
    out.SerializeWithCachedSizesToArray(bytes.data());
    return bytes;
}

Result<Frame> decode(ByteView bytes) {
    if (bytes.size() > kFrameBytesMax) {
        return violation("frame too long");
    }
    v1::Frame in;
    if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return violation("not a frame");
    }
    Frame frame;
    AMBIT_TRY(take(in, frame));
    return frame;
}

}  // namespace ambit::wire
