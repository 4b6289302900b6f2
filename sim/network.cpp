#include "sim/network.h"

#include <algorithm>

namespace ambit::sim {

std::unique_ptr<Network::Endpoint> Network::attach(const std::string& machine,
                                                   const DeviceId& device,
                                                   wire::TransportEvents& events,
                                                   std::function<void()> after_event) {
    auto endpoint = std::make_unique<Endpoint>(*this, machine, device, events, std::move(after_event));
    endpoints_[machine] = endpoint.get();
    return endpoint;
}

void Network::set_power(const std::string& machine, bool on) {
    if (on) {
        powered_.insert(machine);
    } else {
        powered_.erase(machine);
    }
}

void Network::cut(const std::string& from, const std::string& to) {
    cuts_.insert({from, to});
}

void Network::heal(const std::string& from, const std::string& to) {
    if (cuts_.erase({from, to}) == 0) {
        return;
    }
    for (const auto& [id, link] : links_) {
        for (const int end : {0, 1}) {
            if (link.ends[end].machine == from && link.ends[1 - end].machine == to) {
                world_.after(kRetransmission, [this, id = id, end] { pump(id, end); });
            }
        }
    }
}

void Network::heal_all() {
    const auto cuts = cuts_;
    for (const auto& [from, to] : cuts) {
        heal(from, to);
    }
}

void Network::reset(const std::string& a, const std::string& b) {
    const Error reason{ErrorCode::PeerLost, "connection reset"};
    for (auto& [id, link] : links_) {
        const auto joins = [&](int end) {
            return link.ends[end].machine == a && link.ends[1 - end].machine == b;
        };
        if (joins(0) || joins(1)) {
            for (End& end : link.ends) {
                if (Endpoint* endpoint = std::exchange(end.endpoint, nullptr)) {
                    tell_down(*endpoint, id, reason);
                }
            }
        }
    }
    std::erase_if(links_, [](const auto& entry) {
        return entry.second.ends[0].endpoint == nullptr && entry.second.ends[1].endpoint == nullptr;
    });
}

Network::Endpoint* Network::endpoint_at(const std::string& machine) const {
    const auto at = endpoints_.find(machine);
    return at == endpoints_.end() ? nullptr : at->second;
}

void Network::transmit(wire::LinkId id, int from, Item item) {
    transmit(id, links_.at(id), from, std::move(item));
}

void Network::transmit(wire::LinkId id, Link& link, int from, Item item) {
    End& end = link.ends[from];
    const auto transfer = microseconds(item.frame.size() * 1'000'000 / bytes_per_second);
    end.free_at = std::max(end.free_at, world_.now().mono) + transfer;
    const auto extra = jitter.count() == 0 ? microseconds{0} : microseconds(random_.below(jitter.count()));
    end.last_arrival = item.arrives = std::max(end.last_arrival, end.free_at + latency + extra);
    end.buffered += item.frame.size();
    buffered_max_ = std::max(buffered_max_, end.buffered);
    const auto delay = item.arrives - world_.now().mono;
    end.sent.push_back(std::move(item));
    world_.after(delay, [this, id, from] { pump(id, from); });
}

void Network::pump(wire::LinkId id, int from) {
    for (;;) {
        const auto at = links_.find(id);
        if (at == links_.end()) {
            return;
        }
        End& sender = at->second.ends[from];
        if (sender.sent.empty() || sender.sent.front().arrives > world_.now().mono ||
            is_cut(sender.machine, at->second.ends[1 - from].machine)) {
            return;
        }
        Item item = std::move(sender.sent.front());
        sender.sent.pop_front();
        sender.buffered -= item.frame.size();
        if (sender.starved && sender.endpoint != nullptr && sender.buffered <= buffer_bytes / 2) {
            sender.starved = false;
            Endpoint& endpoint = *sender.endpoint;
            endpoint.events_.on_writable(id, world_.now());
            endpoint.after_event_();
        }
        deliver(id, from, std::move(item));
    }
}

void Network::deliver(wire::LinkId id, int from, Item item) {
    const auto at = links_.find(id);
    if (at == links_.end()) {
        return;
    }
    const End& sender = at->second.ends[from];
    const End& receiver = at->second.ends[1 - from];
    if (receiver.endpoint == nullptr) {
        if (powered_.contains(receiver.machine)) {
            refuse(id, from);
        }
        return;
    }
    Endpoint& endpoint = *receiver.endpoint;
    const auto after_event = endpoint.after_event_;
    if (item.end) {
        close_end(id, 1 - from);
        endpoint.events_.on_link_down(id, *item.end, world_.now());
    } else {
        ++frames_arrived_;
        if (on_arrived) {
            on_arrived({sender.machine, receiver.machine, sender.device, receiver.device, item.frame,
                        world_.now().mono});
        }
        endpoint.events_.on_frame(id, item.frame, world_.now());
    }
    after_event();
}

void Network::refuse(wire::LinkId id, int end) {
    const End& refused = links_.at(id).ends[end];
    if (refused.endpoint != nullptr && !is_cut(links_.at(id).ends[1 - end].machine, refused.machine)) {
        Endpoint& endpoint = *refused.endpoint;
        close_end(id, end);
        tell_down(endpoint, id, {ErrorCode::PeerLost, "connection reset by the peer"});
    }
}

void Network::close_end(wire::LinkId id, int end) {
    const auto at = links_.find(id);
    at->second.ends[end].endpoint = nullptr;
    // What is still on its way is delivered before the link is forgotten.
    if (at->second.ends[1 - end].endpoint == nullptr) {
        links_.erase(at);
    }
}

void Network::tell_down(Endpoint& endpoint, wire::LinkId id, const Error& reason) {
    world_.after(latency, [this, id, reason, machine = endpoint.machine_, told = &endpoint] {
        if (endpoint_at(machine) == told) {
            const auto after_event = told->after_event_;
            told->events_.on_link_down(id, reason, world_.now());
            after_event();
        }
    });
}

void Network::connect(wire::LinkId id, wire::DialId dial, Endpoint& dialler, Endpoint& acceptor) {
    Link& link = links_[id];
    link.ends[0].endpoint = &dialler;
    link.ends[0].machine = dialler.machine_;
    link.ends[0].device = dialler.self_;
    link.ends[1].endpoint = &acceptor;
    link.ends[1].machine = acceptor.machine_;
    link.ends[1].device = acceptor.self_;
    link.recovers = !acceptor.knows(dialler.self_);
    const Now now = world_.now();
    acceptor.events_.on_link_up({id, dialler.self_, std::nullopt, address_of(dialler.machine_)}, now);
    acceptor.after_event_();
    dialler.events_.on_link_up({id, acceptor.self_, dial, address_of(acceptor.machine_)}, now);
    dialler.after_event_();
}

Network::Endpoint::Endpoint(Network& network,
                            std::string machine,
                            DeviceId self,
                            wire::TransportEvents& events,
                            std::function<void()> after_event)
    : network_(network),
      machine_(std::move(machine)),
      self_(self),
      events_(events),
      after_event_(std::move(after_event)) {}

Network::Endpoint::~Endpoint() {
    const bool says_goodbye = network_.powered_.contains(machine_);
    std::vector<std::pair<wire::LinkId, int>> mine;
    for (const auto& [id, link] : network_.links_) {
        if (const auto end = end_of(id)) {
            mine.emplace_back(id, *end);
        }
    }
    for (const auto& [id, end] : mine) {
        if (says_goodbye) {
            network_.transmit(id, end, {{}, {}, Error{ErrorCode::PeerLost, "the process is gone"}});
        } else {
            network_.links_.at(id).ends[end].sent.clear();
        }
        network_.close_end(id, end);
    }
    if (network_.endpoint_at(machine_) == this) {
        network_.endpoints_.erase(machine_);
    }
}

std::optional<int> Network::Endpoint::end_of(wire::LinkId link) const {
    const auto at = network_.links_.find(link);
    return at == network_.links_.end() ? std::nullopt : end_of(at->second);
}

std::optional<int> Network::Endpoint::end_of(const Link& link) const {
    for (const int end : {0, 1}) {
        if (link.ends[end].endpoint == this) {
            return end;
        }
    }
    return std::nullopt;
}

void Network::Endpoint::dial(wire::DialId id, const wire::Address& address, const DeviceId& expected) {
    call(id, address, expected);
}

void Network::Endpoint::dial_anybody(wire::DialId id, const wire::Address& address) {
    call(id, address, std::nullopt);
}

void Network::Endpoint::call(wire::DialId id,
                             const wire::Address& address,
                             const std::optional<DeviceId>& expected) {
    dials_.insert(id);
    const wire::LinkId link = network_.next_link_++;
    // One round trip for TCP and one for TLS.
    network_.world_.after(network_.latency * 4, [&network = network_, machine = machine_, caller = this, id,
                                                 to = address.host, expected, link] {
        if (network.endpoint_at(machine) != caller || !caller->dials_.contains(id) ||
            !network.powered_.contains(to) || network.is_cut(machine, to) || network.is_cut(to, machine)) {
            return;  // nobody answers; the dialler gives up when it likes
        }
        caller->dials_.erase(id);
        Endpoint* theirs = network.endpoint_at(to);
        const bool wanted = theirs != nullptr && theirs != caller &&
                            (!expected || (theirs->self_ == *expected && caller->knows(*expected)));
        if (wanted && theirs->lets_in(caller->self_)) {
            network.connect(link, id, *caller, *theirs);
            return;
        }
        const auto after_event = caller->after_event_;
        caller->events_.on_dial_failed(id, {ErrorCode::PeerUnreachable, "refused"}, network.world_.now());
        after_event();
    });
}

void Network::Endpoint::cancel_dial(wire::DialId id) {
    dials_.erase(id);
}

bool Network::Endpoint::send(wire::LinkId link, Bytes frame) {
    const auto at = network_.links_.find(link);
    const auto end = at == network_.links_.end() ? std::nullopt : end_of(at->second);
    if (!end) {
        return true;
    }
    End& mine = at->second.ends[*end];
    const End& theirs = at->second.ends[1 - *end];
    if (network_.on_sending) {
        network_.on_sending(machine_, frame);
    }
    if (network_.on_sent) {
        network_.on_sent({machine_, theirs.machine, self_, theirs.device, frame, network_.world_.now().mono});
    }
    network_.transmit(link, at->second, *end, {{}, std::move(frame), std::nullopt});
    mine.starved = mine.buffered >= network_.buffer_bytes;
    return !mine.starved;
}

void Network::Endpoint::close(wire::LinkId link, const Error& reason) {
    const auto end = end_of(link);
    if (end) {
        network_.transmit(link, *end, {{}, {}, reason});
        network_.close_end(link, *end);
    }
}

void Network::Endpoint::set_roster(identity::RosterView roster) {
    roster_ = std::move(roster);
    const Error reason{ErrorCode::PeerLost, "no member any more"};
    std::vector<wire::LinkId> strangers;
    for (const auto& [id, link] : network_.links_) {
        const auto end = end_of(id);
        if (end && !link.recovers && !knows(link.ends[1 - *end].device)) {
            strangers.push_back(id);
        }
    }
    for (const wire::LinkId id : strangers) {
        close(id, reason);
        network_.tell_down(*this, id, reason);
    }
}

}  // namespace ambit::sim
