#include <algorithm>

#include "identity/pairing_channel.h"
#include "identity/records.h"
#include "proto/pairing.pb.h"

namespace ambit::identity {
namespace {

enum class Step { Idle, Challenge, Share, Confirm, Offer, Operations, Adoption, Over };

}  // namespace

struct PairingJoiner::State {
    State(const crypto::SigningKey& own_key,
          Settings own_settings,
          const PairingCode& typed_code,
          Random& source,
          MonoTime until)
        : key(own_key), settings(std::move(own_settings)), code(typed_code), random(source), ends(until) {}

    const crypto::SigningKey& key;
    Settings settings;
    PairingCode code;
    Random& random;
    MonoTime ends;

    Step step = Step::Idle;
    std::optional<PairingChannel> channel;
    HouseholdId household;
    Belonging belonging;
    std::vector<Bytes> operations;
    std::vector<PairingEvent> events;

    bool live() const { return step != Step::Idle && step != Step::Over; }

    std::vector<Bytes> fail(const Error& error) {
        step = Step::Over;
        channel.reset();
        events.push_back(PairingFailed{error});
        return {refusal_frame(error)};
    }

    std::vector<Bytes> on_challenge(const v1::PairingFrame& frame) {
        if (!frame.has_challenge() || frame.challenge().session().size() != kPairingSessionSize) {
            return fail({ErrorCode::BadPairingFrame, "challenge expected"});
        }
        if (frame.challenge().version() != kPairingVersion) {
            return fail({ErrorCode::PairingVersion, "this device speaks version 1"});
        }
        channel.emplace(PairingSide::Joiner, code, settings.self, view_of(frame.challenge().session()),
                        random);
        step = Step::Share;
        return {channel->share_frame()};
    }

    std::vector<Bytes> on_share(const v1::PairingFrame& frame) {
        if (!frame.has_share()) {
            return fail({ErrorCode::BadPairingFrame, "share expected"});
        }
        if (auto taken = channel->take_share(frame); !taken) {
            return fail(taken.error());
        }
        if (settings.host && *settings.host != crypto::device_id_of(channel->peer().verify_key)) {
            return fail({ErrorCode::WrongHost, ""});
        }
        step = Step::Confirm;
        return {channel->confirm_frame()};
    }

    std::vector<Bytes> on_confirm(const v1::PairingFrame& frame) {
        if (!frame.has_confirm() || !channel->confirms(frame)) {
            return fail({ErrorCode::WrongCode, "the other device does not know the code"});
        }
        events.push_back(VerifierReady{channel->verifier()});
        events.push_back(PeerKnown{channel->peer()});
        step = Step::Offer;
        return {};
    }

    Result<std::vector<Bytes>> on_offer(const v1::PairingOffer& offer) {
        AMBIT_TRY_ASSIGN(household, HouseholdId::from_bytes(view_of(offer.household())));
        AMBIT_TRY_ASSIGN(belonging.owner, optional_id<PersonId>(offer.owner()));
        AMBIT_TRY_ASSIGN(belonging.meant_for, optional_id<PersonId>(offer.meant_for()));
        const DeviceConsent consent = consent_to_join(key, settings.self, household, belonging);
        v1::PairingMessage message;
        message.mutable_consent()->set_record(to_text(consent.record));
        message.mutable_consent()->set_signature(to_text(consent.signature.bytes()));
        step = Step::Operations;
        return std::vector<Bytes>{channel->sealed_frame(message)};
    }

    Result<std::vector<Bytes>> on_operations(const v1::PairingOperations& chunk) {
        for (const std::string& operation : chunk.operations()) {
            if (operations.size() == kRosterOperationsMax || operation.size() > kOperationBytesMax) {
                return Error{ErrorCode::LimitExceeded, "operations of a household"};
            }
            operations.push_back(to_bytes(operation));
        }
        if (!chunk.last()) {
            return std::vector<Bytes>();
        }
        AMBIT_TRY(check_household());
        std::vector<std::string> addresses(chunk.addresses().begin(), chunk.addresses().end());
        addresses.resize(std::min(addresses.size(), kPairingAddressesMax));
        std::erase_if(addresses, [](const std::string& address) { return address.size() > 256; });
        step = Step::Adoption;
        events.push_back(PairingJoined{household, std::move(operations),
                                       crypto::device_id_of(channel->peer().verify_key),
                                       std::move(addresses)});
        return std::vector<Bytes>();
    }

    // The log must be whole, and hold this device as it consented to join, and the host.
    Result<void> check_household() const {
        RosterLog log(household);
        for (const Bytes& operation : operations) {
            AMBIT_TRY_ASSIGN(const AddOutcome outcome, log.add(operation));
            if (outcome != AddOutcome::Accepted) {
                return Error{ErrorCode::BadOperation, "the household's log is not in order"};
            }
        }
        const RosterView roster = log.roster();
        const Device* self = roster->device(crypto::device_id_of(key.verify_key()));
        if (self == nullptr || self->seal_key != settings.self.seal_key || self->owner != belonging.owner ||
            self->meant_for != belonging.meant_for) {
            return Error{ErrorCode::BadOperation, "this device is not in the household as agreed"};
        }
        if (roster->device(crypto::device_id_of(channel->peer().verify_key)) == nullptr) {
            return Error{ErrorCode::BadOperation, "the other device is not in its own household"};
        }
        return {};
    }

    std::vector<Bytes> on_sealed(const v1::PairingFrame& frame) {
        const auto message = channel->open(frame);
        if (!message) {
            return fail(message.error());
        }
        Result<std::vector<Bytes>> answer = Error{ErrorCode::BadPairingFrame, "out of turn"};
        if (step == Step::Offer && message->has_offer()) {
            answer = on_offer(message->offer());
        } else if (step == Step::Operations && message->has_operations()) {
            answer = on_operations(message->operations());
        }
        return answer ? *std::move(answer) : fail(answer.error());
    }
};

PairingJoiner::PairingJoiner(
    const crypto::SigningKey& key, Settings settings, const PairingCode& code, Random& random, Now now)
    : state_(
          std::make_unique<State>(key, std::move(settings), code, random, now.mono + kPairingCodeLife * 2)) {}

PairingJoiner::~PairingJoiner() = default;

std::vector<Bytes> PairingJoiner::connected(Now) {
    state_->step = Step::Challenge;
    v1::PairingFrame frame;
    frame.mutable_hello()->set_version_min(kPairingVersion);
    frame.mutable_hello()->set_version_max(kPairingVersion);
    return {to_bytes(frame.SerializeAsString())};
}

std::vector<Bytes> PairingJoiner::handle(ByteView bytes, Now now) {
    if (!state_->live()) {
        return {};
    }
    if (auto ended = tick(now); !state_->live()) {
        return ended;
    }
    const auto frame = parse_pairing_frame(bytes);
    if (!frame) {
        return state_->fail(frame.error());
    }
    if (frame->has_refusal()) {
        state_->fail(error_of_refusal(*frame));
        return {};
    }
    switch (state_->step) {
        case Step::Challenge:
            return state_->on_challenge(*frame);
        case Step::Share:
            return state_->on_share(*frame);
        case Step::Confirm:
            return state_->on_confirm(*frame);
        default:
            return state_->on_sealed(*frame);
    }
}

void PairingJoiner::disconnected(Now) {
    if (state_->live()) {
        state_->fail({ErrorCode::PairingRefused, "the other device is gone"});
    }
}

std::vector<Bytes> PairingJoiner::refuse(Now) {
    if (!state_->live()) {
        return {};
    }
    return state_->fail({ErrorCode::PairingRefused, "refused by the person at the other device"});
}

std::vector<Bytes> PairingJoiner::household_adopted(Now) {
    if (state_->step != Step::Adoption) {
        return {};
    }
    v1::PairingMessage message;
    message.mutable_finished();
    state_->step = Step::Over;
    return {state_->channel->sealed_frame(message)};
}

std::vector<Bytes> PairingJoiner::tick(Now now) {
    if (!state_->live() || now.mono < state_->ends) {
        return {};
    }
    return state_->fail({ErrorCode::CodeExpired, "it took too long"});
}

MonoTime PairingJoiner::deadline() const {
    return state_->ends;
}

std::vector<PairingEvent> PairingJoiner::take_events() {
    return std::exchange(state_->events, {});
}

bool PairingJoiner::session_over() const {
    return state_->step == Step::Over;
}

}  // namespace ambit::identity
