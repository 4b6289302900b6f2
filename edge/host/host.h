// Host: what the machine below the daemon says about itself: free disk space, battery.
//
// Ownership: values.  Threads: any; each call reads the machine and keeps nothing.
// Failure: InvalidArgument for a folder that can't be asked; no battery is no error.
// Spec: docs/spec/local-api.md sections "GET doctor" and "GET devices".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace ambit::host {

struct DiskSpace {
    std::uint64_t free_bytes = 0;  // that this user may still fill
    std::uint64_t total_bytes = 0;

    // "1.2 GB of 30 GB free"
    std::string text() const;
};

// Of the disk that `folder` lies on.
Result<DiskSpace> disk_space(const std::string& folder);

inline constexpr const char* kPowerSupplies = "/sys/class/power_supply";
inline constexpr int kPowerSuppliesMax = 32;

// Charge in per cent of the first battery that supplies the machine itself (not that of a mouse).
std::optional<int> battery_pct(const std::string& power_supplies = kPowerSupplies);

}  // namespace ambit::host
