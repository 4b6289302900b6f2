// Actions: carries out the effects of Requests, Executor and Confirmations: the gate, the links and the
// providers.
//
// The asking side and the acting side of `capability.invoke`, and the confirmations between them.  An Act is
// handed to its provider only when the ledger row of what goes to the provider's service is durable.
// Ownership: Node owns it; borrows Parts and the providers.  Threads: the loop's.
// Failure: every request ends in one RequestResult for its caller.  Spec: docs/spec/requests.md.
#pragma once

#include <deque>

#include "node/parts.h"

namespace ambit::node {

// What was done for an entity, for the fact that says so.
struct Acted {
    RequestId request;
    std::string capability;
    std::string entity;
    std::string input_json;
    std::optional<PersonId> person;
    DeviceId asked_by;
    request::Outcome outcome = request::Outcome::Unknown;
    std::string before_json;   // the entity's state when it was told to act; empty if it was not known
    std::string because_json;  // what an agent gives as its reasons; empty for a command
    privacy::Audience told;    // of what it was told
};

class Actions {
  public:
    using OnFinished = std::function<void(const request::RequestResult&, Now)>;
    // The request waits for a yes on one of `devices`.
    using OnWaiting = std::function<void(const std::vector<DeviceId>& devices, milliseconds expires_in, Now)>;
    using OnActed = std::function<void(const Acted&, Now)>;

    explicit Actions(Parts& parts) : parts_(parts) {}

    // The provider of one source, or of capabilities without an entity ("" as source: by capability name).
    void add_provider(capability::Provider& provider);
    void remove_provider(const capability::Provider& provider);

    // By source.
    const std::map<std::string, capability::Provider*>& providers() const { return providers_; }

    void set_on_acted(OnActed on_acted) { on_acted_ = std::move(on_acted); }

    // Reads an entity's state as it is known here; "" if it is not.
    using StateOf = std::function<std::string(const std::string& entity, Now)>;

    void set_state_of(StateOf state_of) { state_of_ = std::move(state_of); }

    void set_on_pending_changed(std::function<void()> callback) { on_pending_changed_ = std::move(callback); }

    void invoke(request::Intent intent, OnFinished on_finished, OnWaiting on_waiting, Now now);
    void cancel(const RequestId& request, Now now);
    // What the fact about `request` will say beside what was done: an agent's name and reasons, a JSON
    // object. For a request that this device itself acts on.
    void explain(const RequestId& request, std::string because_json);
    // When somebody's command was last carried out here for an entity, or began to be; none if what was done
    // since was explained otherwise, or nothing was.  Known before any fact says so.
    std::optional<WallTime> commanded(const std::string& entity) const;
    // How much `device` does just now that this one knows of: what it was asked from here, or acts on here.
    std::size_t under_way(const DeviceId& device) const;
    // What the person at this device decides.
    Result<void> confirm(const RequestId& request, bool yes, Now now);

    // From the links; false if the call or method is not of this room.
    bool on_incoming(const wire::Incoming& incoming, Now now);
    bool on_item(const wire::Item& item, Now now);
    bool on_closed(const wire::Closed& closed, Now now);
    void on_cancelled(wire::CallId call, Now now);
    void on_peer_down(const DeviceId& peer, Now now);
    void on_confirm_notice(const wire::Notice& notice, Now now);
    // From a provider.
    void on_result(const capability::InvocationResult& result, Now now);

    void on_durable(storage::Ticket up_to, Now now);
    void on_tick(Now now);
    std::optional<MonoTime> next_wake() const;

  private:
    struct Caller {
        OnFinished on_finished;
        OnWaiting on_waiting;
    };

    struct Asked {
        RequestId request;
        DeviceId peer;
        bool answered = false;
    };

    struct Serving {
        RequestId request;
        DeviceId peer;
    };

    struct Waiting {
        storage::Ticket ticket;
        capability::Provider* provider;
        capability::Invocation invocation;
    };

    void carry(request::RequestEffects effects, Now now);
    void carry(request::ExecutorEffects effects, Now now);
    void carry(request::ConfirmEffects effects, Now now);
    void send(const request::SendInvoke& effect, Now now);
    // Clears the input for the provider's service.
    Result<Waiting> prepare(const request::Act& effect, Now now);
    void act(const request::Act& effect, Now now);
    void cancel_act(const request::CancelAct& effect, Now now);
    void reply(const request::Reply& effect, Now now);
    void finish(const request::RequestResult& result, Now now);
    capability::Provider* provider_for(const std::string& capability, const std::string& entity);
    void flush(Now now);

    Parts& parts_;
    std::map<std::string, capability::Provider*> providers_;  // by source
    std::map<RequestId, Caller> callers_;
    std::map<wire::CallId, Asked> asked_;
    std::map<wire::CallId, Serving> serving_;
    std::map<RequestId, Result<Waiting>> prepared_;  // until the journal is durable
    std::map<RequestId, Acted> acting_;
    std::map<RequestId, std::string> because_;   // of what is under way
    std::map<std::string, WallTime> commanded_;  // by entity
    std::deque<Waiting> waiting_;                // for their ledger rows to be durable
    OnActed on_acted_;
    StateOf state_of_;
    std::function<void()> on_pending_changed_;
};

}  // namespace ambit::node
