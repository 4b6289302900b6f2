#include "identity/pairing_session.h"

#include "proto/pairing.pb.h"

namespace ambit::identity {

std::vector<Bytes> PairingSession::fail(const Error& error) {
    end();
    channel.reset();
    events.push_back(PairingFailed{error});
    return {refusal_frame(error)};
}

std::vector<Bytes> PairingSession::take(ByteView bytes, bool late, const OnFrame& on_frame) {
    if (!live()) {
        return {};
    }
    if (late) {
        return tick(late);
    }
    const auto frame = parse_pairing_frame(bytes);
    if (!frame) {
        return fail(frame.error());
    }
    if (frame->has_refusal()) {
        fail(error_of_refusal(*frame));
        return {};
    }
    return on_frame(*frame);
}

void PairingSession::lose() {
    if (live()) {
        fail({ErrorCode::PairingRefused, "the other device is gone"});
    }
}

std::vector<Bytes> PairingSession::refuse() {
    if (!live()) {
        return {};
    }
    return fail({ErrorCode::PairingRefused, "refused by the person at the other device"});
}

std::vector<Bytes> PairingSession::tick(bool late) {
    if (!live() || !late) {
        return {};
    }
    return fail({ErrorCode::CodeExpired, "it took too long"});
}

}  // namespace ambit::identity
