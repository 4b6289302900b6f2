#include "wire/links.h"

#include <algorithm>

#include "wire/links_parts.h"

namespace ambit::wire {

Links::Links(const crypto::SigningKey& key,
             bool mains_powered,
             Dialect dialect,
             Transport& transport,
             privacy::Gate& gate,
             storage::Storage& storage,
             Random& random)
    : key_(key),
      storage_(storage),
      random_(random),
      shared_{transport,
              gate,
              storage,
              crypto::device_id_of(key.verify_key()),
              random.id<Instance>(),
              mains_powered,
              std::move(dialect),
              nullptr,
              {},
              1,
              {}} {
    restore_records();
}

Links::~Links() = default;

void Links::set_roster(identity::RosterView roster, Now now) {
    forget_deadline();
    shared_.roster = std::move(roster);
    book_.set_roster(shared_.roster);
    shared_.transport.set_roster(shared_.roster);
    std::vector<DeviceId> gone;
    for (const auto& [device, peer] : peers_) {
        if (shared_.roster->device(device) == nullptr) {
            gone.push_back(device);
        }
    }
    for (const DeviceId& device : gone) {
        remove_peer(device, Error{ErrorCode::NotAMember, "removed from the household"}, now);
    }
    std::vector<LinkId> all;
    for (const auto& [id, link] : links_) {
        all.push_back(id);
    }
    for (const LinkId id : all) {
        if (const auto found = links_.find(id); found != links_.end()) {
            found->second.session->on_roster(now);
            follow(id, now);
        }
    }
    for (const auto& [device, member] : shared_.roster->devices) {
        if (device != shared_.self && !stopping_) {
            const auto [peer, added] = peers_.try_emplace(device);
            if (added) {
                want_interactive(device, peer->second, now);
            }
        }
    }
    const std::vector<AddressRecord> restored = std::exchange(restored_, {});
    std::vector<AddressRecord> news;
    for (const AddressRecord& record : restored) {
        accept_record(record, news, now);
    }
    publish_own(now);
    dial_due(now);
}

Links::Link* Links::usable_link(const DeviceId& device, LinkKind kind) {
    const auto peer = peers_.find(device);
    if (peer == peers_.end()) {
        return nullptr;
    }
    const auto id = kind == LinkKind::Bulk ? peer->second.bulk : peer->second.interactive;
    return id ? &links_.at(*id) : nullptr;
}

Result<CallId> Links::call(const DeviceId& device,
                           std::string method,
                           privacy::Cleared<Bytes> body,
                           const CallOptions& options,
                           Now now) {
    Link* link = stopping_ ? nullptr : usable_link(device, LinkKind::Interactive);
    if (link == nullptr) {
        return Error{ErrorCode::PeerUnreachable, "device " + device.short_hex()};
    }
    const CallId id = shared_.next_call++;
    if (options.kind == LinkKind::Bulk) {
        Link* bulk = usable_link(device, LinkKind::Bulk);
        if (bulk == nullptr) {
            AMBIT_TRY(
                wait_for_bulk({id, std::move(method), std::move(body), options, now.mono}, device, now));
            return id;
        }
        link = bulk;
    }
    AMBIT_TRY(link->session->open(id, std::move(method), std::move(body), options, now));
    note_deadline(*link->session);
    return id;
}

// Runs one operation on the session of a call; the session may have ended by it.
template <typename Operation>
Result<void> Links::on_call(CallId call, Now now, Operation operation) {
    const auto found = shared_.calls.find(call);
    if (found == shared_.calls.end()) {
        return Error{ErrorCode::UnknownCall, ""};
    }
    const LinkId link = found->second;
    auto result = operation(*links_.at(link).session);
    follow(link, now);
    return result;
}

Result<void> Links::send_item(CallId call, privacy::Cleared<Bytes> body, Now now) {
    if (WaitingCall* waiting = waiting_call(call)) {
        waiting->starved = true;
        return Error{ErrorCode::QueueFull, "the bulk link is not up yet"};
    }
    return on_call(call, now,
                   [&](Session& session) { return session.send_item(call, std::move(body), now); });
}

Result<void> Links::finish(CallId call, std::optional<privacy::Cleared<Bytes>> last, Now now) {
    return on_call(call, now, [&](Session& session) { return session.finish(call, std::move(last), now); });
}

Result<void> Links::fail(CallId call, const Error& error, Now now) {
    return on_call(call, now, [&](Session& session) { return session.fail(call, error, now); });
}

Result<void> Links::cancel(CallId call, Now now) {
    if (drop_waiting(call)) {
        shared_.events.emplace_back(Closed{call, Error{ErrorCode::CallCancelled, "by this device"}});
        return {};
    }
    return on_call(call, now, [&](Session& session) { return session.cancel(call, now); });
}

Result<void> Links::grant(CallId call, std::uint32_t items, Now now) {
    return on_call(call, now, [&](Session& session) { return session.grant(call, items, now); });
}

Result<void> Links::notify(const DeviceId& device,
                           std::string method,
                           privacy::Cleared<Bytes> body,
                           Now now) {
    const Link* link = usable_link(device, LinkKind::Interactive);
    if (link == nullptr || stopping_) {
        return Error{ErrorCode::PeerUnreachable, "device " + device.short_hex()};
    }
    auto result = link->session->notify(std::move(method), std::move(body), now);
    note_deadline(*link->session);
    return result;
}

// --- what the transport says

void Links::on_link_up(const LinkUp& up, Now now) {
    forget_deadline();
    LinkKind kind = LinkKind::Interactive;
    if (up.dial) {
        const auto dial = dials_.find(*up.dial);
        if (dial == dials_.end()) {
            shared_.transport.close(up.link, Error{ErrorCode::CallCancelled, "dial no longer wanted"});
            return;
        }
        kind = dial->second.second;
        dials_.erase(dial);
    }
    const auto peer = peers_.find(up.peer);
    const auto same_peer = std::count_if(links_.begin(), links_.end(),
                                         [&](const auto& link) { return link.second.up.peer == up.peer; });
    if (stopping_ || peer == peers_.end() || same_peer >= static_cast<std::ptrdiff_t>(kLinksPerPeerMax)) {
        shared_.transport.close(up.link, Error{ErrorCode::LimitExceeded, "links of one device"});
        return;
    }
    if (up.dial) {
        Dialer& dialer = kind == LinkKind::Bulk ? peer->second.bulk_dialer : peer->second.dialer;
        book_.note_success(up.peer, dialer.address());
        dialer.rest();
    }
    links_.emplace(up.link, Link{std::make_unique<Session>(shared_, up, kind, now), up, false});
}

void Links::on_link_down(LinkId link, const Error& reason, Now now) {
    const auto found = links_.find(link);
    if (found != links_.end()) {
        found->second.session->lost(reason);
        follow(link, now);
    }
}

void Links::on_frame(LinkId link, ByteView frame, Now now) {
    const auto found = links_.find(link);
    if (found == links_.end()) {
        return;
    }
    const std::size_t first = shared_.events.size();
    found->second.session->on_frame(frame, now);
    follow(link, now);
    intercept(first, now);
}

void Links::on_writable(LinkId link, Now now) {
    const auto found = links_.find(link);
    if (found != links_.end()) {
        found->second.session->on_writable(now);
        follow(link, now);
    }
}

void Links::on_durable(Now now) {
    for (auto& [id, link] : links_) {
        if (link.session->has_queued()) {
            link.session->on_durable(now);
            note_deadline(*link.session);
        }
    }
    sweep(now);
}

void Links::on_tick(Now now) {
    if (const auto due = next_deadline(); !due || now.mono < *due) {
        return;
    }
    forget_deadline();
    for (auto& [id, link] : links_) {
        link.session->on_tick(now);
    }
    sweep(now);
    for (auto& [device, peer] : peers_) {
        expire_waiting(peer, now);
        close_idle_bulk(peer, now);
    }
    sweep(now);
    dial_due(now);
}

void Links::note_deadline(const Session& session) {
    if (soonest_known_) {
        const MonoTime at = session.next_deadline();
        soonest_ = std::min(soonest_.value_or(at), at);
    }
}

std::optional<MonoTime> Links::next_deadline() const {
    if (std::exchange(soonest_known_, true)) {
        return soonest_;
    }
    std::optional<MonoTime>& next = soonest_;
    next.reset();
    const auto consider = [&next](std::optional<MonoTime> at) {
        if (at && (!next || *at < *next)) {
            next = at;
        }
    };
    for (const auto& [id, link] : links_) {
        consider(link.session->next_deadline());
    }
    for (const auto& [device, peer] : peers_) {
        consider(peer.dialer.next_deadline());
        consider(peer.bulk_dialer.next_deadline());
        for (const WaitingCall& waiting : peer.waiting) {
            consider(
                std::min(waiting.options.deadline.value_or(MonoTime::max()), waiting.since + kBulkWaitMax));
        }
        if (peer.bulk_idle_since) {
            consider(*peer.bulk_idle_since + kBulkIdleMax);
        }
    }
    return next;
}

std::vector<Event> Links::drain_events() {
    return std::exchange(shared_.events, {});
}

void Links::stop(Now now) {
    forget_deadline();
    stopping_ = true;
    for (auto& [id, link] : links_) {
        link.session->end(Error{ErrorCode::Stopping, "this device is stopping"}, now);
    }
    sweep(now);
    for (auto& [device, peer] : peers_) {
        rest_dialer(peer.dialer);
        rest_dialer(peer.bulk_dialer);
    }
}

bool Links::is_up(const DeviceId& device) const {
    const auto peer = peers_.find(device);
    return peer != peers_.end() && peer->second.interactive.has_value();
}

std::vector<DeviceId> Links::peers_up() const {
    std::vector<DeviceId> out;
    for (const auto& [device, peer] : peers_) {
        if (peer.interactive) {
            out.push_back(device);
        }
    }
    return out;
}

std::vector<PeerStatus> Links::status() const {
    std::vector<PeerStatus> out;
    for (const auto& [device, peer] : peers_) {
        PeerStatus& status = out.emplace_back();
        status.peer = device;
        status.up = peer.interactive.has_value();
        status.bulk = peer.bulk.has_value();
        status.last_error = peer.last_error;
        if (peer.interactive) {
            const Link& link = links_.at(*peer.interactive);
            status.dialled = link.session->dialled();
            status.version = link.session->version();
            status.remote = link.up.remote;
            status.round_trip = link.session->round_trip();
        }
    }
    return out;
}

}  // namespace ambit::wire
