// LocalApi: answers docs/spec/local-api.md on a Node.
//
// What needs no household (status without one, config, creating, joining, down) is the daemon's own.
// Ownership: the daemon owns it, destroys it before the Node; borrows Node and the pairing listener.
// Threads: the loop's.  Use: handle() for each request, settle() after every event, tick at next_deadline().
// Failure: every request is answered once.  Spec: docs/spec/local-api.md.
#pragma once

#include "node/event_streams.h"
#include "node/pairings.h"
#include "node/tokens.h"

namespace ambit::node {

// What the daemon knows and the Node does not.
struct DaemonInfo {
    std::string version;
    std::string instance;
    std::int64_t pid = 0;
    WallTime started;
    std::string listen;  // "host:port"; empty: nowhere
};

class LocalApi {
  public:
    static constexpr std::int64_t kPingsMax = 1000;
    static constexpr std::int64_t kPingBytesMax = 64 * 1024;
    static constexpr std::size_t kPingRunsMax = 16;

    LocalApi(Node& node,
             DaemonInfo info,
             PairingListenerPort& listener,
             const identity::DeviceDescription& self);

    // Reads who may come in; once, after Node::load().  StoreDamaged as there.
    Result<void> load() { return tokens_.load(); }

    // Where this device is reached; shown, and told to devices that pair.
    void set_addresses(const std::string& listen, const std::vector<wire::Address>& addresses);

    void handle(const api::Request& request, const Reply& reply);
    // The same for a client, which has some of the routes only (client_route).
    void handle_for(const Viewer& viewer, const api::Request& request, const Reply& reply);
    // The route of what a client may ask for; NoSuchPath for everything else.
    static Result<std::string> client_route(const api::Request& request);
    // `answer` as `viewer` may see it; what is kept back has a row in the ledger.
    Answer shown_to(const Viewer& viewer, const Answer& answer);

    Tokens& tokens() { return tokens_; }

    // The page's address for a program of this machine, and for others ("" where there is none).
    void set_page(std::string here, std::string elsewhere) {
        page_here_ = std::move(here);
        page_elsewhere_ = std::move(elsewhere);
    }

    // After every event of the node.
    void settle();
    std::optional<MonoTime> next_deadline() const;
    // Ends streams and pairings: the daemon stops.
    void stop();

  private:
    using Handler = void (LocalApi::*)(const api::Request&, const Reply&);
    // One that a client may call, too: it shows what its viewer may see.
    using Viewed = void (LocalApi::*)(const api::Request&, const Reply&, const Viewer&);

    struct Route {
        std::string_view method;
        std::string_view path;
        std::variant<Handler, Viewed> handler;
    };

    static const Route* route_of(const api::Request& request);

    // One `ambit ping` under way.
    struct PingRun {
        Reply reply;
        DeviceId peer;
        std::size_t bytes = 0;
        std::int64_t count = 0;
        std::int64_t sent = 0;
        std::int64_t received = 0;
        bool waiting = false;
        bool gone = false;
        MonoTime next{};
        microseconds least{0};
        microseconds most{0};
        microseconds sum{0};
    };

    static const std::vector<Route>& routes();

    // local_api_status.cpp
    void get_status(const api::Request& request, const Reply& reply, const Viewer& viewer);
    void get_doctor(const api::Request& request, const Reply& reply);
    void get_events(const api::Request& request, const Reply& reply, const Viewer& viewer);
    void post_ping(const api::Request& request, const Reply& reply);
    void run_pings(Now now);
    void on_pong(const std::shared_ptr<PingRun>& run, const Result<microseconds>& pong);
    std::vector<capability::HealthItem> checks() const;

    // local_api_devices.cpp
    void get_devices(const api::Request& request, const Reply& reply, const Viewer& viewer);
    void post_devices_remove(const api::Request& request, const Reply& reply);
    void post_devices_rename(const api::Request& request, const Reply& reply);
    void post_devices_bind(const api::Request& request, const Reply& reply);
    void post_devices_bridge(const api::Request& request, const Reply& reply);
    void get_bridges(const api::Request& request, const Reply& reply);
    void get_people(const api::Request& request, const Reply& reply, const Viewer& viewer);
    void post_people_remove(const api::Request& request, const Reply& reply);
    void post_people_role(const api::Request& request, const Reply& reply);
    Json device_row(const identity::Device& device, const std::vector<wire::PeerStatus>& links) const;
    std::vector<identity::ChannelHead> heads_of(const DeviceId& device) const;
    // Adds a roster operation; answers with `answer()` once it is durable, or with the error.
    void change_roster(Result<Bytes> operation, const Reply& reply, std::function<Json()> answer);

    // local_api_facts.cpp
    void get_facts(const api::Request& request, const Reply& reply, const Viewer& viewer);
    void post_facts(const api::Request& request, const Reply& reply, const Viewer& viewer);
    void get_facts_watch(const api::Request& request, const Reply& reply, const Viewer& viewer);
    std::vector<facts::LabelledFact> matching(const FactMatch& match, std::size_t limit) const;
    Result<FactMatch> match_of(const api::Request& request) const;
    // A fact as `viewer` may write it.
    Result<facts::Draft> draft_of(const Json& body, const Viewer& viewer) const;
    // Once the write is durable; if it never will be, `reply` fails with the reason.
    void when_written(facts::WriteId write, const Reply& reply, std::function<void()> callback);

    // local_api_ask.cpp
    void post_ask(const api::Request& request, const Reply& reply, const Viewer& viewer);
    void get_plan(const api::Request& request, const Reply& reply);
    void get_why(const api::Request& request, const Reply& reply, const Viewer& viewer);
    void get_pending(const api::Request& request, const Reply& reply, const Viewer& viewer);
    void post_confirm(const api::Request& request, const Reply& reply, const Viewer& viewer);

    void post_undo(const api::Request& request, const Reply& reply);

    // What an ask() or undo() is answered with, and how.
    struct Asking {
        std::string text;
        Viewer viewer;
        bool explain = false;
        bool stream = false;
    };

    Conversation::OnAnswered answerer(Asking asking, const Reply& reply);

    // local_api_language.cpp
    void get_lessons(const api::Request& request, const Reply& reply);
    void post_lessons(const api::Request& request, const Reply& reply);
    void delete_lesson(const api::Request& request, const Reply& reply);
    void post_language_test(const api::Request& request, const Reply& reply);

    // local_api_things.cpp
    void get_things(const api::Request& request, const Reply& reply);
    void post_things_area(const api::Request& request, const Reply& reply);
    void post_things_name(const api::Request& request, const Reply& reply);
    void get_areas(const api::Request& request, const Reply& reply);
    void post_devices_area(const api::Request& request, const Reply& reply);
    void post_areas_floor(const api::Request& request, const Reply& reply);
    void give(const api::Request& request,
              const char* member,
              std::string_view attribute,
              const Reply& reply);
    void set_place(const facts::Key& key, const std::string& value, const Reply& reply, const Json& answer);

    // local_api_imports.cpp
    void get_language(const api::Request& request, const Reply& reply);
    void post_language_import(const api::Request& request, const Reply& reply);
    void post_language_remove(const api::Request& request, const Reply& reply);

    // local_api_privacy.cpp
    void get_ledger(const api::Request& request, const Reply& reply, const Viewer& viewer);
    void get_ledger_verify(const api::Request& request, const Reply& reply);
    void get_release(const api::Request& request, const Reply& reply);
    void get_one_release(const api::Request& request, const Reply& reply);
    void post_release(const api::Request& request, const Reply& reply);
    void post_release_simulate(const api::Request& request, const Reply& reply);
    void delete_release(const api::Request& request, const Reply& reply);
    Json rule_json(const privacy::ReleaseRule& rule) const;
    // The rule that a body asks for, not signed yet.
    Result<privacy::ReleaseRule> wished_rule(const Result<Json>& body);
    // By the first digits of its id, or its name.
    Result<privacy::ReleaseRule> rule_called(const std::string& id) const;

    // local_api_tokens.cpp
    void get_token(const api::Request& request, const Reply& reply);
    void post_token(const api::Request& request, const Reply& reply);
    void delete_token(const api::Request& request, const Reply& reply);
    Json token_json(const Token& token) const;

    // local_api.cpp
    void post_pair(const api::Request& request, const Reply& reply);
    void post_pair_answer(const api::Request& request, const Reply& reply);
    void delete_pair(const api::Request& request, const Reply& reply);
    void post_recover(const api::Request& request, const Reply& reply);

    Node& node_;
    Parts& parts_;
    DaemonInfo info_;
    identity::DeviceDescription self_;
    Pairings pairings_;
    EventStreams streams_;
    Tokens tokens_;
    std::string page_here_;
    std::string page_elsewhere_;
    std::vector<std::shared_ptr<PingRun>> pings_;

    struct WaitingReply {
        Reply reply;
        std::function<void()> callback;
    };

    std::multimap<facts::WriteId, WaitingReply> when_written_;
};

}  // namespace ambit::node
