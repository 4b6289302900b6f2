// Gate: the single piece of code through which bytes leave the device.
//
// Mesh and extensions accept only Cleared<Bytes>, which nothing but the Gate can make.  A Cleared remembers
// who it is for, the roster version it was checked under, and its ledger row: the link sends it only once
// that row is durable (ticket() <= Storage::durable()), and checks it again when it is dequeued (recheck()).
// Ownership: one Gate per node; borrows the Ledger.  Threads: the loop's.  Cost: one AND (`./dev bench
// gate`). Failure: AudienceForbids, UnknownLabel, AudienceEmpty, NotAMember, UnknownService (3000-3099);
// every refusal is in the ledger, aggregated per (recipient, reason, minute). Spec: ARCHITECTURE.md
// rule 1, docs/spec/privacy.md.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>

#include "base/time.h"
#include "privacy/labelled.h"
#include "storage/storage.h"

namespace ambit::privacy {

class Ledger;
class SyncSession;

// An endpoint outside the mesh (a broker, an API client), owned by the device that talks to it.
struct Service {
    std::string name;  // "mqtt:home"
    Audience audience;
    friend bool operator==(const Service&, const Service&) = default;
};

using Recipient = std::variant<DeviceId, Service>;

// Why bytes leave; becomes the ledger row.
struct Egress {
    std::string what;  // "light.set {entity, on}", "facts household", never content
    std::string rule;  // "audience", "command", "roster", or the name of a release rule
    // The label the datum had before a rule widened it; the ledger row carries this one.
    std::optional<Label> before = std::nullopt;
};

template <typename T>
class Cleared {
  public:
    const T& value() const { return value_; }

    T take() && { return std::move(value_); }

    const Recipient& recipient() const { return recipient_; }

    const identity::RosterVersion& roster_version() const { return roster_version_; }

    const Label& label() const { return label_; }

    storage::Ticket ticket() const { return ticket_; }

  private:
    friend class Gate;

    Cleared(
        T value, Recipient recipient, Label label, identity::RosterVersion version, storage::Ticket ticket)
        : value_(std::move(value)),
          recipient_(std::move(recipient)),
          label_(std::move(label)),
          roster_version_(version),
          ticket_(ticket) {}

    T value_;
    Recipient recipient_;
    Label label_;
    identity::RosterVersion roster_version_;
    storage::Ticket ticket_;
};

class Gate {
  public:
    static constexpr std::size_t kResolvedMax = 1024;  // cached audiences; the cache is emptied when full

    // `self` is this device; `ledger` outlives the gate.
    Gate(DeviceId self, Ledger& ledger);

    // Takes effect for the next clear() and recheck().
    void set_roster(identity::RosterView roster);
    // A service belongs to this device from here on; its audience is the one given here, whatever a Recipient
    // says.
    void add_service(const Service& service);
    void remove_service(const std::string& name);

    // May a value with this label go there?  Writes no ledger row: for plans ("why was this device left
    // out?"). The service must be this device's, and all of its readers must be allowed to read the value.
    Result<void> check(const Label& label, const Recipient& recipient) const;

    // Lets `value` go to `recipient` if every reader of the recipient may read it.  The ledger row is
    // appended here; see Cleared::ticket.
    Result<Cleared<Bytes>> clear(const Labelled<Bytes>& value,
                                 const Recipient& recipient,
                                 const Egress& why,
                                 Now now);

    // The same for facts in a sync session: one ledger row per session and label.
    Result<Cleared<Bytes>> clear_in(SyncSession& session, const Labelled<Bytes>& value, Now now);

    // When a message is dequeued: still allowed under the roster as it is now?
    Result<void> recheck(const Cleared<Bytes>& cleared, Now now);

  private:
    struct Resolved {
        ReaderSet readers;
        std::optional<Error> error;
    };

    const Resolved& resolved(const Audience& audience) const;
    // Guests whose time is over are no longer members.
    void expire_guests(Now now);

    DeviceId self_;
    Ledger& ledger_;
    identity::RosterView roster_;
    std::map<std::string, Service> services_;
    std::unordered_map<DeviceId, std::size_t> index_;  // bit of each device
    ReaderSet members_;                                // without expired guests
    std::optional<WallTime> next_expiry_;
    mutable std::unordered_map<Audience, Resolved, AudienceHash> cache_;  // for this roster version
};

}  // namespace ambit::privacy
