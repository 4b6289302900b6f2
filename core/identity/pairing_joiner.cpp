#include <algorithm>

#include "identity/pairing_session.h"
#include "identity/records.h"
#include "identity/roster_parcels.h"
#include "proto/pairing.pb.h"

namespace ambit::identity {
namespace {

enum class JoinStep { Challenge, Share, Confirm, Offer, Operations, Adoption };

}  // namespace

struct PairingJoiner::State : PairingSession {
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

    JoinStep step = JoinStep::Challenge;
    HouseholdId household;
    Belonging belonging;
    ReceivedLog received;

    std::vector<Bytes> on_challenge(const v1::PairingFrame& frame) {
        if (!frame.has_challenge() || frame.challenge().session().size() != kPairingSessionSize) {
            return fail({ErrorCode::BadPairingFrame, "challenge expected"});
        }
        if (frame.challenge().version() != kPairingVersion) {
            return fail({ErrorCode::PairingVersion, "this device speaks version 1"});
        }
        channel.emplace(PairingSide::Joiner, code, settings.self, view_of(frame.challenge().session()),
                        random);
        step = JoinStep::Share;
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
        step = JoinStep::Confirm;
        return {channel->confirm_frame()};
    }

    std::vector<Bytes> on_confirm(const v1::PairingFrame& frame) {
        if (!frame.has_confirm() || !channel->confirms(frame)) {
            return fail({ErrorCode::WrongCode, "the other device does not know the code"});
        }
        events.push_back(VerifierReady{channel->verifier()});
        events.push_back(PeerKnown{channel->peer()});
        step = JoinStep::Offer;
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
        step = JoinStep::Operations;
        return std::vector<Bytes>{channel->sealed_frame(message)};
    }

    Result<std::vector<Bytes>> on_operations(const v1::PairingOperations& chunk) {
        for (const std::string& operation : chunk.operations()) {
            AMBIT_TRY(received.add(view_of(operation)));
        }
        if (!chunk.last()) {
            return std::vector<Bytes>();
        }
        AMBIT_TRY(check_household());
        std::vector<std::string> addresses(chunk.addresses().begin(), chunk.addresses().end());
        addresses.resize(std::min(addresses.size(), kPairingAddressesMax));
        std::erase_if(addresses, [](const std::string& address) { return address.size() > 256; });
        step = JoinStep::Adoption;
        events.push_back(PairingJoined{household, std::move(received.operations()),
                                       crypto::device_id_of(channel->peer().verify_key),
                                       std::move(addresses)});
        return std::vector<Bytes>();
    }

    // The log must be whole, and hold this device as it consented to join, and the host.
    Result<void> check_household() const {
        AMBIT_TRY_ASSIGN(const RosterLog log, received.opened(RosterLog(household)));
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
        if (step == JoinStep::Offer && message->has_offer()) {
            answer = on_offer(message->offer());
        } else if (step == JoinStep::Operations && message->has_operations()) {
            answer = on_operations(message->operations());
        }
        return answer ? *std::move(answer) : fail(answer.error());
    }

    std::vector<Bytes> on_frame(const v1::PairingFrame& frame) {
        switch (step) {
            case JoinStep::Challenge:
                return on_challenge(frame);
            case JoinStep::Share:
                return on_share(frame);
            case JoinStep::Confirm:
                return on_confirm(frame);
            default:
                return on_sealed(frame);
        }
    }
};

PairingJoiner::PairingJoiner(
    const crypto::SigningKey& key, Settings settings, const PairingCode& code, Random& random, Now now)
    : state_(
          std::make_unique<State>(key, std::move(settings), code, random, now.mono + kPairingCodeLife * 2)) {}

PairingJoiner::~PairingJoiner() = default;

std::vector<Bytes> PairingJoiner::connected(Now) {
    state_->begin();
    v1::PairingFrame frame;
    frame.mutable_hello()->set_version_min(kPairingVersion);
    frame.mutable_hello()->set_version_max(kPairingVersion);
    return {to_bytes(frame.SerializeAsString())};
}

std::vector<Bytes> PairingJoiner::handle(ByteView bytes, Now now) {
    return state_->take(bytes, now.mono >= state_->ends,
                        [this](const v1::PairingFrame& frame) { return state_->on_frame(frame); });
}

void PairingJoiner::disconnected(Now) {
    state_->lose();
}

std::vector<Bytes> PairingJoiner::refuse(Now) {
    return state_->refuse();
}

std::vector<Bytes> PairingJoiner::household_adopted(Now) {
    if (!state_->live() || state_->step != JoinStep::Adoption) {
        return {};
    }
    v1::PairingMessage message;
    message.mutable_finished();
    state_->end();
    return {state_->channel->sealed_frame(message)};
}

std::vector<Bytes> PairingJoiner::tick(Now now) {
    return state_->tick(now.mono >= state_->ends);
}

MonoTime PairingJoiner::deadline() const {
    return state_->ends;
}

std::vector<PairingEvent> PairingJoiner::take_events() {
    return std::exchange(state_->events, {});
}

bool PairingJoiner::session_over() const {
    return state_->over();
}

}  // namespace ambit::identity
