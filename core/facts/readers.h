// Readers: who may read each named audience, worked out once per roster.
//
// Ownership: one per Facts.  Threads: the loop's.  Failure: none; an audience that can't be resolved has no
// readers.
#pragma once

#include <map>

#include "privacy/audience.h"

namespace ambit::facts {

class Readers {
  public:
    void set_roster(identity::RosterView roster) {
        roster_ = std::move(roster);
        known_.clear();
    }

    const identity::Roster* roster() const { return roster_.get(); }

    // Not resolvable: it names a person or device that this roster does not have (yet, or any more).
    bool is_known(const privacy::NamedAudience& audience) const { return resolved(audience).has_value(); }

    bool may_read(const privacy::NamedAudience& audience, const DeviceId& device) const;

  private:
    static constexpr std::size_t kKnownMax = 4096;

    const std::optional<privacy::ReaderSet>& resolved(const privacy::NamedAudience& audience) const {
        if (known_.size() > kKnownMax) {
            known_.clear();
        }
        const auto [at, fresh] = known_.try_emplace(audience);
        if (fresh && roster_) {
            if (auto readers = privacy::resolve(privacy::Audience(audience), *roster_)) {
                at->second = *readers;
            }
        }
        return at->second;
    }

    identity::RosterView roster_;
    mutable std::map<privacy::NamedAudience, std::optional<privacy::ReaderSet>> known_;
};

}  // namespace ambit::facts
