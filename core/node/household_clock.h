// HouseholdClock: civil time as this device keeps it: its own clock, put right by the household when it is
// off.
//
// Peers say their time when a link comes up.  A device that is more than five minutes away from two peers
// that agree, or from an admin's device, adopts their offset - unless as many agree with it, so that two
// devices never just swap their times.  Time never falls behind what this device has written before, unless
// the household says that it was written ahead of time. Ownership: Node owns it.  Threads: the loop's.
// Failure: the health item `clock`. Spec: docs/spec/facts.md section "Clocks".
#pragma once

#include <map>
#include <optional>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"

namespace ambit::node {

class HouseholdClock {
  public:
    // Further apart than this is a disagreement.
    static constexpr seconds kToleranceMax{300};
    // The system's clock was set, or the machine slept: what was compared before says nothing any more.
    static constexpr seconds kJumpMin{60};

    // A system clock this far behind what was written is no clock at all; time then goes on from there.
    static constexpr seconds kLostMin{24 * 3600};

    // Start-up: the newest time this device has on disk.
    void restore(WallTime written, Now system);

    // The system's clocks to the household's; monotonic time is left alone.
    Now adjusted(Now system) const;

    // A peer said `theirs` just now; `weight` is 2 for an admin's device, 1 for others.
    void on_peer(const DeviceId& peer, WallTime theirs, int weight, Now system);

    void on_peer_down(const DeviceId& peer) { peers_.erase(peer); }

    // Call now and then; `own_weight` as above.  True if the system's clock was set since: tell the peers.
    bool judge(int own_weight, Now system);

    microseconds offset() const { return offset_; }

    // Others, two or an admin's device, say that it is about this time.
    bool is_agreed() const { return weight_around(offset_) >= 2; }

    // What `doctor` shows; none while the clock is right.
    const std::optional<Error>& trouble() const { return trouble_; }

  private:
    struct Peer {
        microseconds ahead{0};  // of this device's system clock
        int weight = 1;
    };

    // The peers within tolerance of `ahead`, by weight; and their mean.
    int weight_around(microseconds ahead) const;
    microseconds mean_around(microseconds ahead) const;
    std::optional<Error> describe(bool outvoted, Now system) const;
    void begin(Now system);
    // What this device believes without the others.
    microseconds by_itself(Now system) const;
    // Since judge() last looked.
    bool was_set(Now system) const;

    std::map<DeviceId, Peer> peers_;
    microseconds offset_{0};
    WallTime floor_{};
    microseconds own_ahead_{0};         // of the system's clock: what this device believes by itself
    std::optional<microseconds> base_;  // wall minus monotonic time, to notice jumps
    std::optional<Error> trouble_;
};

}  // namespace ambit::node
