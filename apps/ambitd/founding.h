// Founding: answers the local API while this device is in no household: creating, joining and recovering one.
//
// Ownership: System owns it until a household is there; borrows what it is given.  Threads: the loop's.
// Failure: everything that needs a household is answered NoHousehold.  Spec: docs/spec/local-api.md section
// "Household and pairing".
#pragma once

#include "ambitd/finding.h"
#include "ambitd/joining.h"
#include "ambitd/recovery.h"
#include "node/local_api.h"
#include "paths/paths.h"
#include "settings/settings.h"

namespace ambit::daemon {

// The answer to `GET status` of a device that is in no household.
node::Json idle_status(const node::DaemonInfo& info, bool pairing);

class Founding {
  public:
    // A household that is to become this device's.
    struct Founded {
        std::vector<Bytes> operations;
        std::vector<std::string> languages;  // of a new household; else empty
        bool keep_admin = false;
        std::optional<DeviceId> host;             // who let this device join
        std::vector<std::string> host_addresses;  // "host:port"
    };

    // Stores it and brings this device to life as a member; answers {"household","device"} when durable.
    using OnFounded = std::function<void(const Founded&, std::function<void(const Result<node::Json>&)>)>;

    Founding(Loop& loop,
             const DeviceKeys& keys,
             const Paths& paths,
             const settings::Settings& settings,
             node::DaemonInfo info,
             OnFounded on_founded,
             std::function<void()> after_event);

    void handle(const api::Request& request, const Reply& reply);

    // The answer to what was founded meanwhile says so too; this is for `doctor`.
    void on_storage_failed(const Error& error) { storage_failure_ = error; }

    void settle();
    std::optional<MonoTime> next_deadline() const;
    void stop();

    // A household is there, and what was answered for it was sent.
    bool done() const { return founded_ && !joining_ && !recovery_; }

  private:
    void get_status(const Reply& reply) const;
    void get_doctor(const Reply& reply) const;
    void create(const api::Request& request, const Reply& reply);
    void join(const api::Request& request, const Reply& reply);
    void recover(const api::Request& request, const Reply& reply);
    void start_recovery(Recovery::Wanted wanted, const Reply& reply);
    // Looks for the host first.
    void find(const Joining::Wanted& wish, const Reply& reply);
    void look(mdns::Service service, const Reply& reply, Finding::OnEnd on_end);
    // What a household that let this device in becomes here.
    void adopt(Founded founded,
               const identity::DeviceDescription& self,
               std::function<void(const Result<node::Json>&)> told);

    bool busy() const { return founding_ || finding_ || joining_ || recovery_; }

    void start_joining(const Joining::Wanted& wish, const Reply& reply);
    void answer(const api::Request& request, const Reply& reply);
    Result<Joining::Wanted> wanted(const node::Json& body) const;
    Result<identity::DeviceDescription> describe_self(const node::Json& body) const;

    Loop& loop_;
    const DeviceKeys& keys_;
    const Paths& paths_;
    const settings::Settings& settings_;
    node::DaemonInfo info_;
    OnFounded on_founded_;
    std::function<void()> after_event_;
    std::unique_ptr<Finding> finding_;
    std::unique_ptr<Joining> joining_;
    std::unique_ptr<Recovery> recovery_;
    std::optional<Error> storage_failure_;
    bool founding_ = false;
    bool founded_ = false;
};

}  // namespace ambit::daemon
