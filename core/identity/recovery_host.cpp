#include <algorithm>

#include "identity/operation.h"
#include "identity/recovery_frames.h"
#include "identity/roster_parcels.h"
#include "proto/recovery.pb.h"

namespace ambit::identity {
namespace {

// Leaves room for the frame around it.
constexpr std::size_t kParcelBytesMax = kRecoveryFrameMax - 8 * 1024;
static_assert(kOperationBytesMax < kParcelBytesMax);

}  // namespace

RecoveryHost::RecoveryHost(const RosterLog& log,
                           const crypto::VerifyKey& key,
                           std::vector<std::string> addresses,
                           Now now)
    : log_(log), key_(key), addresses_(std::move(addresses)), ends_(now.mono + kRecoveryTimeout) {
    addresses_.resize(std::min(addresses_.size(), kRecoveryAddressesMax));
}

std::vector<Bytes> RecoveryHost::handle(ByteView bytes, Now now) {
    if (over()) {
        return {};
    }
    if (now.mono >= ends_) {
        return tick(now);
    }
    const auto frame = parse_recovery_frame(bytes);
    if (!frame) {
        return refuse(frame.error());
    }
    if (frame->has_refusal()) {
        refuse(error_of_refusal(frame->refusal()));
        return {};
    }
    if (step_ == Step::Hello && frame->has_hello()) {
        if (frame->hello().version_min() > kRecoveryVersion ||
            frame->hello().version_max() < kRecoveryVersion) {
            return refuse({ErrorCode::PairingVersion, "this device speaks version 1"});
        }
        step_ = Step::Operation;
        return household();
    }
    if (step_ == Step::Operation && !frame->operation().empty()) {
        Bytes operation = to_bytes(frame->operation());
        if (const auto checked = check(operation); !checked) {
            return refuse(checked.error());
        }
        step_ = Step::Adoption;
        events_.push_back(RecoveryArrived{std::move(operation)});
        return {};
    }
    return refuse({ErrorCode::BadPairingFrame, "out of turn"});
}

std::vector<Bytes> RecoveryHost::household() const {
    std::vector<Bytes> frames;
    const auto parcels = parcels_of(log_, kParcelBytesMax);
    for (const auto& parcel : parcels) {
        v1::RecoveryFrame frame;
        v1::RecoveryHousehold& household = *frame.mutable_household();
        household.set_version(kRecoveryVersion);
        for (const Bytes& operation : parcel) {
            household.add_operations(to_text(operation));
        }
        if (&parcel == &parcels.back()) {
            household.set_last(true);
            for (const std::string& address : addresses_) {
                household.add_addresses(address);
            }
        }
        frames.push_back(recovery_frame_bytes(frame));
    }
    return frames;
}

// The key may do anything in the household; through this door it recovers, and nothing else.
Result<void> RecoveryHost::check(ByteView bytes) const {
    AMBIT_TRY_ASSIGN(const Operation operation, parse_operation(bytes));
    if (!std::holds_alternative<RecoverChange>(operation.change) || operation.author_key != key_) {
        return Error{ErrorCode::NotAllowed, "only a recovery with these words"};
    }
    return log_.check(bytes);
}

std::vector<Bytes> RecoveryHost::adopted() {
    if (step_ != Step::Adoption) {
        return {};
    }
    step_ = Step::Over;
    v1::RecoveryFrame frame;
    frame.mutable_accepted();
    return {recovery_frame_bytes(frame)};
}

std::vector<Bytes> RecoveryHost::refuse(const Error& error) {
    if (over()) {
        return {};
    }
    step_ = Step::Over;
    events_.push_back(RecoveryFailed{error});
    return {recovery_refusal_frame(error)};
}

std::vector<Bytes> RecoveryHost::tick(Now now) {
    if (now.mono < ends_) {
        return {};
    }
    return refuse({ErrorCode::DeadlineExceeded, "it took too long"});
}

}  // namespace ambit::identity
