#include "ambitd/discovery.h"

#include <algorithm>

namespace ambit::daemon {
namespace {

constexpr const char* kHealthKey = "mdns";

std::uint64_t day_of(WallTime time) {
    const auto days = std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(days, 1));
}

}  // namespace

Discovery::Discovery(Loop& loop, node::Node& node, std::function<void()> after_event)
    : node_(node), after_event_(std::move(after_event)) {
    mdns::Events events;
    events.on_found = [this](const mdns::Found& found) {
        on_found(found);
        after_event_();
    };
    events.on_gone = [this](const std::string& instance) { found_.erase(instance); };
    events.on_state = [this](const Result<void>& state) {
        node_.on_health(
            {kHealthKey, state.has_value(),
             state ? Error{ErrorCode::DiscoveryUnavailable, "finds devices nearby"} : state.error()});
        after_event_();
    };
    auto mdns = mdns::Mdns::start(loop, mdns::Service::Mesh, std::move(events));
    if (!mdns) {
        node_.on_health({kHealthKey, false, mdns.error()});
        return;
    }
    mdns_ = std::move(mdns).value();
}

void Discovery::set_pairing_port(std::optional<std::uint16_t> port) {
    if (!mdns_) {
        return;
    }
    if (port) {
        // Random: anything made from the code would let a stranger guess it without using a try.
        const auto name = Loop::system_random().bytes<16>();
        mdns_->publish(mdns::Service::Pairing, to_hex(name), *port);
    } else {
        mdns_->withdraw(mdns::Service::Pairing);
    }
}

void Discovery::on_found(const mdns::Found& found) {
    const auto [from, to] = found_.equal_range(found.instance);
    const bool known = std::any_of(from, to, [&](const auto& entry) {
        return entry.second.host == found.host && entry.second.port == found.port;
    });
    if (!known && found_.size() < mdns::kFoundMax) {
        found_.emplace(found.instance, found);
        hint(found);
    }
}

void Discovery::hint(const mdns::Found& found) {
    node::Parts& parts = node_.parts();
    const Now now = node_.now();
    const std::uint64_t today = day_of(now.wall);
    for (const auto& [id, device] : parts.roster->devices) {
        for (const std::uint64_t day : {today, today - 1, today + 1}) {
            if (id != parts.self &&
                wire::opaque_instance(parts.roster->household, id, day) == found.instance) {
                parts.links.add_hint(id, {found.host, found.port}, now);
                return;
            }
        }
    }
}

void Discovery::on_roster() {
    for (const auto& [instance, found] : found_) {
        hint(found);
    }
}

void Discovery::settle(Now now) {
    const node::Parts& parts = node_.parts();
    if (!mdns_ || mesh_port_ == 0) {
        return;
    }
    if (parts.me() == nullptr) {
        if (!published_.empty()) {
            published_.clear();
            mdns_->withdraw(mdns::Service::Mesh);
        }
        return;
    }
    std::string name = wire::opaque_instance(parts.roster->household, parts.self, day_of(now.wall));
    if (name != published_) {
        published_ = std::move(name);
        mdns_->publish(mdns::Service::Mesh, published_, mesh_port_);
    }
}

}  // namespace ambit::daemon
