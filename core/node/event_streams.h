// EventStreams: the open streams `events` and `facts/watch` of the local API, fed by what a Node tells.
//
// Ownership: LocalApi owns it; borrows Node, which it watches.  Threads: the loop's.
// Failure: a reader that is gone or too slow is dropped.  Limits: api::Responder bounds what waits for one.
// Spec: docs/spec/local-api.md sections "GET events" and "GET facts/watch".
#pragma once

#include "node/local_json.h"
#include "node/node.h"
#include "node/viewer.h"

namespace ambit::node {

using Reply = std::shared_ptr<api::Responder>;

// Which facts a query or a watcher wants.
struct FactMatch {
    std::string subject_prefix;
    bool whole_subject = false;
    std::string attribute;  // "" = any
    std::optional<privacy::NamedAudience> audience;

    bool fits(const facts::Key& key) const;
};

class EventStreams final : public Watcher {
  public:
    explicit EventStreams(Node& node);
    ~EventStreams() override;
    EventStreams(const EventStreams&) = delete;
    EventStreams& operator=(const EventStreams&) = delete;

    // A viewer is told what it may see.
    void watch_events(const Reply& reply, const Viewer& viewer);
    void watch_facts(const Reply& reply, const Viewer& viewer, FactMatch match);
    // Something that was asked at this device ended, or waits; the words have the asker's audience.
    void tell_request(const Json& data, const privacy::NamedAudience& audience);
    // Ends all of them: the daemon stops.
    void stop();

    // When a peer was last heard of, if it went away while this daemon ran.
    std::optional<WallTime> last_seen(const DeviceId& peer) const;

    void on_fact(const facts::LabelledFact& fact, bool gone) override;
    void on_peer(const DeviceId& peer, bool up) override;
    void on_health(const capability::HealthItem& item) override;
    void on_pending_changed() override;
    void on_roster_changed() override;

  private:
    struct Stream {
        Reply reply;
        Viewer viewer;
        std::optional<FactMatch> facts;  // none: the stream `events`
        bool gone = false;
    };

    void watch(const Reply& reply, const Viewer& viewer, std::optional<FactMatch> match);
    void tell(std::string_view name, const Json& data, const privacy::NamedAudience& audience);
    void sweep();

    Node& node_;
    std::vector<std::shared_ptr<Stream>> streams_;
    std::map<DeviceId, WallTime> last_seen_;
};

Json health_json(const capability::HealthItem& item);
Json pending_json(const request::Pending& pending, Node& node);

}  // namespace ambit::node
