// Bridge: everything about one broker's entities that needs no socket.
//
// A state machine: connection events, messages, commands and time in; subscriptions, messages and provider
// events out.  Ownership: borrows its BridgeIo and ProviderEvents.  Threads: one, the loop's. Failure: bad
// announcements and states are HealthItems (at most kHealthItemsMax at once); every act() ends in exactly one
// on_result().  Spec: docs/spec/mqtt.md.
#pragma once

#include <map>
#include <set>

#include "capability/action.h"
#include "mqtt/discovery.h"
#include "mqtt/state.h"
#include "mqtt/zigbee.h"

namespace ambit::mqtt {

inline constexpr std::size_t kEntitiesMax = 16'384;
inline constexpr std::size_t kDiscoveryTopicsMax = 16'384;
inline constexpr std::size_t kPendingMax = 256;
inline constexpr std::size_t kHealthItemsMax = 64;  // the broker and too many entities always have room in it
inline constexpr std::size_t kLeftOutMax = 32;      // remembered of one device
// How long a device may take to announce itself again after the broker came back.
inline constexpr seconds kResyncGrace{60};
// What the broker retains is remembered for entities that listen later.
inline constexpr std::size_t kKeptBytesMax = 4096;  // of one topic
inline constexpr std::size_t kKeptBytesTotalMax = 16 * 1024 * 1024;
// Those who listen later to what is not remembered wait so long, for others who do, and ask the broker once.
inline constexpr seconds kAskAgain{1};

// What the bridge needs of a connection.
class BridgeIo {
  public:
    virtual ~BridgeIo() = default;
    virtual void subscribe(const std::string& topic) = 0;
    virtual void unsubscribe(const std::string& topic) = 0;
    // False if it was not even queued.
    virtual bool publish(const Publish& message, bool retain) = 0;
    virtual MonoTime now() const = 0;
};

class Bridge {
  public:
    // `zigbee`: zigbee2mqtt's base topic; empty: nobody is asked for its list.
    Bridge(std::string source,
           std::string prefix,
           std::string zigbee,
           BridgeIo& io,
           capability::ProviderEvents& events);

    bool connected() const { return connected_; }

    void on_connected(MonoTime now);
    void on_disconnected(const std::string& reason);
    // `retained`: the broker kept it from before, so it confirms nothing.
    void on_message(const std::string& topic, std::string_view payload, bool retained);
    void act(const capability::Action& action);
    void cancel(const RequestId& request);
    // Of all who announce something; what several topics say of one device is together.
    std::vector<capability::Survey> survey() const;
    // When on_time() is due next.
    std::optional<MonoTime> next_time() const;
    void on_time(MonoTime now);

  private:
    struct Thing {
        Announced announced;
        std::string announced_by;
        EntityState state;
        std::vector<std::optional<bool>> available;  // per availability topic
        std::optional<std::size_t> latest;           // which of them spoke last
        std::optional<MonoTime> expires;             // what it said
        bool spoke = false;                          // since the connection began
        std::string told_state;                      // what on_state() said last
        bool told_available = false;
        bool told = false;
    };

    struct Topic {
        std::string from;  // what announces it
        std::vector<std::string> entities;
        std::vector<LeftOut> left_out;  // at most kLeftOutMax
        bool retained = false;  // it came from the broker's memory once, so it should come from there again
        bool fresh = true;      // seen since the last connect
    };

    // Whoever listens to a topic.
    struct Route {
        std::set<std::string> entities;
        std::optional<std::string> kept;  // what the broker retains there, if it came and is not too long
    };

    struct Pending {
        std::string entity;
        Wanted wanted;
        MonoTime deadline;
    };

    // `from`: the discovery topic, or another name of who announces it.
    void on_announcement(const std::string& from, Announcement announcement, bool retained);
    void on_zigbee_list(std::string_view payload, bool retained);
    // False if somebody else announces it, and goes on doing so.
    bool takes_over(const std::string& entity, const std::string& from);
    void add(Announced announced, const std::string& topic);
    void remove(const std::string& entity);
    void route(const Announced& announced);
    void unroute(const std::string& entity, const std::set<std::string>& topics);
    void keep(Route& route, std::optional<std::string_view> payload);
    void ask_again();
    // What is known of its topics already, for one that listens anew.
    void hear_kept(Thing& thing);
    void on_thing_message(Thing& thing, const std::string& topic, const Payload& payload, bool retained);

    // What a message says, taken in.
    struct Heard {
        bool state = false;
        bool news = false;  // something may be other than before
    };

    Heard hear(Thing& thing, const std::string& topic, const Payload& payload, bool retained);
    bool hear_availability(Thing& thing, const std::string& topic, const Payload& payload);
    void set_expiry(Thing& thing, std::optional<MonoTime> at);
    void expire(MonoTime now);
    bool is_available(const Thing& thing) const;
    void tell(Thing& thing);
    void confirm(const Thing& thing);
    // One pulse is known to be on its way: the broker passed it on.
    void confirm_pulse(const Thing& thing, const Publish& passed);
    void finish_all(const std::vector<RequestId>& requests, ErrorCode code, const std::string& detail);
    void finish(const RequestId& request, capability::Outcome outcome, ErrorCode code, std::string detail);
    void unhealthy(const std::string& what, Error error);
    void healthy(const std::string& what);

    std::string source_;
    std::string prefix_;
    std::string zigbee_list_;  // a topic
    BridgeIo& io_;
    capability::ProviderEvents& events_;
    bool connected_ = false;
    std::map<std::string, Thing> things_;  // by entity id
    std::map<std::string, Topic> topics_;  // by who announces
    std::map<std::string, Route> routes_;  // by topic
    std::size_t kept_bytes_ = 0;
    std::set<std::string> ask_again_;  // topics
    std::optional<MonoTime> ask_again_at_;
    std::set<std::pair<MonoTime, std::string>> expiring_;  // entities
    std::map<RequestId, Pending> pending_;
    std::set<std::string> unhealthy_;
    std::optional<MonoTime> resync_at_;
};

}  // namespace ambit::mqtt
