#include "identity/recovery_frames.h"

#include <algorithm>

#include "proto/recovery.pb.h"

namespace ambit::identity {
namespace {

constexpr std::size_t kRecoveryDetailMax = 200;

}  // namespace

Result<v1::RecoveryFrame> parse_recovery_frame(ByteView bytes) {
    v1::RecoveryFrame frame;
    if (bytes.size() > kRecoveryFrameMax ||
        !frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return Error{ErrorCode::BadPairingFrame, "not a recovery frame"};
    }
    return frame;
}

Bytes recovery_frame_bytes(const v1::RecoveryFrame& frame) {
    return to_bytes(frame.SerializeAsString());
}

Bytes recovery_refusal_frame(const Error& error) {
    v1::RecoveryFrame frame;
    frame.mutable_refusal()->set_error(static_cast<std::uint32_t>(error.code));
    frame.mutable_refusal()->set_detail(error.detail.substr(0, kRecoveryDetailMax));
    return recovery_frame_bytes(frame);
}

Error error_of_refusal(const v1::RecoveryRefusal& refusal) {
    static constexpr ErrorCode kSayable[] = {ErrorCode::NotAllowed,    ErrorCode::AlreadyMember,
                                             ErrorCode::LimitExceeded, ErrorCode::PairingVersion,
                                             ErrorCode::StorageFailed, ErrorCode::BadRecoveryWords};
    std::string detail = refusal.detail().substr(0, kRecoveryDetailMax);
    std::erase_if(detail, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    const auto* code = std::find_if(std::begin(kSayable), std::end(kSayable), [&](ErrorCode sayable) {
        return static_cast<std::uint32_t>(sayable) == refusal.error();
    });
    return {code == std::end(kSayable) ? ErrorCode::PairingRefused : *code, detail};
}

}  // namespace ambit::identity
