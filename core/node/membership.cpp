#include "node/membership.h"

#include "proto/node.pb.h"

namespace ambit::node {
namespace {

constexpr std::size_t kNoticeBytesMax = 128 * 1024;

Bytes encode(const v1::RosterOperations& message) {
    Bytes body(message.ByteSizeLong());
    message.SerializeToArray(body.data(), static_cast<int>(body.size()));
    return body;
}

}  // namespace

Result<void> Membership::load(Now now) {
    std::optional<Error> failure;
    AMBIT_TRY(parts_.storage.load_streams(
        kRosterStream, [&](const std::string& stream, std::uint64_t seq, ByteView operation) {
            if (stream != kRosterStream) {
                return;
            }
            stored_ = seq;
            const auto added = parts_.log.restore(operation);
            if (!failure && (!added || *added != identity::AddOutcome::Accepted)) {
                failure = Error{ErrorCode::StoreDamaged,
                                "roster operation " + std::to_string(seq) + ": " +
                                    (added ? "what it builds on is missing" : added.error().message())};
            }
        }));
    if (failure) {
        return *failure;
    }
    tell_parts(now);
    return {};
}

Result<storage::Ticket> Membership::adopt(Result<Bytes> operation, Now now) {
    AMBIT_TRY_ASSIGN(const Bytes bytes, std::move(operation));
    return adopt(std::vector<Bytes>{bytes}, now);
}

Result<storage::Ticket> Membership::adopt(const std::vector<Bytes>& operations, Now now) {
    if (parts_.storage_failure) {
        return *parts_.storage_failure;
    }
    AMBIT_TRY(add(operations, now));
    return last_ticket_;
}

Result<std::size_t> Membership::add(const std::vector<Bytes>& operations, Now now) {
    const std::vector<identity::OperationHash> before = parts_.log.hashes();
    std::optional<Error> refused;
    std::size_t waiting = 0;
    for (const Bytes& operation : operations) {
        const auto outcome = parts_.log.add(operation);
        if (!outcome) {
            refused = refused.value_or(outcome.error());
        } else if (*outcome == identity::AddOutcome::WaitingForParents) {
            ++waiting;
        }
    }
    // What was waiting may have been accepted too: what is new is what the log has now and had not.
    std::vector<Bytes> accepted = parts_.log.missing_for(before);
    if (!accepted.empty()) {
        last_ticket_ =
            parts_.storage.commit({storage::Append{std::string(kRosterStream), stored_ + 1, accepted}});
        stored_ += accepted.size();
        spreading_.push_back({last_ticket_, std::move(accepted)});
        tell_parts(now);
        if (!keep_admin_) {
            if (const auto follow_up = author(now).follow_up()) {
                AMBIT_TRY(add({*follow_up}, now));
            }
        }
    }
    if (refused) {
        return *refused;
    }
    return waiting;
}

void Membership::tell_parts(Now now) {
    const identity::RosterView before = parts_.roster;
    parts_.roster = parts_.log.roster();
    parts_.gate.set_roster(parts_.roster);
    parts_.facts.set_roster(parts_.roster, now);
    parts_.fleeting.set_roster(parts_.roster);
    parts_.links.set_roster(parts_.roster, now);
    if (before) {
        for (const auto& [id, device] : before->devices) {
            if (parts_.roster->device(id) == nullptr) {
                parts_.directory.forget(id);
            }
        }
    }
    if (on_change_) {
        on_change_(now);
    }
}

void Membership::on_peer_up(const wire::PeerUp& up, Now now) {
    sessions_.insert_or_assign(up.peer, privacy::SyncSession(up.peer, "roster"));
    if (up.roster_version != parts_.roster->version) {
        send_known(up.peer, now);
    }
}

void Membership::on_peer_down(const DeviceId& peer) {
    sessions_.erase(peer);
}

void Membership::on_notice(const DeviceId& peer, ByteView body, Now now) {
    v1::RosterOperations message;
    const std::string health_key = "roster." + peer.short_hex();
    if (!message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        parts_.health.bad(health_key, {ErrorCode::BadEncoding, "roster operations of a peer"});
        return;
    }
    std::vector<Bytes> operations;
    for (const std::string& operation : message.operations()) {
        operations.push_back(to_bytes(operation));
    }
    const auto waiting = add(operations, now);
    if (!waiting) {
        parts_.health.bad(health_key, waiting.error());
    } else if (*waiting > 0) {
        send_known(peer, now);
    }
    if (message.known_size() > 0) {
        std::vector<identity::OperationHash> known;
        for (const std::string& hash : message.known()) {
            if (const auto id = identity::OperationHash::from_bytes(view_of(hash))) {
                known.push_back(*id);
            }
        }
        send_operations(peer, parts_.log.missing_for(known), now);
    }
}

void Membership::on_durable(Now now) {
    while (!spreading_.empty() && spreading_.front().ticket <= parts_.storage.durable()) {
        const Spreading spread = std::move(spreading_.front());
        spreading_.pop_front();
        for (const DeviceId& peer : parts_.links.peers_up()) {
            send_operations(peer, spread.operations, now);
        }
    }
}

void Membership::send_known(const DeviceId& peer, Now now) {
    v1::RosterOperations message;
    for (const identity::OperationHash& hash : parts_.log.hashes()) {
        message.add_known(to_text(hash.bytes()));
    }
    send(peer, encode(message), now);
}

void Membership::send_operations(const DeviceId& peer, const std::vector<Bytes>& operations, Now now) {
    v1::RosterOperations message;
    std::size_t bytes = 0;
    for (const Bytes& operation : operations) {
        if (bytes + operation.size() > kNoticeBytesMax) {
            send(peer, encode(message), now);
            message.Clear();
            bytes = 0;
        }
        message.add_operations(to_text(operation));
        bytes += operation.size();
    }
    if (bytes > 0) {
        send(peer, encode(message), now);
    }
}

void Membership::send(const DeviceId& peer, Bytes body, Now now) {
    const auto session = sessions_.find(peer);
    if (session == sessions_.end()) {
        return;  // it comes up later and is told then
    }
    const privacy::Labelled<Bytes> labelled(std::move(body), household_label());
    auto cleared = parts_.gate.clear_in(session->second, labelled, now);
    if (!cleared) {
        return;  // not a member any more: refused and in the ledger
    }
    // A full queue is cured by the next link: both sides compare rosters again when it comes up.
    const auto sent = parts_.links.notify(peer, std::string(kRosterMethod), std::move(cleared).value(), now);
    if (!sent) {
        parts_.health.bad("roster." + peer.short_hex(), sent.error());
    }
}

}  // namespace ambit::node
