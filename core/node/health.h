// Health: what a user must act on, by key, for `ambit doctor`.
//
// Ownership: one per node.  Threads: the loop's.  Failure: none.  Bounded: kItemsMax, and one that says that
// there are more; what is well goes first.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "capability/provider.h"

namespace ambit::node {

class Health {
  public:
    static constexpr std::size_t kItemsMax = 256;
    // Of the item that stands for all that have no room.
    static constexpr const char* kMore = "health";

    using OnChange = std::function<void(const capability::HealthItem&)>;

    // Called once when an item goes bad and once when it is good again.
    void set_on_change(OnChange on_change) { on_change_ = std::move(on_change); }

    void set(const capability::HealthItem& item);

    void ok(const std::string& key) { set({key, true, {}}); }

    void bad(const std::string& key, Error error) { set({key, false, std::move(error)}); }

    // By key; good ones stay listed so that `doctor` can show a tick.
    const std::map<std::string, capability::HealthItem>& items() const { return items_; }

  private:
    bool make_room();

    std::map<std::string, capability::HealthItem> items_;
    OnChange on_change_;
};

}  // namespace ambit::node
