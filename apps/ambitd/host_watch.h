// HostWatch: looks at this machine now and then, and tells the node: disk space for `doctor`, battery for the
// household.
//
// Ownership: Member owns it; borrows the node.  Threads: the loop's.  Failure: health items.
// Spec: docs/spec/local-api.md sections "GET doctor" and "GET devices".
#pragma once

#include "node/node.h"

namespace ambit::daemon {

class HostWatch {
  public:
    static constexpr seconds kEvery{60};
    static constexpr std::uint64_t kDiskFreeMin = 256'000'000;  // bytes; below it `doctor` warns
    static constexpr milliseconds kBatteryLife = std::chrono::minutes(20);

    HostWatch(node::Node& node, std::string state_dir) : node_(node), state_dir_(std::move(state_dir)) {}

    void tick(Now now);

    MonoTime next_deadline() const { return next_; }

  private:
    void tell_battery(Now now);

    node::Node& node_;
    std::string state_dir_;
    MonoTime next_{};
    std::optional<int> battery_pct_;  // as told last
    MonoTime battery_again_{};        // when it is told again even if it has not changed
};

}  // namespace ambit::daemon
