// Links: links coming into use, kept single, and going.
#include <algorithm>

#include "wire/links_parts.h"

namespace ambit::wire {

void Links::sweep(Now now) {
    std::vector<LinkId> ended;
    for (const auto& [id, link] : links_) {
        if (link.session->ended()) {
            ended.push_back(id);
        }
    }
    for (const LinkId id : ended) {
        follow(id, now);
    }
}

void Links::follow(LinkId id, Now now) {
    const auto found = links_.find(id);
    if (found == links_.end()) {
        return;
    }
    Link& link = found->second;
    if (link.session->ended()) {
        forget_deadline();
        remove_link(id, now);
        return;
    }
    if (link.session->greeted() && !link.adopted) {
        forget_deadline();
        adopt(id, now);
    } else {
        note_deadline(*link.session);
    }
    if (links_.contains(id) && links_.at(id).session->take_bulk_wish()) {
        Peer& peer = peers_.at(links_.at(id).up.peer);
        if (!peer.bulk && !peer.bulk_dialer.wanted()) {
            peer.bulk_dialer.want(now.mono);
            dial_due(now);
        }
    }
}

// A process that was replaced is gone.  If it comes back, there are two.
void Links::look_for_clone(Peer& peer, const Session& older, const Session& newer) {
    if (older.peer_instance() == newer.peer_instance()) {
        return;
    }
    const bool is_back =
        std::find(peer.earlier.begin(), peer.earlier.end(), newer.peer_instance()) != peer.earlier.end();
    if (is_back && !std::exchange(peer.cloned, true)) {
        shared_.events.emplace_back(Cloned{newer.peer()});
    }
    peer.earlier.push_back(older.peer_instance());
    if (peer.earlier.size() > kInstancesMax) {
        peer.earlier.pop_front();
    }
}

bool Links::newer_wins(const Session& older, const Session& newer, Now now) const {
    if (older.peer_instance() != newer.peer_instance() || now.mono - older.greeted_at() > kRaceWindow ||
        older.dialled() == newer.dialled()) {
        return true;  // the peer restarted, or lost the older link and knows it before this side does
    }
    // Both dialled at once: both sides keep the link that the smaller id dialled.
    const bool mine_is_smaller = shared_.self < newer.peer();
    return newer.dialled() == mine_is_smaller;
}

void Links::adopt(LinkId id, Now now) {
    Link& link = links_.at(id);
    const DeviceId device = link.up.peer;
    Peer& peer = peers_.at(device);
    link.adopted = true;
    const Error duplicate{ErrorCode::DuplicateLink, "one link is enough"};
    const bool bulk = link.session->kind() == LinkKind::Bulk;
    const std::optional<LinkId> older = bulk ? peer.bulk : peer.interactive;
    if (older && !bulk) {
        look_for_clone(peer, *links_.at(*older).session, *link.session);
    }
    // Of two copies, the one that is here stays: else they would replace each other without end.
    const bool is_other_copy =
        older && peer.cloned && links_.at(*older).session->peer_instance() != link.session->peer_instance();
    if (is_other_copy || (older && !newer_wins(*links_.at(*older).session, *link.session, now))) {
        link.session->end(duplicate, now);
        remove_link(id, now);
        return;
    }
    if (older) {
        links_.at(*older).session->end(duplicate, now);
        remove_link(*older, now);
    }
    if (bulk) {
        peer.bulk = id;
        peer.bulk_idle_since = now.mono;
        rest_dialer(peer.bulk_dialer);
        open_waiting(device, now);
        return;
    }
    peer.interactive = id;
    peer.up_since = now.mono;
    peer.last_error.reset();
    rest_dialer(peer.dialer);
    shared_.events.emplace_back(link.session->peer_up());
    gossip(book_.records(), device, now);
}

void Links::remove_link(LinkId id, Now now) {
    const auto found = links_.find(id);
    const Link link = std::move(found->second);
    links_.erase(found);
    const Error reason = *link.session->ended();
    shared_.transport.close(id, reason);
    const auto peer = peers_.find(link.up.peer);
    if (peer == peers_.end()) {
        return;
    }
    if (peer->second.bulk == id) {
        peer->second.bulk.reset();
        peer->second.bulk_idle_since.reset();
    } else if (peer->second.interactive == id) {
        peer->second.interactive.reset();
        lose_peer(peer->second, link.up.peer, reason, now);
    } else if (!peer->second.interactive) {
        // Refused before it came into use: the dialler goes on with its back-off.
        peer->second.last_error = reason;
        if (link.up.dial && link.session->kind() == LinkKind::Interactive && !peer->second.dialer.wanted()) {
            peer->second.dialer.want(now.mono + kBackoffMax / 8);
        }
    }
}

void Links::lose_peer(Peer& peer, const DeviceId& device, const Error& reason, Now now) {
    if (peer.bulk) {
        links_.at(*peer.bulk).session->lost(reason);
        remove_link(*peer.bulk, now);
    }
    rest_dialer(peer.bulk_dialer);
    fail_waiting(peer, Error{ErrorCode::PeerLost, std::string(describe(reason.code).text)});
    peer.last_error = reason;
    shared_.events.emplace_back(PeerDown{device, reason});
    const bool was_replaced =
        reason.code == ErrorCode::DuplicateLink && now.mono - peer.up_since < kRaceWindow;
    peer.short_lives = was_replaced ? peer.short_lives + 1 : 0;
    if (stopping_) {
        return;
    }
    want_interactive(device, peer, now);
    if (peer.short_lives > kShortLivesMax) {
        // Another node with this device's key has taken its place; there is no use in fighting over it.
        const int doublings = std::min(peer.short_lives - kShortLivesMax, 7);
        peer.dialer.want(now.mono + std::min<milliseconds>(kBackoffMin * (1 << doublings), kBackoffMax));
    }
}

void Links::remove_peer(const DeviceId& device, const Error& reason, Now now) {
    std::vector<LinkId> ids;
    for (const auto& [id, link] : links_) {
        if (link.up.peer == device) {
            ids.push_back(id);
        }
    }
    for (const LinkId id : ids) {
        if (const auto found = links_.find(id); found != links_.end()) {
            found->second.session->end(reason, now);
            remove_link(id, now);
        }
    }
    Peer& peer = peers_.at(device);
    rest_dialer(peer.dialer);
    rest_dialer(peer.bulk_dialer);
    peers_.erase(device);
}

}  // namespace ambit::wire
