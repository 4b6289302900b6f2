#include <algorithm>

#include "identity/operation.h"
#include "identity/pairing_channel.h"
#include "proto/pairing.pb.h"

namespace ambit::identity {
namespace {

enum class Step { Idle, Hello, Share, Confirm, People, Consent, Adoption, Finished, Over };

// Leaves room for the frame around it.
constexpr std::size_t kChunkBytesMax = kPairingFrameMax - 4 * 1024;
static_assert(kOperationBytesMax < kChunkBytesMax);

}  // namespace

struct PairingHost::State {
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

    Step step = Step::Idle;
    MonoTime session_ends;
    Bytes session_id;
    std::optional<PairingChannel> channel;
    bool verified = false;
    std::optional<Ownership> ownership;
    std::optional<NewPerson> new_person;
    Belonging belonging;
    std::vector<PairingEvent> events;

    bool live() const { return step != Step::Idle && step != Step::Over; }

    std::vector<Bytes> fail(const Error& error) {
        step = Step::Over;
        channel.reset();
        events.push_back(PairingFailed{error});
        return {identity::refusal_frame(error)};
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
        step = Step::Share;
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
        step = Step::Confirm;
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
        step = Step::People;
        session_ends = now.mono + kPairingCodeLife;
        events.push_back(VerifierReady{channel->verifier()});
        events.push_back(PeerKnown{channel->peer()});
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

    Result<Belonging> belonging_for(const Roster& roster) {
        if (const Device* member = roster.device(joiner())) {
            return Belonging{member->owner, member->meant_for};  // it joined before and does not know
        }
        if (const auto* of = std::get_if<DeviceOf>(&*ownership)) {
            const Person* person = roster.person(of->person);
            if (person == nullptr) {
                return Error{ErrorCode::NoSuchMember, of->person.short_hex()};
            }
            const Device* self = roster.device(crypto::device_id_of(key.verify_key()));
            const bool own = self != nullptr && self->owner == of->person && person->role >= Role::Adult;
            return own || !person->had_device ? Belonging{of->person, std::nullopt}
                                              : Belonging{std::nullopt, of->person};
        }
        if (const auto* created = std::get_if<NewPerson>(&*ownership)) {
            new_person = *created;
            new_person->nonce = random.bytes<16>();
            return Belonging{person_id_of(*new_person, channel->peer().verify_key), std::nullopt};
        }
        return Belonging();
    }

    std::vector<Bytes> offer_when_ready() {
        if (step != Step::People || !verified || !ownership) {
            return {};
        }
        const RosterView roster = log.roster();
        auto decided = belonging_for(*roster);
        if (!decided) {
            return fail(decided.error());
        }
        belonging = *decided;
        v1::PairingMessage message;
        v1::PairingOffer& offer = *message.mutable_offer();
        offer.set_household(to_text(roster->household.bytes()));
        offer.set_household_name(roster->name);
        if (belonging.owner) {
            offer.set_owner(to_text(belonging.owner->bytes()));
        }
        if (belonging.meant_for) {
            offer.set_meant_for(to_text(belonging.meant_for->bytes()));
        }
        step = Step::Consent;
        return {channel->sealed_frame(message)};
    }

    Result<DeviceConsent> checked_consent(const v1::PairingMessage& message) const {
        AMBIT_TRY_ASSIGN(DeviceConsent consent, parse_consent(view_of(message.consent().record()),
                                                              view_of(message.consent().signature())));
        AMBIT_TRY(verify_consent(consent, log.roster()->household));
        if (consent.device.verify_key != channel->peer().verify_key || consent.belonging != belonging) {
            return Error{ErrorCode::BadPairingFrame, "the consent is to something else"};
        }
        return consent;
    }

    Result<std::vector<Bytes>> operations_for(const DeviceConsent& consent, Now now) const {
        if (log.roster()->device(joiner()) != nullptr) {
            return std::vector<Bytes>();
        }
        const RosterAuthor author(log, key, now.wall);
        AMBIT_TRY_ASSIGN(Bytes operation,
                         new_person ? author.add_person(*new_person, consent) : author.add_device(consent));
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
        step = Step::Adoption;
        events.push_back(OperationsReady{*std::move(operations)});
        return {};
    }

    // The whole log, in as few frames as fit.
    std::vector<Bytes> welcome() {
        std::vector<Bytes> frames;
        v1::PairingMessage message;
        std::size_t size = 0;
        for (const Bytes& operation : log.all()) {
            if (size + operation.size() > kChunkBytesMax) {
                frames.push_back(channel->sealed_frame(message));
                message.Clear();
                size = 0;
            }
            message.mutable_operations()->add_operations(to_text(operation));
            size += operation.size() + 8;
        }
        message.mutable_operations()->set_last(true);
        for (const std::string& address : settings.addresses) {
            message.mutable_operations()->add_addresses(address);
        }
        frames.push_back(channel->sealed_frame(message));
        return frames;
    }

    std::vector<Bytes> on_sealed(const v1::PairingFrame& frame, Now now) {
        const auto message = channel->open(frame);
        if (!message) {
            return fail(message.error());
        }
        if (step == Step::Consent) {
            return on_consent(*message, now);
        }
        if (step == Step::Finished && message->has_finished()) {
            step = Step::Over;
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
    state_->step = Step::Hello;
    state_->session_ends = now.mono + kPairingStepTimeout;
    return {};
}

Bytes PairingHost::refusal_frame(const Error& error) {
    return identity::refusal_frame(error);
}

std::vector<Bytes> PairingHost::handle(ByteView bytes, Now now) {
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
        case Step::Hello:
            return state_->on_hello(*frame, now);
        case Step::Share:
            return state_->on_share(*frame, now);
        case Step::Confirm:
            return state_->on_confirm(*frame, now);
        default:
            return state_->on_sealed(*frame, now);
    }
}

void PairingHost::disconnected(Now) {
    if (state_->live()) {
        state_->fail({ErrorCode::PairingRefused, "the other device is gone"});
    }
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
    if (!state_->live()) {
        return {};
    }
    return state_->fail({ErrorCode::PairingRefused, "refused by the person at the other device"});
}

std::vector<Bytes> PairingHost::operations_adopted(Now now) {
    if (state_->step != Step::Adoption) {
        return {};
    }
    state_->step = Step::Finished;
    state_->session_ends = now.mono + kPairingCodeLife;
    return state_->welcome();
}

std::vector<Bytes> PairingHost::tick(Now now) {
    if (!state_->live()) {
        return {};
    }
    const bool code_over = !state_->used && now.mono >= state_->code_ends;
    if (!code_over && now.mono < state_->session_ends) {
        return {};
    }
    return state_->fail({ErrorCode::CodeExpired, "it took too long"});
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
    return state_->step == Step::Over;
}

bool PairingHost::dead(Now now) const {
    return !state_->live() && (state_->used || state_->tries_left == 0 || now.mono >= state_->code_ends);
}

int PairingHost::tries_left() const {
    return state_->tries_left;
}

}  // namespace ambit::identity
