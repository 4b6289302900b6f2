// Readers: who may read each named audience, worked out once per roster.
//
// Ownership: one per Facts.  Threads: the loop's.  Failure: none; an audience that can't be resolved has no
// readers.
#pragma once

#include <map>
#include <unordered_map>

#include "privacy/audience.h"

namespace ambit::facts {

class Readers {
  public:
    void set_roster(identity::RosterView roster) {
        roster_ = std::move(roster);
        forget();
        places_.clear();
        if (roster_) {
            for (const auto& [device, member] : roster_->devices) {
                places_.emplace(device, places_.size());
            }
        }
    }

    const identity::Roster* roster() const { return roster_.get(); }

    // Not resolvable: it names a person or device that this roster does not have (yet, or any more).
    bool is_known(const privacy::NamedAudience& audience) const { return resolved(audience).has_value(); }

    bool may_read(const privacy::NamedAudience& audience, const DeviceId& device) const;

  private:
    static constexpr std::size_t kKnownMax = 4096;

    using Known = std::map<privacy::NamedAudience, std::optional<privacy::ReaderSet>>;

    void forget() const {
        known_.clear();
        last_ = nullptr;
    }

    const std::optional<privacy::ReaderSet>& resolved(const privacy::NamedAudience& audience) const {
        if (last_ != nullptr && last_->first == audience) {  // nearly always
            return last_->second;
        }
        if (known_.size() > kKnownMax) {
            forget();
        }
        const auto [at, fresh] = known_.try_emplace(audience);
        last_ = &*at;
        if (fresh && roster_) {
            if (auto readers = privacy::resolve(privacy::Audience(audience), *roster_)) {
                at->second = *readers;
            }
        }
        return at->second;
    }

    identity::RosterView roster_;
    std::unordered_map<DeviceId, std::size_t> places_;  // of its devices in a set of readers
    mutable Known known_;
    mutable const Known::value_type* last_ = nullptr;  // in known_
};

}  // namespace ambit::facts
