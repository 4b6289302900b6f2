#include "node/outlet.h"

namespace ambit::node {

void Outlet::send(const std::string& what,
                  const std::string& text,
                  const privacy::Label& label,
                  Deliver deliver) {
    if (waiting_.size() >= kWaitingMax) {
        return deliver(Error{ErrorCode::LimitExceeded, "the disk is slow: too much waits for it"});
    }
    const Now now = node_.now();
    auto at = rows_.find(what);
    if (at != rows_.end() && now.mono - at->second.since >= kRowEvery) {
        rows_.erase(at);
        at = rows_.end();
    }
    if (at == rows_.end()) {
        if (rows_.size() >= kKindsMax) {
            rows_.clear();
        }
        at = rows_.try_emplace(what, Row{privacy::SyncSession(service_, what), now.mono}).first;
    }
    auto cleared =
        node_.parts().gate.clear_in(at->second.session, privacy::Labelled<Bytes>(to_bytes(text), label), now);
    if (!cleared) {
        return deliver(cleared.error());
    }
    const storage::Ticket ticket = cleared->ticket();
    waiting_.push_back({std::move(cleared).value(), std::move(deliver)});
    node_.when_durable(ticket,
                       [self = shared_from_this()](const Result<void>& durable) { self->flush(durable); });
}

void Outlet::flush(const Result<void>& durable) {
    const storage::Ticket up_to = node_.parts().storage.durable();
    while (!waiting_.empty() && (!durable || waiting_.front().text.ticket() <= up_to)) {
        Waiting first = std::move(waiting_.front());
        waiting_.pop_front();
        // The token may have been revoked, or its person left, while it waited.
        const auto still = durable ? node_.parts().gate.recheck(first.text, node_.now()) : durable;
        first.deliver(still ? Result<std::string>(to_text(first.text.value()))
                            : Result<std::string>(still.error()));
    }
}

}  // namespace ambit::node
