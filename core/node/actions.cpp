#include "node/actions.h"

#include <algorithm>

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"actions"};

std::string source_of(const std::string& entity) {
    return entity.substr(0, entity.find('/'));
}

}  // namespace

void Actions::add_provider(capability::Provider& provider) {
    providers_[provider.source()] = &provider;
    parts_.gate.add_service(provider.service());
}

void Actions::remove_provider(const capability::Provider& provider) {
    providers_.erase(provider.source());
    parts_.gate.remove_service(provider.service().name);
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.provider == &provider; });
    std::erase_if(prepared_,
                  [&](const auto& entry) { return entry.second && entry.second->provider == &provider; });
}

capability::Provider* Actions::provider_for(const std::string& capability, const std::string& entity) {
    const auto at = providers_.find(entity.empty() ? capability : source_of(entity));
    return at == providers_.end() ? nullptr : at->second;
}

void Actions::invoke(request::Intent intent, OnFinished on_finished, OnWaiting on_waiting, Now now) {
    callers_[intent.id] = {std::move(on_finished), std::move(on_waiting)};
    carry(parts_.requests.invoke(std::move(intent), parts_.world(), now), now);
}

void Actions::cancel(const RequestId& request, Now now) {
    carry(parts_.confirmations.withdraw(request, parts_.world()), now);
    carry(parts_.requests.cancel(request, now), now);
}

void Actions::explain(const RequestId& request, std::string because_json) {
    because_[request] = std::move(because_json);
}

std::optional<WallTime> Actions::commanded(const std::string& entity) const {
    const auto at = commanded_.find(entity);
    return at == commanded_.end() ? std::nullopt : std::optional(at->second);
}

std::size_t Actions::under_way(const DeviceId& device) const {
    if (device == parts_.self) {
        return acting_.size();
    }
    return static_cast<std::size_t>(std::count_if(
        asked_.begin(), asked_.end(), [&](const auto& entry) { return entry.second.peer == device; }));
}

Result<void> Actions::confirm(const RequestId& request, bool yes, Now now) {
    auto effects = yes ? parts_.confirmations.confirm(request, parts_.world(), now)
                       : parts_.confirmations.deny(request, parts_.world(), now);
    if (!effects) {
        return effects.error();
    }
    carry(std::move(effects).value(), now);
    return {};
}

void Actions::carry(request::RequestEffects effects, Now now) {
    for (auto& effect : effects) {
        if (const auto* send_invoke = std::get_if<request::SendInvoke>(&effect)) {
            send(*send_invoke, now);
        } else if (const auto* here = std::get_if<request::ExecuteHere>(&effect)) {
            carry(parts_.executor.on_invoke(parts_.self, here->request, here->label, here->deadline,
                                            parts_.world(), now),
                  now);
        } else if (const auto* cancelled = std::get_if<request::SendCancel>(&effect)) {
            if (cancelled->to == parts_.self) {
                carry(parts_.executor.on_cancel(parts_.self, cancelled->request, now), now);
                continue;
            }
            for (const auto& [call, asked] : asked_) {
                if (asked.request == cancelled->request && asked.peer == cancelled->to) {
                    (void)parts_.links.cancel(call, now);
                    break;
                }
            }
        } else if (const auto* question = std::get_if<request::AskConfirmation>(&effect)) {
            auto asking = parts_.confirmations.ask(*question, parts_.world(), now);
            std::vector<DeviceId> devices;
            for (const auto& step : asking) {
                if (const auto* to = std::get_if<request::SendConfirm>(&step)) {
                    devices.push_back(to->to);
                }
            }
            if (request::may_confirm(parts_.self, question->ask.person, *parts_.roster)) {
                devices.push_back(parts_.self);
            }
            const auto caller = callers_.find(question->ask.request);
            if (caller != callers_.end() && caller->second.on_waiting) {
                caller->second.on_waiting(devices, question->ask.expires_in, now);
            }
            carry(std::move(asking), now);
        } else if (const auto* finished = std::get_if<request::Finished>(&effect)) {
            finish(finished->result, now);
        }
    }
}

void Actions::send(const request::SendInvoke& effect, Now now) {
    auto cleared = parts_.gate.clear(effect.body, effect.to, effect.why, now);
    Result<wire::CallId> call =
        cleared
            ? parts_.links.call(effect.to, std::string(request::kInvokeMethod), std::move(cleared).value(),
                                {.kind = wire::LinkKind::Interactive, .deadline = effect.deadline}, now)
            : Result<wire::CallId>(cleared.error());
    if (!call) {
        carry(parts_.requests.on_not_sent(effect.request, effect.to, call.error(), parts_.world(), now), now);
        return;
    }
    asked_[*call] = {effect.request, effect.to};
}

void Actions::finish(const request::RequestResult& result, Now now) {
    because_.erase(result.id);
    carry(parts_.confirmations.withdraw(result.id, parts_.world()), now);
    const auto at = callers_.find(result.id);
    if (at == callers_.end()) {
        return;
    }
    const Caller caller = std::move(at->second);
    callers_.erase(at);
    if (caller.on_finished) {
        caller.on_finished(result, now);
    }
}

void Actions::carry(request::ExecutorEffects effects, Now now) {
    for (auto& effect : effects) {
        if (const auto* coming = std::get_if<request::Prepare>(&effect)) {
            prepared_.insert_or_assign(coming->act.request, prepare(coming->act, now));
        } else if (const auto* to_do = std::get_if<request::Act>(&effect)) {
            act(*to_do, now);
        } else if (const auto* cancelled = std::get_if<request::CancelAct>(&effect)) {
            cancel_act(*cancelled, now);
        } else if (const auto* answer = std::get_if<request::Reply>(&effect)) {
            reply(*answer, now);
        }
    }
}

void Actions::cancel_act(const request::CancelAct& effect, Now now) {
    const auto waits = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& waiting) {
        return waiting.invocation.request == effect.request;
    });
    if (waits != waiting_.end()) {
        waiting_.erase(waits);  // its ledger row is not durable: nothing left
        on_result({effect.request, request::Outcome::NotDone, "{}", Error{ErrorCode::Cancelled, ""}}, now);
        return;
    }
    const auto acting = acting_.find(effect.request);
    if (acting != acting_.end()) {
        if (auto* provider = provider_for(acting->second.capability, effect.entity)) {
            provider->cancel(effect.request);
        }
    }
}

Result<Actions::Waiting> Actions::prepare(const request::Act& effect, Now now) {
    capability::Provider* provider = provider_for(effect.capability, effect.entity);
    if (provider == nullptr) {
        return Error{ErrorCode::NoCapableDevice,
                     "nothing on this device does " + effect.capability + " for " + effect.entity};
    }
    const privacy::Recipient service = provider->service();
    AMBIT_TRY_ASSIGN(const auto released,
                     parts_.rules.command(effect.input, effect.capability, effect.entity, effect.person,
                                          service, *parts_.roster, parts_.self));
    AMBIT_TRY_ASSIGN(auto cleared, parts_.gate.clear(released.value, service, released.why, now));
    const storage::Ticket ticket = cleared.ticket();
    return Waiting{ticket,
                   provider,
                   {effect.request, effect.capability, effect.entity, std::move(cleared), effect.deadline}};
}

void Actions::act(const request::Act& effect, Now now) {
    Acted& acted = acting_[effect.request];
    acted = {effect.request,
             effect.capability,
             effect.entity,
             to_text(effect.input.read(kHere)),
             effect.person,
             effect.asked_by,
             request::Outcome::Unknown,
             state_of_ && !effect.entity.empty() ? state_of_(effect.entity, now) : std::string(),
             "",
             effect.input.label().audience};
    if (because_.contains(effect.request)) {
        commanded_.erase(effect.entity);
    } else if (commanded_.size() < capability::Directory::kEntitiesMax) {
        commanded_[effect.entity] = now.wall;
    }
    auto early = prepared_.extract(effect.request);
    Result<Waiting> waiting = early.empty() ? prepare(effect, now) : std::move(early.mapped());
    if (!waiting) {
        on_result({effect.request, request::Outcome::NotDone, "{}", waiting.error()}, now);
        return;
    }
    waiting_.push_back(std::move(*waiting));
    flush(now);
}

void Actions::flush(Now now) {
    while (!waiting_.empty() && waiting_.front().ticket <= parts_.storage.durable()) {
        Waiting waiting = std::move(waiting_.front());
        waiting_.pop_front();
        if (const auto allowed = parts_.gate.recheck(waiting.invocation.input, now); !allowed) {
            on_result({waiting.invocation.request, request::Outcome::NotDone, "{}", allowed.error()}, now);
            continue;
        }
        waiting.provider->invoke(std::move(waiting.invocation));
    }
}

void Actions::on_result(const capability::InvocationResult& result, Now now) {
    // What a provider says is as private as the source it speaks for.
    privacy::Label label = household_label();
    const auto at = acting_.find(result.request);
    if (at != acting_.end()) {
        Acted acted = std::move(at->second);
        acting_.erase(at);
        if (const auto* provider = provider_for(acted.capability, acted.entity)) {
            label.audience =
                provider->only_repeats() ? acted.told : privacy::Audience(provider->service().audience);
        }
        acted.outcome = result.outcome;
        if (auto because = because_.extract(result.request); !because.empty()) {
            acted.because_json = std::move(because.mapped());
        }
        if (on_acted_ && result.outcome != request::Outcome::NotDone) {
            on_acted_(acted, now);
        }
    }
    carry(parts_.executor.on_result(result.request, result.outcome,
                                    privacy::Labelled<Bytes>(to_bytes(result.output_json), std::move(label)),
                                    result.error, now),
          now);
}

void Actions::reply(const request::Reply& effect, Now now) {
    prepared_.erase(effect.request);
    if (effect.to == parts_.self) {
        carry(parts_.requests.on_reply(parts_.self, effect.reply, effect.label, parts_.world(), now), now);
        return;
    }
    const auto at = std::find_if(serving_.begin(), serving_.end(), [&](const auto& entry) {
        return entry.second.request == effect.request && entry.second.peer == effect.to;
    });
    if (at == serving_.end()) {
        return;  // the asker is gone; it asks again with the same id and is answered from the journal
    }
    const wire::CallId call = at->first;
    serving_.erase(at);
    const std::string& what = effect.capability;
    const privacy::Egress why{"answer to " + (what.empty() ? "a request" : what), "audience"};
    auto cleared = parts_.gate.clear(privacy::Labelled<Bytes>(request::encode(effect.reply), effect.label),
                                     effect.to, why, now);
    if (!cleared) {
        const request::Reply bare = request::without_output(effect, cleared.error());
        cleared = parts_.gate.clear(privacy::Labelled<Bytes>(request::encode(bare.reply), bare.label),
                                    effect.to, why, now);
    }
    if (cleared) {
        (void)parts_.links.finish(call, std::move(cleared).value(), now);
    } else {
        (void)parts_.links.fail(call, cleared.error(), now);
    }
}

void Actions::carry(request::ConfirmEffects effects, Now now) {
    for (auto& effect : effects) {
        if (const auto* message = std::get_if<request::SendConfirm>(&effect)) {
            auto cleared = parts_.gate.clear(message->body, message->to, message->why, now);
            if (cleared) {
                (void)parts_.links.notify(message->to, std::string(request::kConfirmMethod),
                                          std::move(cleared).value(), now);
            }
        } else if (const auto* confirmed = std::get_if<request::Confirmed>(&effect)) {
            carry(parts_.requests.on_confirmed(confirmed->yes.request, confirmed->yes, parts_.world(), now),
                  now);
        } else if (const auto* denied = std::get_if<request::Denied>(&effect)) {
            carry(parts_.requests.on_denied(denied->request, denied->why, now), now);
        } else if (on_pending_changed_) {
            on_pending_changed_();
        }
    }
}

bool Actions::on_incoming(const wire::Incoming& incoming, Now now) {
    if (incoming.method != request::kInvokeMethod) {
        return false;
    }
    const auto message = request::decode_invoke_request(incoming.body.read(kHere));
    if (!message) {
        (void)parts_.links.fail(incoming.call, message.error(), now);
        return true;
    }
    serving_[incoming.call] = {message->request, incoming.peer};
    const MonoTime deadline = incoming.deadline.value_or(now.mono + request::Requests::kDeadlineMax);
    carry(parts_.executor.on_invoke(incoming.peer, *message, incoming.body.label(), deadline, parts_.world(),
                                    now),
          now);
    return true;
}

bool Actions::on_item(const wire::Item& item, Now now) {
    const auto at = asked_.find(item.call);
    if (at == asked_.end()) {
        return false;
    }
    const Asked asked = at->second;
    const auto message = request::decode_invoke_reply(item.body.read(kHere));
    if (message && message->request == asked.request) {
        at->second.answered = true;
        carry(parts_.requests.on_reply(asked.peer, *message, item.body.label(), parts_.world(), now), now);
    }
    return true;
}

bool Actions::on_closed(const wire::Closed& closed, Now now) {
    const auto at = asked_.find(closed.call);
    if (at == asked_.end()) {
        return false;
    }
    const Asked asked = at->second;
    asked_.erase(at);
    if (!asked.answered) {
        const Error error =
            closed.error.value_or(Error{ErrorCode::BadEncoding, "an answer without a result"});
        carry(parts_.requests.on_call_failed(asked.request, asked.peer, error, parts_.world(), now), now);
    }
    return true;
}

void Actions::on_cancelled(wire::CallId call, Now now) {
    const auto at = serving_.find(call);
    if (at != serving_.end()) {
        const Serving serving = at->second;
        serving_.erase(at);
        carry(parts_.executor.on_cancel(serving.peer, serving.request, now), now);
    }
}

void Actions::on_peer_down(const DeviceId& peer, Now now) {
    carry(parts_.requests.on_peer_lost(peer, parts_.world(), now), now);
}

void Actions::on_confirm_notice(const wire::Notice& notice, Now now) {
    const auto message = request::decode_confirm_message(notice.body.read(kHere));
    if (!message) {
        parts_.health.bad("confirm." + notice.peer.short_hex(), message.error());
        return;
    }
    carry(parts_.confirmations.on_message(notice.peer, *message, notice.body.label(), parts_.world(), now),
          now);
}

void Actions::on_durable(storage::Ticket up_to, Now now) {
    carry(parts_.executor.on_durable(up_to, now), now);
    flush(now);
}

void Actions::on_tick(Now now) {
    carry(parts_.requests.on_tick(now), now);
    carry(parts_.executor.on_tick(now), now);
    carry(parts_.confirmations.on_tick(now), now);
}

std::optional<MonoTime> Actions::next_wake() const {
    std::optional<MonoTime> earliest;
    for (const auto& wake :
         {parts_.requests.next_wake(), parts_.executor.next_wake(), parts_.confirmations.next_wake()}) {
        if (wake && (!earliest || *wake < *earliest)) {
            earliest = wake;
        }
    }
    return earliest;
}

}  // namespace ambit::node
