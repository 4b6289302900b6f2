#include "node/health.h"

namespace ambit::node {

void Health::set(const capability::HealthItem& item) {
    const auto at = items_.find(item.key);
    const bool known = at != items_.end();
    const bool changed =
        known ? at->second.ok != item.ok || at->second.error.code != item.error.code : !item.ok;
    if (known) {
        at->second = item;
    } else {
        if (items_.size() >= kItemsMax) {
            items_.erase(items_.begin());
        }
        items_.emplace(item.key, item);
    }
    if (changed && on_change_) {
        on_change_(item);
    }
}

}  // namespace ambit::node
