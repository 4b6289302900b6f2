// Member: what the daemon runs once its device belongs to a household: the node, its API, its addresses, its
// providers.
//
// Ownership: System owns it and destroys it before the transport, the store and the loop it borrows.
// Threads: the loop's.  Failure: start() says why it can't; later, health items.
#pragma once

#include "ambitd/discovery.h"
#include "ambitd/host_watch.h"
#include "ambitd/log.h"
#include "ambitd/pairing_port.h"
#include "device_key/device_key.h"
#include "mesh/mesh_transport.h"
#include "node/local_api.h"
#include "node/releasing.h"
#include "settings/settings.h"
#include "store/store.h"

namespace ambit::daemon {

inline constexpr const char* kDaemonTable = "daemon";

// What a member borrows; all of it outlives it.
struct Ground {
    Loop& loop;
    const Log& log;
    const settings::Settings& settings;
    const DeviceKeys& keys;
    store::SqliteStore& store;
    mesh::MeshTransport& transport;
    const std::string& state_dir;
    // To be called after every event.
    std::function<void()> after_event;
};

class Ambient;
class Doors;
class Sources;

class Member final {
  public:
    Member(const Ground& ground, node::DaemonInfo info, const identity::DeviceDescription& self);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    // Reads everything stored and goes to work.  Before the loop runs, or after a founding.
    Result<void> start();

    node::Node& node() { return *node_; }

    void handle(const api::Request& request, const node::Reply& reply) { api_->handle(request, reply); }

    // What follows from the last event; then when to be called next.
    void settle();
    MonoTime next_deadline() const;
    // Says goodbye; the store still completes.
    void stop();

  private:
    void listen();
    // Finds others and lets them find this device at `port`, if the settings say so.
    void start_discovery(std::uint16_t port);
    // The small model that reads what no sentence has; without it the sentences are alone.
    void load_intent_model();

    struct LanguageFiles {
        std::string language;
        std::vector<language::SourceFile> files;
    };

    std::vector<LanguageFiles> sentence_files() const;
    static std::vector<language::Grammar> compiled(const std::vector<LanguageFiles>& languages);
    void take_sentences(const std::vector<LanguageFiles>& languages, std::vector<language::Grammar> grammars);
    // Soon, once for many facts that come together, and compiled aside: nobody's request waits for an import.
    void load_sentences_soon();
    void hint_static_peers();

    class FromProviders;
    class FromNode;
    class Aside;

    Ground ground_;
    node::DaemonInfo info_;
    std::unique_ptr<Aside> aside_;  // outlives the node
    std::unique_ptr<node::Node> node_;
    std::unique_ptr<HostWatch> host_watch_;
    std::unique_ptr<FromNode> from_node_;
    std::unique_ptr<FromProviders> from_providers_;
    std::unique_ptr<Discovery> discovery_;
    std::unique_ptr<PairingPort> pairing_port_;
    std::unique_ptr<node::Releasing> releasing_;
    std::unique_ptr<node::LocalApi> api_;
    std::unique_ptr<Doors> doors_;
    std::shared_ptr<bool> sentences_are_old_ = std::make_shared<bool>(false);
    std::unique_ptr<Sources> sources_;
    std::unique_ptr<Ambient> ambient_;
};

}  // namespace ambit::daemon
