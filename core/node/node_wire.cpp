// Node: what the links tell, and the ping.
#include "node/node.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"node"};
constexpr std::string_view kPingMethod = "node.ping";

}  // namespace

void Node::on(const wire::PeerUp& up, Now now) {
    const int weight = parts_.roster->is_admin(up.peer) ? 2 : 1;
    household_clock_.on_peer(up.peer, up.wall, weight, system_clock_());
    judge_clock();
    membership_.on_peer_up(up, now);
    gossip_.on_features(up.peer, up.features);
    gossip_.on_peer_up(up.peer, now);
    for (Watcher* watcher : watchers_) {
        watcher->on_peer(up.peer, true);
    }
}

void Node::on(const wire::PeerDown& down, Now now) {
    household_clock_.on_peer_down(down.peer);
    membership_.on_peer_down(down.peer);
    gossip_.on_peer_down(down.peer);
    actions_.on_peer_down(down.peer, now);
    for (Watcher* watcher : watchers_) {
        watcher->on_peer(down.peer, false);
    }
}

void Node::on(const wire::Incoming& incoming, Now now) {
    if (incoming.method == kPingMethod) {
        auto cleared = parts_.gate.clear_in(ping_session(incoming.peer), incoming.body, now);
        if (cleared) {
            (void)parts_.links.finish(incoming.call, std::move(cleared).value(), now);
        } else {
            (void)parts_.links.fail(incoming.call, cleared.error(), now);
        }
    } else if (!gossip_.on_incoming(incoming, now) && !actions_.on_incoming(incoming, now)) {
        (void)parts_.links.fail(incoming.call, {ErrorCode::UnknownMethod, incoming.method}, now);
    }
}

void Node::on(const wire::Item& item, Now now) {
    const auto ping = pings_.find(item.call);
    if (ping != pings_.end()) {
        ping->second.answered = true;
        ping->second.on_pong(now.mono - ping->second.sent);
    } else if (!gossip_.on_item(item, now)) {
        actions_.on_item(item, now);
    }
}

void Node::on(const wire::Closed& closed, Now now) {
    const auto ping = pings_.find(closed.call);
    if (ping != pings_.end()) {
        if (!ping->second.answered) {
            ping->second.on_pong(closed.error.value_or(Error{ErrorCode::BadEncoding, "an empty answer"}));
        }
        pings_.erase(ping);
    } else if (!gossip_.on_closed(closed, now)) {
        actions_.on_closed(closed, now);
    }
}

void Node::on(const wire::Cancelled& cancelled, Now now) {
    gossip_.on_cancelled(cancelled.call);
    actions_.on_cancelled(cancelled.call, now);
}

void Node::on(const wire::Notice& notice, Now now) {
    const ByteView body = notice.body.read(kHere);
    if (notice.method == kRosterMethod) {
        membership_.on_notice(notice.peer, body, now);
        // The peer passes on what it has just learned; what it was offered before that it may have had to
        // refuse.
        gossip_.on_peer_up(notice.peer, now);
    } else if (notice.method == kHeightsMethod) {
        gossip_.on_heights(notice.peer, body, now);
    } else if (notice.method == kNewsMethod) {
        gossip_.on_news(notice.peer, body, now);
    } else if (notice.method == kFleetingMethod) {
        for (const auto& fact : gossip_.on_fleeting(notice.peer, body, now)) {
            for (Watcher* watcher : watchers_) {
                watcher->on_fact(fact, false);
            }
        }
    } else if (notice.method == kTimeMethod) {
        on_time(notice);
    } else if (notice.method == request::kConfirmMethod) {
        actions_.on_confirm_notice(notice, now);
    }
    // A notice of a newer version is none of ours.
}

void Node::on_time(const wire::Notice& notice) {
    const auto time = facts::decode_time(notice.body.read(kHere));
    if (!time) {
        return;
    }
    const int weight = parts_.roster->is_admin(notice.peer) ? 2 : 1;
    household_clock_.on_peer(notice.peer, time->wall, weight, system_clock_());
    judge_clock();
    if (time->asks) {
        tell_time(notice.peer, false);
    }
}

void Node::on(const wire::Cloned& cloned, Now /*now*/) {
    const identity::Device* device = parts_.roster->device(cloned.peer);
    const std::string name = device == nullptr ? cloned.peer.short_hex() : device->name;
    parts_.health.bad("clone." + cloned.peer.short_hex(), {ErrorCode::DeviceCloned, name});
}

void Node::on(const wire::Refused& refused, Now /*now*/) {
    if (refused.incoming) {
        parts_.health.bad("refused." + refused.peer.short_hex(), refused.reason);
    }
}

void Node::on(const wire::Writable& writable, Now now) {
    gossip_.on_writable(writable.call, now);
}

privacy::SyncSession& Node::ping_session(const DeviceId& peer) {
    return ping_sessions_.try_emplace(peer, privacy::SyncSession(peer, "ping")).first->second;
}

void Node::ping(const DeviceId& peer, std::size_t bytes, const OnPong& on_pong) {
    const Now now = clock_();
    const privacy::Labelled<Bytes> body(Bytes(bytes, std::uint8_t{0x5a}), household_label());
    auto cleared = parts_.gate.clear_in(ping_session(peer), body, now);
    if (!cleared) {
        on_pong(cleared.error());
        return;
    }
    const auto call =
        parts_.links.call(peer, std::string(kPingMethod), std::move(cleared).value(),
                          {.kind = wire::LinkKind::Interactive, .deadline = now.mono + kPingTimeout}, now);
    if (!call) {
        on_pong(call.error());
        return;
    }
    pings_[*call] = {now.mono, false, on_pong};
}

}  // namespace ambit::node
