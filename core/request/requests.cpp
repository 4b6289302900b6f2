#include "request/requests.h"

#include <algorithm>
#include <set>

namespace ambit::request {

namespace {

using capability::Effect;

// After these the acting device has done nothing, and another one may well be able to.
bool another_may_succeed(ErrorCode code) {
    switch (code) {
        case ErrorCode::NotAvailable:
        case ErrorCode::UnknownEntity:
        case ErrorCode::UnknownCapability:
        case ErrorCode::LimitExceeded:
        case ErrorCode::StorageFailed:
        case ErrorCode::Stopping:
            return true;
        default:
            return false;
    }
}

Error lost(const DeviceId& device) {
    return {ErrorCode::ActorLost, "device " + device.short_hex()};
}

}  // namespace

struct Requests::Impl {
    struct Active {
        Intent intent;
        const capability::Descriptor* descriptor = nullptr;
        std::optional<ConfirmationYes> yes;
        bool waits_for_yes = false;
        std::optional<DeviceId> acting;   // the attempt that is under way
        bool here = false;                // it is this device's own, whose executor always replies
        std::optional<ErrorCode> ending;  // why that executor was told to stop
        std::set<DeviceId> tried;
        bool maybe_done = false;  // an attempt ended without telling
        std::vector<Attempt> attempts;
        std::vector<LeftOut> left_out;
        MonoTime started;
    };

    using Iterator = std::map<RequestId, Active>::iterator;

    explicit Impl(const privacy::ReleaseRules& rules_in) : rules(rules_in) {}

    RequestEffects start_next(Iterator at,
                              const World& world,
                              Now now,
                              std::optional<Error> last = std::nullopt);
    static RequestEffects ask(Iterator at, const World& world, Now now);
    RequestEffects send(Active& active, const DeviceId& to, const World& world, Now now);
    RequestEffects fail(Iterator at, const Error& why, Now now);
    RequestEffects stop(Iterator at, ErrorCode why, Now now);
    RequestEffects finish(Iterator at,
                          Outcome outcome,
                          const Error& error,
                          privacy::Labelled<Bytes> output,
                          std::optional<DeviceId> by,
                          Now now);
    void end_attempt(Active& active, Outcome outcome, std::optional<Error> error, Now now);

    const privacy::ReleaseRules& rules;
    std::map<RequestId, Active> active;
};

Requests::Requests(const privacy::ReleaseRules& rules) : impl_(std::make_unique<Impl>(rules)) {}

Requests::~Requests() = default;

RequestEffects Requests::invoke(Intent intent, const World& world, Now now) {
    const RequestId id = intent.id;
    const bool taken = impl_->active.contains(id);
    if (taken || impl_->active.size() >= kRequestsMax) {
        const Error why = taken ? Error{ErrorCode::RequestIdReused, id.short_hex()}
                                : Error{ErrorCode::LimitExceeded, "more than 256 requests at once"};
        privacy::Labelled<Bytes> nothing(to_bytes("{}"), intent.input.label());
        return {Finished{
            {id, Outcome::NotDone, why, std::move(nothing), std::nullopt, {}, {}, now.mono, now.mono}}};
    }
    intent.deadline = std::min(intent.deadline, now.mono + kDeadlineMax);
    Impl::Active fresh{std::move(intent), nullptr, {}, false, {}, false, {}, {}, false, {}, {}, now.mono};
    const auto at = impl_->active.emplace(id, std::move(fresh)).first;
    Impl::Active& active = at->second;
    const auto first = plan(active.intent, world, impl_->rules);
    if (!first) {
        return impl_->fail(at, first.error(), now);
    }
    active.descriptor = capability::find_capability(active.intent.capability).value();
    return impl_->start_next(at, world, now);
}

RequestEffects Requests::Impl::ask(Iterator at, const World& world, Now now) {
    Active& request = at->second;
    request.waits_for_yes = true;
    const Intent& intent = request.intent;
    const capability::Entity* entity = world.directory.entity(intent.entity);
    constexpr privacy::Here here{"request.confirm"};
    const auto time_left = std::chrono::floor<milliseconds>(intent.deadline - now.mono);
    return {
        AskConfirmation{{at->first, intent.capability, intent.entity,
                         entity == nullptr ? "" : entity->name.substr(0, kNameMax), intent.input.read(here),
                         intent.person, std::min<milliseconds>(kConfirmationTime, time_left)},
                        intent.input.label()}};
}

// The best permitted device that was not tried yet, under the household as it is now.
RequestEffects Requests::Impl::start_next(Iterator at,
                                          const World& world,
                                          Now now,
                                          std::optional<Error> last) {
    Active& request = at->second;
    if (now.mono >= request.intent.deadline) {
        return fail(at, {ErrorCode::DeadlinePassed, "before a device could act"}, now);
    }
    auto fresh = plan(request.intent, world, rules);
    if (!fresh) {
        return fail(at, fresh.error(), now);
    }
    request.left_out = std::move(fresh->left_out);
    for (const DeviceId& device : fresh->devices) {
        if (request.tried.contains(device) || request.attempts.size() >= kAttemptsMax) {
            continue;
        }
        // Nobody is asked for a yes to something that can't be done anyway: the plan comes first.
        const bool asks =
            !request.yes && needs_yes(*request.descriptor, request.intent.entity, device, world);
        return asks ? ask(at, world, now) : send(request, device, world, now);
    }
    if (last) {
        return fail(at, *last, now);
    }
    // The label's refusal explains more than "nobody can".
    for (const LeftOut& out : request.left_out) {
        if (out.why.code != ErrorCode::NoCapableDevice) {
            return fail(at, out.why, now);
        }
    }
    return fail(at, {ErrorCode::NoCapableDevice, request.intent.capability}, now);
}

RequestEffects Requests::Impl::send(Active& request, const DeviceId& to, const World& world, Now now) {
    const Intent& intent = request.intent;
    request.tried.insert(to);
    request.acting = to;
    request.here = to == world.self;
    request.attempts.push_back({to, now.mono, now.mono, Outcome::Unknown, std::nullopt, microseconds(0)});
    privacy::Released out{intent.input,
                          privacy::Egress{intent.capability + " " + intent.entity, "audience", std::nullopt}};
    if (intent.command) {
        // plan() has just asked the same question of the same rules.
        out = rules.command(intent.input, intent.capability, intent.entity, intent.person, to, world.roster)
                  .value();
    }
    constexpr privacy::Here here{"request.send"};
    InvokeRequest message{intent.id,
                          intent.capability,
                          intent.entity,
                          out.value.read(here),
                          intent.person,
                          request.yes,
                          static_cast<std::uint32_t>(request.attempts.size())};
    if (to == world.self) {
        return {ExecuteHere{std::move(message), out.value.label(), intent.deadline}};
    }
    auto body = out.value.map([&](const Bytes&) { return encode(message); });
    return {SendInvoke{intent.id, to, std::move(body), std::move(out.why), intent.deadline}};
}

void Requests::Impl::end_attempt(Active& request, Outcome outcome, std::optional<Error> error, Now now) {
    Attempt& attempt = request.attempts.back();
    attempt.ended = now.mono;
    attempt.outcome = outcome;
    attempt.error = std::move(error);
    request.acting.reset();
}

// Ends a request that no device has finished: NotDone only when that is certain.
RequestEffects Requests::Impl::fail(Iterator at, const Error& why, Now now) {
    Active& request = at->second;
    const bool changes_something =
        request.descriptor != nullptr && request.descriptor->effect != Effect::None;
    const Outcome outcome = request.maybe_done && changes_something ? Outcome::Unknown : Outcome::NotDone;
    return finish(at, outcome, why, {to_bytes("{}"), request.intent.input.label()}, std::nullopt, now);
}

RequestEffects Requests::Impl::finish(Iterator at,
                                      Outcome outcome,
                                      const Error& error,
                                      privacy::Labelled<Bytes> output,
                                      std::optional<DeviceId> by,
                                      Now now) {
    Active request = std::move(at->second);
    const RequestId id = at->first;
    active.erase(at);
    return {Finished{{id, outcome, error, std::move(output), by, std::move(request.attempts),
                      std::move(request.left_out), request.started, now.mono}}};
}

RequestEffects Requests::on_confirmed(const RequestId& id,
                                      const ConfirmationYes& yes,
                                      const World& world,
                                      Now now) {
    const auto at = impl_->active.find(id);
    if (at == impl_->active.end() || !at->second.waits_for_yes) {
        return {};
    }
    at->second.waits_for_yes = false;
    at->second.yes = yes;
    at->second.intent.deadline = std::max(at->second.intent.deadline, now.mono + kTimeAfterYes);
    return impl_->start_next(at, world, now);
}

RequestEffects Requests::on_denied(const RequestId& id, const Error& why, Now now) {
    const auto at = impl_->active.find(id);
    if (at == impl_->active.end() || !at->second.waits_for_yes) {
        return {};
    }
    return impl_->fail(at, why, now);
}

RequestEffects Requests::on_reply(const DeviceId& from,
                                  const InvokeReply& reply,
                                  const privacy::Label& label,
                                  const World& world,
                                  Now now) {
    const auto at = impl_->active.find(reply.request);
    // A late reply of a device that was given up, or of one that was never asked.
    if (at == impl_->active.end() || at->second.acting != from) {
        return {};
    }
    Impl::Active& request = at->second;
    const bool done = reply.outcome == Outcome::Done;
    const Error error = request.ending && !done ? Error{*request.ending, ""} : reply.error;
    impl_->end_attempt(request, reply.outcome, done ? std::nullopt : std::optional(error), now);
    request.attempts.back().acted = reply.acted;
    if (!request.ending && reply.outcome == Outcome::NotDone && another_may_succeed(reply.error.code)) {
        return impl_->start_next(at, world, now, reply.error);
    }
    request.maybe_done = request.maybe_done && !done;
    const Outcome outcome =
        request.maybe_done && reply.outcome == Outcome::NotDone ? Outcome::Unknown : reply.outcome;
    return impl_->finish(at, outcome, error, {reply.output, label}, from, now);
}

RequestEffects Requests::on_call_failed(
    const RequestId& id, const DeviceId& from, const Error& error, const World& world, Now now) {
    const auto at = impl_->active.find(id);
    if (at == impl_->active.end() || at->second.acting != from) {
        return {};
    }
    Impl::Active& request = at->second;
    impl_->end_attempt(request, Outcome::Unknown, error, now);
    request.maybe_done = true;
    if (request.descriptor->effect == Effect::Once) {
        return impl_->fail(at, {ErrorCode::OutcomeUnknown, error.detail}, now);
    }
    return impl_->start_next(at, world, now, error);
}

RequestEffects Requests::on_not_sent(
    const RequestId& id, const DeviceId& to, const Error& why, const World& world, Now now) {
    const auto at = impl_->active.find(id);
    if (at == impl_->active.end() || at->second.acting != to) {
        return {};
    }
    impl_->end_attempt(at->second, Outcome::NotDone, why, now);
    return impl_->start_next(at, world, now, why);
}

RequestEffects Requests::on_peer_lost(const DeviceId& peer, const World& world, Now now) {
    std::vector<RequestId> hit;
    for (const auto& [id, request] : impl_->active) {
        if (request.acting == peer) {
            hit.push_back(id);
        }
    }
    RequestEffects effects;
    for (const RequestId& id : hit) {
        auto some = on_call_failed(id, peer, lost(peer), world, now);
        std::move(some.begin(), some.end(), std::back_inserter(effects));
    }
    return effects;
}

// Ends a request that a device may be acting on.  Another device is told and not waited for; this one's
// executor replies, and knows whether it was done.
RequestEffects Requests::Impl::stop(Iterator at, ErrorCode why, Now now) {
    Active& request = at->second;
    RequestEffects effects;
    if (request.acting) {
        effects.emplace_back(SendCancel{at->first, *request.acting});
        if (request.here) {
            request.ending = why;
            return effects;
        }
        request.maybe_done = true;
        end_attempt(request, Outcome::Unknown, Error{why, ""}, now);
    }
    auto end = fail(at, {why, ""}, now);
    std::move(end.begin(), end.end(), std::back_inserter(effects));
    return effects;
}

RequestEffects Requests::cancel(const RequestId& id, Now now) {
    const auto at = impl_->active.find(id);
    if (at == impl_->active.end() || at->second.ending) {
        return {};
    }
    return impl_->stop(at, ErrorCode::Cancelled, now);
}

RequestEffects Requests::on_tick(Now now) {
    std::vector<RequestId> late;
    for (const auto& [id, request] : impl_->active) {
        if (request.intent.deadline <= now.mono && !request.ending) {
            late.push_back(id);
        }
    }
    RequestEffects effects;
    for (const RequestId& id : late) {
        auto end = impl_->stop(impl_->active.find(id), ErrorCode::DeadlinePassed, now);
        std::move(end.begin(), end.end(), std::back_inserter(effects));
    }
    return effects;
}

std::optional<MonoTime> Requests::next_wake() const {
    std::optional<MonoTime> earliest;
    for (const auto& [id, request] : impl_->active) {
        if (request.ending) {
            continue;
        }
        earliest = std::min(earliest.value_or(request.intent.deadline), request.intent.deadline);
    }
    return earliest;
}

std::size_t Requests::in_flight() const {
    return impl_->active.size();
}

}  // namespace ambit::request
