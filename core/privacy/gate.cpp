#include "privacy/gate.h"

#include "privacy/ledger.h"

namespace ambit::privacy {

Gate::Gate(DeviceId self, Ledger& ledger) : self_(self), ledger_(ledger) {}

void Gate::set_roster(identity::RosterView roster) {
    roster_ = std::move(roster);
    cache_.clear();
    index_.clear();
    members_.reset();
    next_expiry_.reset();
    if (!roster_) {
        return;
    }
    for (const auto& [id, device] : roster_->devices) {
        if (index_.size() == kDevicesMax) {
            break;
        }
        members_.set(index_.size());
        index_.emplace(id, index_.size());
    }
    for (const auto& [id, person] : roster_->people) {
        if (person.role == identity::Role::Guest && person.expires) {
            next_expiry_ = std::min(next_expiry_.value_or(*person.expires), *person.expires);
        }
    }
}

void Gate::expire_guests(Now now) {
    if (!next_expiry_ || now.wall < *next_expiry_) {
        return;
    }
    next_expiry_.reset();
    for (const auto& [id, device] : roster_->devices) {
        const auto bit = index_.find(id);
        if (!device.owner || bit == index_.end()) {
            continue;
        }
        const auto owner = roster_->people.find(*device.owner);
        if (owner == roster_->people.end() || owner->second.role != identity::Role::Guest ||
            !owner->second.expires) {
            continue;
        }
        const WallTime expires = *owner->second.expires;
        if (expires <= now.wall) {
            members_.reset(bit->second);
        } else {
            next_expiry_ = std::min(next_expiry_.value_or(expires), expires);
        }
    }
}

void Gate::add_service(const Service& service) {
    services_.insert_or_assign(service.name, service);
}

void Gate::remove_service(const std::string& name) {
    services_.erase(name);
}

const Gate::Resolved& Gate::resolved(const Audience& audience) const {
    if (const auto found = cache_.find(audience); found != cache_.end()) {
        return found->second;
    }
    if (cache_.size() >= kResolvedMax) {
        cache_.clear();
    }
    auto readers = resolve(audience, *roster_);
    Resolved entry = readers ? Resolved{*readers, std::nullopt} : Resolved{{}, readers.error()};
    return cache_.emplace(audience, std::move(entry)).first->second;
}

Result<Cleared<Bytes>> Gate::clear(const Labelled<Bytes>& value,
                                   const Recipient& recipient,
                                   const Egress& why,
                                   Now now) {
    expire_guests(now);
    const Label& row_label = why.before ? *why.before : value.label_;
    if (const auto allowed = check(value.label_, recipient); !allowed) {
        ledger_.append_refused(to_string(recipient), why, row_label, allowed.error().code, now);
        return allowed.error();
    }
    const auto ticket = ledger_.append_cleared(to_string(recipient), why, row_label, now);
    return Cleared<Bytes>(value.value_, recipient, value.label_, roster_->version, ticket);
}

Result<Cleared<Bytes>> Gate::clear_in(SyncSession& session, const Labelled<Bytes>& value, Now now) {
    expire_guests(now);
    const Recipient& recipient = session.recipient();
    const Egress why{session.what(), "audience"};
    if (const auto allowed = check(value.label_, recipient); !allowed) {
        ledger_.append_refused(to_string(recipient), why, value.label_, allowed.error().code, now);
        return allowed.error();
    }
    if (!session.row_ || session.row_->label != value.label_) {
        const auto ticket = ledger_.append_cleared(to_string(recipient), why, value.label_, now);
        session.row_ = SyncSession::Row{value.label_, ticket};
    }
    return Cleared<Bytes>(value.value_, recipient, value.label_, roster_->version, session.row_->ticket);
}

Result<void> Gate::recheck(const Cleared<Bytes>& cleared, Now now) {
    expire_guests(now);
    const auto allowed = check(cleared.label(), cleared.recipient());
    if (!allowed) {
        ledger_.append_refused(to_string(cleared.recipient()), Egress{"waiting message", "recheck"},
                               cleared.label(), allowed.error().code, now);
    }
    return allowed;
}

}  // namespace ambit::privacy
