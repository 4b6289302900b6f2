#include <algorithm>

#include "identity/recovery_frames.h"
#include "identity/roster_parcels.h"
#include "proto/recovery.pb.h"

namespace ambit::identity {

struct RecoveryJoiner::State {
    enum class Step : std::uint8_t { Idle, Household, Words, Answer, Over };

    State(const crypto::SigningKey& key, Settings own, crypto::RecoverySecret words, Random& source)
        : device_key(key), settings(std::move(own)), secret(std::move(words)), random(source) {}

    const crypto::SigningKey& device_key;
    Settings settings;
    crypto::RecoverySecret secret;
    Random& random;

    Step step = Step::Idle;
    MonoTime ends;
    DeviceId host;
    ReceivedLog received;
    HouseholdId household;
    std::vector<std::string> addresses;
    Bytes operation;
    std::vector<RecoveryEvent> events;

    bool live() const { return step != Step::Idle && step != Step::Over; }

    std::vector<Bytes> fail(const Error& error) {
        step = Step::Over;
        events.push_back(RecoveryFailed{error});
        return {recovery_refusal_frame(error)};
    }

    Result<void> on_household(const v1::RecoveryHousehold& parcel, Now now) {
        if (parcel.version() != kRecoveryVersion) {
            return Error{ErrorCode::PairingVersion, "this device speaks version 1"};
        }
        for (const std::string& received_operation : parcel.operations()) {
            AMBIT_TRY(received.add(view_of(received_operation)));
        }
        if (!parcel.last()) {
            return {};
        }
        for (const std::string& address : parcel.addresses()) {
            if (addresses.size() < kRecoveryAddressesMax && address.size() <= 256) {
                addresses.push_back(address);
            }
        }
        return prepare(now);
    }

    // The log proves itself: nobody can put the key of these words into a household that it was not made for.
    Result<void> prepare(Now now) {
        AMBIT_TRY_ASSIGN(RosterLog log, received.opened(RosterLog()));
        if (log.roster()->device(host) == nullptr) {
            return Error{ErrorCode::BadOperation, "the other device is not in its own household"};
        }
        AMBIT_TRY_ASSIGN(MadeRecovery made, make_recovery(log, secret, device_key, settings.self,
                                                          settings.owner, random, now.wall));
        AMBIT_TRY(log.add(made.operation));
        household = log.roster()->household;
        operation = made.operation;
        received.operations().push_back(std::move(made.operation));
        step = Step::Words;
        events.push_back(RecoveryPrepared{log.roster()->name, std::move(made.next_words)});
        return {};
    }
};

RecoveryJoiner::RecoveryJoiner(const crypto::SigningKey& device_key,
                               Settings settings,
                               crypto::RecoverySecret secret,
                               Random& random)
    : state_(std::make_unique<State>(device_key, std::move(settings), std::move(secret), random)) {}

RecoveryJoiner::~RecoveryJoiner() = default;

std::vector<Bytes> RecoveryJoiner::connected(const DeviceId& host, Now now) {
    state_->step = State::Step::Household;
    state_->ends = now.mono + kRecoveryTimeout;
    state_->host = host;
    state_->received = {};
    state_->addresses.clear();
    v1::RecoveryFrame frame;
    frame.mutable_hello()->set_version_min(kRecoveryVersion);
    frame.mutable_hello()->set_version_max(kRecoveryVersion);
    return {recovery_frame_bytes(frame)};
}

std::vector<Bytes> RecoveryJoiner::handle(ByteView bytes, Now now) {
    if (!state_->live()) {
        return {};
    }
    if (now.mono >= state_->ends) {
        return tick(now);
    }
    const auto frame = parse_recovery_frame(bytes);
    if (!frame) {
        return state_->fail(frame.error());
    }
    if (frame->has_refusal()) {
        state_->fail(error_of_refusal(frame->refusal()));
        return {};
    }
    if (state_->step == State::Step::Household && frame->has_household()) {
        const auto taken = state_->on_household(frame->household(), now);
        return taken ? std::vector<Bytes>() : state_->fail(taken.error());
    }
    if (state_->step == State::Step::Answer && frame->has_accepted()) {
        state_->step = State::Step::Over;
        state_->events.push_back(RecoveryDone{state_->household, std::move(state_->received.operations()),
                                              state_->host, std::move(state_->addresses)});
        return {};
    }
    return state_->fail({ErrorCode::BadPairingFrame, "out of turn"});
}

void RecoveryJoiner::disconnected(const Error& reason) {
    if (state_->live()) {
        state_->fail(reason);
    }
}

std::vector<Bytes> RecoveryJoiner::submit() {
    if (state_->step != State::Step::Words) {
        return {};
    }
    state_->step = State::Step::Answer;
    v1::RecoveryFrame frame;
    frame.set_operation(to_text(state_->operation));
    return {recovery_frame_bytes(frame)};
}

std::vector<Bytes> RecoveryJoiner::tick(Now now) {
    if (!state_->live() || now.mono < state_->ends) {
        return {};
    }
    return state_->fail({ErrorCode::DeadlineExceeded, "it took too long"});
}

MonoTime RecoveryJoiner::deadline() const {
    return state_->ends;
}

std::vector<RecoveryEvent> RecoveryJoiner::take_events() {
    return std::exchange(state_->events, {});
}

bool RecoveryJoiner::over() const {
    return state_->step == State::Step::Over;
}

}  // namespace ambit::identity
