#include "request/executor.h"

#include <algorithm>
#include <map>

#include "request/confirmations.h"

namespace ambit::request {

namespace {

using capability::Effect;

// That something was or wasn't done is no secret in the household; its output has a label of its own.
const privacy::Label kOutcomeLabel{privacy::Audience(privacy::Household{}), privacy::Trust::Trusted};

Reply refuse(const RequestId& request, const DeviceId& to, const Error& why) {
    return {request,
            to,
            {request, Outcome::NotDone, why, to_bytes("{}"), false, microseconds(0)},
            kOutcomeLabel,
            ""};
}

// The checks that need nothing but the request and the household as it is now.
Result<const capability::Descriptor*> admissible(
    const DeviceId& from, const InvokeRequest& request, MonoTime deadline, const World& world, Now now) {
    if (now.mono >= deadline) {
        return Error{ErrorCode::DeadlinePassed, "before it was accepted"};
    }
    AMBIT_TRY_ASSIGN(const capability::Descriptor* descriptor,
                     capability::find_capability(request.capability));
    if (descriptor->needs_entity) {
        const capability::Entity* entity = world.directory.entity(request.entity);
        if (entity == nullptr || !world.directory.announced_by(world.self, request.entity)) {
            return Error{ErrorCode::UnknownEntity, "not known to the device that was asked"};
        }
        const auto& offered = entity->capabilities;
        if (std::find(offered.begin(), offered.end(), request.capability) == offered.end()) {
            return Error{ErrorCode::UnknownCapability, "the thing has no " + descriptor->name};
        }
        if (!world.directory.available(world.self, entity->source)) {
            return Error{ErrorCode::NotAvailable, entity->source};
        }
    } else {
        const auto offering = world.directory.offering(request.capability, world.roster);
        if (std::find(offering.begin(), offering.end(), world.self) == offering.end()) {
            return Error{ErrorCode::UnknownCapability, "not offered by the device that was asked"};
        }
    }
    AMBIT_TRY(descriptor->input.check(request.input));
    if (needs_yes(*descriptor, request.entity, world.self, world)) {
        AMBIT_TRY(verify_yes(request, from, world.roster, now));
    }
    return descriptor;
}

}  // namespace

Reply without_output(const Reply& reply, const Error& why) {
    Reply bare = reply;
    bare.reply.output = to_bytes("{}");
    bare.label = kOutcomeLabel;
    if (bare.reply.outcome != Outcome::Done) {
        bare.reply.error.detail.clear();
    }
    const auto descriptor = capability::find_capability(reply.capability);
    if (descriptor && (*descriptor)->effect == Effect::None) {
        bare.reply.outcome = Outcome::NotDone;
        bare.reply.error = Error{why.code, ""};
    }
    return bare;
}

struct Executor::Impl {
    struct Acting {
        InvokeRequest request;
        privacy::Label label;
        Effect effect = Effect::None;
        MonoTime deadline;
        MonoTime accepted;
        std::vector<DeviceId> askers;          // the first one asked first
        std::optional<storage::Ticket> waits;  // for the journal; none: the provider has it
    };

    using Iterator = std::map<RequestId, Acting>::iterator;

    explicit Impl(storage::Storage& storage_in) : journal(storage_in) {}

    std::size_t acting_for(const DeviceId& peer) const;
    std::optional<ExecutorEffects> answer_known(const DeviceId& from, const InvokeRequest& request);
    ExecutorEffects begin(Acting acting, const DeviceId& from, Now now);
    static Act act_of(const Acting& acting);
    ExecutorEffects finish(Iterator at, JournalOutcome outcome, Now now);
    ExecutorEffects give_up(Iterator at, ErrorCode why, Now now);

    Journal journal;
    std::map<RequestId, Acting> acting;
};

Executor::Executor(storage::Storage& storage) : impl_(std::make_unique<Impl>(storage)) {}

Executor::~Executor() = default;

Result<void> Executor::load(Now now) {
    return impl_->journal.load(now);
}

std::size_t Executor::Impl::acting_for(const DeviceId& peer) const {
    return static_cast<std::size_t>(std::count_if(acting.begin(), acting.end(), [&](const auto& entry) {
        return entry.second.askers.front() == peer;
    }));
}

// The answer to an id that was seen before; none: do it (for the first time, or an absolute effect again).
std::optional<ExecutorEffects> Executor::Impl::answer_known(const DeviceId& from,
                                                            const InvokeRequest& request) {
    const Digest digest = digest_of(request.capability, request.entity, request.input);
    const Error reused{ErrorCode::RequestIdReused, ""};
    if (const auto now_acting = acting.find(request.request); now_acting != acting.end()) {
        Acting& known = now_acting->second;
        if (digest_of(known.request.capability, known.request.entity, known.request.input) != digest) {
            return ExecutorEffects{refuse(request.request, from, reused)};
        }
        const bool waits = std::find(known.askers.begin(), known.askers.end(), from) != known.askers.end();
        if (!waits && known.askers.size() >= kWaitersMax) {
            return ExecutorEffects{refuse(request.request, from, {ErrorCode::LimitExceeded, "askers"})};
        }
        if (!waits) {
            known.askers.push_back(from);
        }
        return ExecutorEffects{};
    }
    const JournalEntry* known = journal.find(request.request);
    if (known == nullptr) {
        return std::nullopt;
    }
    if (known->digest != digest) {
        return ExecutorEffects{refuse(request.request, from, reused)};
    }
    const bool again =
        known->effect == Effect::Absolute && (!known->outcome || known->outcome->outcome == Outcome::Unknown);
    if (again || !known->outcome) {
        return std::nullopt;
    }
    const JournalOutcome& was = *known->outcome;
    return ExecutorEffects{Reply{request.request,
                                 from,
                                 {request.request, was.outcome, was.error, was.output, true, microseconds(0)},
                                 was.label,
                                 request.capability}};
}

ExecutorEffects Executor::on_invoke(const DeviceId& from,
                                    const InvokeRequest& request,
                                    const privacy::Label& label,
                                    MonoTime deadline,
                                    const World& world,
                                    Now now) {
    if (!world.roster.devices.contains(from)) {
        return {refuse(request.request, from, {ErrorCode::NotAMember, ""})};
    }
    if (auto known = impl_->answer_known(from, request)) {
        return std::move(*known);
    }
    if (impl_->acting.size() >= kActingMax || impl_->acting_for(from) >= kActingPerPeerMax) {
        return {refuse(request.request, from, {ErrorCode::LimitExceeded, "too many requests at once"})};
    }
    deadline = std::min(deadline, now.mono + Requests::kDeadlineMax);
    const auto descriptor = admissible(from, request, deadline, world, now);
    if (!descriptor) {
        return {refuse(request.request, from, descriptor.error())};
    }
    return impl_->begin({request, label, (*descriptor)->effect, deadline, now.mono, {from}, std::nullopt},
                        from, now);
}

ExecutorEffects Executor::Impl::begin(Acting fresh, const DeviceId& from, Now now) {
    const InvokeRequest& request = fresh.request;
    const RequestId id = request.request;
    if (fresh.effect == Effect::None) {
        const auto at = acting.emplace(id, std::move(fresh)).first;
        return {act_of(at->second)};
    }
    const auto ticket =
        journal.accept({id, digest_of(request.capability, request.entity, request.input), request.capability,
                        request.entity, fresh.effect, now.wall, from, std::nullopt},
                       now);
    if (!ticket) {
        return {refuse(id, from, ticket.error())};
    }
    fresh.waits = *ticket;
    const auto at = acting.emplace(id, std::move(fresh)).first;
    return {Prepare{act_of(at->second)}};
}

Act Executor::Impl::act_of(const Acting& now_acting) {
    const InvokeRequest& request = now_acting.request;
    return {request.request,    request.capability,
            request.entity,     privacy::Labelled<Bytes>(request.input, now_acting.label),
            request.person,     now_acting.askers.front(),
            now_acting.deadline};
}

ExecutorEffects Executor::on_durable(storage::Ticket up_to, Now now) {
    ExecutorEffects effects;
    for (auto at = impl_->acting.begin(); at != impl_->acting.end();) {
        const auto here = at++;
        if (!here->second.waits || *here->second.waits > up_to) {
            continue;
        }
        if (now.mono >= here->second.deadline) {
            auto late = impl_->give_up(here, ErrorCode::DeadlinePassed, now);
            std::move(late.begin(), late.end(), std::back_inserter(effects));
        } else {
            here->second.waits.reset();
            effects.emplace_back(Impl::act_of(here->second));
        }
    }
    return effects;
}

ExecutorEffects Executor::Impl::finish(Iterator at, JournalOutcome outcome, Now now) {
    const Acting done = std::move(at->second);
    acting.erase(at);
    const RequestId id = done.request.request;
    ExecutorEffects effects;
    for (const DeviceId& asker : done.askers) {
        const auto took = std::chrono::duration_cast<microseconds>(now.mono - done.accepted);
        effects.emplace_back(Reply{id,
                                   asker,
                                   {id, outcome.outcome, outcome.error, outcome.output, false, took},
                                   outcome.label,
                                   done.request.capability});
    }
    if (done.effect != Effect::None) {
        journal.finish(id, std::move(outcome));
    }
    return effects;
}

// Ends it without a result from the provider.
ExecutorEffects Executor::Impl::give_up(Iterator at, ErrorCode why, Now now) {
    const Acting& now_acting = at->second;
    const bool certain = now_acting.waits.has_value() || now_acting.effect == Effect::None;
    return finish(
        at, {certain ? Outcome::NotDone : Outcome::Unknown, {why, ""}, to_bytes("{}"), kOutcomeLabel}, now);
}

ExecutorEffects Executor::on_result(const RequestId& request,
                                    Outcome outcome,
                                    const privacy::Labelled<Bytes>& output,
                                    const Error& error,
                                    Now now) {
    const auto at = impl_->acting.find(request);
    if (at == impl_->acting.end() || at->second.waits) {
        return {};
    }
    constexpr privacy::Here here{"request.executor"};
    return impl_->finish(at, {outcome, error, output.read(here), output.label()}, now);
}

ExecutorEffects Executor::on_cancel(const DeviceId& from, const RequestId& request, Now now) {
    const auto at = impl_->acting.find(request);
    if (at == impl_->acting.end()) {
        return {};
    }
    auto& askers = at->second.askers;
    if (std::find(askers.begin(), askers.end(), from) == askers.end()) {
        return {};
    }
    if (askers.size() > 1) {
        std::erase(askers, from);
        const std::string& capability = at->second.request.capability;
        const Error why{ErrorCode::Cancelled, "another device waits for it"};
        return {Reply{request,
                      from,
                      {request, Outcome::Unknown, why, to_bytes("{}"), false, microseconds(0)},
                      kOutcomeLabel,
                      capability}};
    }
    if (at->second.waits) {
        return impl_->give_up(at, ErrorCode::Cancelled, now);
    }
    return {CancelAct{request, at->second.request.entity}};
}

ExecutorEffects Executor::on_tick(Now now) {
    ExecutorEffects effects;
    for (auto at = impl_->acting.begin(); at != impl_->acting.end();) {
        const auto here = at++;
        const bool waits = here->second.waits.has_value();
        if (here->second.deadline + (waits ? milliseconds(0) : kResultGrace) > now.mono) {
            continue;
        }
        if (!waits) {
            effects.emplace_back(CancelAct{here->first, here->second.request.entity});
        }
        auto late = impl_->give_up(here, ErrorCode::DeadlinePassed, now);
        std::move(late.begin(), late.end(), std::back_inserter(effects));
    }
    return effects;
}

std::optional<MonoTime> Executor::next_wake() const {
    std::optional<MonoTime> earliest;
    for (const auto& [id, one] : impl_->acting) {
        const MonoTime end = one.deadline + (one.waits ? milliseconds(0) : kResultGrace);
        earliest = std::min(earliest.value_or(end), end);
    }
    return earliest;
}

std::size_t Executor::journal_size() const {
    return impl_->journal.size();
}

}  // namespace ambit::request
