// System: the daemon, wired: read it top to bottom; it is destroyed bottom to top.
//
// Ownership: main() owns it.  Threads: the loop's; run() makes the caller's thread that.
// Failure: start() says why the daemon can't run; run() returns when it was asked to stop and has drained.
// Spec: ARCHITECTURE.md, "Entry points".
#pragma once

#include <optional>

#include "ambitd/founding.h"
#include "ambitd/member.h"
#include "ambitd/repair.h"
#include "http/unix_server.h"
#include "paths/paths.h"
#include "settings_file/settings_file.h"

namespace ambit::daemon {

class System final : public storage::StorageEvents, public wire::TransportEvents {
  public:
    // How long stopping may take: answers under way, links' goodbyes.
    static constexpr seconds kStopMax{5};

    System(Paths paths, settings::Loaded loaded, Log log);
    ~System() override;

    Result<void> start();
    void run();

    // storage::StorageEvents
    void on_durable(storage::Ticket up_to) override;
    void on_read(storage::ReadId id, Result<storage::Items> items) override;
    void on_storage_failed(const Error& error) override;
    // wire::TransportEvents
    void on_link_up(const wire::LinkUp& up, Now now) override;
    void on_link_down(wire::LinkId link, const Error& reason, Now now) override;
    void on_frame(wire::LinkId link, ByteView frame, Now now) override;
    void on_writable(wire::LinkId link, Now now) override;
    void on_dial_failed(wire::DialId id, const Error& reason, Now now) override;

  private:
    // Opens the store and becomes what is in it; Repair where that can't be.
    Result<void> begin();
    Result<void> open_store();
    // Whether a household is in it.
    Result<bool> open_file();
    void handle(const api::Request& request, const Reply& reply);
    // Stores a household that was made or joined, then runs as its member.
    void found(const Founding::Founded& founded, std::function<void(const Result<node::Json>&)> told);
    Result<node::Json> become_member(const Founding::Founded& founded);
    identity::DeviceDescription describe_self() const;
    // What follows from the last event; then asks the loop to wake when the next thing is due.
    void after_event();
    void stop();

    const Paths paths_;
    settings::Loaded loaded_;
    Log log_;
    node::DaemonInfo info_;
    Loop loop_;
    std::optional<DeviceKeys> keys_;
    std::unique_ptr<store::SqliteStore> store_;
    std::unique_ptr<mesh::MeshTransport> transport_;
    std::unique_ptr<Member> member_;
    std::unique_ptr<Founding> founding_;
    std::unique_ptr<Repair> repair_;
    std::unique_ptr<http::UnixServer> server_;
    // A founding waits for this.
    storage::Ticket founded_at_ = 0;
    std::function<void(const Result<void>&)> on_founded_;
    bool store_failed_ = false;  // before there was a household
    bool settling_ = false;
    bool stopping_ = false;
};

}  // namespace ambit::daemon
