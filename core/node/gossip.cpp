#include "node/gossip.h"

#include <algorithm>

#include "wire/limits.h"

namespace ambit::node {
namespace {

// What a range says around its entries: lengths of 256 entries, a channel, a hash and a head.
constexpr std::size_t kRangeAroundMax = 4 * 1024;
static_assert(facts::kBatchBytesMax + kRangeAroundMax <= wire::kInteractiveBodyBytesMax);

// As a person reads it in the ledger, beside the row's label.
constexpr std::string_view kFacts = "facts";
constexpr std::string_view kFleetingFacts = "fleeting facts";

std::string kind_of(const privacy::Audience& audience) {
    if (audience == privacy::Audience(privacy::Household{})) {
        return "household";
    }
    return audience.clauses().empty() ? "anyone" : "personal";
}

std::string stalled_key(const DeviceId& peer) {
    return "sync.stalled." + peer.short_hex();
}

}  // namespace

void Gossip::on_peer_up(const DeviceId& peer, Now now) {
    for (const auto& heights : parts_.facts.heights(peer)) {
        notify(peer, kHeightsMethod, heights, now);
    }
    for (const auto& message : parts_.fleeting.messages_for(peer, false, now)) {
        notify(peer, kFleetingMethod, message, now);
    }
}

void Gossip::on_features(const DeviceId& peer, const std::vector<std::string>& features) {
    if (std::find(features.begin(), features.end(), kNewsMethod) != features.end()) {
        take_news_.insert(peer);
    }
}

void Gossip::on_peer_down(const DeviceId& peer) {
    take_news_.erase(peer);
    forget_stalled(peer);
    parts_.facts.forget_peer(peer);
    sessions_.erase(peer);
    std::erase_if(fetches_, [&](const auto& entry) { return entry.second.peer == peer; });
    std::erase_if(serves_, [&](const auto& entry) { return entry.second.peer == peer; });
}

void Gossip::on_roster(Now now) {
    for (const DeviceId& peer : parts_.links.peers_up()) {
        on_peer_up(peer, now);
    }
}

void Gossip::on_heights(const DeviceId& peer, ByteView body, Now now) {
    if (const auto taken = parts_.facts.on_heights(peer, body, now); !taken) {
        blame(peer, taken.error());
    }
    fetch(peer, now);
}

void Gossip::on_news(const DeviceId& peer, ByteView body, Now now) {
    if (const auto taken = parts_.facts.receive_news(peer, body, now); !taken) {
        blame(peer, taken.error());
    }
    fetch(peer, now);
}

std::vector<facts::LabelledFact> Gossip::on_fleeting(const DeviceId& peer, ByteView body, Now now) {
    auto news = parts_.fleeting.on_message(peer, body, now);
    if (!news) {
        blame(peer, news.error());
        return {};
    }
    return std::move(news).value();
}

void Gossip::fetch(const DeviceId& peer, Now now) {
    for (const facts::Want& want : parts_.facts.wants(peer)) {
        const privacy::Label label{privacy::Audience(want.channel.audience), privacy::Trust::Trusted};
        const privacy::Labelled<Bytes> body(facts::encode_want(want), label);
        auto cleared = parts_.gate.clear_in(session(peer, kFacts, label.audience), body, now);
        if (!cleared) {
            parts_.facts.close_want(peer, want.channel);
            continue;
        }
        wire::CallOptions options;
        const bool long_range =
            parts_.facts.offered(peer, want.channel) > want.first_seq + facts::kBatchEntriesMax;
        options.kind = long_range ? wire::LinkKind::Bulk : wire::LinkKind::Interactive;
        options.credit =
            static_cast<std::uint32_t>(std::clamp<std::size_t>(parts_.facts.range_credit(), 1, 16));
        const auto call =
            parts_.links.call(peer, std::string(kRangeMethod), std::move(cleared).value(), options, now);
        if (!call) {
            parts_.facts.close_want(peer, want.channel);
            continue;
        }
        fetches_[*call] = {peer, want.channel, now.mono + kRangeWaitMax};
    }
}

bool Gossip::on_item(const wire::Item& item, Now now) {
    const auto at = fetches_.find(item.call);
    if (at == fetches_.end()) {
        return false;
    }
    constexpr privacy::Here here{"facts sync"};
    const DeviceId peer = at->second.peer;
    at->second.waits_until = now.mono + kRangeWaitMax;
    if (const auto taken = parts_.facts.receive(peer, item.body.read(here), now); !taken) {
        blame(peer, taken.error());
        // Ends in on_closed(), which lets the channel be asked for again, of this peer or another.
        (void)parts_.links.cancel(item.call, now);
    } else {
        forget_stalled(peer);
    }
    return true;
}

bool Gossip::on_closed(const wire::Closed& closed, Now now) {
    const auto at = fetches_.find(closed.call);
    if (at == fetches_.end()) {
        return false;
    }
    const Fetch fetched = at->second;
    fetches_.erase(at);
    const bool link_lost = closed.error && closed.error->code == ErrorCode::PeerLost;
    parts_.facts.close_want(fetched.peer, fetched.channel, link_lost || fetched.is_left);
    if (!closed.error) {
        fetch(fetched.peer, now);
    }
    // Who promised it and did not give it may have kept it from being asked of those who also have it.
    for (const DeviceId& peer : parts_.links.peers_up()) {
        if (peer != fetched.peer && parts_.facts.offered(peer, fetched.channel) > 0) {
            fetch(peer, now);
        }
    }
    if (fetched.is_left) {
        fetch(fetched.peer, now);
    }
    return true;
}

void Gossip::on_time(Now now) {
    std::vector<wire::CallId> stalled;
    for (auto& [call, fetched] : fetches_) {
        if (!fetched.is_left && fetched.waits_until <= now.mono) {
            fetched.is_left = true;
            stalled.push_back(call);
            note_stalled(fetched.peer, now);
        }
    }
    for (const wire::CallId call : stalled) {
        (void)parts_.links.cancel(call, now);  // ends in on_closed()
    }
    const auto past = stalled_;
    for (const auto& [peer, until] : past) {
        if (until <= now.mono) {
            forget_stalled(peer);
        }
    }
}

std::optional<MonoTime> Gossip::next_time() const {
    std::optional<MonoTime> next;
    for (const auto& [call, fetched] : fetches_) {
        if (!fetched.is_left && (!next || fetched.waits_until < *next)) {
            next = fetched.waits_until;
        }
    }
    for (const auto& [peer, until] : stalled_) {
        next = std::min(next.value_or(until), until);
    }
    return next;
}

bool Gossip::on_incoming(const wire::Incoming& incoming, Now now) {
    if (incoming.method != kRangeMethod) {
        return false;
    }
    constexpr privacy::Here here{"facts sync"};
    const auto want = facts::decode_want(incoming.body.read(here));
    if (!want) {
        (void)parts_.links.fail(incoming.call, want.error(), now);
        return true;
    }
    start_serving(incoming.peer, incoming.call, *want, now);
    return true;
}

void Gossip::start_serving(const DeviceId& peer, wire::CallId call, const facts::Want& want, Now now) {
    const auto read = parts_.facts.serve(peer, want);
    if (!read) {
        (void)parts_.links.fail(call, read.error(), now);
        return;
    }
    serves_[*read] = {call, peer};
}

void Gossip::on_served(facts::Served served, Now now) {
    const auto at = serves_.find(served.serve);
    if (at == serves_.end()) {
        return;  // the peer is gone
    }
    const wire::CallId call = at->second.call;
    serves_.erase(at);
    pass_on(call, served, now);
}

void Gossip::on_read_failed(storage::ReadId read, const Error& error, Now now) {
    const auto at = serves_.find(read);
    if (at != serves_.end()) {
        (void)parts_.links.fail(at->second.call, error, now);
        serves_.erase(at);
    }
}

void Gossip::pass_on(wire::CallId call, const facts::Served& served, Now now) {
    constexpr privacy::Here here{"facts sync"};
    if (served.range.read(here).empty()) {
        (void)parts_.links.finish(call, std::nullopt, now);
        return;
    }
    const privacy::Audience audience(served.channel.audience);
    auto cleared = parts_.gate.clear_in(session(served.peer, kFacts, audience), served.range, now);
    if (!cleared) {
        (void)parts_.links.fail(call, cleared.error(), now);
        return;
    }
    const bool last = !served.next.has_value();
    const auto sent = last ? parts_.links.finish(call, std::move(cleared).value(), now)
                           : parts_.links.send_item(call, std::move(cleared).value(), now);
    if (sent && !last) {
        start_serving(served.peer, call, *served.next, now);
    } else if (!sent && !last && sent.error().code == ErrorCode::QueueFull) {
        unsent_.insert_or_assign(call, Unsent{served});
    } else if (!sent) {
        // A call that nobody ends would keep the channel from being asked for again.
        (void)parts_.links.fail(call, sent.error(), now);
    }
}

void Gossip::on_writable(wire::CallId call, Now now) {
    const auto at = unsent_.find(call);
    if (at != unsent_.end()) {
        const facts::Served served = std::move(at->second.served);
        unsent_.erase(at);
        pass_on(call, served, now);
    }
}

void Gossip::on_cancelled(wire::CallId call) {
    unsent_.erase(call);
    std::erase_if(serves_, [&](const auto& entry) { return entry.second.call == call; });
}

void Gossip::send_changed(Now now) {
    if (!parts_.facts.is_telling_due(now)) {
        return;
    }
    const std::vector<DeviceId> up = parts_.links.peers_up();
    for (const DeviceId& peer : up) {
        if (take_news_.contains(peer)) {
            for (const auto& range : parts_.facts.news(peer)) {
                notify(peer, kNewsMethod, range, now);
            }
        }
    }
    for (const auto& [peer, heights] : parts_.facts.changed_heights(up, now)) {
        notify(peer, kHeightsMethod, heights, now);
    }
    parts_.facts.clear_changed(now);
}

void Gossip::send_fleeting(Now now) {
    if (!parts_.fleeting.has_changed()) {
        return;
    }
    for (const DeviceId& peer : parts_.links.peers_up()) {
        for (const auto& message : parts_.fleeting.messages_for(peer, true, now)) {
            notify(peer, kFleetingMethod, message, now);
        }
    }
    parts_.fleeting.clear_changed();
}

void Gossip::notify(const DeviceId& peer,
                    std::string_view method,
                    const privacy::Labelled<Bytes>& body,
                    Now now) {
    const std::string_view what = method == kFleetingMethod ? kFleetingFacts : kFacts;
    auto cleared = parts_.gate.clear_in(session(peer, what, body.label().audience), body, now);
    if (!cleared) {
        return;  // in the ledger
    }
    // A full queue is cured by the next heights, which say everything again.
    (void)parts_.links.notify(peer, std::string(method), std::move(cleared).value(), now);
}

privacy::SyncSession& Gossip::session(const DeviceId& peer,
                                      std::string_view what,
                                      const privacy::Audience& of) {
    std::vector<Topic>& topics = sessions_[peer];
    for (Topic& topic : topics) {
        if (topic.what == what && topic.audience == of) {
            return topic.session;
        }
    }
    const std::string shown = std::string(what) + " (" + kind_of(of) + ")";
    return topics.emplace_back(Topic{what, of, privacy::SyncSession(peer, shown)}).session;
}

void Gossip::blame(const DeviceId& peer, const Error& error) {
    parts_.health.bad("sync." + peer.short_hex(), error);
}

void Gossip::note_stalled(const DeviceId& peer, Now now) {
    // Longer than it takes to see whether it stalls again.
    stalled_[peer] = now.mono + 2 * kRangeWaitMax;
    parts_.health.bad(stalled_key(peer),
                      {ErrorCode::FactsNotServed, peer.short_hex() + ": nothing of a channel it offered"});
}

void Gossip::forget_stalled(const DeviceId& peer) {
    if (stalled_.erase(peer) != 0) {
        parts_.health.ok(stalled_key(peer));
    }
}

}  // namespace ambit::node
