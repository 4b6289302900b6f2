// Climate: what turning one on means, for every source of them.
//
// Ownership: values.  Threads: any.  Failure: none.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace ambit::capability {

// The mode that "on" means, of those it has; empty: it has none but "off".  In the order in which Home
// Assistant takes it; else the first that it names.
inline std::string mode_of_on(const std::vector<std::string>& modes) {
    for (const char* mode : {"heat_cool", "heat", "cool"}) {
        if (std::find(modes.begin(), modes.end(), mode) != modes.end()) {
            return mode;
        }
    }
    const auto other =
        std::find_if(modes.begin(), modes.end(), [](const std::string& mode) { return mode != "off"; });
    return other == modes.end() ? "" : *other;
}

}  // namespace ambit::capability
