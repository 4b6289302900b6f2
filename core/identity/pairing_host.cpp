#include <algorithm>

#include "identity/operation.h"
#include "identity/pairing_ownership.h"
#include "identity/pairing_session.h"
#include "identity/roster_parcels.h"
#include "proto/pairing.pb.h"

namespace ambit::identity {
namespace {

enum class HostStep { Hello, Share, Confirm, People, Consent, Adoption, Finished };

// Leaves room for the frame around it.
constexpr std::size_t kChunkBytesMax = kPairingFrameMax - 4 * 1024;
static_assert(kOperationBytesMax < kChunkBytesMax);

}  // namespace

struct PairingHost::State : PairingSession {
    State(const RosterLog& roster_log,
          const crypto::SigningKey& own_key,
          Settings own_settings,
          const PairingCode& shown_code,
          Random& source,
          MonoTime ends)
        : log(roster_log),
          key(own_key),
          settings(std::move(own_settings)),
          code(shown_code),
          random(source),
          code_ends(ends) {}

    const RosterLog& log;
    const crypto::SigningKey& key;
    Settings settings;
    PairingCode code;
    Random& random;
    MonoTime code_ends;
    int tries_left = kPairingTriesMax;
    bool used = false;

    HostStep step = HostStep::Hello;
    MonoTime session_ends;
    Bytes session_id;
    bool verified = false;
    std::optional<Ownership> ownership;
    AgreedOwnership agreed;

    bool late(Now now) const {
        const bool code_over = !used && now.mono >= code_ends;
        return code_over || now.mono >= session_ends;
    }

    std::vector<Bytes> on_hello(const v1::PairingFrame& frame, Now now) {
        if (!frame.has_hello()) {
            return fail({ErrorCode::BadPairingFrame, "hello expected"});
        }
        if (frame.hello().version_min() > kPairingVersion || frame.hello().version_max() < kPairingVersion) {
            return fail({ErrorCode::PairingVersion, "this device speaks version 1"});
        }
        const auto session = random.bytes<kPairingSessionSize>();
        session_id.assign(session.begin(), session.end());
        v1::PairingFrame answer;
        answer.mutable_challenge()->set_version(kPairingVersion);
        answer.mutable_challenge()->set_session(to_text(session_id));
        step = HostStep::Share;
        session_ends = now.mono + kPairingStepTimeout;
        return {to_bytes(answer.SerializeAsString())};
    }

    std::vector<Bytes> on_share(const v1::PairingFrame& frame, Now now) {
        if (!frame.has_share()) {
            return fail({ErrorCode::BadPairingFrame, "share expected"});
        }
        channel.emplace(PairingSide::Host, code, settings.self, session_id, random);
        const Bytes answer = channel->share_frame();
        if (auto taken = channel->take_share(frame); !taken) {
            return fail(taken.error());
        }
        step = HostStep::Confirm;
        session_ends = now.mono + kPairingStepTimeout;
        return {answer};
    }

    std::vector<Bytes> on_confirm(const v1::PairingFrame& frame, Now now) {
        if (!frame.has_confirm()) {
            return fail({ErrorCode::BadPairingFrame, "confirmation expected"});
        }
        if (!channel->confirms(frame)) {
            --tries_left;
            return tries_left == 0
                       ? fail({ErrorCode::CodeBurnt, "wrong code, no tries left"})
                       : fail({ErrorCode::WrongCode,
                               std::to_string(tries_left) + (tries_left == 1 ? " try" : " tries") + " left"});
        }
        // The code has done its work: whatever follows, nobody else may use it.
        used = true;
        step = HostStep::People;
        session_ends = now.mono + kPairingCodeLife;
        events.push_back(PeerKnown{channel->peer()});
        events.push_back(VerifierReady{channel->verifier()});
        std::vector<Bytes> out = {channel->confirm_frame()};
        verified = settings.accept_verifier;
        ownership = settings.ownership;
        if (!verified || !ownership) {
            events.push_back(NeedOwner{});
            return out;
        }
        for (Bytes& frame_out : offer_when_ready()) {
            out.push_back(std::move(frame_out));
        }
        return out;
    }

    DeviceId joiner() const { return crypto::device_id_of(channel->peer().verify_key); }

    std::vector<Bytes> offer_when_ready() {
        if (!live() || step != HostStep::People || !verified || !ownership) {
            return {};
        }
        const RosterView roster = log.roster();
        auto decided = agree_ownership(*ownership, *roster, crypto::device_id_of(key.verify_key()),
                                       channel->peer().verify_key, random);
        if (!decided) {
            return fail(decided.error());
        }
        agreed = *std::move(decided);
        v1::PairingMessage message;
        v1::PairingOffer& offer = *message.mutable_offer();
        offer.set_household(to_text(roster->household.bytes()));
        offer.set_household_name(roster->name);
        if (agreed.belonging.owner) {
            offer.set_owner(to_text(agreed.belonging.owner->bytes()));
        }
        if (agreed.belonging.meant_for) {
            offer.set_meant_for(to_text(agreed.belonging.meant_for->bytes()));
        }
        step = HostStep::Consent;
        return {channel->sealed_frame(message)};
    }

    Result<DeviceConsent> checked_consent(const v1::PairingMessage& message) const {
        AMBIT_TRY_ASSIGN(DeviceConsent consent, parse_consent(view_of(message.consent().record()),
                                                              view_of(message.consent().signature())));
        AMBIT_TRY(verify_consent(consent, log.roster()->household));
        if (consent.device.verify_key != channel->peer().verify_key ||
            consent.belonging != agreed.belonging) {
            return Error{ErrorCode::BadPairingFrame, "the consent is to something else"};
        }
        return consent;
    }

    Result<std::vector<Bytes>> operations_for(const DeviceConsent& consent, Now now) const {
        if (log.roster()->device(joiner()) != nullptr) {
            return std::vector<Bytes>();
        }
        const RosterAuthor author(log, key, now.wall);
        AMBIT_TRY_ASSIGN(Bytes operation, agreed.created ? author.add_person(*agreed.created, consent)
                                                         : author.add_device(consent));
        return std::vector<Bytes>{std::move(operation)};
    }

    std::vector<Bytes> on_consent(const v1::PairingMessage& message, Now now) {
        if (!message.has_consent()) {
            return fail({ErrorCode::BadPairingFrame, "consent expected"});
        }
        const auto consent = checked_consent(message);
        if (!consent) {
            return fail(consent.error());
        }
        auto operations = operations_for(*consent, now);
        if (!operations) {
            return fail(operations.error());
        }
        step = HostStep::Adoption;
        events.push_back(OperationsReady{*std::move(operations)});
        return {};
    }

    // The whole log, in as few frames as fit.
    std::vector<Bytes> welcome() {
        std::vector<Bytes> frames;
        const auto parcels = parcels_of(log, kChunkBytesMax);
        for (const auto& parcel : parcels) {
            v1::PairingMessage message;
            v1::PairingOperations& operations = *message.mutable_operations();
            for (const Bytes& operation : parcel) {
                operations.add_operations(to_text(operation));
            }
            if (&parcel == &parcels.back()) {
                operations.set_last(true);
                for (const std::string& address : settings.addresses) {
                    operations.add_addresses(address);
                }
            }
            frames.push_back(channel->sealed_frame(message));
        }
        return frames;
    }

    std::vector<Bytes> on_frame(const v1::PairingFrame& frame, Now now) {
        switch (step) {
            case HostStep::Hello:
                return on_hello(frame, now);
            case HostStep::Share:
                return on_share(frame, now);
            case HostStep::Confirm:
                return on_confirm(frame, now);
            default:
                return on_sealed(frame, now);
        }
    }

    std::vector<Bytes> on_sealed(const v1::PairingFrame& frame, Now now) {
        const auto message = channel->open(frame);
        if (!message) {
            return fail(message.error());
        }
        if (step == HostStep::Consent) {
            return on_consent(*message, now);
        }
        if (step == HostStep::Finished && message->has_finished()) {
            end();
            events.push_back(PairingHosted{joiner()});
            return {};
        }
        return fail({ErrorCode::BadPairingFrame, "out of turn"});
    }
};

PairingHost::PairingHost(const RosterLog& log,
                         const crypto::SigningKey& key,
                         Settings settings,
                         const PairingCode& code,
                         Random& random,
                         Now now)
    : state_(
          std::make_unique<State>(log, key, std::move(settings), code, random, now.mono + kPairingCodeLife)) {
    auto& addresses = state_->settings.addresses;
    addresses.resize(std::min(addresses.size(), kPairingAddressesMax));
}

PairingHost::~PairingHost() = default;

Result<void> PairingHost::connected(Now now) {
    if (state_->tries_left == 0 || (state_->used && !state_->live())) {
        return Error{ErrorCode::CodeBurnt, ""};
    }
    if (state_->live()) {
        return Error{ErrorCode::PairingBusy, ""};
    }
    if (now.mono >= state_->code_ends) {
        return Error{ErrorCode::CodeExpired, ""};
    }
    state_->begin();
    state_->step = HostStep::Hello;
    state_->session_ends = now.mono + kPairingStepTimeout;
    return {};
}

Bytes PairingHost::refusal_frame(const Error& error) {
    return identity::refusal_frame(error);
}

std::vector<Bytes> PairingHost::handle(ByteView bytes, Now now) {
    return state_->take(bytes, state_->late(now),
                        [&](const v1::PairingFrame& frame) { return state_->on_frame(frame, now); });
}

void PairingHost::disconnected(Now) {
    state_->lose();
}

std::vector<Bytes> PairingHost::confirm_verifier(Now) {
    state_->verified = state_->live();
    return state_->offer_when_ready();
}

std::vector<Bytes> PairingHost::set_ownership(const Ownership& ownership, Now) {
    state_->ownership = ownership;
    return state_->offer_when_ready();
}

std::vector<Bytes> PairingHost::refuse(Now) {
    state_->used = true;
    return state_->refuse();
}

std::vector<Bytes> PairingHost::operations_adopted(Now now) {
    if (!state_->live() || state_->step != HostStep::Adoption) {
        return {};
    }
    state_->step = HostStep::Finished;
    state_->session_ends = now.mono + kPairingCodeLife;
    return state_->welcome();
}

std::vector<Bytes> PairingHost::tick(Now now) {
    return state_->tick(state_->late(now));
}

MonoTime PairingHost::deadline() const {
    if (!state_->live()) {
        return state_->code_ends;
    }
    return state_->used ? state_->session_ends : std::min(state_->session_ends, state_->code_ends);
}

std::vector<PairingEvent> PairingHost::take_events() {
    return std::exchange(state_->events, {});
}

bool PairingHost::session_over() const {
    return state_->over();
}

bool PairingHost::dead(Now now) const {
    return !state_->live() && (state_->used || state_->tries_left == 0 || now.mono >= state_->code_ends);
}

int PairingHost::tries_left() const {
    return state_->tries_left;
}

}  // namespace ambit::identity
