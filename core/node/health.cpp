#include "node/health.h"

#include <algorithm>

namespace ambit::node {

void Health::set(const capability::HealthItem& item) {
    const auto at = items_.find(item.key);
    const bool known = at != items_.end();
    const bool changed =
        known ? at->second.ok != item.ok || at->second.error.code != item.error.code : !item.ok;
    if (known) {
        at->second = item;
    } else if (make_room() || item.key == kMore) {
        items_.emplace(item.key, item);
    } else if (!item.ok) {
        return bad(kMore, {ErrorCode::LimitExceeded, std::to_string(kItemsMax) + " things need mending"});
    }
    if (changed && on_change_) {
        on_change_(item);
    }
    // Those that had no room have some now, and say so again if they still have to.
    if (changed && item.ok && item.key != kMore && items_.contains(kMore)) {
        ok(kMore);
    }
}

// What is well is forgotten for what is not.
bool Health::make_room() {
    if (items_.size() < kItemsMax) {
        return true;
    }
    const auto good =
        std::find_if(items_.begin(), items_.end(), [](const auto& entry) { return entry.second.ok; });
    if (good == items_.end()) {
        return false;
    }
    items_.erase(good);
    return true;
}

}  // namespace ambit::node
