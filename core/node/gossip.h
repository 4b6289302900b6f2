// Gossip: facts, kept and fleeting, between this node and its peers.
//
// Kept: what is written here is pushed ("facts.news"); heights are compared when a link comes up, after each
// commit and for what others wrote a little later, then missing ranges are pulled ("facts.heights",
// "facts.range").  Fleeting: pushed ("facts.fleeting").  Everything passes the gate, with one ledger row per
// peer, channel and session. Use: on_time() at next_time().  Ownership: Node owns it; borrows Parts. Threads:
// the loop's. Failure: what a peer did wrong becomes a health item that names it; the peer's other channels
// go on.  Spec: docs/spec/facts.md section "Sync".
#pragma once

#include <set>

#include "node/parts.h"

namespace ambit::node {

inline constexpr std::string_view kHeightsMethod = "facts.heights";
inline constexpr std::string_view kRangeMethod = "facts.range";
// Also the name of the feature: a peer that offers it in its Hello takes news.
inline constexpr std::string_view kNewsMethod = "facts.news";
inline constexpr std::string_view kFleetingMethod = "facts.fleeting";
// A peer that was asked for a channel and sends nothing of it for so long is left; 258 KB take less on any
// link.
inline constexpr seconds kRangeWaitMax{30};

class Gossip {
  public:
    explicit Gossip(Parts& parts) : parts_(parts) {}

    void on_peer_up(const DeviceId& peer, Now now);
    void on_features(const DeviceId& peer, const std::vector<std::string>& features);
    void on_peer_down(const DeviceId& peer);
    void on_roster(Now now);

    void on_heights(const DeviceId& peer, ByteView body, Now now);
    void on_news(const DeviceId& peer, ByteView body, Now now);
    std::vector<facts::LabelledFact> on_fleeting(const DeviceId& peer, ByteView body, Now now);
    // A peer asks for a range; false if the call is not of this kind.
    bool on_incoming(const wire::Incoming& incoming, Now now);
    bool on_item(const wire::Item& item, Now now);
    bool on_closed(const wire::Closed& closed, Now now);
    void on_cancelled(wire::CallId call);
    void on_writable(wire::CallId call, Now now);
    // An answer for a peer was read from the store.
    void on_served(facts::Served served, Now now);
    void on_read_failed(storage::ReadId read, const Error& error, Now now);

    // Leaves those that do not send what they were asked for: others are asked first, then they again.
    void on_time(Now now);
    std::optional<MonoTime> next_time() const;

    // After Facts::on_durable() and at Facts::next_relay(): tells the peers what is new.
    void send_changed(Now now);
    void send_fleeting(Now now);

  private:
    struct Fetch {
        DeviceId peer;
        facts::Channel channel;
        MonoTime waits_until;
        bool is_left = false;
    };

    struct Serve {
        wire::CallId call = 0;
        DeviceId peer;
    };

    struct Unsent {
        facts::Served served;
    };

    void fetch(const DeviceId& peer, Now now);
    void start_serving(const DeviceId& peer, wire::CallId call, const facts::Want& want, Now now);
    void pass_on(wire::CallId call, const facts::Served& served, Now now);
    void notify(const DeviceId& peer, std::string_view method, const privacy::Labelled<Bytes>& body, Now now);
    // One per peer and channel: everything about facts of one audience shares one row of the ledger.
    privacy::SyncSession& session(const DeviceId& peer, std::string_view what, const privacy::Audience& of);
    void blame(const DeviceId& peer, const Error& error);
    void note_stalled(const DeviceId& peer, Now now);
    void forget_stalled(const DeviceId& peer);

    Parts& parts_;
    std::set<DeviceId> take_news_;          // peers
    std::map<DeviceId, MonoTime> stalled_;  // peers, until they send something or nothing is asked of them
    std::map<wire::CallId, Fetch> fetches_;
    std::map<storage::ReadId, Serve> serves_;
    std::map<wire::CallId, Unsent> unsent_;

    struct Topic {
        std::string_view what;
        privacy::Audience audience;
        privacy::SyncSession session;
    };

    std::map<DeviceId, std::vector<Topic>> sessions_;  // a peer is in few audiences
};

}  // namespace ambit::node
