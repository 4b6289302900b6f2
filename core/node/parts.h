// Parts: everything one node is made of, in the order it is built and the reverse of the order it is
// destroyed.
//
// Ownership: Node owns it; the rooms beside this file (Membership, Gossip, HomeView, Actions, Conversation)
// borrow it. Threads: the loop's.  Failure: none here.
#pragma once

#include "facts/facts.h"
#include "facts/fleeting.h"
#include "identity/roster_author.h"
#include "node/health.h"
#include "request/confirmations.h"
#include "request/executor.h"
#include "wire/links.h"

namespace ambit::node {

// What the daemon (or the simulator) gives a node; all of it outlives the node.
struct Ports {
    const crypto::SigningKey& key;
    storage::Storage& storage;
    wire::Transport& transport;
    Random& random;
    crypto::Verifier* verifier = nullptr;  // of what other devices wrote; none: each signature is checked
};

struct Parts {
    Parts(const Ports& ports, bool mains_powered, wire::Dialect dialect)
        : key(ports.key),
          self(crypto::device_id_of(ports.key.verify_key())),
          storage(ports.storage),
          random(ports.random),
          ledger(ports.storage, ports.key),
          gate(self, ledger),
          rules(ledger),
          facts(
              self, ports.key, ports.random, ports.storage, [this] { return ledger.head(); }, ports.verifier),
          fleeting(self),
          links(ports.key,
                mains_powered,
                std::move(dialect),
                ports.transport,
                gate,
                ports.storage,
                ports.random),
          requests(rules),
          executor(ports.storage),
          confirmations(ports.key) {}

    const crypto::SigningKey& key;
    const DeviceId self;
    storage::Storage& storage;
    Random& random;
    identity::RosterLog log;
    identity::RosterView roster;
    privacy::Ledger ledger;
    privacy::Gate gate;
    privacy::ReleaseRules rules;
    facts::Facts facts;
    facts::Fleeting fleeting;
    wire::Links links;
    capability::Directory directory;
    request::Requests requests;
    request::Executor executor;
    request::Confirmations confirmations;
    Health health;
    // Set once, for good: why nothing is written any more.
    std::optional<Error> storage_failure;

    // This device's entry in the roster; null only before it is a member or after it was removed.
    const identity::Device* me() const { return roster->device(self); }

    // Whose words are said at this device; none on a shared one.
    std::optional<PersonId> person() const {
        const identity::Device* device = me();
        return device == nullptr ? std::nullopt : device->owner;
    }

    // What is said or kept here starts with this audience: the person's on a personal device, else the
    // household's.
    privacy::NamedAudience home_audience() const {
        const auto owner = person();
        if (owner) {
            return privacy::OnePerson{*owner};
        }
        return privacy::Household{};
    }

    request::World world() const {
        return {self, *roster, directory, [this](const DeviceId& device) { return links.is_up(device); }};
    }
};

inline privacy::Label household_label() {
    return {privacy::Audience(privacy::Household{}), privacy::Trust::Trusted};
}

}  // namespace ambit::node
