// Pairings: the one pairing this device hosts at a time, as the local API shows it.
//
// Ownership: LocalApi owns it; borrows Node and the listener.  Threads: the loop's.
// Failure: PairingUnderWay, NoPairing (6016, 6017); a failed pairing is the event `failed` of its stream.
// Spec: docs/spec/local-api.md section "POST pair".
#pragma once

#include "node/local_json.h"
#include "node/node.h"
#include "node/pairing_host.h"

namespace ambit::node {

using Reply = std::shared_ptr<api::Responder>;

// Between the words of a verifier ("harbor · violin · 7 · moss").
inline constexpr std::string_view kVerifierSeparator = " · ";

class Pairings {
  public:
    Pairings(Node& node, PairingListenerPort& listener, identity::DeviceDescription self)
        : node_(node), listener_(listener), self_(std::move(self)) {}

    void start(const api::Request& request, const Reply& reply);
    void answer(const api::Request& request, const Reply& reply);
    void end(const Reply& reply);

    bool under_way() const { return host_ != nullptr; }

    // Where a new device reaches this one afterwards.
    void set_addresses(std::vector<wire::Address> addresses) { addresses_ = std::move(addresses); }

    // Ends every pairing: the daemon stops.
    void stop();
    void tick(Now now);
    std::optional<MonoTime> next_deadline() const;

  private:
    void on_event(const identity::PairingEvent& event);
    void say(std::string_view name, const Json& data);
    void ask_owner();
    void finish();
    Result<identity::Ownership> ownership_of(const Json& owner) const;

    Node& node_;
    PairingListenerPort& listener_;
    identity::DeviceDescription self_;
    std::vector<wire::Address> addresses_;
    std::unique_ptr<HostPairing> host_;
    Reply stream_;
    bool accept_verifier_ = false;
    std::optional<Error> last_failure_;
    // What the person is asked, one after the other: first whether the words agree, then whose device it is.
    enum class Waiting : std::uint8_t { Nothing, Confirm, Owner } waiting_ = Waiting::Nothing;
    bool owner_given_ = false;  // with the request
    bool owner_wanted_ = false;
};

}  // namespace ambit::node
