#include "request/confirmations.h"

#include <algorithm>
#include <map>

#include "crypto/hash.h"

namespace ambit::request {

namespace {

const privacy::Label kAnswerLabel{privacy::Audience(privacy::Household{}), privacy::Trust::Trusted};

// What the person's device signs.
Bytes signed_part(const ConfirmationYes& yes) {
    const auto ms = std::chrono::duration_cast<milliseconds>(yes.expires.time_since_epoch()).count();
    const std::string expires = std::to_string(ms);
    const Digest digest =
        crypto::hash_parts("ambit/v1/confirmation",
                           {yes.request.bytes(), yes.digest.bytes(), yes.device.bytes(), view_of(expires)});
    return {digest.bytes().begin(), digest.bytes().end()};
}

Result<void> check_signature(const ConfirmationYes& yes, const identity::Roster& roster) {
    const auto device = roster.devices.find(yes.device);
    if (device == roster.devices.end()) {
        return Error{ErrorCode::ConfirmationInvalid, "its device is not in the household"};
    }
    if (!device->second.verify_key.verify(crypto::kConfirmation, signed_part(yes), yes.signature)) {
        return Error{ErrorCode::ConfirmationInvalid, "wrong signature"};
    }
    return {};
}

// Whose yes it takes.  A personal device speaks for its own person, whatever it says.
std::optional<PersonId> asking_person(const DeviceId& from,
                                      const std::optional<PersonId>& claimed,
                                      const identity::Roster& roster) {
    const auto device = roster.devices.find(from);
    if (device != roster.devices.end() && device->second.owner) {
        return device->second.owner;
    }
    return claimed;
}

}  // namespace

bool may_confirm(const DeviceId& device,
                 const std::optional<PersonId>& person,
                 const identity::Roster& roster) {
    const auto found = roster.devices.find(device);
    if (found == roster.devices.end() || !found->second.owner) {
        return false;
    }
    if (person) {
        return found->second.owner == person;
    }
    const auto owner = roster.people.find(*found->second.owner);
    return owner != roster.people.end() && owner->second.role >= identity::Role::Adult;
}

Result<void> verify_yes(const InvokeRequest& request,
                        const DeviceId& from,
                        const identity::Roster& roster,
                        Now now) {
    if (!request.yes) {
        return Error{ErrorCode::ConfirmationNeeded, request.capability};
    }
    const ConfirmationYes& yes = *request.yes;
    if (yes.request != request.request) {
        return Error{ErrorCode::ConfirmationInvalid, "made for another request"};
    }
    if (yes.digest != digest_of(request.capability, request.entity, request.input)) {
        return Error{ErrorCode::ConfirmationInvalid, "made for another action or other values"};
    }
    if (!may_confirm(yes.device, asking_person(from, request.person, roster), roster)) {
        return Error{ErrorCode::ConfirmationInvalid, "said on a device that has no say in it"};
    }
    AMBIT_TRY(check_signature(yes, roster));
    if (now.wall > yes.expires + Confirmations::kClockToleranceMax ||
        yes.expires > now.wall + Confirmations::kLife + Confirmations::kClockToleranceMax) {
        return Error{ErrorCode::ConfirmationExpired, "by the clock of the device that acts"};
    }
    return {};
}

struct Confirmations::Impl {
    // A question this device asked.
    struct Asked {
        ConfirmationAsk ask;
        std::vector<DeviceId> devices;  // where it was sent; this one included
        MonoTime expires;
    };

    using AskedIterator = std::map<RequestId, Asked>::iterator;

    explicit Impl(const crypto::SigningKey& key_in)
        : key(key_in), self(crypto::device_id_of(key_in.verify_key())) {}

    static SendConfirm to(const DeviceId& device, const ConfirmMessage& message, const privacy::Label& label);
    // Takes the question back from all devices but `except`.
    ConfirmEffects close(AskedIterator at, const DeviceId& except);
    ConfirmEffects on_ask(const DeviceId& from,
                          const ConfirmationAsk& ask,
                          const privacy::Label& label,
                          const World& world,
                          Now now);
    ConfirmEffects on_yes(const DeviceId& from, const ConfirmationYes& yes, const World& world, Now now);
    ConfirmEffects on_no(const DeviceId& from, const RequestId& request);
    ConfirmEffects answer(const Pending& pending, const ConfirmMessage& message, const World& world, Now now);

    const crypto::SigningKey& key;
    DeviceId self;
    std::map<RequestId, Asked> asked;
    std::map<RequestId, Pending> pending;
};

Confirmations::Confirmations(const crypto::SigningKey& key) : impl_(std::make_unique<Impl>(key)) {}

Confirmations::~Confirmations() = default;

SendConfirm Confirmations::Impl::to(const DeviceId& device,
                                    const ConfirmMessage& message,
                                    const privacy::Label& label) {
    return {device, {encode(message), label}, privacy::Egress{"confirmation", "audience", std::nullopt}};
}

ConfirmEffects Confirmations::ask(const AskConfirmation& question, const World& world, Now now) {
    const ConfirmationAsk& ask = question.ask;
    const auto person = asking_person(world.self, ask.person, world.roster);
    Impl::Asked asked{ask, {}, now.mono + std::min<milliseconds>(kLife, ask.expires_in)};
    asked.ask.person = person;
    ConfirmEffects effects;
    for (const auto& [id, device] : world.roster.devices) {
        if (!may_confirm(id, person, world.roster)) {
            continue;
        }
        asked.devices.push_back(id);
        if (id != world.self) {
            effects.emplace_back(Impl::to(id, asked.ask, question.label));
        } else if (impl_->pending.size() < kPendingMax) {
            impl_->pending.insert_or_assign(ask.request,
                                            Pending{asked.ask, id, question.label, asked.expires});
            effects.emplace_back(PendingChanged{});
        }
    }
    if (asked.devices.empty() || impl_->asked.size() >= kAskedMax) {
        const auto code = asked.devices.empty() ? ErrorCode::ConfirmationNeeded : ErrorCode::LimitExceeded;
        impl_->pending.erase(ask.request);
        return {Denied{ask.request, {code, "nobody can be asked for a yes"}}};
    }
    impl_->asked.insert_or_assign(ask.request, std::move(asked));
    return effects;
}

ConfirmEffects Confirmations::Impl::close(AskedIterator at, const DeviceId& except) {
    ConfirmEffects effects;
    const RequestId id = at->first;
    for (const DeviceId& device : at->second.devices) {
        if (device != self && device != except) {
            effects.emplace_back(to(device, ConfirmationGone{id}, kAnswerLabel));
        }
    }
    asked.erase(at);
    if (pending.erase(id) > 0) {
        effects.emplace_back(PendingChanged{});
    }
    return effects;
}

ConfirmEffects Confirmations::withdraw(const RequestId& request, const World& world) {
    const auto at = impl_->asked.find(request);
    return at == impl_->asked.end() ? ConfirmEffects{} : impl_->close(at, world.self);
}

ConfirmEffects Confirmations::Impl::on_ask(const DeviceId& from,
                                           const ConfirmationAsk& ask,
                                           const privacy::Label& label,
                                           const World& world,
                                           Now now) {
    const auto person = asking_person(from, ask.person, world.roster);
    const bool ours = world.roster.devices.contains(from) && may_confirm(world.self, person, world.roster);
    // An id that waits already keeps its first question: nobody can swap what the person is looking at.
    if (!ours || pending.size() >= kPendingMax || pending.contains(ask.request)) {
        return {};
    }
    const MonoTime expires = now.mono + std::min<milliseconds>(kLife, ask.expires_in);
    pending.emplace(ask.request, Pending{ask, from, label, expires});
    return {PendingChanged{}};
}

ConfirmEffects Confirmations::Impl::on_yes(const DeviceId& from,
                                           const ConfirmationYes& yes,
                                           const World& world,
                                           Now now) {
    const auto at = asked.find(yes.request);
    if (at == asked.end() || at->second.expires <= now.mono || yes.device != from) {
        return {};
    }
    const ConfirmationAsk& ask = at->second.ask;
    InvokeRequest request{ask.request, ask.capability, ask.entity, ask.input, ask.person, yes, 1};
    if (!verify_yes(request, world.self, world.roster, now)) {
        return {};
    }
    ConfirmEffects effects = close(at, from);
    effects.emplace_back(Confirmed{yes});
    return effects;
}

ConfirmEffects Confirmations::Impl::on_no(const DeviceId& from, const RequestId& request) {
    const auto at = asked.find(request);
    if (at == asked.end()) {
        return {};
    }
    const auto& devices = at->second.devices;
    if (std::find(devices.begin(), devices.end(), from) == devices.end()) {
        return {};
    }
    ConfirmEffects effects = close(at, from);
    effects.emplace_back(Denied{request, {ErrorCode::ConfirmationDenied, ""}});
    return effects;
}

ConfirmEffects Confirmations::on_message(const DeviceId& from,
                                         const ConfirmMessage& message,
                                         const privacy::Label& label,
                                         const World& world,
                                         Now now) {
    if (const auto* ask = std::get_if<ConfirmationAsk>(&message)) {
        return impl_->on_ask(from, *ask, label, world, now);
    }
    if (const auto* yes = std::get_if<ConfirmationYes>(&message)) {
        return impl_->on_yes(from, *yes, world, now);
    }
    if (const auto* no = std::get_if<ConfirmationNo>(&message)) {
        return impl_->on_no(from, no->request);
    }
    const auto at = impl_->pending.find(std::get<ConfirmationGone>(message).request);
    if (at == impl_->pending.end() || at->second.asked_by != from) {
        return {};
    }
    impl_->pending.erase(at);
    return {PendingChanged{}};
}

std::vector<Pending> Confirmations::pending() const {
    std::vector<Pending> list;
    for (const auto& [id, pending] : impl_->pending) {
        list.push_back(pending);
    }
    return list;
}

ConfirmEffects Confirmations::Impl::answer(const Pending& question,
                                           const ConfirmMessage& message,
                                           const World& world,
                                           Now now) {
    if (question.asked_by != self) {
        return {PendingChanged{}, to(question.asked_by, message, kAnswerLabel)};
    }
    const auto* yes = std::get_if<ConfirmationYes>(&message);
    ConfirmEffects effects =
        yes != nullptr ? on_yes(self, *yes, world, now) : on_no(self, question.ask.request);
    effects.emplace_back(PendingChanged{});
    return effects;
}

Result<ConfirmEffects> Confirmations::confirm(const RequestId& request, const World& world, Now now) {
    const auto at = impl_->pending.find(request);
    if (at == impl_->pending.end()) {
        return Error{ErrorCode::NothingPending, request.short_hex()};
    }
    const Pending question = at->second;
    impl_->pending.erase(at);
    if (question.expires <= now.mono) {
        return Error{ErrorCode::ConfirmationExpired, request.short_hex()};
    }
    const ConfirmationAsk& ask = question.ask;
    const auto left = std::chrono::floor<milliseconds>(question.expires - now.mono);
    ConfirmationYes yes{request,
                        digest_of(ask.capability, ask.entity, ask.input),
                        impl_->self,
                        std::chrono::floor<milliseconds>(now.wall) + left,
                        {}};
    yes.signature = impl_->key.sign(crypto::kConfirmation, signed_part(yes));
    return impl_->answer(question, yes, world, now);
}

Result<ConfirmEffects> Confirmations::deny(const RequestId& request, const World& world, Now now) {
    const auto at = impl_->pending.find(request);
    if (at == impl_->pending.end()) {
        return Error{ErrorCode::NothingPending, request.short_hex()};
    }
    const Pending question = at->second;
    impl_->pending.erase(at);
    return impl_->answer(question, ConfirmationNo{request}, world, now);
}

ConfirmEffects Confirmations::on_tick(Now now) {
    ConfirmEffects effects;
    const auto gone =
        std::erase_if(impl_->pending, [&](const auto& entry) { return entry.second.expires <= now.mono; });
    if (gone > 0) {
        effects.emplace_back(PendingChanged{});
    }
    for (auto at = impl_->asked.begin(); at != impl_->asked.end();) {
        if (at->second.expires <= now.mono) {
            effects.emplace_back(Denied{at->first, {ErrorCode::ConfirmationExpired, ""}});
            at = impl_->asked.erase(at);
        } else {
            ++at;
        }
    }
    return effects;
}

std::optional<MonoTime> Confirmations::next_wake() const {
    std::optional<MonoTime> earliest;
    for (const auto& [id, pending] : impl_->pending) {
        earliest = std::min(earliest.value_or(pending.expires), pending.expires);
    }
    for (const auto& [id, asked] : impl_->asked) {
        earliest = std::min(earliest.value_or(asked.expires), asked.expires);
    }
    return earliest;
}

}  // namespace ambit::request
