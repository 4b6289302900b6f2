// Directory: which devices offer which capability, and which entities they reach.
//
// Built from announcements: this device's Provider events, and the kept facts of peers.  The same entity
// announced by several devices is one entity; so is one that two sources know, as far as they say so
// (Entity::twin): the source that is nearer to it is shown.  Ownership: one per node.  Threads: the loop's.
// Failure: LimitExceeded over kEntitiesMax; BadDescriptor from decoding (4100-4199). Spec:
// docs/spec/requests.md section "Directory".
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "capability/provider.h"

namespace ambit::capability {

// One implementation of a capability that needs no entity, on one device.
struct Rung {
    std::string capability;  // "language.parse"
    std::string name;        // "templates"
    double quality = 1.0;    // 0..1, for ranking
    double cost_ms = 0;      // typical time
    friend bool operator==(const Rung&, const Rung&) = default;
};

// As values of kept facts: subject "entity:<id>", attribute "entity"; subject "device:<hex>", attribute
// "rung:<capability>/<name>".
std::string encode_entity(const Entity& entity);
Result<Entity> decode_entity(std::string_view json);
std::string encode_rung(const Rung& rung);
Result<Rung> decode_rung(std::string_view json);

// What the people of the household call a thing, and the room they say it is in; empty: nothing said.
struct Given {
    std::string name;
    std::string area;
    friend bool operator==(const Given&, const Given&) = default;
};

class Directory {
  public:
    static constexpr std::size_t kEntitiesMax = 20'000;
    static constexpr std::size_t kAnnouncersMax = 32;  // devices per entity
    static constexpr std::size_t kRungsMax = 4'096;

    Result<void> announce(const DeviceId& by, const Entity& entity);
    void withdraw(const DeviceId& by, const std::string& entity_id);
    Result<void> announce_rung(const DeviceId& by, const Rung& rung);
    void withdraw_rung(const DeviceId& by, const std::string& capability, const std::string& name);
    // A device left: everything it announced goes.
    void forget(const DeviceId& device);
    // What people say of a thing counts, whatever its source says; also before it is announced.  Empty texts:
    // as its source says.
    void set_given(const std::string& entity_id, const Given& given);
    // Whether `by` can act for `source` right now; true until told otherwise.
    void set_available(const DeviceId& by, const std::string& source, bool available);
    bool available(const DeviceId& by, const std::string& source) const;

    // Also one that is not shown because its twin is.
    const Entity* entity(const std::string& id) const;
    // The twin that is shown instead; null: it is shown itself.
    const Entity* shown_instead(const std::string& id) const;

    bool announced_by(const DeviceId& device, const std::string& entity_id) const;

    std::size_t size() const { return entities_.size(); }

    // What is shown, in order of id.  Empty text matches everything; names and areas compare without case
    // (ASCII), names also by alias.
    struct Query {
        std::string name;
        std::string area;
        std::string domain;
        std::string capability;
    };

    std::vector<const Entity*> find(const Query& query) const;

    // Who acts for the entity, first, then its standbys: those of roster.bridges[source] in that order, else
    // ascending DeviceId; always only members that announce the entity.  Reachability and availability are
    // for the caller to weigh, who also says why one was left out.
    std::vector<DeviceId> acting_order(const Entity& entity, const identity::Roster& roster) const;
    // Members that offer a capability without an entity, best quality first, then cheapest, then ascending
    // DeviceId.
    std::vector<DeviceId> offering(const std::string& capability, const identity::Roster& roster) const;
    // Of the best rung that the device announced for it; 0 if it has none.
    double quality(const DeviceId& device, const std::string& capability) const;

  private:
    struct Announced {
        std::map<DeviceId, Entity> by;  // the lowest DeviceId's description is the one shown
        Entity shown;                   // that one, with what its twin knows besides

        const Entity& described() const { return by.begin()->second; }
    };

    void apply_given(Entity& entity) const;
    // After an entity came, changed or went: what it and its twin show.
    void refresh(const std::string& id, const std::set<std::string>& twins_before);
    // Out of the indices and in again, around a change; what were its twins.
    std::set<std::string> unlink(const std::string& id);
    void link(const std::string& id, const std::set<std::string>& twins_before);
    std::set<std::string> twins_of(const std::string& id) const;
    void compose(const std::string& id);

    std::map<std::string, Announced> entities_;
    std::map<std::string, Given> given_;  // by entity
    std::map<std::string, std::set<std::string>>
        by_own_name_;  // "mqtt/0x00158d": the entities of that kind and id
    std::map<std::string, std::set<std::string>> by_twin_;  // the same: the entities that call it their twin
    std::map<std::string, std::map<std::pair<DeviceId, std::string>, Rung>> rungs_;  // by capability
    std::size_t rung_count_ = 0;
    std::set<std::pair<DeviceId, std::string>> unavailable_;
};

}  // namespace ambit::capability
