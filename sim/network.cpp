#include "sim/network.h"

#include <algorithm>

namespace ambit::sim {

void World::after(microseconds delay, std::function<void()> event) {
    events_.push({now_.mono + delay, next_order_++, std::move(event)});
}

void World::step() {
    Event event = events_.top();
    events_.pop();
    const auto passed = std::max(event.at - now_.mono, microseconds{0});
    now_.mono += passed;
    now_.wall += passed;
    event.run();
}

void World::run_for(microseconds span) {
    run_until([] { return false; }, span);
}

bool World::run_until(const std::function<bool()>& done, microseconds span) {
    const MonoTime until = now_.mono + span;
    while (!done()) {
        if (events_.empty() || events_.top().at > until) {
            const auto rest = std::max(until - now_.mono, microseconds{0});
            now_.mono += rest;
            now_.wall += rest;
            return done();
        }
        step();
    }
    return true;
}

std::unique_ptr<Network::Endpoint> Network::attach(const DeviceId& device,
                                                   wire::TransportEvents& events,
                                                   std::function<void()> after_event) {
    auto endpoint = std::make_unique<Endpoint>(*this, device, events, std::move(after_event));
    endpoints_[device] = endpoint.get();
    return endpoint;
}

void Network::cut(const DeviceId& a, const DeviceId& b) {
    cuts_.insert({a, b});
    cuts_.insert({b, a});
}

void Network::heal(const DeviceId& a, const DeviceId& b) {
    cuts_.erase({a, b});
    cuts_.erase({b, a});
}

bool Network::is_cut(const DeviceId& a, const DeviceId& b) const {
    return cuts_.contains({a, b});
}

void Network::deliver(const DeviceId& from, const DeviceId& to, std::function<void(Endpoint&)> event) {
    if (is_cut(from, to)) {
        return;
    }
    world_.after(latency, [this, to, event = std::move(event)] {
        const auto at = endpoints_.find(to);
        if (at != endpoints_.end()) {
            const auto after_event = at->second->after_event_;
            event(*at->second);
            after_event();
        }
    });
}

Network::Endpoint::Endpoint(Network& network,
                            DeviceId self,
                            wire::TransportEvents& events,
                            std::function<void()> after_event)
    : network_(network), self_(self), events_(events), after_event_(std::move(after_event)) {}

Network::Endpoint::~Endpoint() {
    network_.endpoints_.erase(self_);
    for (auto& [id, link] : network_.links_) {
        if (link.open && (link.dialler == self_ || link.acceptor == self_)) {
            close(id, {ErrorCode::PeerLost, "the device is off"});
        }
    }
}

void Network::Endpoint::dial(wire::DialId id, const wire::Address& address, const DeviceId& expected) {
    dials_.insert(id);
    const DeviceId dialler = self_;
    const wire::LinkId link = network_.next_link_++;
    network_.world_.after(network_.latency * 2, [&network = network_, id, address, expected, dialler, link] {
        const auto mine = network.endpoints_.find(dialler);
        if (mine == network.endpoints_.end() || mine->second->dials_.erase(id) == 0) {
            return;
        }
        const auto theirs = network.endpoints_.find(expected);
        const bool there = theirs != network.endpoints_.end() && !network.is_cut(dialler, expected) &&
                           address.host == expected.hex();
        const bool welcome = there && theirs->second->roster_ && mine->second->roster_ &&
                             theirs->second->roster_->device(dialler) != nullptr &&
                             mine->second->roster_->device(expected) != nullptr;
        const Now now = network.world_.now();
        if (!welcome) {
            const auto after_event = mine->second->after_event_;
            mine->second->events_.on_dial_failed(id, {ErrorCode::PeerUnreachable, "nobody answers"}, now);
            after_event();
            return;
        }
        network.links_[link] = {dialler, expected, true};
        const auto after_mine = mine->second->after_event_;
        const auto after_theirs = theirs->second->after_event_;
        theirs->second->events_.on_link_up({link, dialler, std::nullopt, Network::address_of(dialler)}, now);
        after_theirs();
        mine->second->events_.on_link_up({link, expected, id, address}, now);
        after_mine();
    });
}

void Network::Endpoint::cancel_dial(wire::DialId id) {
    dials_.erase(id);
}

bool Network::Endpoint::send(wire::LinkId link, Bytes frame) {
    const auto at = network_.links_.find(link);
    if (at == network_.links_.end() || !at->second.open) {
        return true;
    }
    const DeviceId to = at->second.dialler == self_ ? at->second.acceptor : at->second.dialler;
    network_.deliver(self_, to, [&network = network_, link, frame = std::move(frame)](Endpoint& endpoint) {
        const auto still = network.links_.find(link);
        if (still != network.links_.end() && still->second.open) {
            ++network.frames_delivered_;
            endpoint.events_.on_frame(link, frame, network.world_.now());
        }
    });
    return true;
}

void Network::Endpoint::close(wire::LinkId link, const Error& reason) {
    const auto at = network_.links_.find(link);
    if (at == network_.links_.end() || !at->second.open) {
        return;
    }
    const DeviceId to = at->second.dialler == self_ ? at->second.acceptor : at->second.dialler;
    // What was sent before arrives before the end does.
    network_.deliver(self_, to, [&network = network_, link, reason](Endpoint& endpoint) {
        const auto still = network.links_.find(link);
        if (still != network.links_.end() && still->second.open) {
            still->second.open = false;
            endpoint.events_.on_link_down(link, reason, network.world_.now());
        }
    });
    if (network_.is_cut(self_, to)) {
        at->second.open = false;
    }
}

void Network::Endpoint::go_down(wire::LinkId link, const Error& reason) {
    network_.world_.after(microseconds{0}, [&network = network_, self = self_, link, reason] {
        const auto at = network.endpoints_.find(self);
        if (at != network.endpoints_.end()) {
            const auto after_event = at->second->after_event_;
            at->second->events_.on_link_down(link, reason, network.world_.now());
            after_event();
        }
    });
}

void Network::Endpoint::set_roster(identity::RosterView roster) {
    roster_ = std::move(roster);
    for (auto& [id, link] : network_.links_) {
        const bool mine = link.open && (link.dialler == self_ || link.acceptor == self_);
        if (mine && roster_->device(link.dialler == self_ ? link.acceptor : link.dialler) == nullptr) {
            close(id, {ErrorCode::PeerLost, "no member any more"});
            go_down(id, {ErrorCode::PeerLost, "no member any more"});
        }
    }
}

}  // namespace ambit::sim
