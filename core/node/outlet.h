// Outlet: the way of one client's answers through the gate.
//
// Each text is cleared for the client's service and handed on, in order, once its row of the ledger is
// durable. Rows are shared: one for each kind of answer and label every kRowEvery, so that a page that is
// open all day does not fill the ledger.  Ownership: shared, because answers wait for the disk; borrows Node,
// which outlives it. Threads: the loop's.  Failure: the receiver of a text gets the gate's error instead.
// Spec: docs/spec/privacy.md section "Clients".
#pragma once

#include <deque>

#include "node/node.h"
#include "privacy/ledger.h"

namespace ambit::node {

class Outlet : public std::enable_shared_from_this<Outlet> {
  public:
    static constexpr seconds kRowEvery{3600};
    static constexpr std::size_t kKindsMax = 64;
    // What may wait for the disk; more is refused with LimitExceeded, ahead of what waits.
    static constexpr std::size_t kWaitingMax = 1024;

    using Deliver = std::function<void(Result<std::string>)>;

    Outlet(Node& node, privacy::Service service) : node_(node), service_(std::move(service)) {}

    const privacy::Service& service() const { return service_; }

    // `what` names the kind of answer for the ledger: "facts", "answer", never content.
    void send(const std::string& what, const std::string& text, const privacy::Label& label, Deliver deliver);

  private:
    struct Row {
        privacy::SyncSession session;
        MonoTime since;
    };

    struct Waiting {
        privacy::Cleared<Bytes> text;
        Deliver deliver;
    };

    void flush(const Result<void>& durable);

    Node& node_;
    privacy::Service service_;
    std::map<std::string, Row> rows_;  // by what
    std::deque<Waiting> waiting_;
};

}  // namespace ambit::node
