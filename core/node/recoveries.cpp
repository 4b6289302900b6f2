#include "node/recoveries.h"

namespace ambit::node {

bool Recoveries::on_link_up(const wire::LinkUp& up, Now now) {
    if (up.dial || parts_.roster->device(up.peer) != nullptr || !parts_.roster->is_recovery(up.peer)) {
        return false;
    }
    if (hosts_.size() == kRecoveriesMax) {
        transport_.close(up.link, {ErrorCode::LimitExceeded, "recoveries at once"});
        return true;
    }
    hosts_.emplace(up.link, identity::RecoveryHost(parts_.log, parts_.roster->recovery_key, addresses_, now));
    return true;
}

bool Recoveries::on_link_down(wire::LinkId link) {
    return hosts_.erase(link) > 0;
}

bool Recoveries::on_frame(wire::LinkId link, ByteView frame, Now now) {
    const auto host = hosts_.find(link);
    if (host == hosts_.end()) {
        return false;
    }
    send(link, host->second.handle(frame, now));
    follow(link, now);
    return true;
}

void Recoveries::on_tick(Now now) {
    std::vector<wire::LinkId> links;
    for (const auto& [link, host] : hosts_) {
        links.push_back(link);
    }
    for (const wire::LinkId link : links) {
        send(link, hosts_.at(link).tick(now));
        follow(link, now);
    }
}

std::optional<MonoTime> Recoveries::next_deadline() const {
    std::optional<MonoTime> earliest;
    for (const auto& [link, host] : hosts_) {
        earliest = std::min(earliest.value_or(host.deadline()), host.deadline());
    }
    return earliest;
}

void Recoveries::send(wire::LinkId link, const std::vector<Bytes>& frames) {
    for (const Bytes& frame : frames) {
        // A whole log is a few hundred frames at most; what does not fit the link's buffer breaks the link.
        (void)transport_.send(link, frame);
    }
}

void Recoveries::follow(wire::LinkId link, Now now) {
    for (const identity::RecoveryEvent& event : hosts_.at(link).take_events()) {
        if (const auto* arrived = std::get_if<identity::RecoveryArrived>(&event)) {
            adopt(link, arrived->operation, now);
        }
    }
    const auto host = hosts_.find(link);
    if (host != hosts_.end() && host->second.over()) {
        transport_.close(link, {ErrorCode::Stopping, "the recovery is over"});
        hosts_.erase(host);
    }
}

void Recoveries::adopt(wire::LinkId link, const Bytes& operation, Now now) {
    const auto ticket = membership_.adopt(std::vector<Bytes>{operation}, now);
    if (!ticket) {
        send(link, hosts_.at(link).refuse(ticket.error()));
        return;
    }
    when_durable_(*ticket, [this, link, now](const Result<void>& durable) {
        const auto host = hosts_.find(link);
        if (host != hosts_.end()) {
            send(link, durable ? host->second.adopted() : host->second.refuse(durable.error()));
            follow(link, now);
        }
    });
}

}  // namespace ambit::node
